/** Work for a client that may leave and a gateway that does not wait for ever. */
import type { ClientRequest } from './client-request.ts';
import { Refusal } from './refusal.ts';

/** Nobody is left to answer. */
export class ClientGone extends Error {
  constructor() {
    super('the client went away');
    this.name = 'ClientGone';
  }
}

const timedOut = (): Refusal =>
  new Refusal('INTEGRATION_TIMEOUT', 'Endpoint request timed out', {
    reason: 'Execution failed due to a timeout error',
  });

/**
 * Runs `work` until it is done, the time is up (INTEGRATION_TIMEOUT) or the client is gone (ClientGone). `work` is
 * told by the signal, and whatever it gives later is dropped.
 */
export function withDeadline<T>(
  request: ClientRequest,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const stop = (reason: Error): void => {
      done();
      reject(reason);
      controller.abort(reason);
    };
    const timer = setTimeout(() => stop(timedOut()), timeoutMs);
    const forget = request.whenGone(() => stop(new ClientGone()));
    const done = (): void => {
      clearTimeout(timer);
      forget();
    };
    work(controller.signal).then(
      (value) => {
        done();
        resolve(value);
      },
      (thrown: unknown) => {
        done();
        reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
      },
    );
  });
}
