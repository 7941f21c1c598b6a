/** Answers that stream, clients that are slow, clients that leave. */
import { afterAll, expect, test } from 'bun:test';
import { connect } from 'node:net';
import type { Invocation } from '../../base/ports.ts';
import { Fault } from '../../base/fault.ts';
import { FUNCTION_URI, listen, portOf, RawAnswer, restApi, startWorld } from '../testing/world.ts';

const NUL = Buffer.alloc(8);
const streamed = {
  type: 'AWS_PROXY' as const,
  httpMethod: 'POST',
  uri: FUNCTION_URI.replace('/invocations', '/response-streaming-invocations'),
  responseTransferMode: 'STREAM' as const,
};

let produce: (invocation: Invocation) => Promise<unknown> = async () => undefined;
const backendClosed = Promise.withResolvers<void>();
/** How much was written when nothing went any more. */
const stopped = Promise.withResolvers<number>();
const backend = await listen((message, response) => {
  if (message.url === '/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: one\n\n');
    response.on('close', () => backendClosed.resolve());
    return;
  }
  response.writeHead(200);
  const chunk = Buffer.alloc(64 * 1024, 'x');
  let written = 0;
  const more = (): void => {
    while (response.write(chunk)) written += chunk.length;
    const timer = setTimeout(() => stopped.resolve(written), 300);
    response.once('drain', () => {
      clearTimeout(timer);
      more();
    });
  };
  more();
});
const at = `http://127.0.0.1:${portOf(backend)}`;
const world = await startWorld({
  api: restApi({
    'GET /stream': { methodIntegration: streamed },
    'GET /events': {
      methodIntegration: {
        type: 'HTTP_PROXY',
        httpMethod: 'GET',
        uri: `${at}/events`,
        responseTransferMode: 'STREAM',
      },
    },
    'GET /endless': {
      methodIntegration: {
        type: 'HTTP_PROXY',
        httpMethod: 'GET',
        uri: `${at}/endless`,
        responseTransferMode: 'STREAM',
      },
    },
  }),
  invoke: (_event, invocation) => produce(invocation),
});
afterAll(async () => {
  await world.close();
  backend.closeAllConnections();
  backend.close();
});

const head = (value: object): Buffer => Buffer.concat([Buffer.from(JSON.stringify(value)), NUL]);
const done = new RawAnswer({});
const rows: readonly [name: string, chunks: readonly (Buffer | string)[], status: number, body: string][] = [
  [
    'metadata, delimiter, body',
    [head({ statusCode: 201, headers: { 'X-A': '1' }, cookies: ['a=1'] }), 'hello ', 'you'],
    201,
    'hello you',
  ],
  ['all in one chunk', [Buffer.concat([head({}), Buffer.from('x')])], 200, 'x'],
  [
    'a delimiter cut in two',
    [Buffer.concat([Buffer.from('{}'), NUL.subarray(3)]), Buffer.concat([NUL.subarray(5), Buffer.from('x')])],
    200,
    'x',
  ],
  ['no metadata', ['hello'], 500, '{"message":"Internal server error"}'],
  ['another member', [head({ statusCode: 200, body: 'x' })], 500, '{"message":"Internal server error"}'],
  ['endless metadata', ['x'.repeat(20_000), 'x'.repeat(20_000)], 500, '{"message":"Internal server error"}'],
];
for (const [name, chunks, status, body] of rows)
  test(`a function that streams ${name}`, async () => {
    produce = async ({ onChunk }) => {
      for (const chunk of chunks) await onChunk?.(Buffer.from(chunk));
      return done;
    };
    const answer = await world.get('/prod/stream');
    expect([answer.status, answer.body]).toEqual([status, body]);
    if (status === 201)
      expect([
        answer.headers['x-a'],
        answer.headers['set-cookie'],
        answer.headers['transfer-encoding'],
      ]).toEqual(['1', 'a=1', 'chunked']);
  });

test('the head goes out before the function is done', async () => {
  const first = Promise.withResolvers<void>();
  produce = async ({ onChunk }) => {
    await onChunk?.(head({}));
    await onChunk?.(Buffer.from('first'));
    await first.promise;
    await onChunk?.(Buffer.from('last'));
    return done;
  };
  const seen = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(world.port, '127.0.0.1');
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('first')) first.resolve();
      if (text.includes('last')) {
        socket.destroy();
        resolve(text);
      }
    });
    socket.write('GET /prod/stream HTTP/1.1\r\nHost: rest123456.execute-api.localhost\r\n\r\n');
  });
  expect(seen.indexOf('first')).toBeLessThan(seen.indexOf('last'));
});

test('a function that fails in the middle cuts the answer short', async () => {
  produce = async ({ onChunk }) => {
    await onChunk?.(head({}));
    await onChunk?.(Buffer.from('half'));
    throw new Fault('ServiceException', 'gone');
  };
  await expect(world.get('/prod/stream')).rejects.toThrow('no whole answer');
});

test('a function waits for a client that does not read', async () => {
  const stuck = Promise.withResolvers<number>();
  produce = async ({ onChunk, signal }) => {
    await onChunk?.(head({}));
    const chunk = Buffer.alloc(1024 * 1024);
    for (let sent = 0; sent < 200; sent++) {
      const told = await Promise.race([
        Promise.resolve(onChunk?.(chunk)).then(() => 'taken'),
        new Promise((late) => setTimeout(late, 300, 'stuck')),
      ]);
      if (told === 'stuck') {
        stuck.resolve(sent);
        await new Promise((aborted) => signal?.addEventListener('abort', aborted));
        return done;
      }
    }
    stuck.resolve(200);
    return done;
  };
  const socket = connect(world.port, '127.0.0.1');
  socket.pause();
  socket.write('GET /prod/stream HTTP/1.1\r\nHost: rest123456.execute-api.localhost\r\n\r\n');
  expect(await stuck.promise).toBeLessThan(60);
  socket.destroy();
});

test('a client that does not read stops the backend', async () => {
  const socket = connect(world.port, '127.0.0.1');
  socket.pause();
  socket.write('GET /prod/endless HTTP/1.1\r\nHost: rest123456.execute-api.localhost\r\n\r\n');
  expect(await stopped.promise).toBeLessThan(60 * 1024 * 1024);
  socket.destroy();
});

test('HTTP_PROXY with STREAM: events come while the backend goes on, and leaving closes it', async () => {
  const socket = connect(world.port, '127.0.0.1');
  socket.on('data', (chunk: Buffer) =>
    chunk.toString().includes('data: one') ? socket.destroy() : undefined,
  );
  socket.write('GET /prod/events HTTP/1.1\r\nHost: rest123456.execute-api.localhost\r\n\r\n');
  await backendClosed.promise;
});

test('many clients that hang do not hold up one that does not', async () => {
  produce = () => new Promise(() => {});
  const sockets = Array.from({ length: 200 }, () => connect(world.port, '127.0.0.1'));
  for (const socket of sockets)
    socket.write('GET /prod/stream HTTP/1.1\r\nHost: rest123456.execute-api.localhost\r\n\r\n');
  expect((await world.get('/prod/none')).status).toBe(403);
  for (const socket of sockets) socket.destroy();
});
