/**
 * Bodies that a client sent compressed, where the API has a minimumCompressionSize: whatever comes next sees them plain.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-make-request-with-compressed-payload.html
 */
import { promisify } from 'node:util';
import { gunzip, inflate, type InputType, type ZlibOptions } from 'node:zlib';
import { limits } from '../../base/limits.ts';
import type { ClientRequest } from '../client-request.ts';
import { Refusal } from '../refusal.ts';
import { tooLarge } from './body.ts';

const CODINGS: Readonly<Record<string, (body: InputType, options: ZlibOptions) => Promise<Buffer>>> = {
  gzip: promisify<InputType, ZlibOptions, Buffer>(gunzip),
  deflate: promisify<InputType, ZlibOptions, Buffer>(inflate),
};

/** The body as it is when nothing says that it is compressed, or in a way that the gateway does not know. */
export function decompress(request: ClientRequest, body: Uint8Array): Uint8Array | Promise<Uint8Array> {
  const coding = request.header('content-encoding')?.trim().toLowerCase();
  const read = coding === undefined || body.length === 0 ? undefined : CODINGS[coding];
  return read === undefined ? body : plain(read, body);
}

async function plain(read: (typeof CODINGS)[string], body: Uint8Array): Promise<Uint8Array> {
  try {
    return await read(body, { maxOutputLength: limits.apiGatewayPayloadBytes });
  } catch (thrown) {
    if (thrown instanceof RangeError) throw tooLarge(limits.apiGatewayPayloadBytes);
    throw new Refusal('BAD_REQUEST_BODY', 'Invalid request body', {
      reason: 'The body is not what its Content-Encoding says',
    });
  }
}
