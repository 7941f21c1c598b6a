/** Signatures verified: by official clients, by AWS's own example, and everything that can be wrong with one. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetTagsCommand, APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { Readable } from 'node:stream';
import type { AccessKey } from '../../src/base/ports.ts';
import { createAuthenticate } from '../../src/wire/sigv4/authenticate.ts';
import { send, serve, type RawRequest, type Served } from './testing.ts';

const ACCOUNT = '123456789012';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';

const key = (accessKeyId: string, more: Partial<AccessKey> = {}): AccessKey => ({
  secretAccessKey: SECRET,
  caller: {
    kind: 'user',
    account: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:user/ann`,
    userId: 'AIDA1',
    accessKeyId,
  },
  ...more,
});

const keys: Readonly<Record<string, AccessKey>> = {
  AKIAIOSFODNN7EXAMPLE: key('AKIAIOSFODNN7EXAMPLE'),
  ASIATEMPORARY: key('ASIATEMPORARY', { sessionToken: 'token', expiresAt: Date.parse('2030-01-01') }),
  ASIAOVER: key('ASIAOVER', { sessionToken: 'token', expiresAt: 1 }),
};
const findAccessKey = async (id: string): Promise<AccessKey | undefined> => keys[id];

let now = Date.now();
let served: Served;
const arns: string[] = [];
const stored: string[] = [];

beforeAll(async () => {
  served = await serve(
    {
      dynamodb: { GetItem: async () => ({}) },
      iam: { GetRole: async () => ({ Role: { RoleName: 'r' } }) },
      lambda: { Invoke: async () => ({ StatusCode: 200 }) },
      apigateway: { GetTags: async () => ({ tags: {} }) },
      s3: {
        GetObject: async () => ({ Body: Readable.from([Buffer.from('hello')]), ContentLength: 5 }),
        PutObject: async ({ Body }: { Body: Readable }) => {
          stored.push(Buffer.concat(await Body.toArray()).toString('utf8'));
          return {};
        },
      } as never, // handlers of one's own shapes
    },
    {
      auth: 'enforce',
      findAccessKey,
      now: () => now,
      authorizeCall: async ({ caller }) => void arns.push(caller.arn),
    },
  );
});
afterAll(() => served.stop());

const config = (accessKeyId = 'AKIAIOSFODNN7EXAMPLE', secretAccessKey = SECRET, sessionToken?: string) => ({
  endpoint: served.url,
  region: 'eu-west-1',
  maxAttempts: 1,
  credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
});

const getItem = new GetItemCommand({ TableName: 'orders', Key: { id: { S: '1' } } });

describe('official clients', () => {
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    JSON: () => new DynamoDBClient(config()).send(getItem),
    query: () => new IAMClient(config()).send(new GetRoleCommand({ RoleName: 'r' })),
    REST: () => new LambdaClient(config()).send(new InvokeCommand({ FunctionName: 'f:live', Payload: '{}' })),
    'REST with an encoded path': () =>
      new APIGatewayClient(config()).send(
        new GetTagsCommand({ resourceArn: 'arn:aws:apigateway:eu-west-1::/restapis/a' }),
      ),
    'S3, odd keys': () =>
      new S3Client({ ...config(), forcePathStyle: true }).send(
        new GetObjectCommand({ Bucket: 'b', Key: "a b/../ü+(1)'*!//x%20y=", ResponseContentType: 'a/b' }),
      ),
    'S3, body in memory': () =>
      new S3Client({ ...config(), forcePathStyle: true }).send(
        new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'hello' }),
      ),
    'S3, virtual host': () =>
      new S3Client({ ...config(), endpoint: `http://localhost:${served.port}` }).send(
        new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'hello' }),
      ),
    'temporary credentials': () => new DynamoDBClient(config('ASIATEMPORARY', SECRET, 'token')).send(getItem),
  };
  for (const [name, call] of Object.entries(calls))
    test(name, async () => {
      arns.length = 0;
      await call();
      expect(arns).toEqual([`arn:aws:iam::${ACCOUNT}:user/ann`]);
    });
});

const dynamodb = (...credentials: Parameters<typeof config>) =>
  new DynamoDBClient(config(...credentials)).send(getItem);
const iam = (...credentials: Parameters<typeof config>) =>
  new IAMClient(config(...credentials)).send(new GetRoleCommand({ RoleName: 'r' }));
const s3 = (...credentials: Parameters<typeof config>) =>
  new S3Client({ ...config(...credentials), forcePathStyle: true }).send(
    new GetObjectCommand({ Bucket: 'b', Key: 'k' }),
  );

describe('refusals', () => {
  const table: readonly [string, () => Promise<unknown>, string, number][] = [
    [
      'DynamoDB, wrong secret',
      () => dynamodb('AKIAIOSFODNN7EXAMPLE', 'wrong'),
      'InvalidSignatureException',
      400,
    ],
    ['DynamoDB, unknown key', () => dynamodb('AKIANOBODY'), 'UnrecognizedClientException', 400],
    ['DynamoDB, expired token', () => dynamodb('ASIAOVER', SECRET, 'token'), 'ExpiredTokenException', 400],
    ['DynamoDB, token left out', () => dynamodb('ASIATEMPORARY'), 'UnrecognizedClientException', 400],
    ['IAM, wrong secret', () => iam('AKIAIOSFODNN7EXAMPLE', 'wrong'), 'SignatureDoesNotMatch', 403],
    ['IAM, unknown key', () => iam('AKIANOBODY'), 'InvalidClientTokenId', 403],
    ['IAM, expired token', () => iam('ASIAOVER', SECRET, 'token'), 'ExpiredToken', 403],
    ['S3, wrong secret', () => s3('AKIAIOSFODNN7EXAMPLE', 'wrong'), 'SignatureDoesNotMatch', 403],
    ['S3, unknown key', () => s3('AKIANOBODY'), 'InvalidAccessKeyId', 403],
    ['S3, expired token', () => s3('ASIAOVER', SECRET, 'token'), 'ExpiredToken', 400],
  ];
  for (const [name, call, code, status] of table)
    test(name, async () => {
      const error = await call().then(
        () => ({}),
        (thrown: object) => thrown,
      );
      expect(error).toMatchObject({ name: code, $metadata: { httpStatusCode: status } });
    });

  test('no signature', async () => {
    const json = await send(served, {
      method: 'POST',
      path: '/',
      headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem', 'content-type': 'application/x-amz-json-1.0' },
      body: '{}',
    });
    expect(json.status).toBe(400);
    expect(JSON.parse(json.text)).toEqual({
      __type: 'com.amazon.coral.service#MissingAuthenticationTokenException',
      message: 'Request is missing Authentication Token',
    });
    const object = await send(served, { path: '/b/k' });
    // A bucket may be open to everyone: policies are asked about nobody in particular, and here they allow.
    expect(object.status).toBe(200);
  });

  test('SigV4a is refused by name', async () => {
    const reply = await send(served, {
      path: '/b/k',
      headers: {
        authorization:
          'AWS4-ECDSA-P256-SHA256 Credential=a/20260101/s3/aws4_request, SignedHeaders=host, Signature=0',
      },
    });
    expect(reply.status).toBe(400);
    expect(reply.text).toContain('AWS4-ECDSA-P256-SHA256');
  });

  test('clocks that differ: five minutes, for S3 fifteen', async () => {
    const real = now;
    try {
      now = real + 6 * 60_000;
      await expect(dynamodb()).rejects.toMatchObject({
        name: 'InvalidSignatureException',
        message: expect.stringMatching(
          /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
        ),
      });
      await s3();
      now = real + 16 * 60_000;
      await expect(s3()).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
    } finally {
      now = real;
    }
  });

  test('with nobody to ask for permission, everything is refused', async () => {
    const closed = await serve(
      { dynamodb: { GetItem: async () => ({}) } },
      { auth: 'enforce', findAccessKey },
    );
    const client = new DynamoDBClient({ ...config(), endpoint: closed.url });
    await expect(client.send(getItem)).rejects.toMatchObject({ name: 'AccessDeniedException' });
    closed.stop();
  });
});

async function presign(expiresIn: number, secretAccessKey = SECRET): Promise<string> {
  const signer = new SignatureV4({
    service: 's3',
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey },
    sha256: Sha256,
    uriEscapePath: false,
    applyChecksum: false,
  });
  const request = new HttpRequest({
    method: 'GET',
    hostname: '127.0.0.1',
    port: served.port,
    path: '/b/a%20key',
    query: { 'response-content-type': 'text/plain; charset=utf-8', 'x-id': 'GetObject' },
    headers: { host: `127.0.0.1:${served.port}`, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
  });
  const signed = await signer.presign(request, { expiresIn });
  const query = Object.entries(signed.query ?? {}).map(
    ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
  );
  return `${signed.path}?${query.join('&')}`;
}

describe('presigned URLs', () => {
  test('good, wrong and over', async () => {
    const good = await send(served, { path: await presign(60) });
    expect([good.status, good.text]).toEqual([200, 'hello']);
    expect((await send(served, { path: await presign(60, 'wrong') })).text).toContain(
      '<Code>SignatureDoesNotMatch</Code>',
    );
    const path = await presign(60);
    now += 61_000;
    const over = await send(served, { path });
    now -= 61_000;
    expect(over.status).toBe(403);
    expect(over.text).toContain('<Message>Request has expired</Message><X-Amz-Expires>60</X-Amz-Expires>');
  });

  test('over in open mode as well, in both versions', async () => {
    const open = await serve({ s3: { GetObject: async () => ({}) } }, { now: () => now });
    const path = await presign(60);
    now += 61_000;
    expect((await send(open, { path })).text).toContain('Request has expired');
    expect((await send(open, { path: '/b/k?AWSAccessKeyId=test&Signature=x&Expires=1000' })).text).toContain(
      'Request has expired',
    );
    now -= 61_000;
    expect(
      (await send(open, { path: '/b/k?AWSAccessKeyId=test&Signature=x&Expires=4000000000' })).status,
    ).toBe(200);
    open.stop();
  });
});

const chunk = (size: number, signature: string): string =>
  `${size.toString(16)};chunk-signature=${signature}\r\n${'a'.repeat(size)}\r\n`;

const put = (text: string): RawRequest => ({
  method: 'PUT',
  path: '/examplebucket/chunkObject.txt',
  headers: {
    Host: 's3.amazonaws.com',
    'x-amz-date': '20130524T000000Z',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    Authorization:
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'Content-Encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '66560',
    'Content-Length': '66824',
  },
  body: text,
});

const body = (third = 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'): string =>
  chunk(65_536, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648') +
  chunk(1024, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497') +
  chunk(0, third);

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html, "Example: PUT Object": AWS's own numbers. */
describe('signed chunks', () => {
  test('AWS’s example is good, and a changed chunk is not', async () => {
    const real = now;
    now = Date.parse('2013-05-24T00:00:00Z');
    stored.length = 0;
    expect((await send(served, put(body()))).status).toBe(200);
    expect(
      createHash('sha256')
        .update(stored[0] ?? '')
        .digest('hex'),
    ).toBe(createHash('sha256').update('a'.repeat(66_560)).digest('hex'));
    for (const wrong of [body().replace('aaaa', 'aaab'), body('0'.repeat(64))]) {
      const reply = await send(served, put(wrong));
      expect([reply.status, /<Code>(.*)<\/Code>/.exec(reply.text)?.[1]]).toEqual([
        403,
        'SignatureDoesNotMatch',
      ]);
    }
    now = real;
  });
});

const sign = async (path: string, body: string) => {
  const signer = new SignatureV4({
    service: 'execute-api',
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: SECRET },
    sha256: Sha256,
  });
  const headers = { host: 'api.execute-api.localhost', 'content-type': 'application/json' };
  const request = new HttpRequest({
    method: 'POST',
    hostname: 'api',
    path,
    query: { a: 'b c', 'x[]': '1' },
    headers,
    body,
  });
  const signed = await signer.sign(request);
  return {
    method: 'POST',
    target: `${path}?x%5B%5D=1&a=b%20c`,
    rawHeaders: Object.entries(signed.headers).flat(),
    body: Buffer.from(body),
  };
};

describe('the data plane', () => {
  const authenticate = createAuthenticate({ findAccessKey, now: () => now });

  test('good, changed, absent, of another kind', async () => {
    const request = await sign('/prod/a%2Fb/ü'.replace('ü', '%C3%BC'), '{"a":1}');
    expect(await authenticate(request, 'execute-api')).toMatchObject({ ok: true, caller: { kind: 'user' } });
    expect(await authenticate({ ...request, body: Buffer.from('{"a":2}') }, 'execute-api')).toMatchObject({
      ok: false,
      code: 'InvalidSignatureException',
    });
    expect(await authenticate(request, 'lambda')).toMatchObject({ ok: false });
    expect(await authenticate({ ...request, rawHeaders: ['Host', 'x'] }, 'execute-api')).toBeUndefined();
    expect(
      await authenticate({ ...request, rawHeaders: ['Authorization', 'Bearer x'] }, 'execute-api'),
    ).toMatchObject({ ok: false, code: 'IncompleteSignatureException' });
  });
});
