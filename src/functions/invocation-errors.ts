/** The error objects Lambda itself makes, word for word as recorded from AWS. */
import { limits } from '../base/limits.ts';
import type { Exited } from './runtime-process.ts';

export interface InvocationError {
  readonly errorType: string;
  readonly payload: Uint8Array;
}

const asError = (errorType: string, body: object): InvocationError => ({
  errorType,
  payload: Buffer.from(JSON.stringify(body)),
});

export function timedOut(requestId: string, timeoutSeconds: number): InvocationError {
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
  return asError('Sandbox.Timedout', { errorType: 'Sandbox.Timedout', errorMessage });
}

export function runtimeExited(requestId: string, { errorType, reason }: Exited): InvocationError {
  const text =
    errorType === 'Runtime.InvalidEntrypoint'
      ? reason
      : `Runtime exited ${reason === '' ? 'without providing a reason' : `with error: ${reason}`}`;
  return asError(errorType, { errorType, errorMessage: `RequestId: ${requestId} Error: ${text}` });
}

/** The function took more memory than it has. */
export const outOfMemory = (requestId: string): InvocationError =>
  runtimeExited(requestId, { kind: 'exited', errorType: 'Runtime.ExitError', reason: 'signal: killed' });

/** Its `/tmp` holds more than its ephemeral storage: where AWS lets the write fail, the function is ended here. */
export const outOfStorage = (requestId: string, megabytes: number): InvocationError =>
  runtimeExited(requestId, {
    kind: 'exited',
    errorType: 'Runtime.ExitError',
    reason: `no space left on device: /tmp holds more than ${megabytes} MB`,
  });

export function extensionFailed(requestId: string, errorType: string, reason: string): InvocationError {
  return asError(errorType, { errorType, errorMessage: `RequestId: ${requestId} Error: ${reason}` });
}

export function responseTooLarge(): InvocationError {
  const errorMessage = `Response payload size exceeded maximum allowed payload size (${limits.lambdaResponseBytes} bytes).`;
  return asError('Function.ResponseSizeTooLarge', {
    errorMessage,
    errorType: 'Function.ResponseSizeTooLarge',
  });
}
