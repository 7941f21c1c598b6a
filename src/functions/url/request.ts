/** A call of a function URL as it arrived: its parts undecoded, its body whole. */
import type { IncomingMessage } from 'node:http';
import { limits } from '../../base/limits.ts';

export interface UrlCall {
  readonly message: IncomingMessage;
  readonly method: string;
  /** Undecoded. */
  readonly rawPath: string;
  readonly rawQuery: string;
  /** As called, port included. */
  readonly host: string;
  readonly sourceIp: string;
  /** The first value; name in lower case. */
  header(name: string): string | undefined;
}

export function readCall(message: IncomingMessage): UrlCall {
  const target = (message.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '');
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const address = message.socket.remoteAddress ?? '';
  return {
    message,
    method: message.method ?? 'GET',
    rawPath: path.startsWith('/') ? path : `/${path}`,
    rawQuery: mark === -1 ? '' : target.slice(mark + 1),
    host: message.headers.host ?? '',
    sourceIp: address.startsWith('::ffff:') ? address.slice(7) : address,
    header: (name) => everyValue(message.rawHeaders, name)[0],
  };
}

function everyValue(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2)
    if (rawHeaders[at]?.toLowerCase() === name) values.push(rawHeaders[at + 1] ?? '');
  return values;
}

/** Two of these and the next server on the way may read another one: such a request is refused. */
export const isAmbiguous = ({ message: { rawHeaders } }: UrlCall): boolean =>
  everyValue(rawHeaders, 'host').length > 1 || everyValue(rawHeaders, 'content-length').length > 1;

/** The body, or undefined when it is larger than a function takes; the rest of it is read and dropped. */
export async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message) {
    bytes += part.length;
    if (bytes <= limits.lambdaSynchronousPayloadBytes) parts.push(part);
  }
  return bytes > limits.lambdaSynchronousPayloadBytes ? undefined : Buffer.concat(parts, bytes);
}
