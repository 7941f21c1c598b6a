/** From an identified request to who makes it and the body its operation is to see. */
import { Readable } from 'node:stream';
import { limits } from '../base/limits.ts';
import { gunzipWhole } from './bodies/gzip.ts';
import { openS3Body, type Trailers } from './bodies/open.ts';
import { readWhole } from './bodies/read-whole.ts';
import type { Identity, IdentifyCaller } from './caller.ts';
import type { Credential } from './credential.ts';
import { queryValue, type Head } from './head.ts';
import type { OperationPlan } from './plan.ts';
import { withPresignedHeaders } from './presigned-headers.ts';
import type { Received } from './protocols/protocol.ts';
import type { ProtocolName, ServiceRow } from './services.ts';
import { sha256 } from './sigv4/canonical.ts';

export interface ToOpen {
  readonly operation: OperationPlan;
  readonly protocol: ProtocolName;
  readonly head: Head;
  readonly credential: Credential | undefined;
  readonly body: OnceRead;
}

export interface Opened {
  readonly identity: Identity;
  /** As the operation is to see it: without transfer encodings. */
  readonly head: Head;
  readonly body: Received['body'];
  readonly onTrailers: (listen: (trailers: Trailers) => void) => void;
}

/** Throws the service's Fault when the signature or the body is not good. */
export const openRequest = (request: ToOpen, identifyCaller: IdentifyCaller): Promise<Opened> =>
  request.operation.service.row.id === 's3'
    ? openStreamed(request, identifyCaller)
    : openWhole(request, identifyCaller);

/** Every service but S3: the signature covers the body's own hash, which takes the whole of it. */
async function openWhole(request: ToOpen, identifyCaller: IdentifyCaller): Promise<Opened> {
  const { operation, head } = request;
  const limitBytes = bodyLimit(operation.service.row);
  const bytes = await request.body.whole(limitBytes);
  const identity = await identifyCaller({ ...request, payloadHash: () => sha256(bytes) });
  const gzipped = head.headers['content-encoding'] === 'gzip';
  const body = gzipped ? await gunzipWhole(bytes, limitBytes) : bytes;
  return { identity, head, body: operation.streamsInput ? readableOf(body) : body, onTrailers: () => {} };
}

/** S3: the signature covers what the header says of the body, which is held against the bytes as they come. */
async function openStreamed(request: ToOpen, identifyCaller: IdentifyCaller): Promise<Opened> {
  const { operation, head } = request;
  const payloadHash = (): string =>
    head.headers['x-amz-content-sha256'] ?? queryValue(head, 'X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD';
  const identity = await identifyCaller({ ...request, payloadHash });
  const checksumsOfBody = operation.name !== 'CompleteMultipartUpload';
  const opened = openS3Body(withPresignedHeaders(head), {
    source: await request.body.stream(),
    checksumsOfBody,
    seed: identity.seed,
  });
  if (operation.streamsInput) return { identity, ...opened };
  const body = await readWhole(opened.body, limits.wireS3DocumentBytes);
  return { identity, ...opened, body };
}

const readableOf = (bytes: Uint8Array): Readable => Readable.from([bytes], { objectMode: false });

/** A body that identifying the request may have read already. */
export interface OnceRead {
  readonly whole: (limitBytes: number) => Promise<Uint8Array>;
  readonly stream: () => Promise<Readable>;
}

export function onceRead(body: Readable): OnceRead {
  let bytes: Promise<Uint8Array> | undefined;
  return {
    whole: (limitBytes) => (bytes ??= readWhole(body, limitBytes)),
    stream: async () => (bytes === undefined ? body : readableOf(await bytes)),
  };
}

const bodyLimit = (row: ServiceRow): number =>
  row.id === 'lambda' ? limits.wireLambdaBodyBytes : limits.wireBodyBytes;
