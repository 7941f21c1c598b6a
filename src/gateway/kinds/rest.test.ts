import { afterAll, expect, test } from 'bun:test';
import { lambdaProxy, mock, RawAnswer, restApi, startWorld } from '../testing/world.ts';

const world = await startWorld({
  api: restApi({
    'GET /': mock('root'),
    'GET /orders': mock(),
    'GET /orders/{id}': lambdaProxy,
    'ANY /files/{proxy+}': lambdaProxy,
    'GET /broken': {
      methodIntegration: {
        type: 'AWS_PROXY',
        httpMethod: 'GET',
        uri: lambdaProxy.methodIntegration?.uri ?? '',
      },
    },
    'GET /none': {},
  }),
  invoke: (event) =>
    event['path'] === '/orders/raw'
      ? new RawAnswer({ payload: Buffer.from('"text"') })
      : { statusCode: 200, body: JSON.stringify(event) },
});
afterAll(() => world.close());

const rows: readonly [name: string, path: string, status: number, body: string, errorType?: string][] = [
  ['the root', '/prod', 200, 'root'],
  ['the root with a slash', '/prod/', 200, 'root'],
  ['a mock', '/prod/orders', 200, '{"ok":true}'],
  ['a trailing slash', '/prod/orders/', 200, '{"ok":true}'],
  ['two slashes behind the stage', '/prod//orders', 200, '{"ok":true}'],
  [
    'no such path',
    '/prod/nothing',
    403,
    '{"message":"Missing Authentication Token"}',
    'MissingAuthenticationTokenException',
  ],
  [
    'two slashes inside',
    '/prod/orders//1',
    403,
    '{"message":"Missing Authentication Token"}',
    'MissingAuthenticationTokenException',
  ],
  [
    'a greedy variable needs something',
    '/prod/files',
    403,
    '{"message":"Missing Authentication Token"}',
    'MissingAuthenticationTokenException',
  ],
  ['no such stage', '/test/orders', 403, '{"message":"Forbidden"}', 'ForbiddenException'],
  ['no stage', '/', 403, '{"message":"Forbidden"}', 'ForbiddenException'],
  ['health check', '/ping', 200, 'healthy'],
  [
    'AWS_PROXY without POST',
    '/prod/broken',
    500,
    '{"message":"Internal server error"}',
    'InternalServerErrorException',
  ],
  [
    'no integration',
    '/prod/none',
    500,
    '{"message":"Internal server error"}',
    'InternalServerErrorException',
  ],
  [
    'malformed answer',
    '/prod/orders/raw',
    502,
    '{"message": "Internal server error"}',
    'InternalServerErrorException',
  ],
];

for (const [name, path, status, body, errorType] of rows)
  test(name, async () => {
    const answer = await world.get(path);
    expect([answer.status, answer.body, answer.headers['x-amzn-errortype']]).toEqual([
      status,
      body,
      errorType as string,
    ]);
  });

test('an API nobody has', async () => {
  const answer = await world.send('GET /prod HTTP/1.1\nHost: nobody.execute-api.localhost\n\n');
  expect([answer.status, answer.body]).toEqual([403, '{"message":"Forbidden"}']);
});

test('answers carry ids in their own case, and a trace id only from Lambda', async () => {
  const fromMock = await world.get('/prod/orders');
  expect(fromMock.rawHeaders).toContain('x-amzn-RequestId');
  expect(fromMock.rawHeaders).toContain('x-amz-apigw-id');
  expect(fromMock.headers['x-amzn-trace-id']).toBeUndefined();
  const fromLambda = await world.get('/prod/orders/1');
  expect(fromLambda.headers['x-amzn-trace-id']).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}/);
  expect(fromLambda.headers['content-type']).toBe('application/json');
});
