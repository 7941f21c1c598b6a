/** Where a function's or a layer's code comes from: the request, a bucket, or a folder of this machine. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { isFault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, unsupported } from './fault.ts';
import type { LambdaRoom } from './ports.ts';
import type { CodeRow } from './rows.ts';
import { checkUploadSize, checkZip } from './zip-archive.ts';

/** The members CreateFunction, UpdateFunctionCode and PublishLayerVersion have in common. */
export interface CodeSource {
  readonly ZipFile?: Uint8Array | undefined;
  readonly S3Bucket?: string | undefined;
  readonly S3Key?: string | undefined;
  readonly S3ObjectVersion?: string | undefined;
  readonly ImageUri?: string | undefined;
  readonly SourceKMSKeyArn?: string | undefined;
  readonly S3ObjectStorageMode?: string | undefined;
}

/** Buckets that stand for this machine's disk, the key being an absolute path. */
const FOLDER_BUCKETS: ReadonlySet<string> = new Set(['__folder__', 'hot-reload']);

/** Fetches, checks and stores the code; durable when it resolves. Throws `Fault`. */
export async function takeCode(room: LambdaRoom, source: CodeSource, call: Call): Promise<CodeRow> {
  if (source.ImageUri !== undefined) throw unsupported('Code.ImageUri (container images)');
  if (source.SourceKMSKeyArn !== undefined) throw unsupported('Code.SourceKMSKeyArn');
  if (source.S3ObjectStorageMode === 'REFERENCE') throw unsupported('Code.S3ObjectStorageMode REFERENCE');
  if (source.ZipFile !== undefined) {
    checkUploadSize(source.ZipFile);
    return storeZip(room, source.ZipFile);
  }
  if (source.S3Bucket === undefined || source.S3Key === undefined)
    throw invalidParameter('Please provide a source for function code.');
  if (FOLDER_BUCKETS.has(source.S3Bucket)) return folderCode(room, source.S3Key);
  return storeZip(room, await fetchObject(room, source, call));
}

/** Function and layers together have one limit. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export function checkCodeSize(code: CodeRow, layers: readonly CodeRow[]): void {
  const bytes = [code, ...layers].reduce((sum, one) => sum + (one.kind === 'zip' ? one.unzippedBytes : 0), 0);
  if (bytes > limits.lambdaUnzippedCodeBytes)
    throw invalidParameter(
      `Function code combined with layers exceeds the maximum allowed size of ${limits.lambdaUnzippedCodeBytes} bytes. The actual size is ${bytes} bytes.`,
    );
}

async function storeZip(room: LambdaRoom, zip: Uint8Array): Promise<CodeRow> {
  const unzippedBytes = checkZip(zip);
  const blob = await room.store.blobs.put(zip);
  return {
    kind: 'zip',
    blobId: blob.id,
    sizeBytes: blob.sizeBytes,
    unzippedBytes,
    sha256: Buffer.from(blob.sha256, 'hex').toString('base64'),
  };
}

function folderCode(room: LambdaRoom, path: string): CodeRow {
  if (!room.allowFolders)
    throw unsupported('Code from a local folder, except on a server in open mode on loopback,');
  if (!isAbsolute(path) || !statSync(path, { throwIfNoEntry: false })?.isDirectory())
    throw invalidParameter(
      `The code folder ${path} is not an absolute path of a folder on the server's machine.`,
    );
  const sha256 = createHash('sha256').update(path).digest('base64');
  return { kind: 'folder', path, sizeBytes: 0, sha256 };
}

async function fetchObject(room: LambdaRoom, source: CodeSource, call: Call): Promise<Uint8Array> {
  const input = {
    Bucket: source.S3Bucket,
    Key: source.S3Key,
    ...(source.S3ObjectVersion !== undefined && { VersionId: source.S3ObjectVersion }),
  };
  try {
    // An operation's answer by contract: the SDK's own output shape.
    const answer = (await room.call({
      service: 's3',
      operation: 'GetObject',
      input,
      scope: call.scope,
      caller: call.caller,
    })) as Pick<GetObjectCommandOutput, 'Body'>;
    return await readWhole(answer.Body);
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    throw invalidParameter(
      `Error occurred while GetObject. S3 Error Code: ${thrown.code}. S3 Error Message: ${thrown.message}`,
    );
  }
}

async function readWhole(body: unknown): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  if (!(body instanceof Readable)) throw new Error('GetObject answered neither bytes nor a stream');
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
