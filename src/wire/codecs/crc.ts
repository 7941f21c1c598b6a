/** Cyclic redundancy checks: of event-stream frames and of S3's uploads. */
import { crc32 as zlibCrc32 } from 'node:zlib';

/** The check as an unsigned number, going on from `before`. */
export const crc32 = (bytes: Uint8Array, before = 0): number => zlibCrc32(bytes, before) >>> 0;
