/** Bodies: chunked, with checksums before and behind, compressed, too large, broken off. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { crc32, gzipSync } from 'node:zlib';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeWithResponseStreamCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { Fault } from '../../src/base/fault.ts';
import { limits } from '../../src/base/limits.ts';
import { createChecksum, type ChecksumName } from '../../src/wire/bodies/checksums.ts';
import type { Call, Handler } from '../../src/wire/service.ts';
import { scoped, send, serve, type Served } from './testing.ts';

interface Put {
  readonly Body: Readable;
  readonly ContentLength?: number;
  readonly ContentEncoding?: string;
  readonly ChecksumCRC32?: string;
  readonly Key: string;
}

let served: Served;
let stored: { size: number; sha256: string; input: Put } | undefined;
let onWatched: (signal: AbortSignal) => void = () => {};
const items: unknown[] = [];

const putObject = async (input: Put, call: Call) => {
  if (input.Key === 'refused')
    throw new Fault('NoSuchBucket', 'The specified bucket does not exist', { status: 404 });
  if (input.Key === 'watched') onWatched(call.signal);
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of input.Body as AsyncIterable<Buffer>) {
    size += chunk.length;
    hash.update(chunk);
  }
  stored = { size, sha256: hash.digest('hex'), input };
  return {};
};

/** More than any buffer on the way, so that backpressure and breaking off show. */
const LARGE = 24 * 1024 * 1024;
let produced = 0;
const endless = (): Readable =>
  Readable.from(
    (function* () {
      for (produced = 0; produced < LARGE; produced += 65_536) yield Buffer.alloc(65_536, 'x');
    })(),
    { objectMode: false },
  );

beforeAll(async () => {
  served = await serve({
    s3: {
      PutObject: putObject as Handler,
      UploadPart: putObject as Handler,
      GetObject: async () => ({ Body: endless(), ContentLength: LARGE }),
      PutBucketPolicy: async () => ({}),
    },
    dynamodb: { PutItem: async (input: unknown) => (items.push(input), {}) },
    lambda: {
      InvokeWithResponseStream: async () => ({ StatusCode: 200, EventStream: broken() }),
    },
  });
});
afterAll(() => served.stop());
beforeEach(() => {
  stored = undefined;
});

async function* broken() {
  yield { PayloadChunk: { Payload: Buffer.from('a') } };
  yield { InvokeComplete: { ErrorCode: 'Runtime.Exit', ErrorDetails: 'gone' } };
  throw new Error('our own mistake, with details that are nobody’s business');
}

const config = () => ({
  endpoint: served.url,
  region: 'us-east-1',
  maxAttempts: 1,
  forcePathStyle: true,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});
const sha256 = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');

describe('uploads by the official client', () => {
  const bytes = Buffer.alloc(300_000, 'abcdefg');
  const bodies: Readonly<Record<string, () => string | Buffer | Readable>> = {
    text: () => bytes.toString(),
    bytes: () => bytes,
    stream: () => Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]),
  };
  for (const [kind, body] of Object.entries(bodies))
    for (const ChecksumAlgorithm of [undefined, 'CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)
      test(`${kind}, ${ChecksumAlgorithm ?? 'default'}`, async () => {
        const client = new S3Client(config());
        const more = { ContentLength: bytes.length, ...(ChecksumAlgorithm && { ChecksumAlgorithm }) };
        await client.send(
          new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: body(), ContentEncoding: 'br', ...more }),
        );
        client.destroy();
        expect(stored).toMatchObject({ size: bytes.length, sha256: sha256(bytes) });
        expect(stored?.input).toMatchObject({ ContentLength: bytes.length, ContentEncoding: 'br' });
        if (ChecksumAlgorithm === 'CRC32') expect(stored?.input.ChecksumCRC32).toBe(crc32Of(bytes));
      });

  test('a part', async () => {
    const client = new S3Client(config());
    await client.send(
      new UploadPartCommand({ Bucket: 'b', Key: 'k', UploadId: 'u', PartNumber: 1, Body: bytes }),
    );
    expect(stored?.sha256).toBe(sha256(bytes));
  });

  test('a refusal is read although most of the body was never taken', async () => {
    const client = new S3Client(config());
    const put = client.send(
      new PutObjectCommand({ Bucket: 'b', Key: 'refused', Body: endless(), ContentLength: LARGE }),
    );
    await expect(put).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});

function crc32Of(bytes: Buffer): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString('base64');
}

/** The check values of "123456789", as the catalogue of CRC algorithms and the standards list them. */
describe('checksums', () => {
  const table: Readonly<Record<ChecksumName, string>> = {
    crc32: Buffer.from('cbf43926', 'hex').toString('base64'),
    crc32c: Buffer.from('e3069283', 'hex').toString('base64'),
    crc64nvme: Buffer.from('ae8b14860a799888', 'hex').toString('base64'),
    sha1: createHash('sha1').update('123456789').digest('base64'),
    sha256: createHash('sha256').update('123456789').digest('base64'),
    sha512: createHash('sha512').update('123456789').digest('base64'),
    md5: createHash('md5').update('123456789').digest('base64'),
  };
  for (const [name, value] of Object.entries(table))
    test(name, () => {
      const checksum = createChecksum(name as ChecksumName); // the keys of the table
      for (const part of ['12', '', '3456789']) checksum.update(Buffer.from(part));
      expect(checksum.digest()).toBe(value);
    });
});

const chunks = (trailer: string): string => `5\r\nhello\r\n0\r\n${trailer}\r\n`;

describe('what a body claims of itself', () => {
  const hello = 'hello';
  const good = 'NhCmhg==';
  const trailed = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '5',
    'x-amz-trailer': 'x-amz-checksum-crc32',
  };
  interface Row {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly status: number;
    readonly code?: string;
  }
  const table: Readonly<Record<string, Row>> = {
    nothing: { headers: {}, body: hello, status: 200 },
    MD5: { headers: { 'content-md5': 'XUFAKrxLKna5cZ2REBfFkg==' }, body: hello, status: 200 },
    'another MD5': {
      headers: { 'content-md5': 'XUFAKrxLKna5cZ2REBfFkQ==' },
      body: hello,
      status: 400,
      code: 'BadDigest',
    },
    'no MD5 at all': { headers: { 'content-md5': 'abc' }, body: hello, status: 400, code: 'InvalidDigest' },
    checksum: { headers: { 'x-amz-checksum-crc32': good }, body: hello, status: 200 },
    'another checksum': {
      headers: { 'x-amz-checksum-crc32': 'AAAAAA==' },
      body: hello,
      status: 400,
      code: 'BadDigest',
    },
    'a checksum nobody computes': {
      headers: { 'x-amz-checksum-xxhash3': 'AA==' },
      body: hello,
      status: 501,
      code: 'NotImplemented',
    },
    hash: { headers: { 'x-amz-content-sha256': sha256(hello) }, body: hello, status: 200 },
    'another hash': {
      headers: { 'x-amz-content-sha256': sha256('x') },
      body: hello,
      status: 400,
      code: 'XAmzContentSHA256Mismatch',
    },
    trailer: { headers: trailed, body: chunks(`x-amz-checksum-crc32:${good}\r\n`), status: 200 },
    'another trailer': {
      headers: trailed,
      body: chunks('x-amz-checksum-crc32:AAAAAA==\r\n'),
      status: 400,
      code: 'BadDigest',
    },
    'no trailer': { headers: trailed, body: chunks(''), status: 400, code: 'MalformedTrailerError' },
    'fewer bytes': {
      headers: { ...trailed, 'x-amz-decoded-content-length': '6' },
      body: chunks(`x-amz-checksum-crc32:${good}\r\n`),
      status: 400,
      code: 'IncompleteBody',
    },
    'cut chunks': { headers: trailed, body: '5\r\nhel', status: 400, code: 'IncompleteBody' },
    'no chunks': { headers: trailed, body: 'zz\r\nhello', status: 400, code: 'InvalidRequest' },
  };
  for (const [name, { headers, body, status, code }] of Object.entries(table))
    test(name, async () => {
      const reply = await send(served, {
        method: 'PUT',
        path: '/b/k',
        headers: { authorization: scoped('s3'), ...headers },
        body,
      });
      expect([reply.status, /<Code>(.*)<\/Code>/.exec(reply.text)?.[1]]).toEqual([status, code]);
      if (status === 200) expect(stored).toMatchObject({ size: 5, sha256: sha256(hello) });
    });
});

describe('compressed and large', () => {
  const target = {
    'x-amz-target': 'DynamoDB_20120810.PutItem',
    'content-type': 'application/x-amz-json-1.0',
  };
  const item = JSON.stringify({ TableName: 'orders', Item: { id: { S: '1' } } });

  test('gzip', async () => {
    items.length = 0;
    const reply = await send(served, {
      method: 'POST',
      path: '/',
      headers: { ...target, 'content-encoding': 'gzip' },
      body: gzipSync(item),
    });
    expect([reply.status, items]).toEqual([200, [JSON.parse(item)]]);
    const bad = await send(served, {
      method: 'POST',
      path: '/',
      headers: { ...target, 'content-encoding': 'gzip' },
      body: item,
    });
    expect([bad.status, JSON.parse(bad.text).__type]).toEqual([
      400,
      'com.amazon.coral.service#SerializationException',
    ]);
  });

  test('small as gzip, too large unpacked', async () => {
    const body = gzipSync(Buffer.alloc(limits.wireBodyBytes + 1, ' '));
    const reply = await send(served, {
      method: 'POST',
      path: '/',
      headers: { ...target, 'content-encoding': 'gzip' },
      body,
    });
    expect(reply.status).toBe(413);
  });

  test('too large', async () => {
    const reply = await send(served, {
      method: 'POST',
      path: '/',
      headers: target,
      body: Buffer.alloc(limits.wireBodyBytes + 1, ' '),
    });
    expect([reply.status, JSON.parse(reply.text)]).toEqual([
      413,
      {
        __type: 'com.amazon.coral.service#RequestEntityTooLargeException',
        message: `Request must be smaller than ${limits.wireBodyBytes} bytes`,
      },
    ]);
  });

  test('S3’s documents have a limit of their own', async () => {
    const reply = await send(served, {
      method: 'PUT',
      path: '/b?policy',
      headers: { authorization: scoped('s3') },
      body: Buffer.alloc(limits.wireS3DocumentBytes + 1, ' '),
    });
    expect(reply.status).toBe(413);
  });

  test('a hundred times the same connection', async () => {
    const client = new DynamoDBClient(config());
    for (let count = 0; count < 100; count++)
      await client.send(new PutItemCommand({ TableName: 'orders', Item: { id: { S: '1' } } }));
    client.destroy();
  });
});

describe('breaking off', () => {
  test('a client that goes away while it uploads aborts the call', async () => {
    const watched = new Promise<AbortSignal>((done) => {
      onWatched = done;
    });
    const socket = connect(served.port, '127.0.0.1');
    socket.write(
      `PUT /b/watched HTTP/1.1\r\nHost: x\r\nAuthorization: ${scoped('s3')}\r\nContent-Length: 1000000\r\n\r\nhello`,
    );
    const signal = await watched;
    const aborted = new Promise((done) => signal.addEventListener('abort', done, { once: true }));
    socket.destroy();
    await aborted;
    expect(signal.aborted).toBe(true);
    expect(stored).toBeUndefined();
  });

  test('a client that stops reading stops the source', async () => {
    const client = new S3Client(config());
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    const stream = Body as Readable; // what the client gives on this platform
    await new Promise((done) => stream.once('data', done));
    stream.destroy();
    client.destroy();
    const before = produced;
    expect(before).toBeLessThan(LARGE);
  });

  test('100-continue', async () => {
    const socket = connect(served.port, '127.0.0.1');
    const lines: string[] = [];
    socket.write(
      `PUT /b/k HTTP/1.1\r\nHost: x\r\nAuthorization: ${scoped('s3')}\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n`,
    );
    for await (const data of socket) {
      lines.push(String(data).split('\r\n')[0] ?? '');
      if (lines.length === 1) socket.write('hello');
    }
    expect(lines.slice(0, 2)).toEqual(['HTTP/1.1 100 Continue', 'HTTP/1.1 200 OK']);
    expect(stored?.size).toBe(5);
  });

  test('an event stream ends with an error event, without the cause', async () => {
    const client = new LambdaClient(config());
    const { EventStream } = await client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'f' }));
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const event of EventStream ?? []) seen.push(Object.keys(event)[0] ?? '');
    };
    await expect(read()).rejects.toMatchObject({ message: expect.not.stringContaining('nobody') });
    expect(seen).toEqual(['PayloadChunk', 'InvokeComplete']);
    client.destroy();
  });
});
