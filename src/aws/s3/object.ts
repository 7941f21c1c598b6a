/** Objects: put, get, head, copy, delete, tags. */
import { randomUUID } from 'node:crypto';
import type {
  CopyObjectOutput,
  CopyObjectRequest,
  DeleteObjectOutput,
  DeleteObjectRequest,
  DeleteObjectsOutput,
  DeleteObjectsRequest,
  DeleteObjectTaggingRequest,
  GetObjectAclOutput,
  GetObjectAclRequest,
  GetObjectAttributesOutput,
  GetObjectAttributesRequest,
  GetObjectCommandOutput,
  GetObjectRequest,
  GetObjectTaggingOutput,
  GetObjectTaggingRequest,
  HeadObjectOutput,
  HeadObjectRequest,
  PutObjectOutput,
  PutObjectRequest,
  PutObjectTaggingRequest,
} from '@aws-sdk/client-s3';
import { isFault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { ownerOf } from './bucket.ts';
import { type BucketRow, findBucket } from './bucket-row.ts';
import { checksumsOf } from './checksum.ts';
import { collectOrphans } from './collect-orphans.ts';
import { copySourceOf } from './copy-source.ts';
import { invalidRequest, malformedXml, methodNotAllowed, noSuchKey, noSuchVersion } from './faults.ts';
import {
  addVersion,
  type ObjectVersion,
  type PlacedVersion,
  removeVersion,
  replaceVersion,
  versionsOf,
} from './object-rows.ts';
import { notify, type Told } from './notify.ts';
import type { S3Ports } from './ports.ts';
import {
  checkReadConditions,
  checkWriteConditions,
  openSpan,
  type Span,
  spanOf,
  spanOfPart,
} from './read-object.ts';
import { checkKey, checkTags, encryptionOf, headersOf, storeBody, tagsOf } from './write-object.ts';

const MAX_DELETES = 1000;

export const objectOperations = (ports: S3Ports) => {
  const { store, now } = ports;
  /** After a transaction: what no row names any more is deleted. */
  const settled = async <T>(work: (rows: Transaction, told: Told) => Promise<T>): Promise<T> => {
    const told: Told = [];
    const value = await store.transaction((rows) => work(rows, told));
    ports.notifications.begin(told);
    await collectOrphans(store);
    return value;
  };

  async function putVersion(
    { call, event }: { readonly call: Call; readonly event: string },
    bucketName: string | undefined,
    version: Omit<ObjectVersion, 'versionId'>,
    input: object,
  ): Promise<ObjectVersion> {
    return settled(async (rows, told) => {
      const bucket = await findBucket(rows, bucketName, call.scope);
      const [newest] = await versionsOf(rows, bucket, version.key);
      checkWriteConditions(newest?.version.deleteMarker ? undefined : newest?.version, input);
      const placed: ObjectVersion = { ...version, versionId: newVersionId(bucket) };
      await addVersion(rows, bucket, placed);
      const { key, sizeBytes, etag } = placed;
      const happened = {
        event,
        key,
        sizeBytes,
        etag,
        ...(bucket.versioning ? { versionId: placed.versionId } : {}),
      };
      await notify(ports, rows, bucket, happened, { call, told });
      return placed;
    });
  }

  /** Nothing is told of what was not there. */
  async function deleteAndTell(
    rows: Transaction,
    bucket: BucketRow,
    { key, versionId }: { readonly key: string; readonly versionId: string | undefined },
    telling: { readonly call: Call; readonly told: Told },
  ): Promise<DeleteObjectOutput> {
    const existed = (await versionsOf(rows, bucket, key)).length > 0;
    const answer = await deleteOne(rows, bucket, key, versionId, now());
    const isMarker = versionId === undefined && answer.DeleteMarker === true;
    const event = isMarker ? 'ObjectRemoved:DeleteMarkerCreated' : 'ObjectRemoved:Delete';
    const happened = {
      event,
      key,
      ...(answer.VersionId === undefined ? {} : { versionId: answer.VersionId }),
    };
    if (existed || isMarker) await notify(ports, rows, bucket, happened, telling);
    return answer;
  }

  return {
    async PutObject(input: PutObjectRequest, call: Call): Promise<PutObjectOutput> {
      const { scope } = call;
      const key = checkKey(input.Key);
      const bucket = await findBucket(store, input.Bucket, scope);
      const described = {
        key,
        headers: headersOf(input),
        storageClass: input.StorageClass ?? 'STANDARD',
        tags: tagsOf(input.Tagging),
        ...encryptionOf(bucket, input),
      };
      const blob = await storeBody(ports, input as Parameters<typeof storeBody>[1]); // a Readable from the wire
      const checksums = checksumsOf(input);
      try {
        const version = await putVersion(
          { call, event: 'ObjectCreated:Put' },
          input.Bucket,
          {
            ...described,
            modifiedMs: now(),
            pieces: [{ blobId: blob.id, sizeBytes: blob.sizeBytes, partNumber: 1 }],
            sizeBytes: blob.sizeBytes,
            etag: blob.md5,
            checksums,
            checksumType: 'FULL_OBJECT',
          },
          input,
        );
        return {
          ETag: `"${blob.md5}"`,
          ...checksums,
          ...shownEncryption(version),
          ...shownVersion(version),
          ...(Object.keys(checksums).length > 0 ? { ChecksumType: 'FULL_OBJECT' } : {}),
        };
      } catch (error) {
        await store.blobs.delete(blob.id);
        throw error;
      }
    },

    async GetObject(
      input: GetObjectRequest,
      { scope, setStatus }: Call,
    ): Promise<Omit<GetObjectCommandOutput, '$metadata'>> {
      const version = await findVersion(store, scope, input);
      checkReadConditions(version, input);
      const span = spanAsked(version, input);
      if (span.contentRange) setStatus(206);
      return {
        ...shown(version, input, span),
        TagCount: version.tags.length || undefined,
        Body: openSpan(store.blobs, version.pieces, span) as unknown as GetObjectCommandOutput['Body'],
      }; // the wire streams a Readable
    },

    async HeadObject(input: HeadObjectRequest, { scope, setStatus }: Call): Promise<HeadObjectOutput> {
      const version = await findVersion(store, scope, input);
      checkReadConditions(version, input);
      const span = spanAsked(version, input);
      if (span.contentRange) setStatus(206);
      return shown(version, input, span);
    },

    async CopyObject(input: CopyObjectRequest, call: Call): Promise<CopyObjectOutput> {
      const { scope } = call;
      const key = checkKey(input.Key);
      const from = copySourceOf(input.CopySource);
      const source = await findVersion(store, scope, from);
      checkReadConditions(source, {
        IfMatch: input.CopySourceIfMatch,
        IfNoneMatch: input.CopySourceIfNoneMatch,
        IfModifiedSince: input.CopySourceIfModifiedSince,
        IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
      });
      const replaces = input.MetadataDirective === 'REPLACE';
      if (
        from.Bucket === input.Bucket &&
        from.Key === key &&
        !from.VersionId &&
        !replaces &&
        !input.StorageClass &&
        !input.ServerSideEncryption
      ) {
        throw invalidRequest(
          "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
        );
      }
      const bucket = await findBucket(store, input.Bucket, scope);
      const blob = await storeBody(ports, {
        Body: openSpan(store.blobs, source.pieces, { start: 0, end: source.sizeBytes }),
      });
      const version = await putVersion(
        { call, event: 'ObjectCreated:Copy' },
        input.Bucket,
        {
          key,
          headers: replaces ? headersOf(input) : source.headers,
          storageClass: input.StorageClass ?? 'STANDARD',
          tags: input.TaggingDirective === 'REPLACE' ? tagsOf(input.Tagging) : source.tags,
          ...encryptionOf(bucket, input),
          modifiedMs: now(),
          pieces: [{ blobId: blob.id, sizeBytes: blob.sizeBytes, partNumber: 1 }],
          sizeBytes: blob.sizeBytes,
          etag: blob.md5,
          checksums: source.checksumType === 'COMPOSITE' ? {} : source.checksums,
        },
        { IfMatch: input.IfMatch, IfNoneMatch: input.IfNoneMatch },
      );
      return {
        CopyObjectResult: {
          ETag: `"${version.etag}"`,
          LastModified: new Date(version.modifiedMs),
          ...version.checksums,
        },
        ...(source.versionId === 'null' ? {} : { CopySourceVersionId: source.versionId }),
        ...shownVersion(version),
        ...shownEncryption(version),
      };
    },

    async DeleteObject(input: DeleteObjectRequest, call: Call): Promise<DeleteObjectOutput> {
      return settled(async (rows, told) => {
        const bucket = await findBucket(rows, input.Bucket, call.scope);
        return deleteAndTell(
          rows,
          bucket,
          { key: checkKey(input.Key), versionId: input.VersionId },
          { call, told },
        );
      });
    },

    async DeleteObjects(input: DeleteObjectsRequest, call: Call): Promise<DeleteObjectsOutput> {
      const objects = input.Delete?.Objects ?? [];
      if (objects.length === 0 || objects.length > MAX_DELETES) throw malformedXml();
      return settled(async (rows, told) => {
        const bucket = await findBucket(rows, input.Bucket, call.scope);
        const Deleted: DeleteObjectsOutput['Deleted'] = [];
        const Errors: DeleteObjectsOutput['Errors'] = [];
        for (const { Key = '', VersionId } of objects) {
          try {
            const { VersionId: made, DeleteMarker } = await deleteAndTell(
              rows,
              bucket,
              { key: Key, versionId: VersionId },
              { call, told },
            );
            Deleted.push({
              Key,
              ...(VersionId ? { VersionId } : {}),
              ...(DeleteMarker ? { DeleteMarker, DeleteMarkerVersionId: made } : {}),
            });
          } catch (error) {
            if (!isFault(error)) throw error;
            Errors.push({ Key, Code: error.code, Message: error.message });
          }
        }
        return { ...(input.Delete?.Quiet ? {} : { Deleted }), ...(Errors.length > 0 ? { Errors } : {}) };
      });
    },

    async GetObjectAttributes(
      input: GetObjectAttributesRequest,
      { scope }: Call,
    ): Promise<GetObjectAttributesOutput> {
      const version = await findVersion(store, scope, input);
      const wants = (name: string): boolean =>
        (input.ObjectAttributes ?? []).some((attribute) => attribute === name);
      return {
        LastModified: new Date(version.modifiedMs),
        ...shownVersion(version),
        ...(wants('ETag') ? { ETag: version.etag } : {}),
        ...(wants('ObjectSize') ? { ObjectSize: version.sizeBytes } : {}),
        ...(wants('StorageClass') ? { StorageClass: version.storageClass } : {}),
        ...(wants('Checksum') && Object.keys(version.checksums).length > 0
          ? { Checksum: { ...version.checksums, ChecksumType: version.checksumType } }
          : {}),
        ...(wants('ObjectParts') && version.pieces.length > 1
          ? {
              ObjectParts: {
                TotalPartsCount: version.pieces.length,
                PartNumberMarker: '0',
                MaxParts: 1000,
                IsTruncated: false,
                Parts: version.pieces.map((piece) => ({
                  PartNumber: piece.partNumber,
                  Size: piece.sizeBytes,
                })),
              },
            }
          : {}),
      };
    },

    async GetObjectAcl(input: GetObjectAclRequest, { scope }: Call): Promise<GetObjectAclOutput> {
      await findVersion(store, scope, input);
      const Owner = ownerOf(scope);
      return {
        Owner,
        Grants: [{ Grantee: { ...Owner, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }],
      };
    },

    async GetObjectTagging(input: GetObjectTaggingRequest, { scope }: Call): Promise<GetObjectTaggingOutput> {
      const version = await findVersion(store, scope, input);
      return { TagSet: version.tags.map((tag) => ({ ...tag })), ...shownVersion(version) };
    },

    async PutObjectTagging(input: PutObjectTaggingRequest, { scope }: Call): Promise<object> {
      const tags = checkTags(
        (input.Tagging?.TagSet ?? []).map(({ Key = '', Value = '' }) => ({ Key, Value })),
      );
      return changeTags(scope, input, tags);
    },

    async DeleteObjectTagging(input: DeleteObjectTaggingRequest, { scope }: Call): Promise<object> {
      return changeTags(scope, input, []);
    },
  };

  async function changeTags(scope: Scope, input: Asked, tags: ObjectVersion['tags']): Promise<object> {
    return store.transaction(async (rows) => {
      const bucket = await findBucket(rows, input.Bucket, scope);
      const placed = await findPlaced(rows, bucket, input);
      await replaceVersion(rows, bucket, placed, { ...placed.version, tags });
      return shownVersion(placed.version);
    });
  }
};

const newVersionId = (bucket: BucketRow): string =>
  bucket.versioning === 'Enabled' ? randomUUID().replace(/-/g, '') : 'null';

interface Asked {
  readonly Bucket: string | undefined;
  readonly Key: string | undefined;
  readonly VersionId?: string | undefined;
}

/** Throws NoSuchKey, NoSuchVersion, MethodNotAllowed (a delete marker asked for by id). */
export async function findVersion(rows: Reader, scope: Scope, asked: Asked): Promise<ObjectVersion> {
  return (await findPlaced(rows, await findBucket(rows, asked.Bucket, scope), asked)).version;
}

async function findPlaced(
  rows: Reader,
  bucket: BucketRow,
  { Key = '', VersionId }: Asked,
): Promise<PlacedVersion> {
  const every = await versionsOf(rows, bucket, Key);
  const found =
    VersionId === undefined ? every[0] : every.find((placed) => placed.version.versionId === VersionId);
  if (!found) throw VersionId === undefined ? noSuchKey(Key) : noSuchVersion(Key, VersionId);
  if (!found.version.deleteMarker) return found;
  throw VersionId === undefined ? noSuchKey(Key) : methodNotAllowed();
}

async function deleteOne(
  rows: Transaction,
  bucket: BucketRow,
  key: string,
  versionId: string | undefined,
  nowMs: number,
): Promise<DeleteObjectOutput> {
  const every = await versionsOf(rows, bucket, key);
  if (versionId !== undefined) {
    const placed = every.find(({ version }) => version.versionId === versionId);
    if (placed) await removeVersion(rows, bucket, placed);
    return { VersionId: versionId, ...(placed?.version.deleteMarker ? { DeleteMarker: true } : {}) };
  }
  if (!bucket.versioning) {
    for (const placed of every) await removeVersion(rows, bucket, placed);
    return {};
  }
  const marker = deleteMarker(key, newVersionId(bucket), nowMs);
  await addVersion(rows, bucket, marker);
  return { DeleteMarker: true, VersionId: marker.versionId };
}

const deleteMarker = (key: string, versionId: string, modifiedMs: number): ObjectVersion => ({
  key,
  versionId,
  modifiedMs,
  deleteMarker: true,
  pieces: [],
  sizeBytes: 0,
  etag: '',
  headers: { Metadata: {} },
  checksums: {},
  storageClass: 'STANDARD',
  tags: [],
  serverSideEncryption: '',
});

function spanAsked(version: ObjectVersion, input: GetObjectRequest | HeadObjectRequest): Span {
  if (input.PartNumber === undefined) return spanOf(input.Range, version.sizeBytes);
  if (input.Range) throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
  return spanOfPart(version, input.PartNumber);
}

/** Headers of an answer; `response-*` parameters of a signed request take the place of the object's own. */
function shown(
  version: ObjectVersion,
  input: GetObjectRequest,
  { start, end, contentRange }: Span,
): HeadObjectOutput {
  const { ExpiresString, ...headers } = version.headers;
  const wantsChecksum = input.ChecksumMode === 'ENABLED' && !contentRange;
  return {
    ...headers,
    ...(ExpiresString ? { ExpiresString, Expires: new Date(ExpiresString) } : {}),
    Metadata: { ...headers.Metadata },
    AcceptRanges: 'bytes',
    LastModified: new Date(version.modifiedMs),
    ContentLength: end - start,
    ...(contentRange ? { ContentRange: contentRange } : {}),
    ETag: `"${version.etag}"`,
    ...(wantsChecksum && Object.keys(version.checksums).length > 0
      ? { ...version.checksums, ChecksumType: version.checksumType ?? 'FULL_OBJECT' }
      : {}),
    ...(version.storageClass === 'STANDARD' ? {} : { StorageClass: version.storageClass }),
    ...(version.pieces.length > 1 && input.PartNumber ? { PartsCount: version.pieces.length } : {}),
    ...shownVersion(version),
    ...shownEncryption(version),
    ...(input.ResponseContentType ? { ContentType: input.ResponseContentType } : {}),
    ...(input.ResponseContentDisposition ? { ContentDisposition: input.ResponseContentDisposition } : {}),
    ...(input.ResponseCacheControl ? { CacheControl: input.ResponseCacheControl } : {}),
    ...(input.ResponseContentEncoding ? { ContentEncoding: input.ResponseContentEncoding } : {}),
    ...(input.ResponseContentLanguage ? { ContentLanguage: input.ResponseContentLanguage } : {}),
  };
}

const shownVersion = ({ versionId }: ObjectVersion): { VersionId?: string } =>
  versionId === 'null' ? {} : { VersionId: versionId };

/** The names are S3's own; the SDK's type is a closed list of them. */
const shownEncryption = ({ serverSideEncryption, kmsKeyId }: ObjectVersion) => ({
  ServerSideEncryption: serverSideEncryption as PutObjectOutput['ServerSideEncryption'],
  ...(kmsKeyId ? { SSEKMSKeyId: kmsKeyId } : {}),
});
