/** The canonical request of SigV4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
import { createHash } from 'node:crypto';
import type { Head } from '../head.ts';

export interface Canonical {
  readonly request: string;
  readonly stringToSign: string;
}

export interface Signature {
  readonly accessKeyId: string;
  /** `YYYYMMDD`, region, service. */
  readonly scope: readonly [string, string, string];
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ`. */
  readonly dateTime: string;
  readonly presigned: boolean;
}

export function canonicalOf(head: Head, signature: Signature, path: string, payloadHash: string): Canonical {
  const names = signature.signedHeaders;
  const request = [
    head.method,
    path,
    canonicalQuery(head.rawQuery),
    names.map((name) => `${name}:${headerValue(head, name)}\n`).join(''),
    names.join(';'),
    payloadHash,
  ].join('\n');
  const scope = `${signature.scope.join('/')}/aws4_request`;
  const stringToSign = `AWS4-HMAC-SHA256\n${signature.dateTime}\n${scope}\n${sha256(request)}`;
  return { request, stringToSign };
}

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/**
 * S3 signs the path as it is on the wire, all others the normalised path with each segment encoded once more.
 * Clients differ in what they leave unencoded, so S3's is also tried in AWS's own encoding.
 */
export function canonicalPaths(path: string, s3: boolean): readonly string[] {
  if (!s3) return [normalized(path).split('/').map(encodeRfc3986).join('/')];
  const own = path.split('/').map(reencoded).join('/');
  return own === path ? [path] : [path, own];
}

function normalized(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  if (segments.length === 0) return '/';
  return `/${segments.join('/')}${path.endsWith('/') ? '/' : ''}`;
}

/** Every parameter but the signature itself, encoded, in the order of names and then values. */
function canonicalQuery(rawQuery: string): string {
  const pairs: [string, string][] = [];
  for (const part of rawQuery.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = reencoded(equals === -1 ? part : part.slice(0, equals));
    if (name === 'X-Amz-Signature') continue;
    pairs.push([name, equals === -1 ? '' : reencoded(part.slice(equals + 1))]);
  }
  return pairs
    .toSorted(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

function reencoded(text: string): string {
  try {
    return encodeRfc3986(decodeURIComponent(text.replace(/\+/g, '%20')));
  } catch {
    return text;
  }
}

const encodeRfc3986 = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Several headers of one name are joined by commas; runs of spaces count as one. */
function headerValue(head: Head, name: string): string {
  const values: string[] = [];
  for (let index = 0; index + 1 < head.rawHeaders.length; index += 2)
    if (head.rawHeaders[index]?.toLowerCase() === name)
      values.push((head.rawHeaders[index + 1] ?? '').trim().replace(/ {2,}/g, ' '));
  return values.join(',');
}
