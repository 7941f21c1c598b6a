/** Where local things go when the server cannot read them from this machine's disk: an assets bucket, by content. */
import { createHash } from 'node:crypto';

/** Runs an AWS operation at the server, as an SDK client would. */
export type CallRemote = (service: string, operation: string, input: object) => Promise<unknown>;

export interface Uploader {
  /** Uploads once a content; the object's place. */
  upload(bytes: Uint8Array, extension: string): Promise<{ bucket: string; key: string }>;
}

export function createUploader(call: CallRemote, region: string): Uploader {
  let bucket: Promise<string> | undefined;
  return {
    async upload(bytes, extension) {
      bucket ??= openBucket(call, region);
      const name = await bucket;
      const key = `${createHash('sha256').update(bytes).digest('hex')}.${extension}`;
      await putObject(call, { bucket: name, key, bytes });
      return { bucket: name, key };
    },
  };
}

async function openBucket(call: CallRemote, region: string): Promise<string> {
  const identity = await call('sts', 'GetCallerIdentity', {});
  const account: unknown =
    typeof identity === 'object' && identity !== null ? Reflect.get(identity, 'Account') : undefined;
  const bucket = `gatehouse-assets-${String(account)}-${region}`;
  await ensureBucket(call, bucket, region);
  return bucket;
}

export async function ensureBucket(call: CallRemote, bucket: string, region: string): Promise<void> {
  const there = await call('s3', 'HeadBucket', { Bucket: bucket }).then(
    () => true,
    () => false,
  );
  if (there) return;
  await call('s3', 'CreateBucket', {
    Bucket: bucket,
    ...(region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: region } }),
  });
}

export interface ObjectToPut {
  readonly bucket: string;
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** Keys are made of the content: what is there is right. */
export async function putObject(call: CallRemote, { bucket, key, bytes }: ObjectToPut): Promise<void> {
  const there = await call('s3', 'HeadObject', { Bucket: bucket, Key: key }).then(
    () => true,
    () => false,
  );
  if (!there) await call('s3', 'PutObject', { Bucket: bucket, Key: key, Body: bytes });
}
