/** HTTP_PROXY of both kinds against a backend that tells what it got. */
import { afterAll, expect, test } from 'bun:test';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { exchange, httpApi, listen, portOf, restApi, startWorld, type World } from '../testing/world.ts';

/** Answers by path; `/echo` tells the request line and headers as they came. */
const backend = await listen((message, response) => {
  const url = message.url ?? '';
  if (url.startsWith('/headers')) {
    response.writeHead(201, [
      'X-Dup',
      '1',
      'X-Dup',
      '2',
      'Server',
      'me',
      'Content-Type',
      'a/b',
      'Connection',
      'close',
    ]);
    response.end('made');
  } else if (url.startsWith('/gzip')) {
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': '3' });
    response.end(Buffer.from([1, 2, 3]));
  } else if (url.startsWith('/chunks')) {
    response.writeHead(200);
    response.write('one ');
    response.end('two');
  } else if (url.startsWith('/hang')) response.writeHead(200, { 'Content-Length': '10' }).write('half');
  else if (url.startsWith('/large'))
    response.writeHead(200, { 'Content-Length': String(11 * 1024 * 1024) }).end('x');
  else echo(message, response);
});

function echo(...[message, response]: Parameters<NonNullable<Parameters<typeof listen>[0]>>): void {
  const chunks: Buffer[] = [];
  message.on('data', (chunk: Buffer) => chunks.push(chunk));
  message.on('end', () => {
    const body = Buffer.concat(chunks);
    const seen = {
      line: `${message.method} ${message.url}`,
      headers: message.rawHeaders,
      length: body.length,
    };
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ ...seen, body: body.toString().slice(0, 100) }));
  });
}

const at = `http://127.0.0.1:${portOf(backend)}`;
const proxy = (uri: string, more: object = {}) => ({
  methodIntegration: { type: 'HTTP_PROXY' as const, httpMethod: 'ANY', uri, ...more },
});

const rest = await startWorld({
  api: restApi(
    {
      'ANY /echo/{proxy+}': proxy(`${at}/echo/{proxy}`, {
        requestParameters: {
          'integration.request.path.proxy': 'method.request.path.proxy',
          'integration.request.header.X-Stage': 'stageVariables.color',
          'integration.request.querystring.who': 'context.identity.sourceIp',
        },
      }),
      'ANY /plain': proxy(`${at}/echo?fixed=1`),
      'GET /headers': proxy(`${at}/headers`),
      'GET /gzip': proxy(`${at}/gzip`),
      'GET /chunks': proxy(`${at}/chunks`),
      'GET /large': proxy(`${at}/large`),
      'GET /hang': proxy(`${at}/hang`, { timeoutInMillis: 50 }),
      'GET /nobody': proxy('http://127.0.0.1:1/'),
      'GET /bad': proxy('ftp://x/'),
    },
    { stage: { variables: { color: 'red' } } },
  ),
});
const api = (path: string, more: object = {}) => ({
  IntegrationType: 'HTTP_PROXY' as const,
  IntegrationMethod: 'ANY',
  IntegrationUri: `${at}${path}`,
  ...more,
});
const http = await startWorld({
  api: httpApi({
    'ANY /echo/{proxy+}': api('/echo/{proxy}', {
      RequestParameters: {
        'append:header.X-Added': '$request.header.x-one',
        'overwrite:header.X-Over': 'at ${context.stage} ${request.querystring.a}',
        'remove:header.X-Gone': "''",
        'overwrite:querystring.b': '$request.path.proxy',
        'remove:querystring.c': "''",
      },
    }),
    'ANY /path': api('/echo', {
      RequestParameters: {
        'overwrite:path': '/moved/$context.requestId'.replace('$context.requestId', 'here'),
      },
    }),
    'GET /headers': api('/headers', {
      ResponseParameters: {
        '201': { 'overwrite:statuscode': '202', 'append:header.X-Dup': '3', 'remove:header.server': "''" },
      },
    }),
    'GET /nobody': {
      IntegrationType: 'HTTP_PROXY',
      IntegrationUri: 'http://127.0.0.1:1/',
      IntegrationMethod: 'GET',
    },
    'GET /hang': api('/hang', { TimeoutInMillis: 50 }),
  }),
});
afterAll(async () => {
  await Promise.all([rest.close(), http.close()]);
  backend.closeAllConnections();
  backend.close();
});

interface Seen {
  readonly line: string;
  readonly headers: string[];
  readonly length: number;
  readonly body: string;
}
const pairs = (headers: readonly string[]): string[] =>
  headers
    .flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${headers[i + 1]}`] : []))
    .filter((line) => !/^(X-Amzn-Trace-Id|Host|X-Forwarded-Port|Forwarded):/.test(line));
const seenBy = async (world: World, request: string): Promise<Seen> => {
  const answer = await world.send(request);
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body) as Seen; // what the backend above wrote
};

test('REST: path, query, header case, order and duplicates arrive as sent', async () => {
  const seen = await seenBy(
    rest,
    'POST /prod/plain?a=%2F&a=b+c&e HTTP/1.1\nHost: rest123456.execute-api.localhost\nX-CaSe: 1\nx-case: 2\nAuthorization: AWS4-HMAC-SHA256 secret\nTE: trailers\nContent-Length: 5\n\nhello',
  );
  expect(seen.line).toBe('POST /echo?fixed=1&a=%2F&a=b+c&e');
  expect(seen.body).toBe('hello');
  expect(pairs(seen.headers)).toEqual([
    'X-CaSe: 1',
    'x-case: 2',
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-Proto: http',
    'x-amzn-apigateway-api-id: rest123456',
    'Content-Length: 5',
  ]);
});

test('REST: mapped path, header and query', async () => {
  const seen = await seenBy(
    rest,
    'GET /prod/echo/a%2Fb/../%41?who=me&x=1 HTTP/1.1\nHost: rest123456.execute-api.localhost\nX-Stage: mine\n\n',
  );
  expect(seen.line).toBe('GET /echo/a%2Fb/../%41?x=1&who=127.0.0.1');
  expect(pairs(seen.headers)).toContain('X-Stage: red');
  expect(pairs(seen.headers)).not.toContain('X-Stage: mine');
});

test('REST: what comes back, with remapped headers and no trace id', async () => {
  const answer = await rest.get('/prod/headers');
  expect([
    answer.status,
    answer.body,
    answer.headers['x-dup'],
    answer.headers['x-amzn-remapped-server'],
  ]).toEqual([201, 'made', '1\n2', 'me']);
  expect(answer.headers['x-amzn-trace-id']).toBeUndefined();
  expect((await rest.get('/prod/gzip')).bytes).toEqual(Buffer.from([1, 2, 3]));
  const chunks = await rest.get('/prod/chunks');
  expect([chunks.body, chunks.headers['content-length']]).toEqual(['one two', '7']);
});

const failures: readonly [name: string, world: World, path: string, status: number, body: string][] = [
  [
    'REST: nobody listens',
    rest,
    '/prod/nobody',
    504,
    '{"message":"Network error communicating with endpoint"}',
  ],
  ['REST: too slow', rest, '/prod/hang', 504, '{"message":"Endpoint request timed out"}'],
  ['REST: too large', rest, '/prod/large', 500, '{"message":"Internal server error"}'],
  ['REST: no such scheme', rest, '/prod/bad', 500, '{"message":"Internal server error"}'],
  ['HTTP: nobody listens', http, '/nobody', 503, '{"message":"Service Unavailable"}'],
  ['HTTP: too slow', http, '/hang', 503, '{"message":"Service Unavailable"}'],
];
for (const [name, world, path, status, body] of failures)
  test(name, async () => {
    const answer = await world.get(path);
    expect([answer.status, answer.body]).toEqual([status, body]);
  });

test('HTTP: mapped parameters', async () => {
  const seen = await seenBy(
    http,
    'GET /echo/x%20y?a=1&c=2&b=3 HTTP/1.1\nHost: http123456.execute-api.localhost\nX-One: 1\nX-Over: no\nX-Gone: yes\n\n',
  );
  expect(seen.line).toBe('GET /echo/x%20y?a=1&b=x%20y');
  expect(pairs(seen.headers)).toEqual([
    'X-One: 1',
    'Via: HTTP/1.1 AmazonAPIGateway',
    'X-Added: 1',
    'X-Over: at $default 1',
  ]);
  expect(
    (await seenBy(http, 'GET /path?q=1 HTTP/1.1\nHost: http123456.execute-api.localhost\n\n')).line,
  ).toBe('GET /moved/here?q=1');
});

test('HTTP: mapped answers', async () => {
  const answer = await http.get('/headers');
  expect([answer.status, answer.headers['x-dup'], answer.headers['server']]).toEqual([
    202,
    '1\n2\n3',
    undefined as never,
  ]);
});

test('a large body streams to the backend, one over the limit never gets there', async () => {
  const size = 9 * 1024 * 1024;
  const head = (length: number) =>
    `POST /prod/plain HTTP/1.1\r\nHost: rest123456.execute-api.localhost\r\nContent-Length: ${length}\r\n\r\n`;
  const whole = await rest.send(Buffer.concat([Buffer.from(head(size)), Buffer.alloc(size, 'x')]));
  expect((JSON.parse(whole.body) as Seen).length).toBe(size);
  const over = await rest.send(head(11 * 1024 * 1024));
  expect([over.status, over.body]).toEqual([
    413,
    '{"message":"HTTP content length exceeded 10485760 bytes"}',
  ]);
});

/** A backend that writes these bytes, whatever it is asked. */
async function raw(bytes: string): Promise<{ port: number; close: () => void; seen: () => number }> {
  let connections = 0;
  const open = new Set<Socket>();
  const server = createTcpServer((socket) => {
    connections++;
    open.add(socket);
    socket.on('data', () => socket.write(bytes.replaceAll('\n', '\r\n')));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port, // a TCP server's address
    seen: () => connections,
    close: () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

const hostile: readonly [name: string, bytes: string, status: number][] = [
  ['two lengths', 'HTTP/1.1 200 OK\nContent-Length: 2\nContent-Length: 3\n\nok', 504],
  ['length and chunks', 'HTTP/1.1 200 OK\nContent-Length: 2\nTransfer-Encoding: chunked\n\nok', 504],
  ['no status line', 'hello\n\n', 504],
  ['a folded header', 'HTTP/1.1 200 OK\nA: b\n c\n\n', 504],
  ['a chunk too long', 'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n1\nabc\n0\n\n', 504],
  ['a switch nobody asked for', 'HTTP/1.1 101 Switching\n\n', 504],
  ['hints first', 'HTTP/1.1 103 Hints\nLink: x\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok', 200],
  [
    'chunks with extensions and trailers',
    'HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2;x=y\nok\n0\nA: b\n\n',
    200,
  ],
  [
    'bytes behind the answer',
    'HTTP/1.1 200 OK\nContent-Length: 2\n\nokHTTP/1.1 200 OK\nContent-Length: 4\n\nevil',
    200,
  ],
];
for (const [name, bytes, status] of hostile)
  test(`a backend that sends ${name}`, async () => {
    const server = await raw(bytes);
    const world = await startWorld({ api: restApi({ 'GET /': proxy(`http://127.0.0.1:${server.port}/`) }) });
    const answers = [await world.get('/prod'), await world.get('/prod')];
    expect(answers.map((answer) => answer.status)).toEqual([status, status]);
    if (status === 200) expect(answers.map(({ body }) => body)).toEqual(['ok', 'ok']);
    await world.close();
    server.close();
  });

test('a kept connection that the backend closed meanwhile is replaced', async () => {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', () => {
      requests++;
      if (requests === 2) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo; // a TCP server's address
  const world = await startWorld({ api: restApi({ 'GET /': proxy(`http://127.0.0.1:${port}/`) }) });
  expect([(await world.get('/prod')).status, (await world.get('/prod')).status, sockets.size]).toEqual([
    200, 200, 2,
  ]);
  await world.close();
  for (const socket of sockets) socket.destroy();
  server.close();
});

test('a client that leaves ends the call to the backend', async () => {
  const left = Promise.withResolvers<void>();
  const server = createTcpServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => client.destroy());
    socket.once('close', () => left.resolve());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo; // a TCP server's address
  const world = await startWorld({ api: restApi({ 'GET /': proxy(`http://127.0.0.1:${port}/`) }) });
  const { connect } = await import('node:net');
  const client = connect(world.port, '127.0.0.1');
  client.write('GET /prod HTTP/1.1\r\nHost: rest123456.execute-api.localhost\r\n\r\n');
  await left.promise;
  const again = await exchange(
    world.port,
    'GET /prod/none HTTP/1.1\nHost: rest123456.execute-api.localhost\n\n',
  );
  expect(again.status).toBe(403);
  expect(world.observations.map(({ abandoned }) => abandoned)).toContain(true);
  await world.close();
  server.close();
});
