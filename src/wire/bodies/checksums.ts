/** S3's checksums: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
import { createHash } from 'node:crypto';
import { crc32, crc32c, crc64nvme } from '../codecs/crc.ts';

export interface Checksum {
  update(bytes: Uint8Array): void;
  /** As it stands in headers. */
  digest(): string;
}

/** By the end of the header's name: `x-amz-checksum-crc32c`. */
const algorithms = {
  crc32: () => cyclic32(crc32),
  crc32c: () => cyclic32(crc32c),
  crc64nvme: () => cyclic64(),
  sha1: () => hashed('sha1'),
  sha256: () => hashed('sha256'),
  sha512: () => hashed('sha512'),
  md5: () => hashed('md5'),
} as const;

export type ChecksumName = keyof typeof algorithms;

export const isChecksumName = (name: string): name is ChecksumName => Object.hasOwn(algorithms, name);

export const createChecksum = (name: ChecksumName): Checksum => algorithms[name]();

function hashed(algorithm: string): Checksum {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('base64') };
}

function cyclic32(step: (bytes: Uint8Array, before: number) => number): Checksum {
  let value = 0;
  return {
    update: (bytes) => {
      value = step(bytes, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
}

function cyclic64(): Checksum {
  const crc = crc64nvme();
  return {
    update: crc.update,
    digest: () => Buffer.from(crc.bytes()).toString('base64'),
  };
}
