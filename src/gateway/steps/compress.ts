/**
 * REST's minimumCompressionSize.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html
 */
import { promisify } from 'node:util';
import { deflate, deflateSync, gzip, gzipSync } from 'node:zlib';
import type { ClientRequest } from '../client-request.ts';
import { firstHeader } from '../raw-headers.ts';

const CODINGS = {
  gzip: { now: gzipSync, later: promisify<string | Uint8Array, Buffer>(gzip) },
  deflate: { now: deflateSync, later: promisify<string | Uint8Array, Buffer>(deflate) },
} as const;

/** Above this, compressing would hold up other requests, so another thread does it. */
const IN_PLACE_BYTES = 16 * 1024;

export function compress(
  body: string | Uint8Array,
  headers: string[],
  request: ClientRequest,
  fromBytes: number,
): string | Uint8Array | Promise<Uint8Array> {
  const size = Buffer.byteLength(body);
  if (size < Math.max(1, fromBytes) || firstHeader(headers, 'content-encoding') !== undefined) return body;
  const coding = acceptedCoding(request.header('accept-encoding'));
  if (coding === undefined) return body;
  headers.push('Content-Encoding', coding);
  return size <= IN_PLACE_BYTES ? CODINGS[coding].now(body) : CODINGS[coding].later(body);
}

/** The first one named that is known and not refused by `q=0`. `identity` and `*` mean no compression. */
export function acceptedCoding(accept: string | undefined): keyof typeof CODINGS | undefined {
  for (const part of (accept ?? '').toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) continue;
    if (name === 'gzip' || name === 'deflate') return name;
  }
  return undefined;
}
