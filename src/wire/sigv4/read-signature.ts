/** Reads a SigV4 signature out of a request, or says in AWS's words what is wrong with it. */
import { createHash } from 'node:crypto';
import { queryValue, type Head } from '../head.ts';
import type { Signature } from './canonical.ts';

export type ReadSignature =
  /** No signature at all. */
  | { readonly kind: 'none' }
  | { readonly kind: 'incomplete'; readonly text: string }
  | { readonly kind: 'unsupported'; readonly algorithm: string }
  | {
      readonly kind: 'signature';
      readonly signature: Signature;
      readonly expiresSeconds: number | undefined;
    };

const ALGORITHM = 'AWS4-HMAC-SHA256';

export function readSignature(head: Head): ReadSignature {
  const authorization = head.headers.authorization;
  if (authorization !== undefined) return fromHeader(head, authorization);
  if (queryValue(head, 'X-Amz-Algorithm') !== undefined || queryValue(head, 'X-Amz-Signature') !== undefined)
    return fromQuery(head);
  if (queryValue(head, 'AWSAccessKeyId') !== undefined) return { kind: 'unsupported', algorithm: 'AWS' };
  return { kind: 'none' };
}

function fromHeader(head: Head, authorization: string): ReadSignature {
  // Of two signatures each reader would take its own.
  if (countOf(head, 'authorization') > 1)
    return incomplete('Authorization header requires existence of exactly one value. ');
  const space = authorization.indexOf(' ');
  const algorithm = space === -1 ? authorization : authorization.slice(0, space);
  // A bearer token or a basic password is no AWS signature: some other authorizer's business.
  if (!algorithm.startsWith('AWS')) return { kind: 'none' };
  if (algorithm !== ALGORITHM) return { kind: 'unsupported', algorithm };
  const parts = new Map<string, string>();
  for (const part of authorization.slice(space + 1).split(',')) {
    const equals = part.indexOf('=');
    if (equals !== -1) parts.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const dateTime = head.headers['x-amz-date'] ?? basicDate(head.headers.date);
  const missing = ['Credential', 'Signature', 'SignedHeaders']
    .filter((name) => !parts.get(name))
    .map((name) => `Authorization header requires '${name}' parameter. `);
  if (dateTime === undefined)
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ");
  if (missing.length > 0) return incomplete(`${missing.join('')}Authorization=${authorization}`);
  return complete({
    credential: parts.get('Credential') ?? '',
    signedHeaders: parts.get('SignedHeaders') ?? '',
    signature: parts.get('Signature') ?? '',
    dateTime: dateTime ?? '',
    presigned: false,
    expires: undefined,
  });
}

function fromQuery(head: Head): ReadSignature {
  const algorithm = queryValue(head, 'X-Amz-Algorithm');
  if (algorithm !== undefined && algorithm !== ALGORITHM) return { kind: 'unsupported', algorithm };
  const missing = [
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Signature',
    'X-Amz-SignedHeaders',
    'X-Amz-Date',
  ].filter((name) => !queryValue(head, name));
  if (missing.length > 0)
    return incomplete(missing.map((name) => `AWS query-string parameters must include '${name}'. `).join(''));
  return complete({
    credential: queryValue(head, 'X-Amz-Credential') ?? '',
    signedHeaders: queryValue(head, 'X-Amz-SignedHeaders') ?? '',
    signature: queryValue(head, 'X-Amz-Signature') ?? '',
    dateTime: queryValue(head, 'X-Amz-Date') ?? '',
    presigned: true,
    expires: queryValue(head, 'X-Amz-Expires'),
  });
}

interface Parts {
  readonly credential: string;
  readonly signedHeaders: string;
  readonly signature: string;
  readonly dateTime: string;
  readonly presigned: boolean;
  readonly expires: string | undefined;
}

function complete({ credential, expires, ...parts }: Parts): ReadSignature {
  const elements = credential.split('/');
  const [date, region, service, end] = elements.slice(-4);
  if (elements.length < 5 || date === undefined || region === undefined || service === undefined)
    return incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '${credential}'`,
    );
  if (end !== 'aws4_request')
    return incomplete(
      `Credential should be scoped with a valid terminator: 'aws4_request', not '${end ?? ''}'.`,
    );
  if (!/^\d{8}T\d{6}Z$/.test(parts.dateTime))
    return incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${parts.dateTime}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  if (!parts.dateTime.startsWith(date))
    return incomplete(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${parts.dateTime.slice(0, 8)}', from '${parts.dateTime}'.`,
    );
  const signedHeaders = parts.signedHeaders.toLowerCase().split(';');
  if (!signedHeaders.includes('host'))
    return incomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  return {
    kind: 'signature',
    signature: {
      ...parts,
      accessKeyId: elements.slice(0, -4).join('/'),
      scope: [date, region, service],
      signedHeaders,
    },
    expiresSeconds: parts.presigned && expires !== undefined ? Number(expires) : undefined,
  };
}

function countOf(head: Head, name: string): number {
  let count = 0;
  for (let index = 0; index < head.rawHeaders.length; index += 2)
    if (head.rawHeaders[index]?.length === name.length && head.rawHeaders[index]?.toLowerCase() === name)
      count++;
  return count;
}

/**
 * What API Gateway says of an `Authorization` that is no signature where it expects one; undefined when there is none.
 * The value is told by its hash, so that no token ends in a log.
 */
export function unsignedAuthorization(head: Head): string | undefined {
  const { authorization } = head.headers;
  if (authorization === undefined) return undefined;
  const parts = authorization.slice(authorization.indexOf(' ') + 1).split(',');
  if (parts.every((part) => part.includes('=')))
    return ['Credential', 'Signature', 'SignedHeaders']
      .map((name) => `Authorization header requires '${name}' parameter. `)
      .join('')
      .concat(`(Hashed with SHA-256 and encoded with Base64) Authorization=${hashOf(authorization)}`);
  return `Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '${hashOf(authorization)}'.`;
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64');

const incomplete = (text: string): ReadSignature => ({ kind: 'incomplete', text });

/** `Tue, 27 Mar 2007 19:36:42 GMT` to `20070327T193642Z`. */
function basicDate(date: string | undefined): string | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(time) ? undefined : `${new Date(time).toISOString().replace(/[-:]|\.\d+/g, '')}`;
}
