/** Time-based one-time passwords (RFC 6238): SHA-1, six digits, 30 seconds, as authenticator apps expect. */
import { createHmac } from 'node:crypto';
import type { RandomBytes } from '../../base/ids.ts';
import { sameText } from './srp.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const STEP_MS = 30_000;

/** 256 bits in base32 without padding: 52 characters, as AWS gives them. */
export function newTotpSecret(random: RandomBytes): string {
  let bits = '';
  for (const byte of random(32)) bits += byte.toString(2).padStart(8, '0');
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => ALPHABET[Number.parseInt(five.padEnd(5, '0'), 2)])
    .join('');
}

function bytesOf(secret: string): Buffer {
  let bits = '';
  for (const letter of secret) bits += ALPHABET.indexOf(letter).toString(2).padStart(5, '0');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)));
}

function codeAt(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', bytesOf(secret)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The step whose code it is, one back and one ahead allowed; undefined when it is none or was used. */
export function stepOfCode(
  secret: string,
  code: string,
  nowMs: number,
  lastUsed: number,
): number | undefined {
  const now = Math.floor(nowMs / STEP_MS);
  const candidates = [now, now - 1, now + 1];
  return candidates.find((step) => step > lastUsed && sameText(codeAt(secret, step), code));
}
