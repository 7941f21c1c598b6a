/** Compressed requests: https://smithy.io/2.0/spec/behavior-traits.html#requestcompression-trait */
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { Fault } from '../../base/fault.ts';
import { tooLarge } from './read-whole.ts';

/** Stops as soon as more than the limit comes out: a small body may hold a very large one. */
export async function gunzipWhole(bytes: Uint8Array, limitBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    await pipeline([bytes], createGunzip(), async (inflated: AsyncIterable<Buffer>) => {
      for await (const chunk of inflated) {
        size += chunk.length;
        if (size > limitBytes) throw tooLarge(limitBytes);
        chunks.push(chunk);
      }
    });
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    throw new Fault('SerializationException', 'The request body is not valid gzip data', { status: 400 });
  }
  return Buffer.concat(chunks);
}
