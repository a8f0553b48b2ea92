import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { OrganizationDocument } from '../api/documents';
import { may } from '../session/session';
import { announce } from '../shell/announcements';
import { errorOf, TextField } from '../ui/fields';
import { Form, refuse, useSubmission } from '../ui/form';
import { Page } from '../ui/page';
import { Loaded, useResource, type Resource } from '../ui/resource';
import { When } from '../ui/when';

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
  const change = async (owners: string[], done: string) => {
    resource.set(await api.patch<OrganizationDocument>('/v1/organization', { owners }));
    announce(done);
  };
  const addition = useSubmission(async () => {
    const added = address.trim();
    if (added === '') {
      refuse('owners', 'Enter an e-mail address.');
    }
    await change([...organization.owners, added], `${added} is an owner now.`);
    setAddress('');
  });
  const removal = useSubmission(async () => {
    await change(
      organization.owners.filter(owner => owner !== leaving),
      `${leaving} is not an owner any more.`,
    );
    setLeaving(null);
  });
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
            <span class="breakable">{owner}</span>
            {may.value.manage &&
              (leaving === owner ? (
                <Form
                  onSubmit={removal.submit}
                  busy={removal.busy}
                  problem={removal.problem}
                  submit={`Remove ${owner}`}
                  busyText="Removing…"
                  danger
                  onCancel={() => {
                    setLeaving(null);
                    removal.setProblem(null);
                  }}
                />
              ) : (
                <button
                  type="button"
                  class="button small danger-quiet"
                  aria-label={`Remove ${owner}`}
                  disabled={organization.owners.length === 1}
                  title={organization.owners.length === 1 ? 'The last owner stays' : undefined}
                  onClick={() => setLeaving(owner)}
                >
                  Remove
                </button>
              ))}
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
    </div>
  );
}
