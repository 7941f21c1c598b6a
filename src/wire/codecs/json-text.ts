/** JSON bytes to values. */
import { Malformed } from './malformed.ts';

export function parseJson(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed({ kind: 'syntax', text: 'Could not parse request body into json' });
  }
}
