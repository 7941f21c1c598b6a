/** Cyclic redundancy checks: of event-stream frames and of S3's uploads. */
import { crc32 as zlibCrc32 } from 'node:zlib';

/** The check as an unsigned number, going on from `before`. */
export const crc32 = (bytes: Uint8Array, before = 0): number => zlibCrc32(bytes, before) >>> 0;

/** Castagnoli's polynomial, reflected. */
const CRC32C = 0x82f63b78;
const SLICES = 8;

/** Eight tables, so that eight bytes are folded in at once. Made at the first use: 8 KB each. */
let tables32c: readonly Uint32Array[] | undefined;

function makeTables32c(): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ CRC32C : value >>> 1;
    return value;
  });
  const tables = [first];
  while (tables.length < SLICES) {
    const before = tables.at(-1) ?? first;
    tables.push(before.map((value) => (value >>> 8) ^ (first[value & 255] ?? 0)));
  }
  return tables;
}

export function crc32c(bytes: Uint8Array, before = 0): number {
  tables32c ??= makeTables32c();
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables32c;
  if (!t0 || !t1 || !t2 || !t3 || !t4 || !t5 || !t6 || !t7) throw new Error('eight tables are made');
  let crc = ~before >>> 0;
  let at = 0;
  const byte = (index: number): number => bytes[index] ?? 0;
  for (; at + 8 <= bytes.length; at += 8) {
    const low = crc ^ (byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24));
    crc =
      (t7[low & 255] ?? 0) ^
      (t6[(low >>> 8) & 255] ?? 0) ^
      (t5[(low >>> 16) & 255] ?? 0) ^
      (t4[low >>> 24] ?? 0) ^
      (t3[byte(at + 4)] ?? 0) ^
      (t2[byte(at + 5)] ?? 0) ^
      (t1[byte(at + 6)] ?? 0) ^
      (t0[byte(at + 7)] ?? 0);
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ (t0[(crc ^ byte(at)) & 255] ?? 0);
  return ~crc >>> 0;
}

/** CRC-64/NVME, reflected polynomial 0x9a6c9329ac4bc9b5, in two halves: 64-bit integers are slow. */
const POLYNOMIAL_HIGH = 0x9a6c9329;
const POLYNOMIAL_LOW = 0xac4bc9b5;
let table64: { readonly high: Uint32Array; readonly low: Uint32Array } | undefined;

function makeTable64(): { high: Uint32Array; low: Uint32Array } {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let top = 0;
    let bottom = byte;
    for (let bit = 0; bit < 8; bit++) {
      const carry = bottom & 1;
      bottom = ((bottom >>> 1) | (top << 31)) >>> 0;
      top >>>= 1;
      if (carry === 1) {
        top = (top ^ POLYNOMIAL_HIGH) >>> 0;
        bottom = (bottom ^ POLYNOMIAL_LOW) >>> 0;
      }
    }
    high[byte] = top;
    low[byte] = bottom;
  }
  return { high, low };
}

export function crc64nvme(): { update: (bytes: Uint8Array) => void; bytes: () => Uint8Array } {
  table64 ??= makeTable64();
  const { high, low } = table64;
  let top = 0xffffffff;
  let bottom = 0xffffffff;
  return {
    update: (bytes) => {
      for (const byte of bytes) {
        const index = (bottom ^ byte) & 255;
        bottom = (((bottom >>> 8) | (top << 24)) ^ (low[index] ?? 0)) >>> 0;
        top = ((top >>> 8) ^ (high[index] ?? 0)) >>> 0;
      }
    },
    bytes: () => {
      const result = Buffer.alloc(8);
      result.writeUInt32BE(~top >>> 0, 0);
      result.writeUInt32BE(~bottom >>> 0, 4);
      return result;
    },
  };
}
