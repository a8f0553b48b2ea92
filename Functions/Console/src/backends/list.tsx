import { api } from '../api/api';
import type { BackendDocument } from '../api/documents';
import { formatBytes, formatExactBytes } from '../formats/bytes';
import { may } from '../session/session';
import { hrefOf } from '../shell/router';
import { Icon } from '../ui/icon';
import { Page } from '../ui/page';
import { Loaded, useResource } from '../ui/resource';
import { Stored } from '../ui/stored';
import { Table } from '../ui/table';
import { When } from '../ui/when';
import { providerLabel } from './providers';
import { Badge, Status } from './status';
import { ValidateButton } from './validate';

export function BackendsPage() {
  const backends = useResource(signal => api.get<{ backends: BackendDocument[] }>('/v1/backends', signal), []);
  const replace = (changed: BackendDocument) =>
    backends.set({ backends: backends.data!.backends.map(backend => (backend.name === changed.name ? changed : backend)) });
  return (
    <Page
      title="Backends"
      lead="Where the content is kept. Uploads go to the default, and to the fallback while the default can’t take them."
      actions={
        may.value.manage && (
          <a class="button primary" href={hrefOf(['backends', 'add'])}>
            <Icon name="plus" />
            Add backend
          </a>
        )
      }
    >
      <Loaded resource={backends} what="the backends">
        {data => (
          <>
            <Table
              caption="Backends"
              rows={data.backends}
              keyOf={backend => backend.name}
              columns={[
                {
                  heading: 'Name',
                  names: true,
                  cell: backend => <a href={hrefOf(['backends', backend.name])}>{backend.name}</a>,
                },
                {
                  heading: 'Location',
                  cell: backend => (backend.location ? <Stored text={backend.location} /> : <None />),
                },
                { heading: 'Provider', cell: backend => providerLabel(backend.provider) },
                {
                  heading: 'Description',
                  cell: backend => (backend.description ? <Stored text={backend.description} lines={3} /> : <None />),
                },
                {
                  heading: 'Limits',
                  cell: backend => (
                    <span title={formatExactBytes(backend.maxBytes)}>
                      <span class="visually-hidden">Max size </span>
                      <span class="nowrap">{formatBytes(backend.maxBytes)}</span>
                    </span>
                  ),
                },
                { heading: 'Default', cell: backend => <Selected yes={backend.default} /> },
                { heading: 'Fallback', cell: backend => <Selected yes={backend.fallback} /> },
                { heading: 'Status', cell: backend => <Status backend={backend} /> },
                {
                  heading: 'Last checked',
                  cell: backend => (
                    <div class="checked">
                      <When at={backend.checkedAt} ifNever={backend.provider === 'inline' ? 'needs no check' : 'never'} />
                      {may.value.manage && !backend.archivedAt && backend.provider !== 'inline' && (
                        <ValidateButton backend={backend} onChecked={replace} compact />
                      )}
                    </div>
                  ),
                },
              ]}
            />
            {may.value.manage && data.backends.every(backend => backend.provider === 'inline') && (
              <div class="notice">
                <Icon name="database" />
                <div>
                  <p>
                    <strong>Only the inline backend is there.</strong> It keeps content of up to 500 KiB and lets attestations embed it. Add
                    a store of your own before going to production.
                  </p>
                </div>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Selected({ yes }: { yes: boolean }) {
  return yes ? (
    <Badge icon="check" tone="accent">
      Yes
    </Badge>
  ) : (
    <None />
  );
}

function None() {
  return (
    <span class="muted">
      <span aria-hidden="true">–</span>
      <span class="visually-hidden">none</span>
    </span>
  );
}
