/** The body a proxy sends on: what was read already, or the client's own stream where its length is known. */
import type { Checked } from '../plan.ts';
import { NO_BODY, readBody, refuseDeclaredSize } from '../steps/body.ts';
import type { OutgoingRequest } from './http-connections.ts';

/** Small bodies are read whole: one write instead of two, and the request can be repeated on a fresh connection. */
const STREAM_FROM_BYTES = 64 * 1024;

export function proxiedBody(
  call: Checked,
  limitBytes: number,
): OutgoingRequest['body'] | Promise<OutgoingRequest['body']> {
  if (call.plan.body === 'buffered') return call.body;
  const { request } = call;
  if (!request.hasBody) return NO_BODY;
  refuseDeclaredSize(request, limitBytes);
  const declared = request.header('content-length');
  if (declared === undefined || Number(declared) < STREAM_FROM_BYTES) return readBody(request, limitBytes);
  return { stream: request.message, contentLength: Number(declared) };
}
