/** A request's body as its operation is to see it: without transfer encodings, and verified. */
import type { KeyObject } from 'node:crypto';
import type { Readable, Transform } from 'node:stream';
import { timingSafeEqual } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import type { Head } from '../head.ts';
import { sha256, type Signature } from '../sigv4/canonical.ts';
import { hmac } from '../sigv4/signing-keys.ts';
import { decodeAwsChunked, type ChunkSignatures } from './aws-chunked.ts';
import { chain } from './chain.ts';
import { claimsOf, sha256Check, verifyStream } from './verified.ts';

export interface OpenBody {
  /** Without what belonged to the encoding: `aws-chunked`, the encoded length. */
  readonly head: Head;
  readonly body: Readable;
  /** Trailers by lower-case name; there once the body was read to its end. */
  readonly onTrailers: (listen: (trailers: Trailers) => void) => void;
}

export type Trailers = Readonly<Record<string, string>>;

export interface OpenOptions {
  readonly source: Readable;
  /** Whether checksum headers speak of this body. */
  readonly checksumsOfBody: boolean;
  readonly seed: { readonly key: KeyObject; readonly signature: Signature } | undefined;
}

const STREAMING = 'STREAMING-';
const HEX_SHA256 = /^[0-9a-fA-F]{64}$/;

export function openS3Body(head: Head, { source, checksumsOfBody, seed }: OpenOptions): OpenBody {
  const payload = head.headers['x-amz-content-sha256'] ?? '';
  const encodings = splitList(head.headers['content-encoding']);
  const chunked = payload.startsWith(STREAMING) || encodings.includes('aws-chunked');
  const decodedHead = chunked ? withoutChunking(head, encodings) : head;
  let trailers: Trailers = {};
  const listeners: ((trailers: Trailers) => void)[] = [];
  const stages: Transform[] = [];
  if (chunked)
    stages.push(
      decodeAwsChunked({
        decodedBytes: numberOf(head.headers['x-amz-decoded-content-length']),
        announced: splitList(head.headers['x-amz-trailer']).map((name) => name.toLowerCase()),
        signatures: signaturesOf(payload, seed),
        onTrailers: (found) => {
          trailers = found;
          for (const listen of listeners) listen(found);
        },
      }),
    );
  const claims = claimsOf(decodedHead, () => trailers, checksumsOfBody);
  const hash = HEX_SHA256.test(payload) ? [sha256Check(payload)] : [];
  if (claims.checks.length + hash.length > 0 || claims.bytes !== undefined)
    stages.push(verifyStream({ ...claims, checks: [...claims.checks, ...hash] }));
  return {
    head: decodedHead,
    body: chain(source, stages),
    onTrailers: (listen) => {
      listeners.push(listen);
      listen(trailers);
    },
  };
}

/** The object's own length and encoding, as the operation wants to know them. */
function withoutChunking(head: Head, encodings: readonly string[]): Head {
  const headers: Record<string, string> = { ...head.headers };
  const rest = encodings.filter((encoding) => encoding !== 'aws-chunked');
  delete headers['content-encoding'];
  delete headers['content-length'];
  if (rest.length > 0) headers['content-encoding'] = rest.join(',');
  const length = head.headers['x-amz-decoded-content-length'];
  if (length !== undefined) headers['content-length'] = length;
  return { ...head, headers };
}

const splitList = (value: string | undefined): string[] =>
  value === undefined
    ? []
    : value
        .split(',')
        .map((item) => item.trim())
        .filter(Boolean);

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html: each chunk's signature covers the one before. */
function signaturesOf(payload: string, seed: OpenOptions['seed']): ChunkSignatures | undefined {
  if (seed === undefined || !payload.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD')) return undefined;
  const { key, signature } = seed;
  let previous = signature.signature;
  const check = (kind: string, given: string, ...parts: string[]): void => {
    const scope = `${signature.scope.join('/')}/aws4_request`;
    const text = [`AWS4-HMAC-SHA256-${kind}`, signature.dateTime, scope, previous, ...parts].join('\n');
    const right = hmac(key, text);
    const claimed = Buffer.from(given, 'hex');
    if (claimed.length !== right.length || !timingSafeEqual(claimed, right)) throw wrongChunk();
    previous = given;
  };
  return {
    chunk: (hash, given) => check('PAYLOAD', given, sha256(''), hash),
    trailer: (text, given) => check('TRAILER', given, sha256(text)),
  };
}

const wrongChunk = (): Fault =>
  new Fault(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    { status: 403 },
  );
