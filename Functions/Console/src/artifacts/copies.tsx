import type { CopyDocument, VerificationDocument, VerifiedCopy } from '../api/documents';
import { Badge } from '../backends/status';
import { hrefOf } from '../shell/router';
import { Stored } from '../ui/stored';
import { Table } from '../ui/table';
import { When } from '../ui/when';

/** Which backends hold the content, and whether their copies are right. */
export function Copies({ copies, verification }: { copies: CopyDocument[]; verification: VerificationDocument | null }) {
  return (
    <section class="panel" aria-label="Copies">
      <h2>{verification ? 'Copies, read just now' : 'Copies'}</h2>
      <Table
        caption="Copies"
        rows={copies}
        keyOf={copy => copy.backend}
        columns={[
          {
            heading: 'Backend',
            names: true,
            cell: copy => (
              <>
                <a href={hrefOf(['backends', copy.backend])}>{copy.backend}</a>
                {copy.backendStatus !== 'healthy' && <span class="small muted"> ({copy.backendStatus})</span>}
              </>
            ),
          },
          {
            heading: 'State',
            cell: copy => <State copy={copy} found={verification?.copies.find(found => found.backend === copy.backend)} />,
          },
          { heading: 'Stored', cell: copy => <When at={copy.uploadedAt} /> },
          { heading: 'Why there', cell: copy => <Stored text={copy.backendReason} /> },
          { heading: 'Last known to be right', cell: copy => <When at={copy.verifiedAt} /> },
        ]}
      />
    </section>
  );
}

function State({ copy, found }: { copy: CopyDocument; found: VerifiedCopy | undefined }) {
  const corruptSince = found?.corruptSince ?? copy.corruptSince;
  if (found?.outcome === 'unreadable') {
    return (
      <>
        <Badge icon="alert" tone="fair">
          Unreadable
        </Badge>
        {found.reason && (
          <p class="small reason">
            <Stored text={found.reason} />
          </p>
        )}
      </>
    );
  }
  if (found?.outcome === 'corrupt' || (!found && corruptSince)) {
    return (
      <>
        <Badge icon="cross" tone="bad">
          Corrupt
        </Badge>{' '}
        <span class="small muted">
          found <When at={corruptSince} />
        </span>
      </>
    );
  }
  return (
    <Badge icon="check" tone="good">
      {found ? 'Right' : 'Stored'}
    </Badge>
  );
}
