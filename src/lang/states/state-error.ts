/** A failure inside an execution, by its Error Name and Cause: what `Retry` and `Catch` look at. */
export class StateError extends Error {
  readonly error: string;
  override readonly cause: string;
  /** The time of the whole execution is up, or it was stopped: nothing catches that. */
  readonly isFinal: boolean;

  constructor(error: string, cause: string, isFinal = false) {
    super(`${error}: ${cause}`);
    this.name = 'StateError';
    this.error = error;
    this.cause = cause;
    this.isFinal = isFinal;
  }
}

/**
 * Whether a name listed in `ErrorEquals` means this error. `States.ALL` stands for every name but the two that end an
 * execution whatever is caught; `States.TaskFailed` for every one but `States.Timeout`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function errorMatches(listed: readonly string[], error: string): boolean {
  return listed.some((name) => {
    if (name === error) return true;
    if (name === 'States.ALL') return !UNCAUGHT.has(error);
    if (name === 'States.TaskFailed') return error !== 'States.Timeout' && !UNCAUGHT.has(error);
    return name === 'States.Timeout' && error === 'States.HeartbeatTimeout';
  });
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation */
const UNCAUGHT = new Set(['States.Runtime', 'States.DataLimitExceeded']);
