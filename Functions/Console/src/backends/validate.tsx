import { useState } from 'preact/hooks';
import { api } from '../api/api';
import type { BackendDocument } from '../api/documents';
import { Problem } from '../api/problem';
import { announce } from '../shell/announcements';
import { Icon } from '../ui/icon';

/** Checks a backend now. That it doesn't work is an answer too. */
export function ValidateButton({
  backend,
  onChecked,
  compact = false,
}: {
  backend: BackendDocument;
  onChecked: (backend: BackendDocument) => void;
  compact?: boolean;
}) {
  const [busy, setBusy] = useState(false);
  const validate = async () => {
    setBusy(true);
    try {
      const checked = await api.post<BackendDocument>(`/v1/backends/${encodeURIComponent(backend.name)}/validation`);
      announce(`${checked.name} is ${checked.status}.`, checked.status === 'healthy');
      onChecked(checked);
    } catch (failure) {
      announce(`${backend.name} could not be checked. ${Problem.of(failure).message}`, false);
    } finally {
      setBusy(false);
    }
  };
  return (
    <button
      type="button"
      class={compact ? 'icon-button' : 'button'}
      disabled={busy}
      onClick={validate}
      aria-label={compact ? `Validate ${backend.name} now` : undefined}
      title={compact ? 'Validate now' : undefined}
    >
      {busy ? <span class="spinner" aria-hidden="true" /> : <Icon name="refresh" />}
      {!compact && 'Validate now'}
    </button>
  );
}
