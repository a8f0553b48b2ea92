import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { BackendDocument } from '../api/documents';
import { splitSize } from '../formats/bytes';
import { announce } from '../shell/announcements';
import { Dialog } from '../ui/dialog';
import { bytesOf, errorOf, SizeField, TextField, type EnteredSize } from '../ui/fields';
import { Form, refuse, useSubmission } from '../ui/form';

export function EditDialog({ backend, onDone, onClose }: { backend: BackendDocument; onDone: () => void; onClose: () => void }) {
  const [description, setDescription] = useState(backend.description);
  const [size, setSize] = useState<EnteredSize>(() => splitSize(backend.maxBytes));
  const inline = backend.provider === 'inline';
  const form = useSubmission(async () => {
    await api.patch(`/v1/backends/${encodeURIComponent(backend.name)}`, {
      description: description.trim(),
      maxBytes: inline ? undefined : (bytesOf(size) ?? refuse('maxBytes', 'Enter a size, such as 100 MiB.')),
    });
    announce(`${backend.name} was changed.`);
    onDone();
  });
  return (
    <Dialog title={`Edit ${backend.name}`} onClose={onClose} busy={form.busy}>
      <Form
        onSubmit={form.submit}
        busy={form.busy}
        problem={form.problem}
        fields={['description', 'maxBytes']}
        submit="Save"
        busyText="Saving…"
        onCancel={onClose}
      >
        <TextField
          label="Description"
          optional
          multiline
          value={description}
          onValue={setDescription}
          maxLength={1000}
          error={errorOf(form.problem, 'description')}
        />
        {inline ? (
          <p class="muted">The inline backend’s max size is fixed at 500 KiB.</p>
        ) : (
          <SizeField
            label="Max size"
            hint="Of a single artifact. What is larger already stays. At most 64 GiB."
            value={size}
            onValue={setSize}
            error={errorOf(form.problem, 'maxBytes')}
          />
        )}
      </Form>
    </Dialog>
  );
}
