/** Sends the reply: framing, compression, and a stream no faster than the client reads. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { limits } from '../../base/limits.ts';
import type { ClientRequest } from '../client-request.ts';
import type { Reply } from '../plan.ts';
import { firstHeader, removeHeader } from '../raw-headers.ts';
import { compress } from './compress.ts';

/** The bytes of the body, once it is handed to the socket; a client that left ends it too. */
export function sendReply(
  response: ServerResponse,
  request: ClientRequest,
  reply: Reply,
  headers: string[],
  compressFromBytes: number | null,
): number | Promise<number> {
  const { body, status } = reply;
  if (request.gone) {
    if (body instanceof Readable) body.destroy();
    return 0;
  }
  if (body instanceof Readable) return sendStream(response, request, status, headers, body);
  if (status === 204 || status === 304) return sendWhole(response, status, headers, null);
  const whole =
    compressFromBytes === null ? (body ?? '') : compress(body ?? '', headers, request, compressFromBytes);
  const send = (content: string | Uint8Array): number => {
    removeHeader(headers, 'content-length');
    headers.push('Content-Length', String(Buffer.byteLength(content)));
    return sendWhole(response, status, headers, request.method === 'HEAD' ? null : content);
  };
  return whole instanceof Promise ? whole.then(send) : send(whole);
}

function sendWhole(
  response: ServerResponse,
  status: number,
  headers: string[],
  body: string | Uint8Array | null,
): number {
  response.writeHead(status, headers);
  if (body === null || body.length === 0) response.end();
  else response.end(body);
  return body === null ? 0 : Buffer.byteLength(body);
}

/** The body ends, or either side gives up: whichever comes first frees both. */
function sendStream(
  response: ServerResponse,
  request: ClientRequest,
  status: number,
  headers: string[],
  body: Readable,
): Promise<number> {
  if (
    firstHeader(headers, 'content-length') === undefined &&
    firstHeader(headers, 'transfer-encoding') === undefined
  )
    headers.push('Transfer-Encoding', 'chunked');
  response.writeHead(status, headers);
  response.flushHeaders();
  return new Promise((resolve) => {
    let size = 0;
    const drained = (): void => void body.resume();
    const idle = setTimeout(
      () => body.destroy(new Error('the answer idled too long')),
      limits.apiGatewayStreamIdleMs,
    );
    const done = (): void => {
      clearTimeout(idle);
      forget();
      response.off('drain', drained);
      resolve(size);
    };
    const forget = request.whenGone(() => {
      body.destroy();
      done();
    });
    response.on('drain', drained);
    body.on('data', (chunk: Buffer) => {
      size += chunk.length;
      idle.refresh();
      if (!response.write(chunk)) body.pause();
    });
    body.on('end', () => {
      response.end();
      done();
    });
    // A body cut short must look cut short: closing the connection is the only way left to say so.
    body.on('error', () => {
      response.destroy();
      done();
    });
  });
}
