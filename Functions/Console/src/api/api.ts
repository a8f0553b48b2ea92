import { endSession, session } from '../session/session';
import { Problem } from './problem';

/** Calls the API with a token and reads its JSON. */
export async function callAs<T>(token: string, method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { Authorization: `Bearer ${token}`, Accept: 'application/json' };
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }

  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    });
  } catch (failure) {
    if (signal?.aborted) {
      throw failure;
    }
    throw Problem.unreachable();
  }

  if (!response.ok) {
    throw await Problem.from(response);
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Calls the API as whoever is signed in. A token that is refused ends the session. */
async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const current = session.value;
  if (!current) {
    throw new Problem(401, { code: 'unauthorized', title: 'Not signed in', detail: 'Sign in first.' });
  }

  try {
    return await callAs<T>(current.token, method, path, body, signal);
  } catch (failure) {
    if (failure instanceof Problem && failure.status === 401 && session.value === current) {
      endSession('The service no longer accepts the token: it was revoked or has expired. Sign in again.');
    }
    throw failure;
  }
}

export const api = {
  get: <T>(path: string, signal?: AbortSignal) => call<T>('GET', path, undefined, signal),
  post: <T>(path: string, body?: unknown, signal?: AbortSignal) => call<T>('POST', path, body, signal),
  patch: <T>(path: string, body: unknown) => call<T>('PATCH', path, body),
  delete: <T>(path: string) => call<T>('DELETE', path),
};

/** A path with a query; what is undefined or empty is left out. */
export function withQuery(path: string, query: Record<string, string | number | undefined>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') {
      parameters.set(name, String(value));
    }
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}
