/** The canonical request of SigV4: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
import { hash } from 'node:crypto';
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
    canonicalHeaders(head, names),
    names.join(';'),
    payloadHash,
  ].join('\n');
  const scope = `${signature.scope.join('/')}/aws4_request`;
  const stringToSign = `AWS4-HMAC-SHA256\n${signature.dateTime}\n${scope}\n${sha256(request)}`;
  return { request, stringToSign };
}

export const sha256 = (data: string | Uint8Array): string =>
  data.length === 0 ? OF_NOTHING : hash('sha256', data, 'hex');

const OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * S3 signs the path as it is on the wire, all others the normalised path with each segment encoded once more.
 * Clients differ in what they leave unencoded, so S3's is also tried in AWS's own encoding.
 */
export function canonicalPaths(path: string, s3: boolean): readonly string[] {
  if (!s3) return [PLAIN_PATH.test(path) ? path : normalized(path).split('/').map(encodeRfc3986).join('/')];
  const own = path.split('/').map(reencoded).join('/');
  return own === path ? [path] : [path, own];
}

/** Nothing to encode and nothing to resolve: most paths there are. */
const PLAIN_PATH = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+\/?$/;
const PLAIN = /^[A-Za-z0-9._~-]*$/;

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
  if (PLAIN.test(text)) return text;
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
function canonicalHeaders({ rawHeaders }: Head, names: readonly string[]): string {
  const values: (string | undefined)[] = names.map(() => undefined);
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const at = names.indexOf((rawHeaders[index] ?? '').toLowerCase());
    if (at === -1) continue;
    const value = (rawHeaders[index + 1] ?? '').trim().replace(/ {2,}/g, ' ');
    const before = values[at];
    values[at] = before === undefined ? value : `${before},${value}`;
  }
  let text = '';
  for (let at = 0; at < names.length; at++) text += `${names[at]}:${values[at] ?? ''}\n`;
  return text;
}
