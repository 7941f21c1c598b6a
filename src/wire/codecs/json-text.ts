/** JSON bytes to values. */
import { limits } from '../../base/limits.ts';
import { Malformed } from './malformed.ts';

export function parseJson(bytes: Uint8Array): unknown {
  if (nestsTooDeeply(bytes)) throw new Malformed({ kind: 'syntax', text: 'nested too deeply' });
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed({ kind: 'syntax', text: 'Could not parse request body into json' });
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Looks before parsing: everything that walks the value later recurses. Opening brackets are `[` and `{`. */
function nestsTooDeeply(bytes: Uint8Array): boolean {
  if (bytes.length < 2 * limits.wireNesting) return false;
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (quoted) {
      if (byte === BACKSLASH) at++;
    } else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > limits.wireNesting) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}
