/** What a request must bring, and how it is refused: validators, limits, throttles, gateway responses, logs. */
import { afterAll, expect, test } from 'bun:test';
import {
  FUNCTION_URI,
  httpApi,
  FUNCTION_ARN,
  lambdaProxy,
  type Method,
  mock,
  NOW,
  RawAnswer,
  restApi,
  startWorld,
} from '../testing/world.ts';
import { Fault } from '../../base/fault.ts';
import { acceptedCoding } from './compress.ts';
import { gunzipSync } from 'node:zlib';

const validated = (more: Method): Method => ({ ...mock(), ...more });

const world = await startWorld({
  api: restApi(
    {
      'POST /params/{id}': validated({
        requestValidatorId: 'params',
        requestParameters: {
          'method.request.querystring.qs1': true,
          'method.request.header.x-header-param': true,
          'method.request.path.id': true,
          'method.request.querystring.no': false,
        },
      }),
      'POST /body': validated({ requestValidatorId: 'body', requestModels: { 'application/json': 'Order' } }),
      'POST /broken-model': validated({
        requestValidatorId: 'body',
        requestModels: { 'application/json': 'Broken' },
      }),
      'GET /keyed': validated({ apiKeyRequired: true }),
      'GET /slow': validated({}),
      'POST /traced': lambdaProxy,
      'GET /long': mock('x'.repeat(2000)),
      'POST /lambda': {
        methodIntegration: { type: 'AWS_PROXY', httpMethod: 'POST', uri: FUNCTION_URI, timeoutInMillis: 50 },
      },
    },
    {
      stage: {
        methodSettings: {
          '~1slow/GET': { throttlingRateLimit: 1, throttlingBurstLimit: 2 },
          '*/*': { loggingLevel: 'INFO' },
          'traced/POST': { dataTraceEnabled: true },
        },
        accessLogSettings: {
          destinationArn: 'arn:aws:logs:us-east-1:123456789012:log-group:access',
          format:
            '{"id":"$context.requestId","s":"$context.status","e":"$context.error.responseType","p":"$context.path","x":"$context.authorizer.x","u":"$context.identity.user"}',
        },
      },
      definition: {
        minimumCompressionSize: 1000,
        requestValidators: [
          { id: 'params', validateRequestParameters: true },
          { id: 'body', validateRequestBody: true },
        ],
        models: [
          {
            name: 'Item',
            schema:
              '{"type":"object","required":["sku"],"properties":{"sku":{"type":"string"},"count":{"type":"integer","minimum":0,"exclusiveMinimum":true}}}',
          },
          {
            name: 'Order',
            schema:
              '{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","required":["items"],"properties":{"items":{"type":"array","items":{"$ref":"https://apigateway.amazonaws.com/restapis/abc/models/Item"}}}}',
          },
          {
            name: 'Broken',
            schema: '{"$ref":"https://apigateway.amazonaws.com/restapis/abc/models/Nobody"}',
          },
        ],
        gatewayResponses: [
          {
            responseType: 'MISSING_AUTHENTICATION_TOKEN',
            statusCode: '404',
            responseParameters: {
              'gatewayresponse.header.X-Path': 'method.request.header.X-Here',
              'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
            },
            responseTemplates: {
              'application/json':
                '{"why":$context.error.messageString,"type":"$context.error.responseType","none":"$context.nothing"}',
            },
          },
          {
            responseType: 'BAD_REQUEST_BODY',
            responseTemplates: { 'application/json': '{"problem":"$context.error.validationErrorString"}' },
          },
          { responseType: 'DEFAULT_5XX', responseParameters: { 'gatewayresponse.header.X-Five': "'5'" } },
          {
            responseType: 'DEFAULT_4XX',
            defaultResponse: true,
            responseTemplates: { 'application/json': 'never' },
          },
        ],
      },
    },
  ),
  invoke: (event) => {
    switch (event['body']) {
      case 'throttled':
        throw new Fault('TooManyRequestsException', 'Rate Exceeded.', { status: 429 });
      case 'large':
        throw new Fault('RequestTooLargeException', 'too large', { status: 413 });
      case 'error':
        return new RawAnswer({ functionError: 'Unhandled', payload: Buffer.from('{"errorMessage":"x"}') });
      case 'hang':
        return new Promise(() => {});
      case '{"a":1}':
        return { body: 'said' };
      default:
        return event['answer'] ?? JSON.parse(String(event['body']));
    }
  },
});
afterAll(() => world.close());

const post = (path: string, body: string, more = '') =>
  world.send(
    `POST /prod${path} HTTP/1.1\nHost: rest123456.execute-api.localhost\n${more}Content-Length: ${Buffer.byteLength(body)}\n\n${body}`,
  );

const rows: readonly [name: string, request: () => ReturnType<typeof post>, status: number, body: string][] =
  [
    [
      'parameters, all missing',
      () => post('/params/1', ''),
      400,
      '{"message":"Missing required request parameters: [x-header-param, qs1]"}',
    ],
    [
      'a blank parameter',
      () => post('/params/1?qs1=%20', '', 'X-Header-Param: a\n'),
      400,
      '{"message":"Missing required request parameters: [qs1]"}',
    ],
    ['parameters there', () => post('/params/1?qs1=1', '', 'X-Header-Param: a\n'), 200, '{"ok":true}'],
    ['a good body', () => post('/body', '{"items":[{"sku":"a","count":1}]}'), 200, '{"ok":true}'],
    [
      'no body is {}',
      () => post('/body', ''),
      400,
      '{"problem":"[object has missing required properties (["items"])]"}',
    ],
    [
      'a body no model knows',
      () => post('/body', '{statusCode: 200}', 'Content-Type: text/plain\n'),
      200,
      '{"ok":true}',
    ],
    ['no JSON', () => post('/body', '{'), 400, '{"problem":"[Invalid JSON]"}'],
    [
      'draft 4 exclusiveMinimum',
      () => post('/body', '{"items":[{"sku":"a","count":0}]}'),
      400,
      '{"problem":"[/items/0/count must be > 0]"}',
    ],
    [
      'a model that refers to nothing',
      () => post('/broken-model', '{}'),
      500,
      '{"message":"Internal server error"}',
    ],
    [
      'a customised type',
      () => post('/none', '', 'X-Here: h\n'),
      404,
      '{"why":"Missing Authentication Token","type":"MISSING_AUTHENTICATION_TOKEN","none":""}',
    ],
    ['no API key', () => world.get('/prod/keyed'), 403, '{"message":"Forbidden"}'],
    [
      'an API key nobody checks',
      () => world.get('/prod/keyed', { 'X-Api-Key': 'k' }),
      403,
      '{"message":"Forbidden"}',
    ],
    ['Lambda throttles', () => post('/lambda', 'throttled'), 500, '{"message":"Internal server error"}'],
    ['Lambda refuses the size', () => post('/lambda', 'large'), 413, '{"message":"Request Too Long"}'],
    ['a function error', () => post('/lambda', 'error'), 502, '{"message":"Internal server error"}'],
    ['a function that hangs', () => post('/lambda', 'hang'), 504, '{"message":"Endpoint request timed out"}'],
    [
      'an answer with another member',
      () => post('/lambda', '{"statusCode":200,"other":1}'),
      502,
      '{"message":"Internal server error"}',
    ],
    [
      'an answer with a number as header',
      () => post('/lambda', '{"headers":{"a":1}}'),
      502,
      '{"message":"Internal server error"}',
    ],
    ['an answer with nothing', () => post('/lambda', '{}'), 200, ''],
    [
      'two Hosts',
      () => world.send('GET /prod HTTP/1.1\nHost: rest123456.execute-api.localhost\nHost: b\n\n'),
      400,
      '{"message":"Bad Request"}',
    ],
    [
      'two lengths',
      () =>
        world.send(
          'POST /prod HTTP/1.1\nHost: rest123456.execute-api.localhost\nContent-Length: 1\nContent-Length: 1\n\nx',
        ),
      400,
      '{"message":"Bad Request"}',
    ],
    [
      'large headers',
      () => world.get('/prod', { 'X-A': 'a'.repeat(10_300) }),
      431,
      '{"message":"Request Header Fields Too Large"}',
    ],
    [
      'a long address',
      () => world.get(`/prod/${'a'.repeat(10_300)}`),
      414,
      '{"message":"Request URI too long"}',
    ],
    [
      'chunks over the limit',
      () =>
        world.send(
          Buffer.concat([
            Buffer.from(
              `POST /prod/lambda HTTP/1.1\r\nHost: rest123456.execute-api.localhost\r\nTransfer-Encoding: chunked\r\n\r\n${(11 * 1024 * 1024).toString(16)}\r\n`,
            ),
            Buffer.alloc(11 * 1024 * 1024),
          ]),
        ),
      413,
      '{"message":"HTTP content length exceeded 10485760 bytes"}',
    ],
  ];
for (const [name, request, status, body] of rows)
  test(name, async () => {
    const answer = await request();
    expect([answer.status, answer.body]).toEqual([status, body]);
    if (status >= 500) expect(answer.headers['x-five']).toBe('5');
  });

test('a customised response has its headers', async () => {
  const answer = await post('/none', '', 'X-Here: h\n');
  expect([
    answer.headers['x-path'],
    answer.headers['access-control-allow-origin'],
    answer.headers['x-amzn-errortype'],
  ]).toEqual(['h', '*', 'MissingAuthenticationTokenException']);
});

test('multi-value headers first, a single value behind them, booleans as text', async () => {
  const answer = await post(
    '/lambda',
    '{"multiValueHeaders":{"X-A":["1","2"]},"headers":{"x-a":"3","X-B":true,"Date":"d"}}',
  );
  expect([answer.headers['x-a'], answer.headers['x-b'], answer.headers['x-amzn-remapped-date']]).toEqual([
    '1\n2\n3',
    'true',
    'd',
  ]);
});

test('a burst, then nothing until time passes', async () => {
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await world.get('/prod/slow')).status);
  expect(statuses).toEqual([200, 200, 429]);
  const refused = await world.get('/prod/slow');
  expect([refused.body, refused.headers['x-amzn-errortype']]).toEqual([
    '{"message":"Too Many Requests"}',
    'TooManyRequestsException',
  ]);
});

test('answers of at least the minimum size are compressed for those who accept it', async () => {
  const answer = await world.get('/prod/long', { 'Accept-Encoding': 'br;q=1, gzip' });
  expect([answer.headers['content-encoding'], gunzipSync(answer.bytes).length]).toEqual(['gzip', 2000]);
  expect((await world.get('/prod/long')).headers['content-encoding']).toBeUndefined();
  expect(['gzip;q=0, deflate', 'identity', '*', undefined].map(acceptedCoding)).toEqual([
    'deflate',
    undefined,
    undefined,
    undefined,
  ]);
});

test('HEAD has the length and no body', async () => {
  const answer = await world.send('HEAD /prod/none HTTP/1.1\nHost: rest123456.execute-api.localhost\n\n');
  expect([answer.status, answer.body]).toEqual([404, '']);
  expect(Number(answer.headers['content-length'])).toBeGreaterThan(10);
});

test('access log: one line a request, - for what is not there', async () => {
  world.logged.length = 0;
  const answer = await world.get('/prod/none');
  const line = world.logged.find(({ group }) => group === 'access')?.message ?? '';
  expect(JSON.parse(line)).toEqual({
    id: answer.headers['x-amzn-requestid'],
    s: '404',
    e: 'MISSING_AUTHENTICATION_TOKEN',
    p: '/prod/none',
    x: '-',
    u: '-',
  });
});

test('execution log: each line with its request id, credentials hidden', async () => {
  world.logged.length = 0;
  const answer = await post('/params/1?qs1=1', '', 'X-Header-Param: a\nAuthorization: secret\n');
  const lines = world.logged
    .filter(({ group }) => group === 'API-Gateway-Execution-Logs_rest123456/prod')
    .map(({ message }) => message);
  const id = `(${answer.headers['x-amzn-requestid']})`;
  expect(lines.every((line) => line.startsWith(id))).toBe(true);
  expect(
    lines.map((line) => line.slice(id.length + 1)).filter((line) => !line.startsWith('Extended')),
  ).toEqual([
    `Verifying Usage Plan for request: ${id.slice(1, -1)}. API Key:  API Stage: rest123456/prod`,
    "API Key  authorized because method 'POST /params/{id}' does not require API Key. Request will not contribute to throttle or quota limits",
    'Usage Plan check succeeded for API Key  and API Stage rest123456/prod',
    `Starting execution for request: ${id.slice(1, -1)}`,
    'HTTP Method: POST, Resource Path: /params/{id}',
    'Method request path: {id=1}',
    'Method request query string: {qs1=1}',
    'Method request headers: {Host=rest123456.execute-api.localhost, X-Header-Param=a, Authorization=******, Content-Length=0}',
    'Method response headers: {Content-Type=application/json}',
    'Successfully completed execution',
    'Method completed with status: 200',
  ]);
});

test('execution log with data tracing: what went to the function and came back', async () => {
  world.logged.length = 0;
  await post('/traced', '{"a":1}');
  const lines = world.logged.map(({ message }) => message.replace(/^\(.*?\) /, ''));
  const uri = `https://lambda.us-east-1.amazonaws.com/2015-03-31/functions/${FUNCTION_ARN}/invocations`;
  const shown = lines.filter((line) => /^(Endpoint|Sending|Received|Method response)/.test(line));
  expect(shown.map((line) => line.slice(0, 150))).toEqual([
    `Endpoint request URI: ${uri}`,
    expect.stringMatching(/^Endpoint request headers: \{x-amzn-lambda-integration-tag=/),
    expect.stringMatching(/^Endpoint request body after transformations: \{"resource":"\/traced"/),
    `Sending request to ${uri}`,
    'Received response. Status: 200, Integration latency: 0 ms',
    'Endpoint response body before transformations: {"body":"said"}',
    'Method response body after transformations: said',
    expect.stringMatching(
      /^Method response headers: \{X-Amzn-Trace-Id=Root=.*, Content-Type=application\/json\}$/,
    ),
  ]);
});

test('observations carry the facts of a request', async () => {
  world.observations.length = 0;
  await post('/lambda', 'error');
  expect(world.observations).toMatchObject([
    {
      apiId: 'rest123456',
      stageName: 'prod',
      routeKey: 'POST /lambda',
      status: 502,
      integrationStatus: 200,
      errorType: 'INTEGRATION_FAILURE',
      startedAt: NOW,
      abandoned: false,
    },
  ]);
});

const http = await startWorld({
  api: httpApi(
    {
      'POST /lambda': {
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: FUNCTION_ARN,
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 50,
      },
    },
    { stage: { defaultRouteSettings: { ThrottlingBurstLimit: 4, ThrottlingRateLimit: 1 } } },
  ),
  invoke: (event) => (event['body'] === 'hang' ? new Promise(() => {}) : { statusCode: 200, body: 'ok' }),
});
afterAll(() => http.close());
const httpRows: readonly [name: string, head: string, status: number, body: string][] = [
  ['answers', 'Content-Length: 1\n\nx', 200, 'ok'],
  ['hangs', 'Content-Length: 4\n\nhang', 503, '{"message":"Service Unavailable"}'],
  [
    'is asked too much',
    `Content-Length: ${11 * 1024 * 1024}\n\n`,
    413,
    '{"message":"Request Entity Too Large"}',
  ],
  ['answers again', 'Content-Length: 1\n\nx', 200, 'ok'],
  ['is asked too often', 'Content-Length: 1\n\nx', 429, '{"message":"Too Many Requests"}'],
];
test('HTTP APIs word it their way', async () => {
  for (const [name, head, status, body] of httpRows) {
    const answer = await http.send(`POST /lambda HTTP/1.1\nHost: http123456.execute-api.localhost\n${head}`);
    expect([name, answer.status, answer.body]).toEqual([name, status, body]);
    expect(answer.rawHeaders).toContain('Apigw-Requestid');
  }
});

test('a forgotten API is asked for again, one that nobody has is not kept', async () => {
  let loads = 0;
  const api = restApi({ 'GET /': lambdaProxy });
  const counted = await startWorld({
    api,
    invoke: () => ({ body: 'x' }),
    ports: { loadApi: async (id) => (loads++, id === api.apiId ? api : undefined) },
  });
  await Promise.all([counted.get('/prod'), counted.get('/prod'), counted.get('/prod')]);
  expect(loads).toBe(1);
  counted.gateway.forget(api.apiId);
  await counted.get('/prod');
  expect(loads).toBe(2);
  for (let i = 0; i < 2; i++) await counted.send('GET / HTTP/1.1\nHost: nobody.execute-api.localhost\n\n');
  expect(loads).toBe(4);
  await counted.close();
});
