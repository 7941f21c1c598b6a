/** S3 through the official client: what packages, assets and applications need. */
import { beforeAll, describe, expect, test } from 'bun:test';
import * as s3 from '@aws-sdk/client-s3';
import { S3Client } from '@aws-sdk/client-s3';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '@smithy/core/checksum';
import { credentials, useServer } from './test-server.ts';

const server = useServer();
let client: S3Client;
const Bucket = 'things';

beforeAll(async () => {
  client = new S3Client({ ...server.options(), forcePathStyle: true, maxAttempts: 1 });
  await client.send(new s3.CreateBucketCommand({ Bucket }));
});

const put = (Key: string, Body: string | Uint8Array = Key, more: object = {}) =>
  client.send(new s3.PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = async (Key: string, more: object = {}) => {
  const answer = await client.send(new s3.GetObjectCommand({ Bucket, Key, ...more }));
  return { ...answer, text: await answer.Body?.transformToString() };
};

describe('objects', () => {
  test('headers, metadata and tags come back as they were put', async () => {
    await put('a/b c+d.json', '{}', {
      ContentType: 'application/json',
      CacheControl: 'no-store',
      Metadata: { Colour: 'green' },
      Tagging: 'team=web&x=1',
    });
    const found = await get('a/b c+d.json');
    expect(found).toMatchObject({
      text: '{}',
      ContentType: 'application/json',
      CacheControl: 'no-store',
      Metadata: { colour: 'green' },
      ContentLength: 2,
      TagCount: 2,
      ETag: '"99914b932bd37a50b983c5e7c90ae93b"',
    });
    const { TagSet } = await client.send(new s3.GetObjectTaggingCommand({ Bucket, Key: 'a/b c+d.json' }));
    expect(TagSet).toEqual([
      { Key: 'team', Value: 'web' },
      { Key: 'x', Value: '1' },
    ]);
  });

  const ranges: [string, string, string][] = [
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=5-99', '56789', 'bytes 5-9/10'],
  ];
  test.each(ranges)('range %s', async (Range, text, ContentRange) => {
    await put('digits', '0123456789');
    expect(await get('digits', { Range })).toMatchObject({
      text,
      ContentRange,
      $metadata: { httpStatusCode: 206 },
    });
  });

  test('a range behind the end is not satisfiable', async () => {
    await put('digits', '0123456789');
    await expect(get('digits', { Range: 'bytes=10-' })).rejects.toMatchObject({
      name: 'InvalidRange',
      $metadata: { httpStatusCode: 416 },
    });
  });

  test('conditions: a put that must be the first, a get that is not modified', async () => {
    const { ETag } = await put('once');
    await expect(put('once', 'x', { IfNoneMatch: '*' })).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });
    await expect(get('once', { IfNoneMatch: ETag })).rejects.toMatchObject({
      $metadata: { httpStatusCode: 304 },
    });
    await put('once', 'new', { IfMatch: ETag });
    expect((await get('once')).text).toBe('new');
  });

  test('what is not there', async () => {
    await expect(get('nowhere')).rejects.toMatchObject({
      name: 'NoSuchKey',
      message: 'The specified key does not exist.',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(
      client.send(new s3.GetObjectCommand({ Bucket: 'nobucket', Key: 'x' })),
    ).rejects.toMatchObject({ name: 'NoSuchBucket', message: 'The specified bucket does not exist' });
    await expect(client.send(new s3.HeadObjectCommand({ Bucket, Key: 'nowhere' }))).rejects.toMatchObject({
      name: 'NotFound',
    });
  });

  test('a body that is not what its checksum says is refused and leaves nothing', async () => {
    await expect(
      put('bad', 'hello', { ChecksumSHA256: Buffer.alloc(32).toString('base64') }),
    ).rejects.toMatchObject({ name: 'BadDigest' });
    await expect(get('bad')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('copy keeps or replaces what describes the object', async () => {
    await put('from', 'body', { Metadata: { a: '1' }, ContentType: 'text/plain' });
    await client.send(new s3.CopyObjectCommand({ Bucket, Key: 'to', CopySource: `/${Bucket}/from` }));
    expect(await get('to')).toMatchObject({ text: 'body', ContentType: 'text/plain', Metadata: { a: '1' } });
    await client.send(
      new s3.CopyObjectCommand({
        Bucket,
        Key: 'to',
        CopySource: `${Bucket}/to`,
        MetadataDirective: 'REPLACE',
        ContentType: 'text/css',
      }),
    );
    expect(await get('to')).toMatchObject({ text: 'body', ContentType: 'text/css', Metadata: {} });
    await expect(
      client.send(new s3.CopyObjectCommand({ Bucket, Key: 'to', CopySource: `${Bucket}/to` })),
    ).rejects.toMatchObject({ name: 'InvalidRequest' });
  });
});

describe('listing', () => {
  const keys = ['l/a', 'l/b/1', 'l/b/2', 'l/c', 'l/d/1', 'l/é'];
  beforeAll(async () => {
    await Promise.all(keys.map((key) => put(key)));
  });

  test.each([1, 2, 3, 1000])(
    'folded at the delimiter, %d at a time, pages join to the whole',
    async (MaxKeys) => {
      const seen: (string | undefined)[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(
          new s3.ListObjectsV2Command({ Bucket, Prefix: 'l/', Delimiter: '/', MaxKeys, ContinuationToken }),
        );
        seen.push(
          ...[
            ...(page.Contents ?? []).map((object) => object.Key),
            ...(page.CommonPrefixes ?? []).map((prefix) => prefix.Prefix),
          ].sort(),
        );
        expect(page.KeyCount).toBeLessThanOrEqual(MaxKeys);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken);
      expect(seen.sort()).toEqual(['l/a', 'l/b/', 'l/c', 'l/d/', 'l/é']);
    },
  );

  test('by prefix and after a key, in byte order', async () => {
    const { Contents } = await client.send(
      new s3.ListObjectsV2Command({ Bucket, Prefix: 'l/', StartAfter: 'l/b/1' }),
    );
    expect(Contents?.map((object) => object.Key)).toEqual(['l/b/2', 'l/c', 'l/d/1', 'l/é']);
  });
});

test('versions: each is kept, a marker hides, removing the marker shows again', async () => {
  const versioned = 'versioned';
  await client.send(new s3.CreateBucketCommand({ Bucket: versioned }));
  await client.send(
    new s3.PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  const ids: (string | undefined)[] = [];
  for (const Body of ['one', 'two'])
    ids.push((await client.send(new s3.PutObjectCommand({ Bucket: versioned, Key: 'k', Body }))).VersionId);
  const read = async (VersionId?: string) =>
    (
      await client.send(new s3.GetObjectCommand({ Bucket: versioned, Key: 'k', VersionId }))
    ).Body?.transformToString();
  expect(await read()).toBe('two');
  expect(await read(ids[0])).toBe('one');
  const marker = await client.send(new s3.DeleteObjectCommand({ Bucket: versioned, Key: 'k' }));
  expect(marker.DeleteMarker).toBe(true);
  await expect(read()).rejects.toMatchObject({ name: 'NoSuchKey' });
  const listed = await client.send(new s3.ListObjectVersionsCommand({ Bucket: versioned }));
  expect(listed.Versions?.map((version) => [version.VersionId, version.IsLatest])).toEqual([
    [ids[1], false],
    [ids[0], false],
  ]);
  expect(listed.DeleteMarkers).toMatchObject([{ VersionId: marker.VersionId, IsLatest: true }]);
  await client.send(new s3.DeleteObjectCommand({ Bucket: versioned, Key: 'k', VersionId: marker.VersionId }));
  expect(await read()).toBe('two');
  await expect(client.send(new s3.DeleteBucketCommand({ Bucket: versioned }))).rejects.toMatchObject({
    name: 'BucketNotEmpty',
  });
  await client.send(
    new s3.DeleteObjectsCommand({
      Bucket: versioned,
      Delete: { Objects: ids.map((VersionId) => ({ Key: 'k', VersionId })) },
    }),
  );
  await client.send(new s3.DeleteBucketCommand({ Bucket: versioned }));
});

describe('uploads in parts', () => {
  const start = async (Key: string) =>
    (await client.send(new s3.CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'text/plain' })))
      .UploadId;
  const part = (Key: string, UploadId: string | undefined, PartNumber: number, Body: Uint8Array) =>
    client.send(new s3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  const complete = (Key: string, UploadId: string | undefined, Parts: s3.CompletedPart[]) =>
    client.send(new s3.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));

  test('parts sent in any order become one object', async () => {
    const UploadId = await start('big');
    const large = new Uint8Array(5 * 1024 * 1024).fill(1);
    const second = await part('big', UploadId, 2, new Uint8Array([9, 9]));
    const first = await part('big', UploadId, 1, large);
    const { ETag } = await complete('big', UploadId, [
      { PartNumber: 1, ETag: first.ETag },
      { PartNumber: 2, ETag: second.ETag },
    ]);
    expect(ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    const found = await client.send(
      new s3.GetObjectCommand({ Bucket, Key: 'big', Range: `bytes=${large.length - 1}-` }),
    );
    expect([...((await found.Body?.transformToByteArray()) ?? [])]).toEqual([1, 9, 9]);
    const head = await client.send(new s3.HeadObjectCommand({ Bucket, Key: 'big', PartNumber: 2 }));
    expect(head).toMatchObject({ ContentLength: 2, PartsCount: 2 });
  });

  test('wrong order, wrong tag, too small, aborted', async () => {
    const UploadId = await start('odd');
    const [one, two] = [
      await part('odd', UploadId, 1, new Uint8Array([1])),
      await part('odd', UploadId, 2, new Uint8Array([2])),
    ];
    await expect(
      complete('odd', UploadId, [
        { PartNumber: 2, ETag: two.ETag },
        { PartNumber: 1, ETag: one.ETag },
      ]),
    ).rejects.toMatchObject({ name: 'InvalidPartOrder' });
    await expect(complete('odd', UploadId, [{ PartNumber: 1, ETag: '"x"' }])).rejects.toMatchObject({
      name: 'InvalidPart',
    });
    await expect(
      complete('odd', UploadId, [
        { PartNumber: 1, ETag: one.ETag },
        { PartNumber: 2, ETag: two.ETag },
      ]),
    ).rejects.toMatchObject({ name: 'EntityTooSmall' });
    await client.send(new s3.AbortMultipartUploadCommand({ Bucket, Key: 'odd', UploadId }));
    await expect(part('odd', UploadId, 3, new Uint8Array([3]))).rejects.toMatchObject({
      name: 'NoSuchUpload',
    });
  });
});

test('a presigned URL works in a plain client until its time is over', async () => {
  await put('shared', 'for everyone');
  const presign = async (signingDate: Date) => {
    const { hostname, port } = new URL(server.url);
    const signer = new SignatureV4({
      credentials,
      region: 'us-east-1',
      service: 's3',
      sha256: Sha256,
      uriEscapePath: false,
    });
    const request = new HttpRequest({
      method: 'GET',
      protocol: 'http:',
      hostname,
      port: Number(port),
      path: `/${Bucket}/shared`,
      headers: { host: `${hostname}:${port}` },
    });
    const { query } = await signer.presign(request, { expiresIn: 60, signingDate });
    return `${server.url}/${Bucket}/shared?${new URLSearchParams(query as Record<string, string>)}`;
  };
  expect(await (await fetch(await presign(new Date()))).text()).toBe('for everyone');
  const late = await fetch(await presign(new Date(Date.now() - 120_000)));
  expect(late.status).toBe(403);
  expect(await late.text()).toContain('<Message>Request has expired</Message>');
});

test('settings are read back as they were put, or refused by name', async () => {
  await expect(client.send(new s3.GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({
    name: 'NoSuchBucketPolicy',
  });
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  await client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }));
  expect((await client.send(new s3.GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy);
  const notify = client.send(
    new s3.PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: 'arn:aws:sqs:us-east-1:1:q', Events: ['s3:ObjectCreated:*'] }],
      },
    }),
  );
  await expect(notify).rejects.toMatchObject({
    name: 'InvalidArgument',
    message: 'Unable to validate the following destination configurations',
  });
});

test('a bucket of another account is closed', async () => {
  const other = new S3Client({
    ...server.options(),
    credentials: { accessKeyId: '999999999999', secretAccessKey: 'x' },
    forcePathStyle: true,
    maxAttempts: 1,
  });
  await expect(other.send(new s3.ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  await expect(other.send(new s3.CreateBucketCommand({ Bucket }))).rejects.toMatchObject({
    name: 'BucketAlreadyExists',
  });
});
