import type { Problem } from '../api/problem';
import { Icon } from './icon';

/** What went wrong and what to do about it, read out at once. */
export function ProblemNotice({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <Icon name="cross" />
      <div>
        <p>
          <strong>{problem.title}.</strong> {problem.message}
        </p>
        {problem.hint && <p>{problem.hint}</p>}
        {problem.status >= 500 && problem.traceId && (
          <p class="small">
            Trace id for the operator: <code>{problem.traceId}</code>
          </p>
        )}
        {onRetry && (
          <button type="button" class="button small" onClick={onRetry}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}
