import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { BackendDocument } from '../api/documents';
import { announce } from '../shell/announcements';
import { Dialog } from '../ui/dialog';
import { CheckField } from '../ui/fields';
import { Form, useSubmission } from '../ui/form';

/** Makes a backend the default or the fallback. */
export function SelectDialog({
  backend,
  as,
  all,
  onDone,
  onClose,
}: {
  backend: BackendDocument;
  as: 'default' | 'fallback';
  all: BackendDocument[];
  onDone: () => void;
  onClose: () => void;
}) {
  const former = all.find(candidate => candidate[as]);
  const fallback = all.find(candidate => candidate.fallback);
  const [swap, setSwap] = useState(as === 'default' && backend.fallback && former !== undefined);
  const [force, setForce] = useState(false);
  const form = useSubmission(async () => {
    await api.patch(`/v1/backends/${encodeURIComponent(backend.name)}`, {
      [as]: true,
      swap: (as === 'default' && swap) || undefined,
      force: force || undefined,
    });
    announce(`${backend.name} is the ${as} now.`);
    onDone();
  });
  const unusable = form.problem?.code === 'backend-unusable';
  return (
    <Dialog title={`Make ${backend.name} the ${as}?`} onClose={onClose} busy={form.busy}>
      <p>
        {as === 'default'
          ? `From now on uploads go to ${backend.name}${former ? ` instead of ${former.name}` : ''}.`
          : `Uploads go to ${backend.name} whenever the default can’t take them${former ? `, instead of ${former.name}` : ''}.`}{' '}
        It is checked first. What is stored already stays where it is, and readable.
      </p>
      <Form
        onSubmit={form.submit}
        busy={form.busy}
        problem={form.problem}
        submit={as === 'default' ? 'Make default' : 'Make fallback'}
        busyText="Checking the backend…"
        onCancel={onClose}
      >
        {as === 'default' && former && (
          <CheckField
            label={`Make ${former.name} the fallback`}
            hint={
              fallback && fallback.name !== backend.name
                ? `It takes the place of ${fallback.name}.`
                : backend.fallback
                  ? 'The two change places. Otherwise there is no fallback afterwards.'
                  : 'Otherwise it becomes an ordinary backend.'
            }
            value={swap}
            onValue={setSwap}
          />
        )}
        {(unusable || force) && (
          <CheckField
            label="Select it although its check fails"
            hint="Uploads to it fail until it works."
            value={force}
            onValue={setForce}
          />
        )}
      </Form>
    </Dialog>
  );
}

/** Takes default or fallback from a backend. */
export function ClearDialog({
  backend,
  all,
  onDone,
  onClose,
}: {
  backend: BackendDocument;
  all: BackendDocument[];
  onDone: () => void;
  onClose: () => void;
}) {
  const as = backend.default ? 'default' : 'fallback';
  const fallback = all.find(candidate => candidate.fallback);
  const form = useSubmission(async () => {
    await api.patch(`/v1/backends/${encodeURIComponent(backend.name)}`, { [as]: false });
    announce(`${backend.name} is not the ${as} any more.`);
    onDone();
  });
  return (
    <Dialog title={`No longer the ${as}?`} onClose={onClose} busy={form.busy}>
      <p>
        {as === 'fallback'
          ? `When the default fails, uploads fail too, until another backend is the fallback.`
          : fallback
            ? `Without a default, uploads go to the fallback ${fallback.name} alone.`
            : 'Without a default and a fallback, uploads that name no backend are refused.'}
      </p>
      <Form
        onSubmit={form.submit}
        busy={form.busy}
        problem={form.problem}
        submit={as === 'default' ? 'No longer default' : 'No longer fallback'}
        busyText="Saving…"
        danger={as === 'default'}
        onCancel={onClose}
      />
    </Dialog>
  );
}
