/** Writes a reply, streams with backpressure, and leaves the connection fit for the next request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { reasonOf } from '../base/fault.ts';
import type { Log } from '../base/log.ts';
import type { Reply } from './protocols/protocol.ts';

/** A request without a body is never `complete` on Bun before its end was asked for. */
const leftUnread = ({ complete, headers }: IncomingMessage): boolean =>
  !complete && (Number(headers['content-length'] ?? 0) > 0 || headers['transfer-encoding'] !== undefined);

export async function sendReply(
  reply: Reply,
  request: IncomingMessage,
  response: ServerResponse,
  log: Log,
): Promise<void> {
  const { status, headers, body } = reply;
  if (response.destroyed) {
    if (body instanceof Readable) body.destroy();
    return;
  }
  const bodiless = request.method === 'HEAD' || status === 204 || status === 304;
  if (leftUnread(request)) {
    // What a refused client still sends is read away, else it would see a reset in place of the answer.
    headers.Connection = 'close';
    request.resume();
  }
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    if (!bodiless) headers['Content-Length'] = String(bytes.length);
    response.writeHead(status, headers);
    response.end(bodiless ? undefined : bytes);
    return;
  }
  response.writeHead(status, headers);
  const source = body instanceof Readable ? body : Readable.from(body, { objectMode: false });
  if (bodiless) {
    source.destroy();
    response.end();
    return;
  }
  await pipeline(source, response).catch((thrown: unknown) => {
    if (!response.destroyed) log('warn', 'a reply broke off', { reason: reasonOf(thrown) });
    response.destroy();
  });
}
