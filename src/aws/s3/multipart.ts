/** Uploads in parts: https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
import { createHash, randomUUID } from 'node:crypto';
import type {
  AbortMultipartUploadRequest,
  CompletedPart,
  CompleteMultipartUploadOutput,
  CompleteMultipartUploadRequest,
  CreateMultipartUploadOutput,
  CreateMultipartUploadRequest,
  ListMultipartUploadsOutput,
  ListMultipartUploadsRequest,
  ListPartsOutput,
  ListPartsRequest,
  UploadPartCopyOutput,
  UploadPartCopyRequest,
  UploadPartOutput,
  UploadPartRequest,
} from '@aws-sdk/client-s3';
import type { Scope } from '../../base/scope.ts';
import type { BlobRef, Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { ownerOf } from './bucket.ts';
import { type BucketRow, EVERYONE, findBucket } from './bucket-row.ts';
import { checksumsOf } from './checksum.ts';
import { collectOrphans } from './collect-orphans.ts';
import { copySourceOf } from './copy-source.ts';
import {
  entityTooSmall,
  invalidArgument,
  invalidPart,
  invalidPartOrder,
  malformedXml,
  noSuchUpload,
} from './faults.ts';
import { findVersion } from './object.ts';
import {
  addVersion,
  type Checksums,
  type ObjectVersion,
  objectPrefix,
  orphan,
  type PartRow,
  partKey,
  partPrefix,
  parts,
  uploadKey,
  type UploadRow,
  uploads,
  versionsOf,
} from './object-rows.ts';
import { checkWriteConditions, openSpan, spanOf } from './read-object.ts';
import { checkKey, encryptionOf, headersOf, storeBody, tagsOf } from './write-object.ts';
import { notify, type Told } from './notify.ts';
import type { S3Ports } from './ports.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const MAX_PART_NUMBER = 10_000;
const MIN_PART_BYTES = 5 * 1024 * 1024;

export const multipartOperations = (ports: S3Ports) => {
  const { store, now } = ports;

  async function putPart(
    scope: Scope,
    input: UploadInput,
    checksums: Checksums,
    blob: BlobRef,
  ): Promise<PartRow> {
    const number = partNumberOf(input.PartNumber);
    const part: PartRow = {
      blobId: blob.id,
      sizeBytes: blob.sizeBytes,
      partNumber: number,
      etag: blob.md5,
      modifiedMs: now(),
      checksums,
    };
    try {
      await store.transaction(async (rows) => {
        const { upload } = await findUpload(rows, scope, input);
        const before = await rows.get(parts, EVERYONE, partKey(upload.uploadId, number));
        if (before) await orphan(rows, [before]);
        await rows.put(parts, EVERYONE, partKey(upload.uploadId, number), part);
      });
    } catch (error) {
      await store.blobs.delete(blob.id);
      throw error;
    }
    await collectOrphans(store);
    return part;
  }

  return {
    async CreateMultipartUpload(
      input: CreateMultipartUploadRequest,
      { scope }: Call,
    ): Promise<CreateMultipartUploadOutput> {
      const key = checkKey(input.Key);
      const upload: UploadRow = {
        uploadId: randomUUID().replace(/-/g, ''),
        key,
        initiatedMs: now(),
        headers: headersOf(input),
        storageClass: input.StorageClass ?? 'STANDARD',
        tags: tagsOf(input.Tagging),
        ...(input.ChecksumAlgorithm ? { checksumAlgorithm: input.ChecksumAlgorithm } : {}),
        ...(input.ChecksumType ? { checksumType: input.ChecksumType } : {}),
      };
      await store.transaction(async (rows) => {
        const bucket = await findBucket(rows, input.Bucket, scope);
        await rows.put(uploads, EVERYONE, uploadKey(bucket, key, upload.uploadId), upload);
      });
      return {
        Bucket: input.Bucket,
        Key: key,
        UploadId: upload.uploadId,
        ServerSideEncryption: 'AES256',
        ...(input.ChecksumAlgorithm ? { ChecksumAlgorithm: input.ChecksumAlgorithm } : {}),
        ...(input.ChecksumType ? { ChecksumType: input.ChecksumType } : {}),
      };
    },

    async UploadPart(input: UploadPartRequest, { scope }: Call): Promise<UploadPartOutput> {
      partNumberOf(input.PartNumber);
      await findUpload(store, scope, input);
      const blob = await storeBody(ports, input as Parameters<typeof storeBody>[1]); // a Readable from the wire
      const { etag, checksums } = await putPart(scope, input, checksumsOf(input), blob);
      return { ETag: `"${etag}"`, ServerSideEncryption: 'AES256', ...checksums };
    },

    async UploadPartCopy(input: UploadPartCopyRequest, { scope }: Call): Promise<UploadPartCopyOutput> {
      await findUpload(store, scope, input);
      const source = await findVersion(store, scope, copySourceOf(input.CopySource));
      const span = spanOf(input.CopySourceRange, source.sizeBytes);
      const blob = await storeBody(ports, { Body: openSpan(store.blobs, source.pieces, span) });
      const { etag, modifiedMs } = await putPart(scope, input, {}, blob);
      return {
        CopyPartResult: { ETag: `"${etag}"`, LastModified: new Date(modifiedMs) },
        ServerSideEncryption: 'AES256',
      };
    },

    async CompleteMultipartUpload(
      input: CompleteMultipartUploadRequest,
      call: Call,
    ): Promise<CompleteMultipartUploadOutput> {
      const { scope, endpoint } = call;
      const told: Told = [];
      const named = input.MultipartUpload?.Parts ?? [];
      if (named.length === 0) throw malformedXml();
      const version = await store.transaction(async (rows) => {
        const { bucket, upload } = await findUpload(rows, scope, input);
        const [newest] = await versionsOf(rows, bucket, upload.key);
        checkWriteConditions(newest?.version.deleteMarker ? undefined : newest?.version, input);
        const every = (await rows.list(parts, EVERYONE, { prefix: partPrefix(upload.uploadId) })).map(
          (entry) => entry.row,
        );
        const chosen = choose(named, every);
        const made: ObjectVersion = {
          ...assembled(upload, chosen),
          versionId: bucket.versioning === 'Enabled' ? randomUUID().replace(/-/g, '') : 'null',
          modifiedMs: now(),
          ...encryptionOf(bucket, {}),
        };
        await addVersion(rows, bucket, made);
        await orphan(
          rows,
          every.filter((part) => !chosen.includes(part)),
        );
        await forget(rows, bucket, upload);
        const { key, sizeBytes, etag } = made;
        const event = 'ObjectCreated:CompleteMultipartUpload';
        const happened = {
          event,
          key,
          sizeBytes,
          etag,
          ...(bucket.versioning ? { versionId: made.versionId } : {}),
        };
        await notify(ports, rows, bucket, happened, { call, told });
        return made;
      });
      ports.notifications.begin(told);
      await collectOrphans(store);
      return {
        Bucket: input.Bucket,
        Key: version.key,
        Location: `${endpoint}/${input.Bucket}/${encodeURIComponent(version.key)}`,
        ETag: `"${version.etag}"`,
        ServerSideEncryption: 'AES256',
        ...(version.versionId === 'null' ? {} : { VersionId: version.versionId }),
      };
    },

    async AbortMultipartUpload(input: AbortMultipartUploadRequest, { scope }: Call): Promise<object> {
      await store.transaction(async (rows) => {
        const { bucket, upload } = await findUpload(rows, scope, input);
        const every = await rows.list(parts, EVERYONE, { prefix: partPrefix(upload.uploadId) });
        await orphan(
          rows,
          every.map((entry) => entry.row),
        );
        await forget(rows, bucket, upload);
      });
      await collectOrphans(store);
      return {};
    },

    async ListParts(input: ListPartsRequest, { scope }: Call): Promise<ListPartsOutput> {
      const { upload } = await findUpload(store, scope, input);
      const MaxParts = Math.min(input.MaxParts ?? 1000, 1000);
      const marker = Number(input.PartNumberMarker ?? 0);
      const after = marker > 0 ? { after: partKey(upload.uploadId, marker) } : {};
      const found = await store.list(parts, EVERYONE, {
        prefix: partPrefix(upload.uploadId),
        limit: MaxParts + 1,
        ...after,
      });
      const page = found.slice(0, MaxParts).map((entry) => entry.row);
      const owner = ownerOf(scope);
      return {
        Bucket: input.Bucket,
        Key: upload.key,
        UploadId: upload.uploadId,
        PartNumberMarker: String(marker),
        NextPartNumberMarker: String(page.at(-1)?.partNumber ?? 0),
        MaxParts,
        IsTruncated: found.length > MaxParts,
        Parts: page.map((part) => ({
          PartNumber: part.partNumber,
          Size: part.sizeBytes,
          ETag: `"${part.etag}"`,
          LastModified: new Date(part.modifiedMs),
          ...part.checksums,
        })),
        Initiator: owner,
        Owner: owner,
        StorageClass: upload.storageClass,
      };
    },

    async ListMultipartUploads(
      input: ListMultipartUploadsRequest,
      { scope }: Call,
    ): Promise<ListMultipartUploadsOutput> {
      const bucket = await findBucket(store, input.Bucket, scope);
      const found = await store.list(uploads, EVERYONE, {
        prefix: objectPrefix(bucket) + (input.Prefix ?? ''),
      });
      const behind = found.map((entry) => entry.row).filter((upload) => isBehind(upload, input));
      const MaxUploads = Math.min(input.MaxUploads ?? 1000, 1000);
      const page = behind.slice(0, MaxUploads);
      const last = page.at(-1);
      return {
        Bucket: bucket.name,
        Prefix: input.Prefix ?? '',
        KeyMarker: input.KeyMarker ?? '',
        UploadIdMarker: input.UploadIdMarker ?? '',
        MaxUploads,
        IsTruncated: behind.length > page.length,
        ...(behind.length > page.length && last
          ? { NextKeyMarker: last.key, NextUploadIdMarker: last.uploadId }
          : {}),
        Uploads: page.map((upload) => ({
          Key: upload.key,
          UploadId: upload.uploadId,
          Initiated: new Date(upload.initiatedMs),
          StorageClass: 'STANDARD' as const,
          Owner: ownerOf(scope),
          Initiator: ownerOf(scope),
        })),
      };
    },
  };
};

interface UploadInput {
  readonly Bucket: string | undefined;
  readonly Key: string | undefined;
  readonly UploadId: string | undefined;
  readonly PartNumber?: number | undefined;
}

async function findUpload(
  rows: Reader,
  scope: Scope,
  { Bucket, Key = '', UploadId = '' }: UploadInput,
): Promise<{ bucket: BucketRow; upload: UploadRow }> {
  const bucket = await findBucket(rows, Bucket, scope);
  const upload = await rows.get(uploads, EVERYONE, uploadKey(bucket, Key, UploadId));
  if (!upload) throw noSuchUpload(UploadId);
  return { bucket, upload };
}

async function forget(rows: Transaction, bucket: BucketRow, upload: UploadRow): Promise<void> {
  await rows.deleteRange(parts, EVERYONE, partPrefix(upload.uploadId));
  await rows.delete(uploads, EVERYONE, uploadKey(bucket, upload.key, upload.uploadId));
}

function partNumberOf(number: number | undefined): number {
  if (number !== undefined && number >= 1 && number <= MAX_PART_NUMBER) return number;
  throw invalidArgument(`Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`);
}

/** The parts that the client names, in its order, which must be ascending; all but the last at least 5 MB. */
function choose(named: readonly CompletedPart[], every: readonly PartRow[]): PartRow[] {
  const chosen = named.map(({ PartNumber, ETag }) => {
    const part = every.find((candidate) => candidate.partNumber === PartNumber);
    if (!part || (ETag ?? '').replace(/"/g, '') !== part.etag) throw invalidPart();
    return part;
  });
  if (chosen.some((part, at) => at > 0 && part.partNumber <= (chosen[at - 1]?.partNumber ?? 0)))
    throw invalidPartOrder();
  if (chosen.slice(0, -1).some((part) => part.sizeBytes < MIN_PART_BYTES)) throw entityTooSmall();
  return chosen;
}

/** The ETag of an object made of parts is the MD5 of their MD5s, and how many there are. */
function assembled(
  upload: UploadRow,
  chosen: readonly PartRow[],
): Omit<ObjectVersion, 'versionId' | 'modifiedMs' | 'serverSideEncryption'> {
  const digest = createHash('md5')
    .update(Buffer.from(chosen.map((part) => part.etag).join(''), 'hex'))
    .digest('hex');
  return {
    key: upload.key,
    headers: upload.headers,
    storageClass: upload.storageClass,
    tags: upload.tags,
    pieces: chosen.map(({ blobId, sizeBytes, partNumber }) => ({ blobId, sizeBytes, partNumber })),
    sizeBytes: chosen.reduce((sum, part) => sum + part.sizeBytes, 0),
    etag: `${digest}-${chosen.length}`,
    checksums: {},
  };
}

function isBehind(upload: UploadRow, { KeyMarker, UploadIdMarker }: ListMultipartUploadsRequest): boolean {
  if (!KeyMarker) return true;
  const order = Buffer.compare(Buffer.from(upload.key), Buffer.from(KeyMarker));
  return order > 0 || (order === 0 && UploadIdMarker !== undefined && upload.uploadId > UploadIdMarker);
}
