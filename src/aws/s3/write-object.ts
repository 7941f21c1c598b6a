/** Storing the bytes of a put or of a part, and making a version of them. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { limits } from '../../base/limits.ts';
import type { BlobRef } from '../../store/store.ts';
import type { ServicePorts } from '../../wire/service.ts';
import type { BucketRow } from './bucket-row.ts';
import { checksumsOf, createMeter } from './checksum.ts';
import { entityTooLarge, invalidArgument, keyTooLong, metadataTooLarge } from './faults.ts';
import type { Checksums, ObjectHeaders } from './object-rows.ts';

const MAX_KEY_BYTES = 1024;
const MAX_METADATA_BYTES = 2048;

export type Incoming = Uint8Array | string | Readable | ReadableStream | Blob | undefined;

export interface BodyInput extends Checksums {
  readonly Body?: Incoming;
  readonly ContentMD5?: string | undefined;
}

/** Writes the body to a blob while it is verified; nothing is left behind when it is not what was announced. */
export async function storeBody({ store }: ServicePorts, input: BodyInput): Promise<BlobRef> {
  const checksums = checksumsOf(input);
  const meter = createMeter(checksums, input.ContentMD5);
  const source = readableOf(input.Body);
  const [written, piped] = await Promise.allSettled([
    store.blobs.put(meter.stream),
    pipeline(source, meter.stream),
  ]);
  // A disk that refuses breaks the pipe as well: what the disk says comes first.
  if (written.status === 'rejected') throw written.reason;
  const ref = written.value;
  try {
    if (piped.status === 'rejected') throw piped.reason;
    if (ref.sizeBytes > limits.s3PutBytes) throw entityTooLarge();
    meter.verify();
    return ref;
  } catch (error) {
    await store.blobs.delete(ref.id);
    throw error;
  }
}

function readableOf(body: Incoming): Readable {
  if (body instanceof Readable) return body;
  if (body === undefined) return Readable.from([]);
  if (typeof body === 'string' || body instanceof Uint8Array) return Readable.from([Buffer.from(body)]);
  // A web stream or a Blob comes only from inside this process.
  return Readable.from(body instanceof Blob ? body.stream() : body);
}

export function checkKey(key: string | undefined): string {
  if (!key) throw invalidArgument('The specified key is empty');
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw keyTooLong();
  return key;
}

export interface HeaderInput {
  readonly ContentType?: string | undefined;
  readonly CacheControl?: string | undefined;
  readonly ContentDisposition?: string | undefined;
  readonly ContentEncoding?: string | undefined;
  readonly ContentLanguage?: string | undefined;
  readonly Expires?: Date | undefined;
  readonly WebsiteRedirectLocation?: string | undefined;
  readonly Metadata?: Record<string, string> | undefined;
}

export function headersOf(input: HeaderInput): ObjectHeaders {
  const Metadata = Object.fromEntries(
    Object.entries(input.Metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const bytes = Object.entries(Metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (bytes > MAX_METADATA_BYTES) throw metadataTooLarge();
  const { ContentType, CacheControl, ContentDisposition, ContentLanguage, WebsiteRedirectLocation, Expires } =
    input;
  // `aws-chunked` tells how the request was sent, not what the object is.
  const ContentEncoding = input.ContentEncoding?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== 'aws-chunked')
    .join(', ');
  return {
    ContentType: ContentType ?? 'binary/octet-stream',
    ...(CacheControl ? { CacheControl } : {}),
    ...(ContentDisposition ? { ContentDisposition } : {}),
    ...(ContentEncoding ? { ContentEncoding } : {}),
    ...(ContentLanguage ? { ContentLanguage } : {}),
    ...(Expires ? { ExpiresString: Expires.toUTCString() } : {}),
    ...(WebsiteRedirectLocation ? { WebsiteRedirectLocation } : {}),
    Metadata,
  };
}

/** `x-amz-tagging`: a query string. */
export function tagsOf(tagging: string | undefined): { Key: string; Value: string }[] {
  const tags = [...new URLSearchParams(tagging ?? '')].map(([Key, Value]) => ({ Key, Value }));
  return checkTags(tags);
}

export function checkTags(tags: { Key: string; Value: string }[]): { Key: string; Value: string }[] {
  if (tags.length > 10) throw invalidArgument('Object tags cannot be greater than 10');
  if (new Set(tags.map((tag) => tag.Key)).size < tags.length)
    throw invalidArgument('Cannot provide multiple Tags with the same key');
  return tags;
}

export interface EncryptionInput {
  readonly ServerSideEncryption?: string | undefined;
  readonly SSEKMSKeyId?: string | undefined;
  readonly SSECustomerAlgorithm?: string | undefined;
}

interface EncryptionRules {
  readonly Rules?: readonly {
    readonly ApplyServerSideEncryptionByDefault?: {
      readonly SSEAlgorithm?: string;
      readonly KMSMasterKeyID?: string;
    };
  }[];
}

/** What S3 says of encryption. Bytes lie on this machine's disk as they came: the operator encrypts the disk. */
export function encryptionOf(
  bucket: BucketRow,
  input: EncryptionInput,
): { serverSideEncryption: string; kmsKeyId?: string } {
  if (input.SSECustomerAlgorithm)
    throw invalidArgument('Server-side encryption with customer keys (SSE-C): not supported by gatehouse');
  // Put by PutBucketEncryption in the SDK's own shape.
  const rules = bucket.settings['encryption'] as EncryptionRules | undefined;
  const standard = rules?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
  const serverSideEncryption = input.ServerSideEncryption ?? standard?.SSEAlgorithm ?? 'AES256';
  const kmsKeyId =
    input.SSEKMSKeyId ??
    (serverSideEncryption === standard?.SSEAlgorithm ? standard.KMSMasterKeyID : undefined);
  return { serverSideEncryption, ...(kmsKeyId ? { kmsKeyId } : {}) };
}
