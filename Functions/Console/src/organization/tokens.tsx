import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { Role, TokenDocument } from '../api/documents';
import { makeVisible } from '../formats/text';
import { session } from '../session/session';
import { announce } from '../shell/announcements';
import { CopyBlock } from '../ui/copy';
import { Dialog } from '../ui/dialog';
import { errorOf, RadioField, SelectField, TextField } from '../ui/fields';
import { Form, refuse, useSubmission } from '../ui/form';
import { Icon } from '../ui/icon';
import { Page } from '../ui/page';
import { Loaded, useResource } from '../ui/resource';
import { Stored } from '../ui/stored';
import { Table } from '../ui/table';
import { When } from '../ui/when';
import { ConfirmDialog } from './confirm';
import { isOver, lifetimes, secondsOf, type Lifetime } from './lifetime';
import { roleHints, roleWords } from './roles';

export function TokensPage() {
  const tokens = useResource(signal => api.get<{ tokens: TokenDocument[] }>('/v1/tokens', signal), []);
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<TokenDocument | null>(null);
  const isOwn = (token: TokenDocument) => session.value?.identity === `token:${token.id}`;
  return (
    <Page
      title="Tokens"
      lead="API tokens for people and pipelines. The service keeps only their hashes."
      actions={
        <button type="button" class="button primary" onClick={() => setCreating(true)}>
          <Icon name="plus" />
          Create token
        </button>
      }
    >
      <Loaded resource={tokens} what="the tokens">
        {data => (
          <Table
            caption="Tokens"
            rows={data.tokens}
            keyOf={token => token.id}
            columns={[
              {
                heading: 'Name',
                names: true,
                cell: token => (
                  <>
                    <Stored text={token.name} lines={3} />
                    {isOwn(token) && <span class="muted small"> (signed in with it)</span>}
                  </>
                ),
              },
              { heading: 'ID', cell: token => <code>{token.id}</code> },
              { heading: 'Role', cell: token => roleWords[token.role] },
              {
                heading: 'Created',
                cell: token => (
                  <>
                    <When at={token.createdAt} /> <span class="small muted nowrap">by {token.createdBy}</span>
                  </>
                ),
              },
              {
                heading: 'Expires',
                cell: token => (
                  <>
                    {isOver(token.expiresAt) && 'expired '}
                    <When at={token.expiresAt} />
                  </>
                ),
              },
              {
                heading: 'Actions',
                cell: token => (
                  <button
                    type="button"
                    class="button small danger-quiet"
                    aria-label={`Revoke ${makeVisible(token.name)} (${token.id})`}
                    onClick={() => setRevoking(token)}
                  >
                    Revoke
                  </button>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {creating && <CreateDialog onCreated={tokens.reload} onClose={() => setCreating(false)} />}
      {revoking && (
        <ConfirmDialog
          title={`Revoke ${makeVisible(revoking.name)}?`}
          submit="Revoke token"
          busyText="Revoking…"
          action={async () => {
            await api.delete(`/v1/tokens/${encodeURIComponent(revoking.id)}`);
            announce(`${makeVisible(revoking.name)} is revoked.`);
            setRevoking(null);
            tokens.reload();
          }}
          onClose={() => setRevoking(null)}
        >
          <p>Whoever uses it is refused from now on. Upload sessions that it began go on.</p>
          {isOwn(revoking) && (
            <p>
              <strong>You are signed in with this token</strong> and will be signed out.
            </p>
          )}
        </ConfirmDialog>
      )}
    </Page>
  );
}

function CreateDialog({ onCreated, onClose }: { onCreated: () => void; onClose: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('uploader');
  const [lifetime, setLifetime] = useState<Lifetime>('7776000');
  const [created, setCreated] = useState<TokenDocument | null>(null);
  const form = useSubmission(async () => {
    if (name.trim() === '') {
      refuse('name', 'Say what the token is for.');
    }
    setCreated(await api.post<TokenDocument>('/v1/tokens', { name: name.trim(), role, expiresInSeconds: secondsOf(lifetime) }));
    onCreated();
  });
  if (created) {
    return (
      <Dialog title="The token is created" onClose={onClose} keeps>
        <div class="notice fair">
          <Icon name="alert" />
          <p>
            <strong>It is shown this once.</strong> Put it where it is needed before you close this.
          </p>
        </div>
        <CopyBlock what="token" text={created.token ?? ''} />
        <div class="buttons">
          <button type="button" class="button primary" onClick={onClose}>
            I have stored it
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Create token" onClose={onClose} busy={form.busy}>
      <Form
        onSubmit={form.submit}
        busy={form.busy}
        problem={form.problem}
        fields={['name']}
        submit="Create token"
        busyText="Creating…"
        onCancel={onClose}
      >
        <TextField
          label="Name"
          hint="What it is for."
          placeholder="release pipeline"
          required
          value={name}
          onValue={setName}
          maxLength={200}
          error={errorOf(form.problem, 'name')}
        />
        <RadioField<Role>
          legend="Role"
          value={role}
          onValue={setRole}
          options={(['uploader', 'downloader', 'viewer', 'owner'] as const).map(value => ({
            value,
            label: roleWords[value],
            hint: roleHints[value],
          }))}
        />
        <SelectField<Lifetime> label="Expires after" value={lifetime} onValue={setLifetime} options={lifetimes} />
      </Form>
    </Dialog>
  );
}
