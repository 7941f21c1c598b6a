import { afterAll, expect, test } from 'bun:test';
import { closeFrame, frame, RawClient } from '../../websocket/testing/raw-client.ts';
import { limits } from '../../base/limits.ts';
import {
  FUNCTION_ARN,
  FUNCTION_URI,
  NOW,
  RawAnswer,
  startWorld,
  webSocketApi,
  type World,
  type WorldOptions,
} from '../testing/world.ts';

const lambda = {
  IntegrationType: 'AWS_PROXY' as const,
  IntegrationUri: FUNCTION_URI,
  IntegrationMethod: 'POST',
};
const mock = (template: string) => ({
  IntegrationType: 'MOCK' as const,
  RequestTemplates: { $default: template },
  TemplateSelectionExpression: '\\$default',
});

type Event = Record<string, unknown> & { requestContext: Record<string, unknown> };
const events: Event[] = [];
/** What functions answer, by route key. */
const answers: Record<string, unknown> = {};
let clock = NOW;
const worlds: World[] = [];
afterAll(() => Promise.all(worlds.map((world) => world.close())));

async function start(api: WorldOptions['api'], ports: WorldOptions['ports'] = {}): Promise<World> {
  const world = await startWorld({
    api,
    invoke: (event) => {
      const seen = event as Event; // the events this file makes
      events.push(seen);
      const answer = answers[String(seen.requestContext.routeKey)] ?? { statusCode: 200 };
      return typeof answer === 'function' ? answer(seen) : answer;
    },
    ports: { now: () => clock, openManagement: true, ...ports },
  });
  worlds.push(world);
  return world;
}

const TEXT = 1;
const say = (client: RawClient, message: unknown): void =>
  client.send(frame(TEXT, typeof message === 'string' ? message : JSON.stringify(message)));
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};
/** The id of the connection that was opened last, and its end. */
const lastId = (): string => String(eventsOf('CONNECT').at(-1)?.requestContext.connectionId);
const endOf = async (id: string): Promise<Record<string, unknown>> => {
  const found = () =>
    eventsOf('DISCONNECT').filter(({ requestContext }) => requestContext.connectionId === id);
  await until(() => found().length > 0);
  expect(found().length).toBe(1);
  return found()[0]?.requestContext ?? {};
};
const eventsOf = (type: string): Event[] =>
  events.filter(({ requestContext }) => requestContext.eventType === type);

const chat = await start(
  webSocketApi(
    { $connect: lambda, $disconnect: lambda, $default: lambda, join: lambda, twice: lambda },
    { twoWay: ['twice', '$default'], stage: { stageVariables: { table: 'rooms' } } },
  ),
);

test('the events of a connection, to the letter', async () => {
  events.length = 0;
  clock = NOW;
  const client = await chat.open('/prod?room=a&room=b&x=', [
    'User-Agent: test/1',
    'X-Room: one',
    'X-Room: two',
  ]);
  expect(client.head.split('\r\n')).toEqual([
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  ]);
  clock += 1500;
  say(client, { action: 'join', room: 'a' });
  await until(() => events.length === 2);
  client.send(closeFrame(4001, 'bye'));
  await until(() => events.length === 3);
  const [connect, message, disconnect] = events;
  const id = connect?.requestContext.connectionId;
  expect(id).toMatch(/^[A-Za-z0-9_-]{15}=$/);
  const shared = {
    stage: 'prod',
    connectedAt: NOW,
    messageDirection: 'IN',
    domainName: 'ws12345678.execute-api.localhost',
    connectionId: id,
    apiId: 'ws12345678',
    identity: { userAgent: 'test/1', sourceIp: '127.0.0.1' },
  };
  const ids = (event: Event | undefined) => {
    const requestId = event?.requestContext.requestId;
    expect(requestId).toMatch(/^[A-Za-z0-9_-]{15}=$/);
    return { requestId, extendedRequestId: requestId };
  };
  const headers = {
    Host: 'ws12345678.execute-api.localhost',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    'User-Agent': 'test/1',
    'X-Room': 'two',
    'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Port': String(chat.port),
    'X-Forwarded-Proto': 'http',
  };
  expect(connect as unknown).toEqual({
    headers,
    multiValueHeaders: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, name === 'X-Room' ? ['one', 'two'] : [value]]),
    ),
    queryStringParameters: { room: 'b', x: '' },
    multiValueQueryStringParameters: { room: ['a', 'b'], x: [''] },
    stageVariables: { table: 'rooms' },
    requestContext: {
      routeKey: '$connect',
      eventType: 'CONNECT',
      requestTime: '09/Apr/2026:12:34:56 +0000',
      requestTimeEpoch: NOW,
      ...ids(connect),
      ...shared,
    },
    isBase64Encoded: false,
  });
  expect(message as unknown).toEqual({
    stageVariables: { table: 'rooms' },
    requestContext: {
      routeKey: 'join',
      messageId: expect.stringMatching(/=$/),
      eventType: 'MESSAGE',
      requestTime: '09/Apr/2026:12:34:57 +0000',
      requestTimeEpoch: NOW + 1500,
      ...ids(message),
      ...shared,
    },
    body: '{"action":"join","room":"a"}',
    isBase64Encoded: false,
  });
  const last = { Host: shared.domainName, 'x-api-key': '', 'X-Forwarded-For': '', 'x-restapi': '' };
  expect(disconnect as unknown).toEqual({
    headers: last,
    multiValueHeaders: Object.fromEntries(Object.entries(last).map(([name, value]) => [name, [value]])),
    stageVariables: { table: 'rooms' },
    requestContext: {
      routeKey: '$disconnect',
      disconnectStatusCode: 4001,
      disconnectReason: 'bye',
      eventType: 'DISCONNECT',
      requestTime: '09/Apr/2026:12:34:57 +0000',
      requestTimeEpoch: NOW + 1500,
      ...ids(disconnect),
      ...shared,
    },
    isBase64Encoded: false,
  });
  const arns = chat.invocations
    .slice(-3)
    .map(({ invoker, functionArn }) => `${functionArn} ${invoker?.sourceArn}`);
  expect(arns).toEqual(
    ['$connect', 'join', '$disconnect'].map(
      (key) => `${FUNCTION_ARN} arn:aws:execute-api:us-east-1:123456789012:ws12345678/prod/${key}`,
    ),
  );
});

const routed: readonly [message: string, route: string][] = [
  ['{"action":"join"}', 'join'],
  ['{"action":"twice"}', 'twice'],
  ['{"action":"nobody"}', '$default'],
  ['{"action":"$connect"}', '$default'],
  ['{"action":"$disconnect"}', '$default'],
  ['{"action":"$default"}', '$default'],
  ['{"other":1}', '$default'],
  ['{"action":null}', '$default'],
  ['{"action":["join"]}', '$default'],
  ['["join"]', '$default'],
  ['"join"', '$default'],
  ['no JSON at all', '$default'],
  ['{"action":"join"', '$default'],
  ['{"__proto__":{"action":"join"}}', '$default'],
  ['', '$default'],
];
test('which route a message is for', async () => {
  events.length = 0;
  const client = await chat.open();
  for (const [message] of routed) say(client, message);
  await until(() => eventsOf('MESSAGE').length === routed.length);
  expect(eventsOf('MESSAGE').map(({ body, requestContext }) => [body, requestContext.routeKey])).toEqual(
    routed.map((row) => [...row]),
  );
  client.send(closeFrame(1000));
  await client.end();
});

const refused: readonly [name: string, answer: unknown, status: string, body: unknown][] = [
  [
    'a status of its own',
    { statusCode: 401, body: 'who are you' },
    'HTTP/1.1 401 Unauthorized',
    'who are you',
  ],
  ['a status without a body', { statusCode: 418 }, "HTTP/1.1 418 I'm a Teapot", ''],
  ['a redirection', { statusCode: 302, headers: { Location: 'http://other' } }, 'HTTP/1.1 302 Found', ''],
  [
    'a function that throws',
    new RawAnswer({ functionError: 'Unhandled', payload: Buffer.from('{"errorMessage":"no"}') }),
    'HTTP/1.1 502 Bad Gateway',
    'Internal server error',
  ],
  [
    'nothing',
    new RawAnswer({ payload: Buffer.from('null') }),
    'HTTP/1.1 502 Bad Gateway',
    'Internal server error',
  ],
  [
    'members nobody knows',
    { statusCode: 200, hello: 1 },
    'HTTP/1.1 502 Bad Gateway',
    'Internal server error',
  ],
];
for (const [name, answer, status, body] of refused)
  test(`$connect answers ${name}: the upgrade is refused with it`, async () => {
    events.length = 0;
    answers['$connect'] = answer;
    const client = await chat.open();
    await client.end();
    delete answers['$connect'];
    expect(client.head.split('\r\n')[0]).toBe(status);
    if (status.includes('502')) {
      const { connectionId, requestId } = events[0]?.requestContext ?? {};
      expect(client.body).toBe(
        `{"message": "${body}", "connectionId":"${connectionId}", "requestId":"${requestId}"}`,
      );
    } else expect(client.body).toBe(String(body));
    // Who was never connected does not disconnect.
    expect(eventsOf('DISCONNECT')).toEqual([]);
  });

test('the upgrade waits for $connect', async () => {
  let release = (): void => {};
  answers['$connect'] = () => new Promise((resolve) => (release = () => resolve({ statusCode: 200 })));
  events.length = 0;
  const opening = chat.open();
  await until(() => events.length === 1);
  const waiting = await Promise.race([
    opening.then(() => 'open'),
    new Promise((resolve) => setTimeout(() => resolve('waiting'), 20)),
  ]);
  expect(waiting).toBe('waiting');
  release();
  const client = await opening;
  delete answers['$connect'];
  expect(client.head).toStartWith('HTTP/1.1 101');
  client.socket.destroy();
  await endOf(lastId());
});

for (const [name, statusCode] of [
  ['let in', 200],
  ['refused', 403],
] as const)
  test(`a client that leaves while $connect runs, and would have been ${name}`, async () => {
    let release = (): void => {};
    answers['$connect'] = () => new Promise((resolve) => (release = () => resolve({ statusCode })));
    events.length = 0;
    const client = new RawClient(chat.port, '/prod', [], 'ws12345678.execute-api.localhost');
    await until(() => events.length === 1);
    const id = lastId();
    client.socket.destroy();
    await client.end();
    release();
    delete answers['$connect'];
    // Whoever the backend took in is told of; a later connection shows that nobody else is.
    if (statusCode === 200) expect((await endOf(id))['disconnectStatusCode']).toBe(1006);
    const later = await chat.open();
    later.send(closeFrame(1000));
    await endOf(lastId());
    expect(eventsOf('DISCONNECT').length).toBe(statusCode === 200 ? 2 : 1);
  });

test('what a client sends before its upgrade is answered is not lost', async () => {
  events.length = 0;
  answers['$connect'] = () => new Promise((resolve) => setTimeout(() => resolve({ statusCode: 200 }), 10));
  const opening = chat.open();
  await until(() => eventsOf('CONNECT').length === 1);
  delete answers['$connect'];
  const client = await opening;
  say(client, { action: 'join' });
  await until(() => eventsOf('MESSAGE').length === 1);
  client.send(closeFrame(1000));
});

const replies: readonly [name: string, message: object | string, answer: unknown, received: unknown][] = [
  ['a two-way route sends the body', { action: 'twice' }, { statusCode: 200, body: 'héllo' }, 'text héllo'],
  [
    'base64 is decoded',
    { action: 'twice' },
    { statusCode: 200, body: 'aGk=', isBase64Encoded: true },
    'binary hi',
  ],
  ['an error status changes nothing', { action: 'twice' }, { statusCode: 500, body: 'oops' }, 'text oops'],
  [
    'a function that throws',
    { action: 'twice' },
    new RawAnswer({ functionError: 'Unhandled', payload: Buffer.from('{}') }),
    'Internal server error',
  ],
  [
    'a one-way route tells errors too',
    { action: 'join' },
    new RawAnswer({ functionError: 'Unhandled', payload: Buffer.from('{}') }),
    'Internal server error',
  ],
];
for (const [name, message, answer, received] of replies)
  test(name, async () => {
    events.length = 0;
    const client = await chat.open();
    const route = (message as { action: string }).action;
    answers[route] = answer;
    say(client, message);
    await client.until(() => client.frames.length === 1);
    delete answers[route];
    const { connectionId, requestId } = eventsOf('MESSAGE')[0]?.requestContext ?? {};
    const error = `{"message": "${received}", "connectionId":"${connectionId}", "requestId":"${requestId}"}`;
    const text = client.frames[0]?.payload.toString();
    if (received === 'Internal server error') expect(text).toBe(error);
    else expect(client.shown()[0]).toBe(String(received));
    client.send(closeFrame(1000));
  });

test('messages are handed on in their order and run side by side, only so many at once', async () => {
  events.length = 0;
  const open: (() => void)[] = [];
  answers['join'] = () => new Promise((resolve) => open.push(() => resolve({ statusCode: 200 })));
  const client = await chat.open();
  const count = limits.webSocketMessagesAtOnce;
  client.send(
    ...Array.from({ length: 3 * count }, (_, at) =>
      frame(TEXT, JSON.stringify({ action: 'join', at, fill: 'x'.repeat(9000) })),
    ),
  );
  await until(() => open.length >= count);
  // What had arrived when the limit was reached is handed on; what follows waits until something is done.
  const first = open.length;
  expect(first).toBeLessThan(3 * count);
  while (eventsOf('MESSAGE').length < 3 * count) {
    for (const go of open.splice(0)) go();
    await new Promise((resolve) => setImmediate(resolve));
  }
  delete answers['join'];
  expect(eventsOf('MESSAGE').map(({ body }) => (JSON.parse(String(body)) as { at: number }).at)).toEqual(
    Array.from({ length: 3 * count }, (_, at) => at),
  );
  for (const go of open.splice(0)) go();
  client.send(closeFrame(1000));
});

test('limits of frames and messages close as AWS closes', async () => {
  const rows: readonly [Buffer[], string][] = [
    [[frame(TEXT, 'x'.repeat(32 * 1024 + 1))], 'close 1009'],
    [
      [
        frame(TEXT, 'x'.repeat(30_000), { last: false }),
        ...Array.from({ length: 4 }, (_, at) => frame(0, 'x'.repeat(30_000), { last: at === 3 })),
      ],
      'close 1009',
    ],
    [[frame(2, 'bytes')], 'close 1003'],
    [[frame(TEXT, Buffer.from('ff', 'hex'))], 'close 1007'],
    [[frame(TEXT, 'x', { masked: false })], 'close 1002'],
  ];
  for (const [sent, received] of rows) {
    events.length = 0;
    const client = await chat.open();
    client.send(...sent);
    await client.end();
    expect(client.shown().at(-1)).toBe(received);
    expect((await endOf(lastId()))['disconnectStatusCode']).toBe(Number(received.split(' ')[1]));
  }
});

test('ten minutes idle, two hours at most: closed as going away', async () => {
  events.length = 0;
  clock = NOW;
  const idle = await chat.open();
  const idleId = lastId();
  const busy = await chat.open();
  const busyId = lastId();
  clock += limits.webSocketIdleMs - 1;
  chat.gateway.sweep();
  busy.send(frame(9, 'still here'));
  await busy.until(() => busy.frames.length === 1);
  clock += 1;
  chat.gateway.sweep();
  await idle.until(() => idle.frames.length === 1);
  expect(idle.shown()).toEqual(['close 1001']);
  idle.send(closeFrame(1001));
  await idle.end();
  for (
    let spent = limits.webSocketIdleMs;
    spent < limits.webSocketDurationMs;
    spent += limits.webSocketIdleMs - 1
  ) {
    clock = NOW + spent;
    const before = busy.frames.length;
    busy.send(frame(9, 'x'));
    await busy.until(() => busy.frames.length > before);
    chat.gateway.sweep();
  }
  expect(busy.shown().includes('close 1001')).toBe(false);
  clock = NOW + limits.webSocketDurationMs;
  chat.gateway.sweep();
  await busy.until(() => busy.shown().includes('close 1001'));
  busy.send(closeFrame(1001));
  for (const id of [idleId, busyId])
    expect(await endOf(id)).toMatchObject({ disconnectStatusCode: 1001, disconnectReason: 'Going away' });
  clock = NOW;
});

test('the management API', async () => {
  events.length = 0;
  clock = NOW;
  const client = await chat.open('/prod', ['User-Agent: test/1']);
  const id = lastId();
  const ask = (method: string, path: string, body = '') =>
    chat.send(
      `${method} ${path} HTTP/1.1\nHost: ws12345678.execute-api.localhost\nContent-Length: ${Buffer.byteLength(body)}\n\n${body}`,
    );
  const path = `/prod/@connections/${id}`;
  expect(await ask('POST', path, 'hello').then(({ status, body }) => [status, body])).toEqual([200, '']);
  expect((await ask('POST', `/prod/%40connections/${encodeURIComponent(id)}`, 'again')).status).toBe(200);
  await client.until(() => client.frames.length === 2);
  expect(client.shown()).toEqual(['text hello', 'text again']);
  clock += 5000;
  client.send(frame(9));
  await client.until(() => client.frames.length === 3);
  const got = await ask('GET', path);
  expect(JSON.parse(got.body)).toEqual({
    connectedAt: '2026-04-09T12:34:56.000Z',
    identity: { sourceIp: '127.0.0.1', userAgent: 'test/1' },
    lastActiveAt: '2026-04-09T12:35:01.000Z',
  });
  const large = 'x'.repeat(128 * 1024);
  expect((await ask('POST', path, large)).status).toBe(200);
  await client.until(() => client.frames.length === 7);
  expect(client.frames.slice(3).map(({ opcode, last, payload }) => [opcode, last, payload.length])).toEqual([
    [1, false, 32768],
    [0, false, 32768],
    [0, false, 32768],
    [0, true, 32768],
  ]);
  const errors: readonly [string, string, string, number, string][] = [
    ['POST', path, `${large}x`, 413, 'PayloadTooLargeException'],
    ['POST', '/prod/@connections/AAAAAAAAAAAAAAA=', 'x', 410, 'GoneException'],
    ['GET', '/prod/@connections/AAAAAAAAAAAAAAA=', '', 410, 'GoneException'],
    ['DELETE', '/prod/@connections/AAAAAAAAAAAAAAA=', '', 410, 'GoneException'],
    ['POST', '/prod/@connections/a.b', 'x', 400, 'BadRequestException'],
    ['PUT', path, 'x', 403, 'MissingAuthenticationTokenException'],
    ['GET', '/prod/elsewhere', '', 403, 'ForbiddenException'],
    ['POST', `/other/@connections/${id}`, 'x', 403, 'ForbiddenException'],
  ];
  for (const [method, at, body, status, type] of errors) {
    const answer = await ask(method, at, body);
    expect([method, at, answer.status, answer.headers['x-amzn-errortype']]).toEqual([
      method,
      at,
      status,
      type,
    ]);
  }
  expect(await ask('DELETE', path).then(({ status, body }) => [status, body])).toEqual([204, '']);
  await client.until(() => client.shown().at(-1) === 'close 1000');
  client.send(closeFrame(1000));
  expect(await endOf(id)).toMatchObject({
    disconnectStatusCode: 1000,
    disconnectReason: 'Connection Closed Normally',
  });
  expect((await ask('POST', path, 'late')).status).toBe(410);
  clock = NOW;
});

test('a client that never reads fills what is kept for it, is refused to callers, and is dropped', async () => {
  events.length = 0;
  clock = NOW;
  const client = await chat.open();
  client.socket.pause();
  const id = lastId();
  const body = 'x'.repeat(100_000);
  const post = () =>
    chat.send(
      `POST /prod/@connections/${id} HTTP/1.1\nHost: ws12345678.execute-api.localhost\nContent-Length: ${body.length}\n\n${body}`,
    );
  let status = 200;
  for (let count = 0; status === 200; count++) {
    expect(count).toBeLessThan(500);
    ({ status } = await post());
  }
  expect(status).toBe(429);
  chat.gateway.sweep();
  clock += 1;
  chat.gateway.sweep();
  clock += limits.webSocketStalledMs;
  chat.gateway.sweep();
  expect((await endOf(id))['disconnectStatusCode']).toBe(1006);
  expect((await post()).status).toBe(410);
  client.socket.destroy();
  clock = NOW;
});

test('a stage without $connect, $disconnect and $default', async () => {
  const bare = await start(webSocketApi({ ping: mock('{"statusCode":200}') }));
  const client = await bare.open();
  expect(client.head).toStartWith('HTTP/1.1 101');
  say(client, { action: 'x' });
  await client.until(() => client.frames.length === 1);
  expect(client.shown()[0]?.length).toBeGreaterThan(10);
  expect(client.frames[0]?.payload.toString()).toMatch(
    /^\{"message": "Forbidden", "connectionId":"[^"]+=", "requestId":"[^"]+="\}$/,
  );
  client.send(closeFrame(1000));
  await client.end();
  const nowhere: readonly [string, string][] = [
    ['/other', '403'],
    ['/', '403'],
    ['/prod/deeper', '403'],
  ];
  for (const [path, status] of nowhere)
    expect((await bare.open(path)).head).toStartWith(`HTTP/1.1 ${status}`);
});

test('what is no sound upgrade', async () => {
  const host = 'Host: ws12345678.execute-api.localhost\nUpgrade: websocket\nConnection: Upgrade';
  const rows: readonly [string, number][] = [
    [`GET /prod HTTP/1.1\n${host}\nSec-WebSocket-Version: 13\n\n`, 400],
    [`GET /prod HTTP/1.1\n${host}\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: short\n\n`, 400],
    [
      `GET /prod HTTP/1.1\n${host}\nSec-WebSocket-Version: 8\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n\n`,
      426,
    ],
    [
      `POST /prod HTTP/1.1\n${host}\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nContent-Length: 0\n\n`,
      400,
    ],
    [`GET /prod HTTP/1.1\nHost: ws12345678.execute-api.localhost\n\n`, 403],
    [
      `GET /prod HTTP/1.1\nHost: nobody.execute-api.localhost\nUpgrade: websocket\nConnection: Upgrade\n\n`,
      403,
    ],
  ];
  for (const [request, status] of rows)
    expect([request, (await chat.send(request)).status]).toEqual([request, status]);
});

test('new connections are counted: the 501st of a second is refused', async () => {
  clock = NOW + 1e9;
  const many = await start(webSocketApi({ $default: mock('{"statusCode":200}') }));
  const clients = await Promise.all(
    Array.from({ length: limits.webSocketNewConnectionsPerSecond + 1 }, () => many.open()),
  );
  const statuses = clients.map(({ head }) => head.slice(9, 12));
  expect(statuses.filter((status) => status === '101').length).toBe(limits.webSocketNewConnectionsPerSecond);
  expect(statuses.filter((status) => status === '429').length).toBe(1);
  clock += 10;
  expect((await many.open()).head).toStartWith('HTTP/1.1 101');
  for (const client of clients) client.socket.destroy();
  clock = NOW;
});
