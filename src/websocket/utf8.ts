/** Whether bytes that come in pieces are UTF-8: what is broken is told at the first piece that shows it. */
import { isUtf8 } from 'node:buffer';

export { isUtf8 };

/**
 * Checks `bytes` from `from` on, which begins a character. Returns where the last whole character ends, or -1 when
 * the bytes are no UTF-8 or can become none.
 */
export function checkUtf8Prefix(bytes: Uint8Array, from: number): number {
  const end = wholeCharactersEnd(bytes, from);
  if (end > from && !isUtf8(bytes.subarray(from, end))) return -1;
  return end === bytes.length || canGoOn(bytes.subarray(end)) ? end : -1;
}

/** Where a character that is cut off begins, or the end when none is. */
function wholeCharactersEnd(bytes: Uint8Array, from: number): number {
  const size = bytes.length;
  for (let back = 1; back <= 3 && size - back >= from; back++) {
    const byte = bytes[size - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    return lengthOfCharacter(byte) > back ? size - back : size;
  }
  return size;
}

function lengthOfCharacter(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}

/** Of the continuations a character may have, the lowest or the highest is always among the good ones. */
function canGoOn(start: Uint8Array): boolean {
  const missing = lengthOfCharacter(start[0] ?? 0) - start.length;
  return [0x80, 0xbf].some((byte) => isUtf8(Buffer.concat([start, Buffer.alloc(missing, byte)])));
}
