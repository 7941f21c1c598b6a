/** What an authenticator app shows: RFC 6238, written apart from the server's own. */
import { createHmac } from 'node:crypto';

export function newTotpCode(secret: string, atMs: number): string {
  let [bits, value] = [0, 0];
  const bytes: number[] = [];
  for (const letter of secret) {
    value = (value << 5) | 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter);
    bits += 5;
    if (bits >= 8) bytes.push((value >>> (bits -= 8)) & 255);
    value &= (1 << bits) - 1;
  }
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(Math.floor(atMs / 30_000), 4);
  const hash = createHmac('sha1', Buffer.from(bytes)).update(counter).digest();
  const at = (hash[19] ?? 0) & 15;
  const number = ((hash[at] ?? 0) & 127) * 2 ** 24 + (hash.readUIntBE(at + 1, 3) & 0xffffff);
  return String(number % 1_000_000).padStart(6, '0');
}
