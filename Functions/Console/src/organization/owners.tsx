import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { OrganizationDocument } from '../api/documents';
import { may } from '../session/session';
import { announce } from '../shell/announcements';
import { errorOf, TextField } from '../ui/fields';
import { Form, refuse, useSubmission } from '../ui/form';
import { Page } from '../ui/page';
import { Loaded, useResource, type Resource } from '../ui/resource';
import { Stored } from '../ui/stored';
import { When } from '../ui/when';
import { ConfirmDialog } from './confirm';

export function OwnersPage() {
  const organization = useResource(signal => api.get<OrganizationDocument>('/v1/organization', signal), []);
  return (
    <Page
      title="Owners"
      lead="They get a mail when a backend can’t be used any more, when it works again, and when stored content was altered."
    >
      <Loaded resource={organization} what="the organization">
        {data => <Owners organization={data} resource={organization} />}
      </Loaded>
    </Page>
  );
}

function Owners({ organization, resource }: { organization: OrganizationDocument; resource: Resource<OrganizationDocument> }) {
  const [address, setAddress] = useState('');
  const [leaving, setLeaving] = useState<string | null>(null);
  /** The list is read again first, so that what another owner changed meanwhile is kept. */
  const change = async (edit: (owners: string[]) => string[], done: string) => {
    const { owners } = await api.get<OrganizationDocument>('/v1/organization');
    resource.set(await api.patch<OrganizationDocument>('/v1/organization', { owners: edit(owners) }));
    announce(done);
  };
  const addition = useSubmission(async () => {
    const added = address.trim();
    if (added === '') {
      refuse('owners', 'Enter an e-mail address.');
    }
    await change(owners => [...owners, added], `${added} is an owner now.`);
    setAddress('');
  });
  const last = organization.owners.length === 1;
  return (
    <div class="panel">
      <dl class="facts">
        <dt>Organization</dt>
        <dd>{organization.name}</dd>
        <dt>Created</dt>
        <dd>
          <When at={organization.createdAt} />
        </dd>
      </dl>
      <ul class="rows" aria-label="Owners">
        {organization.owners.map(owner => (
          <li key={owner}>
            <Stored text={owner} />
            {may.value.manage && (
              <button
                type="button"
                class="button small danger-quiet"
                aria-label={`Remove ${owner}`}
                disabled={last}
                title={last ? 'The last owner stays' : undefined}
                onClick={() => setLeaving(owner)}
              >
                Remove
              </button>
            )}
          </li>
        ))}
      </ul>
      {may.value.manage && (
        <Form
          onSubmit={addition.submit}
          busy={addition.busy}
          problem={addition.problem}
          fields={['owners']}
          submit="Add owner"
          busyText="Adding…"
        >
          <TextField
            label="E-mail address"
            placeholder="ann@example.com"
            value={address}
            onValue={setAddress}
            error={errorOf(addition.problem, 'owners')}
          />
        </Form>
      )}
      {leaving && (
        <ConfirmDialog
          title={`Remove ${leaving}?`}
          submit="Remove owner"
          busyText="Removing…"
          action={async () => {
            await change(owners => owners.filter(owner => owner !== leaving), `${leaving} is not an owner any more.`);
            setLeaving(null);
          }}
          onClose={() => setLeaving(null)}
        >
          <p>No more mails go to this address. Tokens that its holder has stay good until they are revoked.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
