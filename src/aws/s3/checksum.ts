/** Checksums that a client sends with an object: verified against what arrived, kept, and given back on request. */
import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { crc32 } from 'node:zlib';
import { badChecksum, badDigest } from './faults.ts';
import type { Checksums } from './object-rows.ts';

const NAMES = [
  'ChecksumCRC32',
  'ChecksumCRC32C',
  'ChecksumCRC64NVME',
  'ChecksumSHA1',
  'ChecksumSHA256',
] as const;

/** Those of the input's members that carry a checksum. */
export function checksumsOf(input: Checksums): Checksums {
  const given: Record<string, string> = {};
  for (const name of NAMES) if (input[name]) given[name] = input[name];
  return given;
}

export interface Meter {
  readonly stream: Transform;
  /** After the stream ended. Throws BadDigest. */
  verify(): void;
}

/** Passes bytes on and digests them for the checksums that can be verified as they pass (CRC32, SHA-1, SHA-256, MD5). */
export function createMeter(given: Checksums, contentMd5: string | undefined): Meter {
  const sha1 = given.ChecksumSHA1 ? createHash('sha1') : null;
  const sha256 = given.ChecksumSHA256 ? createHash('sha256') : null;
  const md5 = contentMd5 ? createHash('md5') : null;
  let crc = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      sha1?.update(chunk);
      sha256?.update(chunk);
      md5?.update(chunk);
      if (given.ChecksumCRC32) crc = crc32(chunk, crc);
      done(null, chunk);
    },
  });
  return {
    stream,
    verify() {
      if (md5 && md5.digest('base64') !== contentMd5) throw badDigest();
      if (sha1 && sha1.digest('base64') !== given.ChecksumSHA1) throw badChecksum('SHA1');
      if (sha256 && sha256.digest('base64') !== given.ChecksumSHA256) throw badChecksum('SHA256');
      if (given.ChecksumCRC32 && base64Of(crc) !== given.ChecksumCRC32) throw badChecksum('CRC32');
    },
  };
}

function base64Of(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc >>> 0);
  return bytes.toString('base64');
}
