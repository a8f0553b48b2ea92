import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { Problem } from '../api/problem';
import { ProblemNotice } from './problem-notice';

/** Something read from the service. */
export interface Resource<T> {
  data: T | undefined;
  problem: Problem | null;
  loading: boolean;
  reload: () => void;
  /** Puts in what a change answered, so that it need not be read again. */
  set: (data: T) => void;
}

/** Reads when the page appears and whenever one of the keys changes. What was read before is shown until then. */
export function useResource<T>(read: (signal: AbortSignal) => Promise<T>, keys: readonly unknown[]): Resource<T> {
  const [state, setState] = useState<{ data: T | undefined; problem: Problem | null; loading: boolean }>({
    data: undefined,
    problem: null,
    loading: true,
  });
  const [generation, setGeneration] = useState(0);
  useEffect(() => {
    const ended = new AbortController();
    setState(before => ({ data: before.data, problem: null, loading: true }));
    read(ended.signal).then(
      data => !ended.signal.aborted && setState({ data, problem: null, loading: false }),
      failure => !ended.signal.aborted && setState(before => ({ data: before.data, problem: Problem.of(failure), loading: false })),
    );
    return () => ended.abort();
  }, [...keys, generation]);
  const reload = useCallback(() => setGeneration(count => count + 1), []);
  const set = useCallback((data: T) => setState({ data, problem: null, loading: false }), []);
  return { ...state, reload, set };
}

/** Shows a resource: that it is being read, why it can't be, or what it is. */
export function Loaded<T>({
  resource,
  what,
  children,
}: {
  resource: Resource<T>;
  /** What is read, as in "Reading the backends…". */
  what: string;
  children: (data: T) => ComponentChildren;
}) {
  return (
    <>
      {resource.problem && <ProblemNotice problem={resource.problem} onRetry={resource.reload} />}
      {resource.data !== undefined
        ? children(resource.data)
        : resource.loading && (
            <p class="loading" role="status">
              <span class="spinner" aria-hidden="true" />
              Reading {what}…
            </p>
          )}
    </>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}
