/**
 * Objects as rows: one a version, newest first under its key, and one a key that has a current version which is no
 * delete marker (what listings read). Uploads in parts are rows of their own until they are completed.
 */
import type { ObjectStorageClass } from '@aws-sdk/client-s3';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import { type BucketRow, EVERYONE } from './bucket-row.ts';

export interface ObjectHeaders {
  readonly ContentType?: string;
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly ExpiresString?: string;
  readonly WebsiteRedirectLocation?: string;
  readonly Metadata: Readonly<Record<string, string>>;
}

export interface Checksums {
  readonly ChecksumCRC32?: string;
  readonly ChecksumCRC32C?: string;
  readonly ChecksumCRC64NVME?: string;
  readonly ChecksumSHA1?: string;
  readonly ChecksumSHA256?: string;
}

/** A stretch of an object's bytes: one for a simple upload, one a part for a multipart one. */
export interface Piece {
  readonly blobId: string;
  readonly sizeBytes: number;
  readonly partNumber: number;
}

export interface ObjectVersion {
  readonly key: string;
  /** `null` where versioning was not enabled. */
  readonly versionId: string;
  readonly modifiedMs: number;
  readonly deleteMarker?: true;
  readonly pieces: readonly Piece[];
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  readonly headers: ObjectHeaders;
  readonly checksums: Checksums;
  readonly checksumType?: 'COMPOSITE' | 'FULL_OBJECT';
  readonly storageClass: ObjectStorageClass;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly serverSideEncryption: string;
  readonly kmsKeyId?: string;
}

export interface UploadRow {
  readonly uploadId: string;
  readonly key: string;
  readonly initiatedMs: number;
  readonly headers: ObjectHeaders;
  readonly storageClass: ObjectStorageClass;
  readonly tags: ObjectVersion['tags'];
  readonly checksumAlgorithm?: string;
  readonly checksumType?: 'COMPOSITE' | 'FULL_OBJECT';
}

export interface PartRow extends Piece {
  readonly etag: string;
  readonly modifiedMs: number;
  readonly checksums: Checksums;
}

export const versions = table<ObjectVersion>('s3.versions');
export const currents = table<ObjectVersion>('s3.current');
export const uploads = table<UploadRow>('s3.uploads');
export const parts = table<PartRow>('s3.parts');
/** Blobs whose owner row is gone: deleted after the transaction, and again at start in case the server died in between. */
export const orphans = table<Record<string, never>>('s3.orphans');

const END = '\u0001';

export const objectPrefix = (bucket: BucketRow): string => `${bucket.bucketId}${END}`;
const keyPrefix = (bucket: BucketRow, key: string): string => `${objectPrefix(bucket)}${key}${END}`;
const currentKey = (bucket: BucketRow, key: string): string => objectPrefix(bucket) + key;
export const uploadKey = (bucket: BucketRow, key: string, uploadId: string): string =>
  `${keyPrefix(bucket, key)}${uploadId}`;
export const partKey = (uploadId: string, partNumber: number): string =>
  `${uploadId}${END}${String(partNumber).padStart(5, '0')}`;
export const partPrefix = (uploadId: string): string => `${uploadId}${END}`;

/** Newer versions come first: their order is the time, turned round, and a counter for those of one millisecond. */
let lastOrder = 0;
function nextOrder(nowMs: number): string {
  lastOrder = Math.max(nowMs * 1000, lastOrder + 1);
  return String(9e15 - lastOrder).padStart(16, '0');
}

export interface PlacedVersion {
  readonly rowKey: string;
  readonly version: ObjectVersion;
}

/** Versions of exactly this key, newest first. */
export async function versionsOf(rows: Reader, bucket: BucketRow, key: string): Promise<PlacedVersion[]> {
  const found = await rows.list(versions, EVERYONE, { prefix: keyPrefix(bucket, key) });
  return found
    .filter((entry) => entry.row.key === key)
    .map((entry) => ({ rowKey: entry.key, version: entry.row }));
}

/** Puts a version on top. Without versioning it takes the place of the `null` version. */
export async function addVersion(
  rows: Transaction,
  bucket: BucketRow,
  version: ObjectVersion,
): Promise<void> {
  if (version.versionId === 'null') {
    for (const placed of await versionsOf(rows, bucket, version.key)) {
      if (placed.version.versionId === 'null') await dropVersion(rows, placed);
    }
  }
  await rows.put(versions, EVERYONE, keyPrefix(bucket, version.key) + nextOrder(version.modifiedMs), version);
  await settleCurrent(rows, bucket, version.key);
}

export async function removeVersion(
  rows: Transaction,
  bucket: BucketRow,
  placed: PlacedVersion,
): Promise<void> {
  await dropVersion(rows, placed);
  await settleCurrent(rows, bucket, placed.version.key);
}

export async function replaceVersion(
  rows: Transaction,
  bucket: BucketRow,
  placed: PlacedVersion,
  version: ObjectVersion,
): Promise<void> {
  await rows.put(versions, EVERYONE, placed.rowKey, version);
  await settleCurrent(rows, bucket, version.key);
}

async function dropVersion(rows: Transaction, { rowKey, version }: PlacedVersion): Promise<void> {
  await rows.delete(versions, EVERYONE, rowKey);
  await orphan(rows, version.pieces);
}

export async function orphan(rows: Transaction, pieces: readonly Piece[]): Promise<void> {
  for (const { blobId } of pieces) await rows.put(orphans, EVERYONE, blobId, {});
}

async function settleCurrent(rows: Transaction, bucket: BucketRow, key: string): Promise<void> {
  const [newest] = await versionsOf(rows, bucket, key);
  if (newest && !newest.version.deleteMarker)
    await rows.put(currents, EVERYONE, currentKey(bucket, key), newest.version);
  else await rows.delete(currents, EVERYONE, currentKey(bucket, key));
}
