import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { BackendDocument } from '../api/documents';
import { announce } from '../shell/announcements';
import { Dialog } from '../ui/dialog';
import { RadioField } from '../ui/fields';
import { Form, refuse, useSubmission } from '../ui/form';
import { pathsOf, ProviderFields } from './provider-fields';
import { assemble, credentialKinds } from './providers';

export function RotateDialog({ backend, onDone, onClose }: { backend: BackendDocument; onDone: () => void; onClose: () => void }) {
  const kinds = credentialKinds(backend.provider);
  const [kindId, setKindId] = useState(kinds[0]!.id);
  const [values, setValues] = useState<Record<string, string>>({});
  const kind = kinds.find(candidate => candidate.id === kindId)!;
  const form = useSubmission(async () => {
    const missing = kind.fields.find(field => !field.optional && field.fixed === undefined && !values[field.path]?.trim());
    if (missing) {
      refuse(missing.path, `${missing.label} is missing.`);
    }
    const { credentials } = assemble(kind.fields, values);
    await api.patch(`/v1/backends/${encodeURIComponent(backend.name)}`, { credentials });
    announce(`${backend.name} works with the new credentials.`);
    onDone();
  });
  return (
    <Dialog title={`Rotate credentials of ${backend.name}`} onClose={onClose} busy={form.busy}>
      <p>
        The new credentials are tried first. If they fail, nothing is changed. Uploads under way go on; the old ones can be revoked at the
        store afterwards.
      </p>
      <Form
        onSubmit={form.submit}
        busy={form.busy}
        problem={form.problem}
        fields={pathsOf(kind.fields)}
        submit="Rotate credentials"
        busyText="Trying the new credentials…"
        onCancel={onClose}
      >
        {kinds.length > 1 && (
          <RadioField
            legend="Kind of credentials"
            value={kindId}
            onValue={id => {
              setKindId(id);
              form.setProblem(null);
            }}
            options={kinds.map(({ id, label }) => ({ value: id, label }))}
          />
        )}
        <ProviderFields
          fields={kind.fields}
          values={values}
          onValue={(path, value) => setValues(before => ({ ...before, [path]: value }))}
          problem={form.problem}
        />
      </Form>
    </Dialog>
  );
}
