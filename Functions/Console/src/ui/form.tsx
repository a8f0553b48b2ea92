import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Problem } from '../api/problem';
import { Icon } from './icon';
import { ProblemNotice } from './problem-notice';

/** A form's state: whether it is being sent and what the service said of it. */
export function useSubmission(action: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const running = useRef(false);
  const submit = async () => {
    if (running.current) {
      return;
    }
    running.current = true;
    setBusy(true);
    setProblem(null);
    try {
      await action();
    } catch (failure) {
      setProblem(Problem.of(failure));
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, problem, submit, setProblem };
}

/** Refuses a value before the service is asked, in the same form as the service's own refusals. */
export function refuse(field: string, detail: string): never {
  throw new Problem(400, { code: 'invalid-request', title: 'The request is not valid', detail, field });
}

/** A form that shows what concerns the whole of it above its buttons; what concerns a field is shown by the field. */
export function Form({
  onSubmit,
  busy,
  problem,
  fields = [],
  submit,
  busyText,
  danger = false,
  onCancel,
  children,
}: {
  onSubmit: () => void;
  busy: boolean;
  problem: Problem | null;
  /** The fields that show their problems themselves. */
  fields?: readonly string[];
  submit: string;
  busyText: string;
  danger?: boolean;
  onCancel?: () => void;
  children?: ComponentChildren;
}) {
  const send = (event: Event) => {
    event.preventDefault();
    onSubmit();
  };
  const atField = problem?.field !== undefined && fields.includes(problem.field);
  return (
    <form onSubmit={send} noValidate aria-busy={busy}>
      {children}
      {problem && !atField && <ProblemNotice problem={problem} />}
      {problem && atField && problem.hint && (
        <p class="notice bad small" role="alert">
          <Icon name="alert" />
          <span>{problem.hint}</span>
        </p>
      )}
      <div class="buttons">
        <button type="submit" class={danger ? 'button danger' : 'button primary'} disabled={busy}>
          {busy && <span class="spinner" aria-hidden="true" />}
          {busy ? busyText : submit}
        </button>
        {onCancel && (
          <button type="button" class="button" disabled={busy} onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
    </form>
  );
}
