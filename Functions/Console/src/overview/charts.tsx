import { useId } from 'preact/hooks';
import type { UsageReport } from '../api/documents';
import { formatBytes, formatCount, plural } from '../formats/bytes';
import { daysBetween, formatDay } from '../formats/times';
import { Table } from '../ui/table';

interface DayTotal {
  day: string;
  uploads: number;
  bytes: number;
  failovers: number;
  failures: number;
}

/** The sums over all backends of each day, also of those on which nothing happened. */
export function totalByDay(report: UsageReport): DayTotal[] {
  const totals = new Map<string, DayTotal>();
  for (const day of daysBetween(report.from, report.to)) {
    totals.set(day, { day, uploads: 0, bytes: 0, failovers: 0, failures: 0 });
  }
  for (const usage of report.days) {
    const total = totals.get(usage.day);
    if (total) {
      total.uploads += usage.uploads;
      total.bytes += usage.uploadedBytes;
      total.failovers += usage.failovers;
      total.failures += usage.verificationFailures;
    }
  }
  return [...totals.values()];
}

/** The least of 1, 2, 5, 10, 20, … that is not below a value, so that the axis has a plain number at its top. */
export function niceCeiling(value: number): number {
  if (value <= 1) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map(factor => factor * power).find(candidate => candidate >= value)!;
}

const width = 720;
const height = 180;
const left = 44;
const bottom = 24;
const top = 8;

export function UploadsPerDay({ report }: { report: UsageReport }) {
  const days = totalByDay(report);
  const sum = days.reduce((total, day) => total + day.uploads, 0);
  const busiest = days.reduce((most, day) => (day.uploads > most.uploads ? day : most), days[0]!);
  const ceiling = niceCeiling(busiest.uploads);
  const step = (width - left) / days.length;
  const plot = height - bottom - top;
  const y = (value: number) => top + plot - (value / ceiling) * plot;
  const ticks = ceiling >= 2 ? [0, ceiling / 2, ceiling] : [0, ceiling];
  const every = Math.ceil(days.length / 6);
  const summary =
    sum === 0
      ? 'No uploads.'
      : `${plural(sum, 'upload')}; the most, ${formatCount(busiest.uploads)}, on ${formatDay(busiest.day)}.`;
  return (
    <figure class="chart">
      <figcaption>
        <h3>Uploads per day</h3>
        <p class="muted small">{summary}</p>
      </figcaption>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`Uploads per day: ${summary}`}>
        {ticks.map(tick => (
          <g key={tick}>
            <line class="grid" x1={left} x2={width} y1={y(tick)} y2={y(tick)} />
            <text class="axis" x={left - 8} y={y(tick) + 4} text-anchor="end">
              {formatCount(tick)}
            </text>
          </g>
        ))}
        {days.map((day, index) => {
          const x = left + index * step;
          const gap = Math.min(step * 0.2, 4);
          return (
            <g key={day.day}>
              <title>{`${formatDay(day.day)}: ${plural(day.uploads, 'upload')}, ${formatBytes(day.bytes)}`}</title>
              <rect class="hit" x={x} y={top} width={step} height={plot} />
              {day.uploads > 0 && (
                <rect class="bar" x={x + gap / 2} y={Math.min(y(day.uploads), y(0) - 2)} width={Math.max(step - gap, 1)} height={Math.max(y(0) - y(day.uploads), 2)} rx={Math.min(2, step / 4)} />
              )}
              {day.failovers > 0 && <path class="mark fair" d={`M${x + step / 2} ${y(0) + 2}l4 7h-8Z`} />}
              {day.failures > 0 && <path class="mark bad" d={`M${x + step / 2 - 4} ${y(0) + 2}h8v7h-8Z`} />}
              {index % every === 0 && (
                <text class="axis" x={Math.max(x + step / 2, left + 18)} y={height - 2} text-anchor="middle">
                  {formatDay(day.day)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      {days.some(day => day.failovers > 0 || day.failures > 0) && (
        <p class="legend small">
          <span>
            <svg viewBox="0 0 10 10" aria-hidden="true"><path class="mark fair" d="M5 1l4 8H1Z" /></svg> failovers
          </span>
          <span>
            <svg viewBox="0 0 10 10" aria-hidden="true"><path class="mark bad" d="M1 1h8v8H1Z" /></svg> copies found altered or gone
          </span>
        </p>
      )}
      <details>
        <summary>As a table</summary>
        <Table
          caption="Uploads per day"
          rows={days.filter(day => day.uploads + day.failovers + day.failures > 0).toReversed()}
          keyOf={day => day.day}
          columns={[
            { heading: 'Day (UTC)', names: true, cell: day => day.day },
            { heading: 'Uploads', number: true, cell: day => formatCount(day.uploads) },
            { heading: 'Bytes', number: true, cell: day => formatBytes(day.bytes) },
            { heading: 'Failovers', number: true, cell: day => formatCount(day.failovers) },
            { heading: 'Verification failures', number: true, cell: day => formatCount(day.failures) },
          ]}
        />
      </details>
    </figure>
  );
}

/** Horizontal bars by backend, with the numbers beside them. */
export function ByBackend({ report }: { report: UsageReport }) {
  const id = useId();
  const rows = report.totals.toSorted((a, b) => b.uploadedBytes - a.uploadedBytes);
  const most = Math.max(...rows.map(row => row.uploadedBytes), 1);
  return (
    <figure class="chart" aria-labelledby={id}>
      <figcaption>
        <h3 id={id}>Stored per backend</h3>
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
