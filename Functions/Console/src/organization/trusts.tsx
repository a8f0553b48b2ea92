import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { TrustDocument } from '../api/documents';
import { announce } from '../shell/announcements';
import { CopyButton } from '../ui/copy';
import { Icon } from '../ui/icon';
import { Page } from '../ui/page';
import { Empty, Loaded, useResource } from '../ui/resource';
import { Stored } from '../ui/stored';
import { Table } from '../ui/table';
import { When } from '../ui/when';
import { ConfirmDialog } from './confirm';
import { isOver } from './lifetime';
import { roleWords } from './roles';
import { AddTrustDialog } from './trust-form';

export function TrustsPage() {
  const trusts = useResource(signal => api.get<{ trusts: TrustDocument[] }>('/v1/trusts', signal), []);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<TrustDocument | null>(null);
  return (
    <Page
      title="Trusts"
      lead="CI systems whose pipelines get in with the OIDC token of their run, without a secret."
      actions={
        <button type="button" class="button primary" onClick={() => setAdding(true)}>
          <Icon name="plus" />
          Add trust
        </button>
      }
    >
      <Loaded resource={trusts} what="the trusts">
        {data =>
          data.trusts.length === 0 ? (
            <Empty title="No issuer is trusted yet">
              <p>Add GitHub Actions, GitLab or Entra ID, and pipelines need no token of yours.</p>
            </Empty>
          ) : (
            <Table
              caption="Trusts"
              rows={data.trusts}
              keyOf={trust => trust.id}
              columns={[
                {
                  heading: 'Issuer',
                  names: true,
                  cell: trust => (
                    <>
                      <Stored text={trust.issuer} />
                      {trust.description && (
                        <p class="small muted">
                          <Stored text={trust.description} lines={3} />
                        </p>
                      )}
                    </>
                  ),
                },
                { heading: 'Role', cell: trust => roleWords[trust.role] },
                {
                  heading: 'Claims',
                  cell: trust => (
                    <ul class="claims">
                      {Object.entries(trust.claims).map(([name, value]) => (
                        <li key={name}>
                          <code>
                            <Stored text={`${name}=${value}`} />
                          </code>
                        </li>
                      ))}
                    </ul>
                  ),
                },
                {
                  heading: 'Audience',
                  cell: trust =>
                    trust.audience ? (
                      <>
                        <code>
                          <Stored text={trust.audience} />
                        </code>{' '}
                        <CopyButton text={trust.audience} what="audience" compact />
                        {trust.exchangeOnly && <p class="small muted">Tokens have to be exchanged.</p>}
                      </>
                    ) : (
                      <span class="muted">The operator has set no public address: no token is accepted.</span>
                    ),
                },
                {
                  heading: 'Expires',
                  cell: trust => (
                    <>
                      {isOver(trust.expiresAt) && 'expired '}
                      <When at={trust.expiresAt} />
                    </>
                  ),
                },
                {
                  heading: 'Actions',
                  cell: trust => (
                    <button
                      type="button"
                      class="button small danger-quiet"
                      aria-label={`Remove trust ${trust.id}`}
                      onClick={() => setRemoving(trust)}
                    >
                      Remove
                    </button>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {adding && (
        <AddTrustDialog
          onDone={() => {
            setAdding(false);
            trusts.reload();
          }}
          onClose={() => setAdding(false)}
        />
      )}
      {removing && (
        <ConfirmDialog
          title="Remove this trust?"
          submit="Remove trust"
          busyText="Removing…"
          action={async () => {
            await api.delete(`/v1/trusts/${encodeURIComponent(removing.id)}`);
            announce('The trust is removed.');
            setRemoving(null);
            trusts.reload();
          }}
          onClose={() => setRemoving(null)}
        >
          <p>
            Nobody gets in by <Stored text={removing.issuer} /> with these claims any more. API tokens that pipelines got in exchange stay
            good for up to an hour, and can be revoked.
          </p>
        </ConfirmDialog>
      )}
    </Page>
  );
}
