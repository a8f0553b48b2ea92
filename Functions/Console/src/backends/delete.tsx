import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { BackendDocument, BackendRemovalDocument } from '../api/documents';
import { plural } from '../formats/bytes';
import { announce } from '../shell/announcements';
import { go } from '../shell/router';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/fields';
import { Form, useSubmission } from '../ui/form';
import { Icon } from '../ui/icon';

/**
 * Deletes in two steps, as the service does: a backend that holds artifacts is archived and says how many, and forgets them only when
 * that is asked for.
 */
export function DeleteDialog({ backend, onChanged, onClose }: { backend: BackendDocument; onChanged: () => void; onClose: () => void }) {
  const [held, setHeld] = useState<BackendRemovalDocument | null>(null);
  const path = `/v1/backends/${encodeURIComponent(backend.name)}`;
  const gone = (text: string) => {
    announce(text);
    go(['backends']);
  };
  const form = useSubmission(async () => {
    const removal = await api.delete<BackendRemovalDocument>(path);
    if (removal.deleted) {
      gone(`${backend.name} held no artifacts and is gone.`);
    } else {
      setHeld(removal);
    }
  });
  const close = () => {
    onClose();
    if (held) {
      onChanged();
    }
  };
  if (held) {
    return <PurgeDialog name={backend.name} path={path} held={held} onGone={gone} onClose={close} />;
  }
  return (
    <Dialog title={`Delete ${backend.name}?`} onClose={close} busy={form.busy}>
      {(backend.default || backend.fallback) && (
        <div class="notice fair">
          <Icon name="alert" />
          <p>
            It is the {backend.default ? 'default' : 'fallback'}. {backend.default ? 'Uploads' : 'When the default fails, uploads'} need
            another backend afterwards.
          </p>
        </div>
      )}
      <p>
        A backend that holds no artifacts is gone at once. One that holds any is archived: it takes no uploads, and what it holds stays
        readable. You are told how many artifacts it holds before anything is forgotten.
      </p>
      <Form
        onSubmit={form.submit}
        busy={form.busy}
        problem={form.problem}
        submit={backend.archivedAt ? 'Count artifacts' : 'Delete'}
        busyText="Counting artifacts…"
        danger
        onCancel={close}
      />
    </Dialog>
  );
}

function PurgeDialog({
  name,
  path,
  held,
  onGone,
  onClose,
}: {
  name: string;
  path: string;
  held: BackendRemovalDocument;
  onGone: (text: string) => void;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState('');
  const [purged, setPurged] = useState(0);
  const count = `${held.atLeast ? 'at least ' : ''}${plural(held.artifacts, 'artifact')}`;
  const form = useSubmission(async () => {
    // One call forgets a few thousand artifacts.
    for (let sum = purged; ;) {
      const removal = await api.delete<BackendRemovalDocument>(`${path}?purge=true`);
      sum += removal.purged ?? 0;
      setPurged(sum);
      if (removal.deleted) {
        onGone(`${name} is gone, and ${plural(sum, 'artifact')} with it.`);
        return;
      }
    }
  });
  return (
    <Dialog title={`${name} holds ${count}`} onClose={onClose} busy={form.busy}>
      <p>
        It is archived now: it takes no uploads, and {held.artifacts === 1 ? 'the artifact stays' : 'the artifacts stay'} readable. You can
        leave it like that.
      </p>
      <p>
        <strong>Purging</strong> makes the service forget {count}, the credentials and the backend. The objects in the store itself are not
        touched. It can’t be undone.
      </p>
      <Form
        onSubmit={() => typed === name && form.submit()}
        busy={form.busy}
        problem={form.problem}
        submit="Purge"
        busyText={purged > 0 ? `${plural(purged, 'artifact')} forgotten…` : 'Purging…'}
        danger
        onCancel={onClose}
      >
        <TextField
          label={`Type ${name} to confirm`}
          value={typed}
          onValue={setTyped}
          monospace
          error={typed !== '' && !name.startsWith(typed) ? 'That is another name.' : undefined}
        />
      </Form>
    </Dialog>
  );
}
