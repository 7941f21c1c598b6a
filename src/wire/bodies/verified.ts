/** A body on its way to the handler: what its headers and trailers say of it is held against its bytes. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { Fault } from '../../base/fault.ts';
import type { Head } from '../head.ts';
import { incompleteBody } from './aws-chunked.ts';
import { createChecksum, isChecksumName, type Checksum } from './checksums.ts';

export interface Claims {
  /** Checks at the end: each throws a Fault. Also called with every part. */
  readonly checks: readonly Check[];
  /** The number of bytes that must come, when known. */
  readonly bytes: number | undefined;
}

export interface Check {
  update(bytes: Uint8Array): void;
  finish(): void;
}

const PREFIX = 'x-amz-checksum-';
/** Headers that begin so and are no checksums of the body. */
const NO_CHECKSUMS = new Set(['x-amz-checksum-algorithm', 'x-amz-checksum-mode', 'x-amz-checksum-type']);

/**
 * What S3 verifies of a body: `Content-MD5`, a checksum in a header or, by `trailers`, behind the body.
 * `own` tells that the body's checksum headers are about this body (they are not in CompleteMultipartUpload).
 */
export function claimsOf(head: Head, trailers: () => Readonly<Record<string, string>>, own: boolean): Claims {
  const checks: Check[] = [];
  const md5 = head.headers['content-md5'];
  if (md5 !== undefined) checks.push(md5Check(md5));
  const announced = head.headers['x-amz-trailer']?.split(',').map((name) => name.trim().toLowerCase()) ?? [];
  const names = own
    ? Object.keys(head.headers).filter((name) => name.startsWith(PREFIX) && !NO_CHECKSUMS.has(name))
    : [];
  for (const name of names) checks.push(checksumCheck(name, () => head.headers[name]));
  for (const name of announced)
    if (name.startsWith(PREFIX)) checks.push(checksumCheck(name, () => trailers()[name]));
  const length = head.headers['content-length'];
  return { checks, bytes: length === undefined ? undefined : Number(length) };
}

function md5Check(claimed: string): Check {
  const digest = Buffer.from(claimed, 'base64');
  if (digest.length !== 16)
    throw new Fault('InvalidDigest', 'The Content-MD5 you specified was invalid.', {
      status: 400,
      members: { 'Content-MD5': claimed },
    });
  const hash = createHash('md5');
  return {
    update: (bytes) => void hash.update(bytes),
    finish: () => {
      const computed = hash.digest();
      if (!timingSafeEqual(computed, digest))
        throw new Fault('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
          status: 400,
          members: { ExpectedDigest: claimed, CalculatedDigest: computed.toString('base64') },
        });
    },
  };
}

function checksumCheck(header: string, claimed: () => string | undefined): Check {
  const name = header.slice(PREFIX.length);
  if (!isChecksumName(name))
    throw new Fault('NotImplemented', `Gatehouse does not verify ${header}`, { status: 501 });
  const checksum: Checksum = createChecksum(name);
  return {
    update: (bytes) => checksum.update(bytes),
    finish: () => {
      if (checksum.digest() !== claimed())
        throw new Fault(
          'BadDigest',
          `The ${name.toUpperCase()} you specified did not match the calculated checksum.`,
          {
            status: 400,
          },
        );
    },
  };
}

/** The hash that the signature covers: `x-amz-content-sha256`. */
export function sha256Check(claimed: string): Check {
  const hash = createHash('sha256');
  return {
    update: (bytes) => void hash.update(bytes),
    finish: () => {
      const computed = hash.digest('hex');
      if (computed !== claimed.toLowerCase())
        throw new Fault(
          'XAmzContentSHA256Mismatch',
          "The provided 'x-amz-content-sha256' header does not match what was computed.",
          {
            status: 400,
            members: { ClientComputedContentSHA256: claimed, S3ComputedContentSHA256: computed },
          },
        );
    },
  };
}

/** A class because it is a stream. Ends with the Fault of the first claim that does not hold. */
class VerifyStream extends Transform {
  #bytes = 0;
  readonly #claims: Claims;

  constructor(claims: Claims) {
    super();
    this.#claims = claims;
  }

  override _transform(part: Buffer, _encoding: string, done: TransformCallback): void {
    this.#bytes += part.length;
    for (const check of this.#claims.checks) check.update(part);
    done(null, part);
  }

  override _flush(done: TransformCallback): void {
    try {
      if (this.#claims.bytes !== undefined && this.#claims.bytes !== this.#bytes) throw incompleteBody();
      for (const check of this.#claims.checks) check.finish();
      done();
    } catch (thrown) {
      done(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }
}

export const verifyStream = (claims: Claims): Transform => new VerifyStream(claims);
