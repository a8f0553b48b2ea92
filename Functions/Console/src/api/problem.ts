/** A call that failed: what the service said of it (RFC 9457), or that the service could not be asked. */
export class Problem extends Error {
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** A stable word, such as `backend-check-failed`. */
  readonly code: string;
  readonly title: string;
  /** What to do about it. */
  readonly hint: string | undefined;
  /** The path of the request's field that is wrong, such as `settings.bucket`. */
  readonly field: string | undefined;
  readonly traceId: string | undefined;

  constructor(status: number, document: ProblemDocument) {
    super(document.detail ?? document.title ?? `The service answered with status ${status}.`);
    this.status = status;
    this.code = document.code ?? 'unknown';
    this.title = document.title ?? 'The request failed';
    this.hint = document.hint;
    this.field = document.field;
    this.traceId = document.traceId;
  }

  /** True when a repetition may succeed without anybody changing anything. */
  get passes(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }

  static unreachable(): Problem {
    return new Problem(0, {
      code: 'unreachable',
      title: 'The service can’t be reached',
      detail: 'There was no answer from the service.',
      hint: 'Check the connection and try again. Nothing is lost.',
    });
  }

  /** Reads an answer that is not a success; what isn't a problem document may come from a proxy in between. */
  static async from(response: Response): Promise<Problem> {
    return Problem.parse(response.status, await response.text().catch(() => ''));
  }

  static parse(status: number, body: string): Problem {
    try {
      const document: unknown = JSON.parse(body);
      if (typeof document === 'object' && document !== null) {
        return new Problem(status, document);
      }
    } catch {
      // Told by the status alone then.
    }
    return new Problem(status, {});
  }

  /** Whatever was thrown, as a problem that can be shown. */
  static of(failure: unknown): Problem {
    return failure instanceof Problem
      ? failure
      : new Problem(0, {
          code: 'console',
          title: 'The console failed',
          detail: failure instanceof Error ? failure.message : String(failure),
        });
  }
}

interface ProblemDocument {
  code?: string;
  title?: string;
  detail?: string;
  hint?: string;
  field?: string;
  traceId?: string;
}
