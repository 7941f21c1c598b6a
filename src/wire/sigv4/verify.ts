/** Verifies a request's SigV4 signature. What is wrong comes back as a finding; each protocol has its own words for it. */
import { timingSafeEqual, type KeyObject } from 'node:crypto';
import type { Now } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { AccessKey, Caller, FindAccessKey } from '../../base/ports.ts';
import { queryValue, type Head } from '../head.ts';
import { canonicalOf, canonicalPaths, type Canonical, type Signature } from './canonical.ts';
import { readSignature } from './read-signature.ts';
import { hmac, type SigningKeys } from './signing-keys.ts';

export type Finding =
  | { readonly kind: 'none' }
  | { readonly kind: 'incomplete'; readonly text: string }
  | { readonly kind: 'unsupported'; readonly algorithm: string }
  | { readonly kind: 'unknown-key'; readonly accessKeyId: string }
  | { readonly kind: 'bad-token' }
  | { readonly kind: 'expired-token' }
  | { readonly kind: 'skewed'; readonly text: string; readonly requestTime: string }
  | { readonly kind: 'expired-url'; readonly expiresAt: number; readonly expiresSeconds: number }
  | { readonly kind: 'unsigned-headers'; readonly names: readonly string[] }
  | { readonly kind: 'wrong-service'; readonly expected: string }
  | { readonly kind: 'mismatch'; readonly canonical: Canonical; readonly signature: Signature };

export type Verified =
  | {
      readonly ok: true;
      readonly caller: Caller;
      /** For the signatures of chunks that follow. */
      readonly signingKey: KeyObject;
      readonly signature: Signature;
    }
  | { readonly ok: false; readonly finding: Finding };

export interface VerifyPorts {
  readonly findAccessKey: FindAccessKey;
  readonly now: Now;
  readonly signingKeys: SigningKeys;
}

export interface Expected {
  /** Signing names that are good for the service. */
  readonly services: readonly string[];
  readonly payloadHash: string;
  readonly maxSkewMs: number;
}

export async function verify(head: Head, expected: Expected, ports: VerifyPorts): Promise<Verified> {
  const read = readSignature(head);
  if (read.kind !== 'signature') return { ok: false, finding: read };
  const { signature, expiresSeconds } = read;
  if (!expected.services.includes(signature.scope[2]))
    return { ok: false, finding: { kind: 'wrong-service', expected: expected.services[0] ?? '' } };
  const unsigned = unsignedHeaders(head, signature);
  if (unsigned.length > 0) return { ok: false, finding: { kind: 'unsigned-headers', names: unsigned } };
  const late = lateness(signature, expiresSeconds, expected.maxSkewMs, ports.now());
  if (late !== undefined) return { ok: false, finding: late };
  const key = await ports.findAccessKey(signature.accessKeyId);
  if (key === undefined)
    return { ok: false, finding: { kind: 'unknown-key', accessKeyId: signature.accessKeyId } };
  const token = tokenFinding(head, key, ports.now());
  if (token !== undefined) return { ok: false, finding: token };
  const signingKey = ports.signingKeys(key.secretAccessKey, signature);
  const mismatch = compareSignature(head, signature, expected, signingKey);
  if (mismatch !== undefined) return { ok: false, finding: mismatch };
  return { ok: true, caller: key.caller, signingKey, signature };
}

function compareSignature(
  head: Head,
  signature: Signature,
  expected: Expected,
  key: KeyObject,
): Finding | undefined {
  const given = Buffer.from(signature.signature, 'hex');
  let first: Canonical | undefined;
  for (const path of canonicalPaths(head.path, expected.services.includes('s3'))) {
    const canonical = canonicalOf(head, signature, path, expected.payloadHash);
    const right = hmac(key, canonical.stringToSign);
    if (given.length === right.length && timingSafeEqual(given, right)) return undefined;
    first ??= canonical;
  }
  return first === undefined ? undefined : { kind: 'mismatch', canonical: first, signature };
}

/** Headers of AWS's own change what a request means: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function unsignedHeaders(head: Head, { signedHeaders, presigned }: Signature): readonly string[] {
  const unsigned: string[] = [];
  for (const name in head.headers)
    if (
      name.startsWith('x-amz-') &&
      !signedHeaders.includes(name) &&
      !(presigned && name === 'x-amz-content-sha256')
    )
      unsigned.push(name);
  return unsigned;
}

/** Temporary credentials come with their token, and end. */
function tokenFinding(head: Head, key: AccessKey, now: number): Finding | undefined {
  const given = head.headers['x-amz-security-token'] ?? queryValue(head, 'X-Amz-Security-Token');
  if (key.expiresAt !== undefined && now >= key.expiresAt) return { kind: 'expired-token' };
  return given === key.sessionToken ? undefined : { kind: 'bad-token' };
}

function lateness(
  { dateTime, presigned }: Signature,
  expiresSeconds: number | undefined,
  maxSkewMs: number,
  now: number,
): Finding | undefined {
  const signed = timeOf(dateTime);
  // A thirteenth month compares to nothing, and so would never be over.
  if (Number.isNaN(signed)) return { kind: 'incomplete', text: `Date must be a date. Got '${dateTime}'.` };
  if (signed > now + maxSkewMs)
    return skewed(
      dateTime,
      `Signature not yet current: ${dateTime} is still later than ${basic(now + maxSkewMs)} (${basic(now)} + ${minutes(maxSkewMs)} min.)`,
    );
  if (presigned && expiresSeconds !== undefined) return urlExpiry({ dateTime }, expiresSeconds, now);
  if (signed < now - maxSkewMs)
    return skewed(
      dateTime,
      `Signature expired: ${dateTime} is now earlier than ${basic(now - maxSkewMs)} (${basic(now)} - ${minutes(maxSkewMs)} min.)`,
    );
  return undefined;
}

/** What is wrong with the time a presigned URL is good for, if it is one. */
export function urlExpiry(
  { dateTime }: Pick<Signature, 'dateTime'>,
  expiresSeconds: number | undefined,
  now: number,
): Finding | undefined {
  if (expiresSeconds === undefined) return undefined;
  if (!(expiresSeconds >= 0 && expiresSeconds <= limits.wirePresignedSeconds))
    return {
      kind: 'incomplete',
      text: 'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    };
  const expiresAt = timeOf(dateTime) + expiresSeconds * 1000;
  return now > expiresAt ? { kind: 'expired-url', expiresAt, expiresSeconds } : undefined;
}

/** `YYYYMMDDTHHMMSSZ`, whose form has been checked. A time that is none (month 13) is NaN. */
function timeOf(dateTime: string): number {
  const text = `${dateTime.slice(0, 4)}-${dateTime.slice(4, 6)}-${dateTime.slice(6, 11)}:${dateTime.slice(11, 13)}:${dateTime.slice(13)}`;
  return Date.parse(text);
}

const skewed = (requestTime: string, text: string): Finding => ({ kind: 'skewed', text, requestTime });
const basic = (time: number): string => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
const minutes = (ms: number): number => Math.round(ms / 60_000);
