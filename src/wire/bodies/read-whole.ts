/** Request bodies, read whole up to a named limit. */
import type { Readable } from 'node:stream';
import { Fault } from '../../base/fault.ts';

export async function readWhole(source: Readable | Uint8Array, limitBytes: number): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Ending early must not destroy a request: its connection still carries the answer.
  for await (const chunk of source.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

export const tooLarge = (limitBytes: number): Fault =>
  new Fault('RequestEntityTooLargeException', `Request must be smaller than ${limitBytes} bytes`, {
    status: 413,
  });
