/** AWS, HTTP and MOCK on REST APIs: what reaches the backend, what comes back. */
import { afterAll, expect, test } from 'bun:test';
import type { AwsServiceRequest } from '../ports.ts';
import {
  FUNCTION_URI,
  listen,
  type Method,
  portOf,
  RawAnswer,
  restApi,
  startWorld,
} from '../testing/world.ts';
import { convertResponse } from './response-transform.ts';
import { convertRequest } from './request-transform.ts';
import { compileSelection } from './selection-pattern.ts';

const backend = await listen((message, response) => {
  const chunks: Buffer[] = [];
  message.on('data', (chunk: Buffer) => chunks.push(chunk));
  message.on('end', () => {
    const status = Number(message.headers['x-want'] ?? 200);
    response.writeHead(status, { 'X-Back': 'b', 'Content-Type': 'application/json' });
    response.end(
      JSON.stringify({ url: message.url, headers: message.headers, body: Buffer.concat(chunks).toString() }),
    );
  });
});
const at = `http://127.0.0.1:${portOf(backend)}`;

const integration = (methodIntegration: NonNullable<Method['methodIntegration']>): Method => ({
  methodIntegration,
});
const pass = { '200': { statusCode: '200' } };
const json = (template: string) => ({ 'application/json': template });

const serviceCalls: AwsServiceRequest[] = [];
const world = await startWorld({
  api: restApi(
    {
      'POST /lambda/{id}': integration({
        type: 'AWS',
        httpMethod: 'POST',
        uri: FUNCTION_URI,
        requestTemplates: json(
          `{"id":"$input.params('id')","q":"$input.params('q')","name":$input.json('$.name'),"color":"$stageVariables.color","stage":"$context.stage"}`,
        ),
        integrationResponses: {
          '200': {
            statusCode: '200',
            responseTemplates: json(`{"got":$input.json('$')}`),
            responseParameters: {
              'method.response.header.X-Static': "'yes'",
              'method.response.header.X-Name': 'integration.response.body.name',
            },
          },
          '404': {
            statusCode: '404',
            selectionPattern: '.*not found.*',
            responseTemplates: json(`{"error":"$input.path('$.errorMessage')"}`),
          },
        },
      }),
      'POST /async': integration({
        type: 'AWS',
        httpMethod: 'POST',
        uri: FUNCTION_URI,
        requestParameters: { 'integration.request.header.X-Amz-Invocation-Type': "'Event'" },
        integrationResponses: pass,
      }),
      'POST /never': integration({
        type: 'MOCK',
        passthroughBehavior: 'NEVER',
        requestTemplates: json('{"statusCode":200}'),
        integrationResponses: pass,
      }),
      'POST /templates': integration({
        type: 'MOCK',
        passthroughBehavior: 'WHEN_NO_TEMPLATES',
        requestTemplates: json('{"statusCode":200}'),
        integrationResponses: pass,
      }),
      'POST /match': integration({
        type: 'MOCK',
        requestTemplates: json('{"statusCode":200}'),
        integrationResponses: pass,
      }),
      'POST /override': integration({
        type: 'MOCK',
        requestTemplates: json(
          `#set($context.responseOverride.status = 418)#set($context.responseOverride.header.X-Over = "o")\n{statusCode: 200}`,
        ),
        integrationResponses: {
          '200': {
            statusCode: '200',
            responseTemplates: json('$context.httpMethod $context.resourcePath'),
            responseParameters: { 'method.response.header.X-Over': "'mapped'" },
          },
        },
      }),
      'GET /nostatus': integration({
        type: 'MOCK',
        requestTemplates: json('{}'),
        integrationResponses: pass,
      }),
      'GET /nodefault': integration({
        type: 'MOCK',
        requestTemplates: json('{"statusCode": 500}'),
        integrationResponses: { '200': { statusCode: '200', selectionPattern: '200' } },
      }),
      'GET /badtemplate': integration({
        type: 'MOCK',
        requestTemplates: json('#if('),
        integrationResponses: pass,
      }),
      'POST /http/{id}': integration({
        type: 'HTTP',
        httpMethod: 'POST',
        uri: `${at}/{where}?f=1`,
        requestParameters: {
          'integration.request.path.where': 'method.request.path.id',
          'integration.request.querystring.q': 'method.request.multivaluequerystring.q',
          'integration.request.header.X-Want': 'method.request.header.X-Want',
          'integration.request.header.X-Body': 'method.request.body.a.b',
          'integration.request.header.X-Context': 'context.identity.sourceIp',
        },
        integrationResponses: {
          '200': {
            statusCode: '200',
            responseParameters: { 'method.response.header.X-Front': 'integration.response.header.X-Back' },
          },
          '400': { statusCode: '400', selectionPattern: '4\\d{2}', responseTemplates: json('bad') },
        },
      }),
      'POST /sqs': integration({
        type: 'AWS',
        httpMethod: 'POST',
        uri: 'arn:aws:apigateway:eu-west-1:sqs:path/123456789012/${stageVariables.color}',
        requestParameters: {
          'integration.request.header.Content-Type': "'application/x-www-form-urlencoded'",
        },
        requestTemplates: json('Action=SendMessage&MessageBody=$util.urlEncode($input.body)'),
        integrationResponses: { '200': { statusCode: '200', responseTemplates: json('{"sent":true}') } },
      }),
      'POST /dynamo': integration({
        type: 'AWS',
        httpMethod: 'POST',
        uri: 'arn:aws:apigateway:us-east-1:dynamodb:action/PutItem',
        integrationResponses: pass,
      }),
      'GET /badheader': integration({
        type: 'HTTP',
        httpMethod: 'GET',
        uri: at,
        requestParameters: { 'integration.request.header.Content-Length': "'1'" },
        integrationResponses: pass,
      }),
    },
    { stage: { variables: { color: 'red' } } },
  ),
  invoke: (event, invocation) => {
    if (invocation.type === 'Event') return new RawAnswer({ status: 202 });
    if (event['name'] === 'nobody')
      return new RawAnswer({
        functionError: 'Unhandled',
        payload: Buffer.from('{"errorMessage":"nobody: not found","errorType":"E"}'),
      });
    return event;
  },
  ports: {
    callAwsService: async (request) => {
      serviceCalls.push(request);
      return { status: 200, rawHeaders: ['Content-Type', 'application/xml'], body: Buffer.from('<ok/>') };
    },
  },
});
afterAll(async () => {
  await world.close();
  backend.closeAllConnections();
  backend.close();
});

const post = (path: string, body: string, headers: Readonly<Record<string, string>> = {}) => {
  const lines = Object.entries({ 'Content-Type': 'application/json', ...headers }).map(
    ([name, value]) => `${name}: ${value}\n`,
  );
  return world.send(
    `POST /prod${path} HTTP/1.1\nHost: rest123456.execute-api.localhost\n${lines.join('')}Content-Length: ${body.length}\n\n${body}`,
  );
};

test('Lambda: template in, template out, mapped headers', async () => {
  const answer = await post('/lambda/7?q=a%20b', '{"name":"ann"}');
  expect([
    answer.status,
    answer.headers['content-type'],
    answer.headers['x-static'],
    answer.headers['x-name'],
  ]).toEqual([200, 'application/json', 'yes', 'ann']);
  expect(JSON.parse(answer.body)).toEqual({
    got: { id: '7', q: 'a b', name: 'ann', color: 'red', stage: 'prod' },
  });
});

test("Lambda: an error's message selects the response", async () => {
  const answer = await post('/lambda/7', '{"name":"nobody"}');
  expect([answer.status, answer.body]).toEqual([404, '{"error":"nobody: not found"}']);
});

test('Lambda: called asynchronously by header', async () => {
  expect((await post('/async', '{"a":1}')).status).toBe(200);
  expect(world.invocations.at(-1)?.type).toBe('Event');
});

const passthrough: readonly [path: string, contentType: string, status: number][] = [
  ['/never', 'application/json', 200],
  ['/never', 'text/plain', 415],
  ['/templates', 'text/plain', 415],
  ['/templates', 'application/json; charset=utf-8', 200],
  ['/match', 'text/plain', 200],
];
for (const [path, type, status] of passthrough)
  test(`passthrough ${path} with ${type}`, async () => {
    const answer = await post(path, '{statusCode: 200}', { 'Content-Type': type });
    expect(answer.status).toBe(status);
    if (status === 415)
      expect([answer.body, answer.headers['x-amzn-errortype']]).toEqual([
        '{"message":"Unsupported Media Type"}',
        'BadRequestException',
      ]);
  });

test('an override set in the request template wins in the response', async () => {
  const answer = await post('/override', '');
  expect([answer.status, answer.headers['x-over'], answer.body]).toEqual([418, 'o', 'POST /override']);
});

for (const path of ['/nostatus', '/nodefault', '/badtemplate', '/badheader'])
  test(`a method that is set up wrongly: ${path}`, async () => {
    const answer = await world.get(`/prod${path}`);
    expect([answer.status, answer.body, answer.headers['x-amzn-errortype']]).toEqual([
      500,
      '{"message":"Internal server error"}',
      'InternalServerErrorException',
    ]);
  });

test('HTTP: only what is mapped reaches the backend', async () => {
  const answer = await post('/http/a%2Fb?q=1&q=2&z=3', '{"a":{"b":"deep"}}', {
    'X-Secret': 's',
    'X-Want': '200',
  });
  const seen = JSON.parse(answer.body) as { url: string; headers: Record<string, string>; body: string }; // the backend above
  expect([answer.headers['x-front'], answer.headers['x-back']]).toEqual(['b', undefined as never]);
  expect([seen.url, seen.body]).toEqual(['/a%2Fb?f=1&q=1&q=2', '{"a":{"b":"deep"}}']);
  expect(seen.headers).toMatchObject({
    'x-body': 'deep',
    'x-context': '127.0.0.1',
    'user-agent': 'AmazonAPIGateway_rest123456',
  });
  expect(seen.headers['x-secret']).toBeUndefined();
  const bad = await post('/http/x', '{}', { 'X-Want': '404' });
  expect([bad.status, bad.body]).toEqual([400, 'bad']);
});

test('an AWS service by path and by action', async () => {
  const sent = await post('/sqs', 'a b&c');
  expect([sent.status, sent.body]).toEqual([200, '{"sent":true}']);
  const [sqs] = serviceCalls.splice(0);
  expect([
    sqs?.service,
    sqs?.region,
    sqs?.method,
    sqs?.target,
    Buffer.from(sqs?.body ?? []).toString(),
  ]).toEqual(['sqs', 'eu-west-1', 'POST', '/123456789012/red', 'Action=SendMessage&MessageBody=a+b%26c']);
  expect(sqs?.rawHeaders.join('\n')).toContain('Content-Type\napplication/x-www-form-urlencoded');
  await post('/dynamo', '{"TableName":"t"}');
  const [dynamo] = serviceCalls.splice(0);
  expect([dynamo?.service, dynamo?.target, dynamo?.action]).toEqual([
    'dynamodb',
    '/',
    { name: 'PutItem', parameters: [] },
  ]);
});

const png = Buffer.from([0x89, 0x50]);
const isBinary = (type: string | undefined) => type === 'image/png';
const requestRows: readonly [binary: boolean, handling: string | undefined, expected: string | Uint8Array][] =
  [
    [false, undefined, Buffer.from('aGk=')],
    [false, 'CONVERT_TO_BINARY', Buffer.from('hi')],
    [false, 'CONVERT_TO_TEXT', Buffer.from('aGk=')],
    [true, undefined, Buffer.from('aGk=')],
    [true, 'CONVERT_TO_BINARY', Buffer.from('aGk=')],
    [true, 'CONVERT_TO_TEXT', Buffer.from('aGk=').toString('base64')],
  ];
for (const [binary, handling, expected] of requestRows)
  test(`request payload, binary ${binary}, ${handling ?? 'no handling'}`, () =>
    expect(convertRequest(Buffer.from('aGk='), binary, handling)).toEqual(expected));

const responseRows: readonly [
  type: string,
  accept: string,
  handling: string | undefined,
  expected: string | Uint8Array,
][] = [
  ['text/plain', 'text/plain', undefined, Buffer.from('aGk=')],
  ['text/plain', 'text/plain', 'CONVERT_TO_BINARY', Buffer.from('hi')],
  ['text/plain', 'image/png', undefined, Buffer.from('hi')],
  ['text/plain', 'image/png', 'CONVERT_TO_TEXT', Buffer.from('aGk=')],
  ['image/png', 'text/plain', undefined, png.toString('base64')],
  ['image/png', 'text/plain', 'CONVERT_TO_BINARY', png],
  ['image/png', 'image/png', undefined, png],
  ['image/png', 'image/png', 'CONVERT_TO_TEXT', png.toString('base64')],
];
for (const [type, accept, handling, expected] of responseRows)
  test(`response payload ${type} for ${accept}, ${handling ?? 'no handling'}`, () => {
    const body = type === 'image/png' ? png : Buffer.from('aGk=');
    expect(convertResponse({ headers: ['Content-Type', type], body }, isBinary, accept, handling)).toEqual(
      expected,
    );
  });

const patterns: readonly [pattern: string, text: string, matches: boolean][] = [
  ['.*not found.*', 'it was not found here', true],
  ['not found', 'it was not found here', false],
  ['4\\d{2}', '404', true],
  ['4\\d{2}', '4044', false],
  ['(?i)error', 'ERROR', true],
  ['(?s).*b', 'a\nb', true],
  ['.*b', 'a\nb', false],
  ['\\Qa.b\\E.*', 'a.bc', true],
  ['a++', 'aa', true],
];
for (const [pattern, text, matches] of patterns)
  test(`pattern ${pattern} on ${JSON.stringify(text)}`, () =>
    expect(compileSelection(pattern)(text)).toBe(matches));
