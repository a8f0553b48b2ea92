import { useEffect, useState } from 'preact/hooks';
import { callAs } from '../api/api';
import type { CallerDocument } from '../api/documents';
import { Problem } from '../api/problem';
import { CheckField, errorOf, TextField } from '../ui/fields';
import { Form, refuse, useSubmission } from '../ui/form';
import { Icon } from '../ui/icon';
import { beginSession, endSession, farewell, keptToken } from './session';

/** Asks who the token's holder is, and begins the session with it. */
async function signIn(token: string, keep: boolean): Promise<void> {
  beginSession(await callAs<CallerDocument>(token, 'GET', '/v1/me'), token, keep);
}

export function SignInPage() {
  const [token, setToken] = useState('');
  const [keep, setKeep] = useState(false);
  const [resuming, setResuming] = useState(keptToken() !== null);
  const form = useSubmission(async () => {
    const entered = token.trim();
    if (entered === '') {
      refuse('token', 'Paste an API token.');
    }
    try {
      // What can't be a header is no token either.
      if (!/^[\x21-\x7e]+$/.test(entered)) {
        refuse('token', 'That is not an API token: it has characters that no token has.');
      }
      await signIn(entered, keep);
    } catch (failure) {
      if (failure instanceof Problem && failure.status === 401) {
        refuse('token', 'The token is unknown, revoked or expired.');
      }
      throw failure;
    }
  });

  useEffect(() => {
    document.title = 'Sign in · CasFunctions';
    const kept = keptToken();
    if (kept) {
      signIn(kept, true)
        .catch((failure: unknown) => {
          const problem = Problem.of(failure);
          if (problem.status === 401) {
            endSession('The token of this tab is unknown, revoked or expired. Sign in again.');
          } else {
            form.setProblem(problem);
          }
        })
        .finally(() => setResuming(false));
    }
  }, []);

  return (
    <main class="sign-in">
      <div class="panel">
        <p class="brand">
          <Icon name="shield" />
          CasFunctions
        </p>
        <h1>Sign in</h1>
        {farewell.value && (
          <div class="notice fair" role="alert">
            <Icon name="alert" />
            <p>{farewell.value}</p>
          </div>
        )}
        {resuming ? (
          <p class="loading" role="status">
            <span class="spinner" aria-hidden="true" />
            Signing in…
          </p>
        ) : (
          <Form onSubmit={form.submit} busy={form.busy} problem={form.problem} fields={['token']} submit="Sign in" busyText="Signing in…">
            <TextField
              label="API token"
              hint="It begins with cas_. An owner creates one under Tokens, or with cas token create."
              secret
              required
              monospace
              value={token}
              onValue={setToken}
              error={errorOf(form.problem, 'token')}
            />
            <CheckField
              label="Keep for this tab"
              hint="Otherwise a reload asks again. It is forgotten when the tab is closed, and never stored elsewhere."
              value={keep}
              onValue={setKeep}
            />
          </Form>
        )}
      </div>
    </main>
  );
}
