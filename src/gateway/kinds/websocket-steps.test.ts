/** What a WebSocket route can be made of: integrations, templates, models, keys, authorizers, throttles, logs. */
import { afterAll, expect, test } from 'bun:test';
import type { IncomingMessage } from 'node:http';
import { closeFrame, frame, type RawClient } from '../../websocket/testing/raw-client.ts';
import type { AwsServiceRequest, InvokePermission } from '../ports.ts';
import {
  FUNCTION_URI,
  listen,
  NOW,
  portOf,
  RawAnswer,
  startWorld,
  webSocketApi,
  type WebSocketOptions,
  type World,
  type WorldOptions,
} from '../testing/world.ts';

type Routes = Parameters<typeof webSocketApi>[0];
type Integration = Routes[string];
type Event = Record<string, unknown> & { requestContext: Record<string, unknown> };

const lambda: Integration = {
  IntegrationType: 'AWS_PROXY',
  IntegrationUri: FUNCTION_URI,
  IntegrationMethod: 'POST',
};
const mock: Integration = {
  IntegrationType: 'MOCK',
  RequestTemplates: { $default: '{"statusCode":200}' },
  TemplateSelectionExpression: '\\$default',
};

const worlds: World[] = [];
const backend = await listen((request, response) => void answerBackend(request, response));
const backendUrl = `http://127.0.0.1:${portOf(backend)}`;
afterAll(async () => {
  await Promise.all(worlds.map((world) => world.close()));
  backend.closeAllConnections();
  await new Promise((done) => backend.close(done));
});

const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
async function answerBackend(
  request: IncomingMessage,
  response: import('node:http').ServerResponse,
): Promise<void> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const { method = '', url = '', headers } = request;
  seen.push({ method, url, headers, body });
  const status = Number(/status=(\d+)/.exec(url)?.[1] ?? 200);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'X-Kind': 'ours',
    'Sec-WebSocket-Protocol': 'v2',
  });
  response.end(JSON.stringify({ got: body, status }));
}

async function start(
  routes: Routes,
  options: WebSocketOptions = {},
  more: Partial<WorldOptions> = {},
): Promise<World> {
  const api = webSocketApi(routes, options);
  const world = await startWorld({ api, invoke: () => ({ statusCode: 200 }), ...more });
  worlds.push(world);
  return world;
}

/** Opens, sends each message in turn and waits for its answer. */
async function ask(world: World, ...messages: readonly unknown[]): Promise<string[]> {
  const client = await world.open();
  for (const [at, message] of messages.entries()) {
    say(client, message);
    await client.until(() => client.frames.length > at);
  }
  client.send(closeFrame(1000));
  return client.frames.map(({ payload }) => payload.toString());
}

const say = (client: RawClient, message: unknown): void =>
  client.send(frame(1, typeof message === 'string' ? message : JSON.stringify(message)));
const messageOf = (text: string | undefined): unknown =>
  (JSON.parse(text ?? '') as { message: unknown }).message;

test('MOCK: templates of request and response by selection expressions', async () => {
  const world = await start(
    {
      $default: {
        ...mock,
        TemplateSelectionExpression: '${request.body.kind}',
        RequestTemplates: {
          good: '{"statusCode": 200}',
          bad: '{"statusCode": 418}',
          $default: '{"statusCode": 500}',
        },
      },
    },
    {
      twoWay: ['$default'],
      stage: { stageVariables: { name: 'dev' } },
      responses: {
        $default: [
          {
            IntegrationResponseKey: '/2\\d\\d/',
            TemplateSelectionExpression: '${request.body.lang}',
            ResponseTemplates: {
              de: 'gut: $context.eventType $stageVariables.name',
              $default: 'good: $context.connectionId $context.messageId',
            },
          },
          {
            IntegrationResponseKey: '/4\\d\\d/',
            TemplateSelectionExpression: '${integration.response.statuscode}',
            ResponseTemplates: { '418': 'a teapot', $default: 'client' },
          },
          { IntegrationResponseKey: '$default', ResponseTemplates: { 'application/json': 'anything else' } },
        ],
      },
    },
  );
  const answers = await ask(
    world,
    { kind: 'good', lang: 'de' },
    { kind: 'good' },
    { kind: 'bad' },
    { kind: 'other' },
  );
  expect(answers[0]).toBe('gut: MESSAGE dev');
  expect(answers[1]).toMatch(/^good: [\w-]{15}= [\w-]{15}=$/);
  expect(answers.slice(2)).toEqual(['a teapot', 'anything else']);
});

test('MOCK: no route response, no answer; no template, 415; no match, an error', async () => {
  const rows: readonly [Integration, WebSocketOptions, unknown][] = [
    [{ ...mock, PassthroughBehavior: 'NEVER', RequestTemplates: {} }, {}, 'Unsupported Media Type'],
    [
      {
        ...mock,
        PassthroughBehavior: 'WHEN_NO_TEMPLATES',
        RequestTemplates: { a: 'x' },
        TemplateSelectionExpression: 'b',
      },
      {},
      'Unsupported Media Type',
    ],
    [mock, { responses: { $default: [{ IntegrationResponseKey: '/5\\d\\d/' }] } }, 'Internal server error'],
    [{ ...mock, RequestTemplates: { $default: '{"statusCode": "x"}' } }, {}, 'Internal server error'],
    [{}, {}, 'Internal server error'],
  ];
  for (const [integration, options, message] of rows) {
    const world = await start({ $default: integration }, { twoWay: ['$default'], ...options });
    expect(messageOf((await ask(world, 'x'))[0])).toBe(message);
  }
  const quiet = await start(
    { $default: mock, loud: mock },
    {
      twoWay: ['loud'],
      responses: { loud: [{ IntegrationResponseKey: '$default', ResponseTemplates: { $default: 'heard' } }] },
    },
  );
  const client = await quiet.open();
  say(client, 'one way');
  say(client, { action: 'loud' });
  await client.until(() => client.frames.length > 0);
  expect(client.shown()).toEqual(['text heard']);
});

test('HTTP: mapped parameters, template, answer by status and header', async () => {
  seen.length = 0;
  const world = await start(
    {
      $default: {
        IntegrationType: 'HTTP',
        IntegrationMethod: 'PUT',
        IntegrationUri: `${backendUrl}/rooms/{room}?status=\${stageVariables.status}`,
        RequestParameters: {
          'integration.request.header.connectionId': 'context.connectionId',
          'integration.request.path.room': 'route.request.body.room',
          'integration.request.querystring.kind': "'chat'",
          'integration.request.header.stage': 'stageVariables.status',
        },
        RequestTemplates: { $default: '{"text": $input.json(\'$.text\')}' },
        TemplateSelectionExpression: '\\$default',
      },
    },
    {
      twoWay: ['$default'],
      stage: { stageVariables: { status: '201' } },
      responses: {
        $default: [
          {
            IntegrationResponseKey: '$default',
            TemplateSelectionExpression: '${integration.response.header.X-Kind}',
            ResponseTemplates: { ours: '$input.path("$.got") $input.path("$.status")' },
          },
        ],
      },
    },
  );
  const [answer] = await ask(world, { room: 'a', text: 'hi' });
  expect(answer).toBe('{"text": "hi"} 201');
  const [{ method, url, headers, body } = { method: '', url: '', headers: {}, body: '' }] = seen;
  expect([method, url, body, headers['stage'], headers['content-type']]).toEqual([
    'PUT',
    '/rooms/a?status=201&kind=chat',
    '{"text": "hi"}',
    '201',
    'application/json',
  ]);
  expect(headers['connectionid']).toMatch(/=$/);
});

test('HTTP_PROXY: the message goes as it is, the answer comes as it is; the upgrade takes its status and subprotocol', async () => {
  seen.length = 0;
  const proxy = (path: string): Integration => ({
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'POST',
    IntegrationUri: `${backendUrl}${path}`,
    RequestParameters: { 'integration.request.header.token': 'route.request.querystring.token' },
  });
  const world = await start(
    { $connect: proxy('/connect'), $default: proxy('/message'), $disconnect: proxy('/gone') },
    { twoWay: ['$default'] },
  );
  const client = await world.open('/prod?token=t1', ['X-Own: 1', 'Sec-WebSocket-Protocol: v1, v2']);
  expect(client.head).toContain('\r\nSec-WebSocket-Protocol: v2');
  say(client, 'plain');
  await client.until(() => client.frames.length === 1);
  expect(client.shown()).toEqual(['text {"got":"plain","status":200}']);
  client.send(closeFrame(1000));
  await client.end();
  while (seen.length < 3) await new Promise((resolve) => setImmediate(resolve));
  expect(seen.map(({ url, body }) => [url, body])).toEqual([
    ['/connect?token=t1', ''],
    ['/message', 'plain'],
    ['/gone', ''],
  ]);
  expect(seen[0]?.headers).toMatchObject({ 'x-own': '1', token: 't1', 'sec-websocket-protocol': 'v1, v2' });
  const refused = await start({ $connect: proxy('/no?status=409') });
  expect((await refused.open()).head).toStartWith('HTTP/1.1 409 Conflict');
});

test('AWS: a function by templates, another service in its own words', async () => {
  const calls: AwsServiceRequest[] = [];
  const world = await start(
    {
      $connect: {
        IntegrationType: 'AWS',
        IntegrationMethod: 'POST',
        IntegrationUri: 'arn:aws:apigateway:us-east-1:dynamodb:action/PutItem',
        CredentialsArn: 'arn:aws:iam::123456789012:role/writer',
        RequestTemplates: { $default: '{"id":"$context.connectionId","user":"$input.params(\'user\')"}' },
        TemplateSelectionExpression: '\\$default',
      },
      $default: {
        IntegrationType: 'AWS',
        IntegrationUri: FUNCTION_URI,
        RequestTemplates: { $default: '{"from":"$context.connectionId","body":$input.body}' },
        TemplateSelectionExpression: '\\$default',
      },
    },
    {
      twoWay: ['$default'],
      responses: {
        $default: [
          {
            IntegrationResponseKey: '/.*broken.*/',
            ResponseTemplates: { $default: 'sorry: $input.path("$.errorMessage")' },
            TemplateSelectionExpression: '\\$default',
          },
          { IntegrationResponseKey: '$default' },
        ],
      },
    },
    {
      invoke: (event) =>
        (event['body'] as { fail?: boolean }).fail
          ? new RawAnswer({
              functionError: 'Unhandled',
              payload: Buffer.from('{"errorMessage":"it is broken"}'),
            })
          : { echoed: event['body'] },
      ports: {
        callAwsService: async (call) => {
          calls.push(call);
          return { status: 200, rawHeaders: [], body: Buffer.from('{}') };
        },
      },
    },
  );
  const client = await world.open('/prod?user=ada');
  expect(client.head).toStartWith('HTTP/1.1 101');
  const [call] = calls;
  expect([call?.service, call?.action?.name, call?.credentials]).toEqual([
    'dynamodb',
    'PutItem',
    { kind: 'role', roleArn: 'arn:aws:iam::123456789012:role/writer' },
  ]);
  expect(JSON.parse(Buffer.from(call?.body ?? []).toString())).toEqual({
    id: expect.stringMatching(/=$/),
    user: 'ada',
  });
  say(client, { text: 'hi' });
  await client.until(() => client.frames.length === 1);
  say(client, { fail: true });
  await client.until(() => client.frames.length === 2);
  expect(client.shown()).toEqual(['text {"echoed":{"text":"hi"}}', 'text sorry: it is broken']);
});

test('AWS: a service that refuses refuses the connection', async () => {
  const world = await start(
    {
      $connect: {
        IntegrationType: 'AWS',
        IntegrationUri: 'arn:aws:apigateway:us-east-1:dynamodb:action/PutItem',
      },
    },
    {},
    { ports: { callAwsService: async () => ({ status: 400, rawHeaders: [], body: Buffer.from('{}') }) } },
  );
  expect((await world.open()).head).toStartWith('HTTP/1.1 400');
});

test('content handling: base64 text to the backend as bytes, bytes to the client as base64', async () => {
  seen.length = 0;
  const world = await start(
    {
      $default: {
        IntegrationType: 'HTTP',
        IntegrationMethod: 'POST',
        IntegrationUri: backendUrl,
        ContentHandlingStrategy: 'CONVERT_TO_BINARY',
      },
    },
    {
      twoWay: ['$default'],
      responses: {
        $default: [{ IntegrationResponseKey: '$default', ContentHandlingStrategy: 'CONVERT_TO_TEXT' }],
      },
    },
  );
  const [answer] = await ask(world, Buffer.from('bytes').toString('base64'));
  expect(seen[0]?.body).toBe('bytes');
  expect(Buffer.from(answer ?? '', 'base64').toString()).toBe('{"got":"bytes","status":200}');
});

test('models: chosen by expression, the rest by $default, nothing by nothing', async () => {
  const world = await start(
    { $default: mock },
    {
      twoWay: ['$default'],
      responses: {
        $default: [{ IntegrationResponseKey: '$default', ResponseTemplates: { $default: 'fine' } }],
      },
      routes: {
        $default: {
          ModelSelectionExpression: '$request.body.kind',
          RequestModels: { text: 'Text', $default: 'Any' },
        },
      },
      definition: {
        models: [
          {
            Name: 'Text',
            Schema: '{"type":"object","required":["text"],"properties":{"text":{"type":"string"}}}',
          },
          { Name: 'Any', Schema: '{"type":"object"}' },
        ],
      },
    },
  );
  const answers = await ask(
    world,
    { kind: 'text', text: 'hi' },
    { kind: 'text' },
    { kind: 'text', text: 1 },
    {},
    [1],
    'no JSON',
  );
  expect(answers.map((answer) => (answer === 'fine' ? answer : messageOf(answer)))).toEqual([
    'fine',
    'Invalid request body',
    'Invalid request body',
    'fine',
    'Invalid request body',
    'Invalid request body',
  ]);
  const none = await start(
    { $default: mock },
    { routes: { $default: { ModelSelectionExpression: '$request.body.kind', RequestModels: {} } } },
  );
  expect(messageOf((await ask(none, { kind: 'x' }))[0])).toBe('Invalid request body');
});

test('required parameters of $connect', async () => {
  const world = await start(
    { $connect: mock },
    {
      routes: {
        $connect: {
          RequestParameters: {
            'route.request.querystring.token': { Required: true },
            'route.request.header.X-Room': { Required: true },
            'route.request.header.X-Any': { Required: false },
          },
        },
      },
    },
  );
  const without = await world.open();
  await without.end();
  expect(without.head).toStartWith('HTTP/1.1 400');
  expect(messageOf(without.body)).toBe('Missing required request parameters: [token, X-Room]');
  expect((await world.open('/prod?token=1', ['x-room: a'])).head).toStartWith('HTTP/1.1 101');
});

test('API keys: of the upgrade, and of the authorizer; they hold for messages too', async () => {
  const findApiKey = (_scope: unknown, value: string) =>
    value === 'good-key'
      ? { apiKeyId: 'k1', enabled: true, plan: { usagePlanId: 'p1', methodThrottles: {} } }
      : undefined;
  const ports = { findApiKey, useQuota: () => true };
  const world = await start(
    { $connect: lambda, $default: lambda },
    { routes: { $connect: { ApiKeyRequired: true }, $default: { ApiKeyRequired: true } } },
    { ports },
  );
  for (const headers of [[], ['x-api-key: wrong']])
    expect((await world.open('/prod', headers)).head).toStartWith('HTTP/1.1 403');
  const client = await world.open('/prod', ['x-api-key: good-key']);
  expect(client.head).toStartWith('HTTP/1.1 101');
  say(client, 'x');
  while (world.invocations.length < 2) await new Promise((resolve) => setImmediate(resolve));
  const event = JSON.parse(Buffer.from(world.invocations[1]?.payload ?? []).toString()) as Event;
  expect(event.requestContext['identity']).toMatchObject({ apiKey: 'good-key', apiKeyId: 'k1' });
  const messagesOnly = await start(
    { $default: lambda },
    { routes: { $default: { ApiKeyRequired: true } } },
    { ports },
  );
  expect(messageOf((await ask(messagesOnly, 'x'))[0])).toBe('Forbidden');
});

const allow = (resource: unknown, more: object = {}) => ({
  principalId: 'ada',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: resource }],
  },
  context: { team: 'red', level: 3 },
  ...more,
});

test('a Lambda authorizer on $connect', async () => {
  const asked: Record<string, unknown>[] = [];
  let said: unknown = 'ok';
  const world = await start(
    { $connect: lambda, $default: lambda, $disconnect: lambda },
    {
      routes: { $connect: { AuthorizationType: 'CUSTOM', AuthorizerId: 'a1' } },
      definition: {
        authorizers: {
          a1: {
            AuthorizerId: 'a1',
            Name: 'gate',
            AuthorizerType: 'REQUEST',
            AuthorizerUri: FUNCTION_URI,
            IdentitySource: ['route.request.querystring.token'],
          },
        },
      },
    },
    {
      invoke: (event) => {
        if (event['type'] !== 'REQUEST') return { statusCode: 200 };
        asked.push(event);
        return said === 'ok' ? allow(event['methodArn']) : said;
      },
    },
  );
  const refused: readonly [unknown, string, number][] = [
    ['ok', '/prod', 401],
    ['ok', '/prod?token=', 401],
    [
      new RawAnswer({ functionError: 'Handled', payload: Buffer.from('{"errorMessage":"Unauthorized"}') }),
      '/prod?token=t',
      401,
    ],
    [allow('arn:aws:execute-api:us-east-1:123456789012:other/*'), '/prod?token=t', 403],
    [{ nonsense: true }, '/prod?token=t', 500],
    [
      new RawAnswer({ functionError: 'Unhandled', payload: Buffer.from('{"errorMessage":"boom"}') }),
      '/prod?token=t',
      500,
    ],
  ];
  for (const [answer, path, status] of refused) {
    said = answer;
    expect([path, (await world.open(path)).head.slice(9, 12)]).toEqual([path, String(status)]);
  }
  asked.length = 0;
  world.invocations.length = 0;
  said = 'ok';
  const client = await world.open('/prod?token=t', ['X-One: 1']);
  expect(client.head).toStartWith('HTTP/1.1 101');
  expect(asked[0]).toMatchObject({
    type: 'REQUEST',
    methodArn: 'arn:aws:execute-api:us-east-1:123456789012:ws12345678/prod/$connect',
    headers: { 'X-One': '1' },
    multiValueHeaders: { 'X-One': ['1'] },
    queryStringParameters: { token: 't' },
    multiValueQueryStringParameters: { token: ['t'] },
    stageVariables: {},
    requestContext: {
      routeKey: '$connect',
      eventType: 'CONNECT',
      messageDirection: 'IN',
      apiId: 'ws12345678',
    },
  });
  expect('path' in (asked[0] ?? {})).toBe(false);
  say(client, 'x');
  client.send(closeFrame(1000));
  while (world.invocations.length < 4) await new Promise((resolve) => setImmediate(resolve));
  for (const { payload } of world.invocations.slice(1)) {
    const event = JSON.parse(Buffer.from(payload).toString()) as Event;
    expect(event.requestContext['authorizer']).toMatchObject({ principalId: 'ada', team: 'red', level: '3' });
  }
});

test('what cannot be authorized lets nobody in', async () => {
  const rows: readonly WebSocketOptions['routes'][] = [
    { $connect: { AuthorizationType: 'CUSTOM', AuthorizerId: 'nobody' } },
    { $connect: { AuthorizationType: 'JWT', AuthorizerId: 'x' } },
  ];
  for (const routes of rows) {
    const world = await start({ $connect: mock }, routes === undefined ? {} : { routes });
    expect((await world.open()).head).toStartWith('HTTP/1.1 500');
  }
});

test('AWS_IAM: who signed may connect, and the management API asks for another action', async () => {
  const caller = {
    kind: 'user' as const,
    account: '123456789012',
    arn: 'arn:aws:iam::123456789012:user/ada',
    userId: 'AIDA1',
    accessKeyId: 'AKIA1',
  };
  const asked: InvokePermission[] = [];
  let signed = false;
  const world = await start(
    { $connect: lambda },
    { routes: { $connect: { AuthorizationType: 'AWS_IAM' } } },
    {
      ports: {
        authenticate: async () => (signed ? { ok: true, caller } : undefined),
        authorizeInvoke: async (permission) => {
          asked.push(permission);
          return permission.action === 'execute-api:Invoke'
            ? { allowed: true }
            : { allowed: false, message: 'no' };
        },
      },
    },
  );
  expect((await world.open()).head).toStartWith('HTTP/1.1 403');
  signed = true;
  const client = await world.open();
  expect(client.head).toStartWith('HTTP/1.1 101');
  const event = JSON.parse(Buffer.from(world.invocations[0]?.payload ?? []).toString()) as Event;
  expect(event.requestContext['identity']).toMatchObject({
    userArn: caller.arn,
    accessKey: 'AKIA1',
    accountId: '123456789012',
  });
  const path = `/prod/@connections/${String(event.requestContext['connectionId'])}`;
  const answer = await world.send(`GET ${path} HTTP/1.1\nHost: ws12345678.execute-api.localhost\n\n`);
  expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([403, 'ForbiddenException']);
  expect(asked.map(({ action, resource }) => [action, resource.split(':').at(-1)])).toEqual([
    ['execute-api:Invoke', 'ws12345678/prod/$connect'],
    ['execute-api:ManageConnections', 'ws12345678/prod/GET/@connections/{connectionId}'],
  ]);
  signed = false;
  expect((await world.send(`GET ${path} HTTP/1.1\nHost: ws12345678.execute-api.localhost\n\n`)).status).toBe(
    403,
  );
});

test('subprotocols: what the function answers is what the client gets', async () => {
  const world = await start(
    { $connect: lambda },
    {},
    { invoke: () => ({ statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'chat.v2' } }) },
  );
  expect((await world.open('/prod', ['Sec-WebSocket-Protocol: chat.v1, chat.v2'])).head).toEndWith(
    '\r\nSec-WebSocket-Protocol: chat.v2',
  );
  const plain = await start({ $connect: lambda });
  expect((await plain.open('/prod', ['Sec-WebSocket-Protocol: chat.v1'])).head).not.toContain(
    'Protocol: chat',
  );
});

test('throttles of routes: of $connect a status, of messages a frame', async () => {
  const world = await start(
    { $connect: mock, $default: mock },
    {
      stage: {
        routeSettings: {
          $connect: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 1 },
          $default: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 },
        },
      },
    },
  );
  const client = await world.open();
  expect((await world.open()).head).toStartWith('HTTP/1.1 429');
  for (let count = 0; count < 3; count++) say(client, 'x');
  await client.until(() => client.frames.length === 1);
  expect(messageOf(client.frames[0]?.payload.toString())).toBe('Too Many Requests');
});

test('access and execution logs, and what observers are told', async () => {
  const world = await start(
    { $connect: mock, $default: lambda, $disconnect: mock },
    {
      twoWay: ['$default'],
      stage: {
        accessLogSettings: {
          DestinationArn: 'arn:aws:logs:us-east-1:123456789012:log-group:access',
          Format:
            '$context.eventType $context.routeKey $context.status $context.messageDirection $context.error.message $context.identity.sourceIp $context.connectedAt',
        },
        defaultRouteSettings: { LoggingLevel: 'INFO', DataTraceEnabled: true, DetailedMetricsEnabled: true },
      },
    },
    {
      invoke: (event) =>
        event['body'] === 'bad'
          ? new RawAnswer({ functionError: 'Unhandled', payload: Buffer.from('{}') })
          : { statusCode: 200, body: 'fine' },
    },
  );
  const client = await world.open();
  say(client, 'good');
  await client.until(() => client.frames.length === 1);
  say(client, 'bad');
  await client.until(() => client.frames.length === 2);
  client.send(closeFrame(1000));
  while (world.observations.length < 4) await new Promise((resolve) => setImmediate(resolve));
  const access = world.logged.filter(({ group }) => group === 'access').map(({ message }) => message);
  expect(access).toEqual([
    `CONNECT $connect 200 IN - 127.0.0.1 ${NOW}`,
    `MESSAGE $default 200 IN - 127.0.0.1 ${NOW}`,
    `MESSAGE $default 502 IN Internal server error 127.0.0.1 ${NOW}`,
    `DISCONNECT $disconnect 200 IN - 127.0.0.1 ${NOW}`,
  ]);
  const execution = world.logged
    .filter(({ group }) => group === '/aws/apigateway/ws12345678/prod')
    .map(({ message }) => message.replace(/^\([^)]+\) /, ''));
  expect(
    execution.some((line) => line.startsWith('Event Type: MESSAGE, Route Key: $default, Connection Id: ')),
  ).toBe(true);
  expect(execution).toContain(
    'Endpoint response body before transformations: {"statusCode":200,"body":"fine"}',
  );
  expect(execution).toContain('Lambda execution failed with status 200 due to customer function error: {}');
  expect(
    world.observations.map(({ metrics, routeKey, status, detailedMetrics }) => [
      metrics,
      routeKey,
      status,
      detailedMetrics,
    ]),
  ).toEqual([
    ['WEBSOCKET', '$connect', 200, true],
    ['WEBSOCKET', '$default', 200, true],
    ['WEBSOCKET', '$default', 502, true],
    ['WEBSOCKET', '$disconnect', 200, true],
  ]);
});

test('an integration that takes too long: a 504, and a frame while it goes on', async () => {
  const slow: Integration = { ...lambda, TimeoutInMillis: 50 };
  const world = await start(
    { $connect: lambda, $default: slow },
    {},
    {
      invoke: (event) =>
        (event as Event).requestContext['eventType'] === 'CONNECT'
          ? { statusCode: 200 }
          : new Promise(() => {}),
    },
  );
  expect(messageOf((await ask(world, 'x'))[0])).toBe('Endpoint request timed out');
  const never = await start({ $connect: slow }, {}, { invoke: () => new Promise(() => {}) });
  expect((await never.open()).head).toStartWith('HTTP/1.1 504');
});

test('connections of other nodes are asked through the presence', async () => {
  const commands: unknown[] = [];
  const opened: string[] = [];
  const closed: string[] = [];
  const world = await start(
    { $default: mock },
    {},
    {
      ports: {
        openManagement: true,
        presence: {
          serve: () => {},
          opened: (id) => void opened.push(id),
          closed: (id) => void closed.push(id),
          placeOf: async () => undefined,
          ask: async (command) => {
            commands.push(command.kind);
            return command.kind === 'get' ? undefined : { outcome: 'done' };
          },
        },
      },
    },
  );
  const status = async (method: string): Promise<number> =>
    (
      await world.send(
        `${method} /prod/@connections/AAAAAAAAAAAAAAA= HTTP/1.1\nHost: ws12345678.execute-api.localhost\nContent-Length: 1\n\nx`,
      )
    ).status;
  expect([await status('POST'), await status('GET'), await status('DELETE')]).toEqual([200, 410, 204]);
  expect(commands).toEqual(['post', 'get', 'delete']);
  const client = await world.open();
  client.send(closeFrame(1000));
  await client.end();
  while (closed.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(opened).toEqual(closed);
});
