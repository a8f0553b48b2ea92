import type { UsageReport } from '../api/documents';
import { formatBytes, formatCount } from '../formats/bytes';
import { Table } from '../ui/table';

/** What was done with each backend: a table, with bars for the bytes. */
export function ByBackend({ report }: { report: UsageReport }) {
  const rows = report.totals.toSorted((a, b) => b.uploadedBytes - a.uploadedBytes);
  const most = Math.max(...rows.map(row => row.uploadedBytes), 1);
  return (
    <figure class="chart">
      <figcaption>
        <h3>Stored per backend</h3>
      </figcaption>
      <Table
        caption="Stored per backend"
        rows={rows}
        keyOf={row => row.backend}
        columns={[
          { heading: 'Backend', names: true, cell: row => <span class="breakable">{row.backend}</span> },
          {
            heading: 'Bytes',
            cell: row => (
              <span class="bar-cell">
                <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                  <rect class="track" width="100" height="8" />
                  <rect class="bar" width={(row.uploadedBytes / most) * 100} height="8" />
                </svg>
                <span class="nowrap">{formatBytes(row.uploadedBytes)}</span>
              </span>
            ),
          },
          { heading: 'Uploads', number: true, cell: row => formatCount(row.uploads) },
          { heading: 'Deduplicated', number: true, cell: row => formatCount(row.deduplicated) },
          { heading: 'Downloads', number: true, cell: row => formatCount(row.downloads) },
          { heading: 'Failovers', number: true, cell: row => formatCount(row.failovers) },
          { heading: 'Verification failures', number: true, cell: row => formatCount(row.verificationFailures) },
        ]}
      />
    </figure>
  );
}
