import { afterAll, expect, test } from 'bun:test';
import { FUNCTION_ARN, httpApi, RawAnswer, startWorld, type WorldOptions } from '../testing/world.ts';

const lambda = {
  IntegrationType: 'AWS_PROXY' as const,
  IntegrationUri: FUNCTION_ARN,
  PayloadFormatVersion: '2.0',
};

let answer: unknown;
const invoke: NonNullable<WorldOptions['invoke']> = (event) => {
  if (answer instanceof Error) throw answer;
  return answer ?? { statusCode: 200, body: String(event['routeKey']) };
};

const plain = await startWorld({
  api: httpApi({
    'GET /pets': lambda,
    'GET /pets/{proxy+}': lambda,
    'ANY /{proxy+}': lambda,
    'GET /pets/{a}': lambda,
  }),
  invoke,
});
const withCors = await startWorld({
  api: httpApi(
    { 'GET /pets': lambda },
    {
      definition: {
        corsConfiguration: {
          AllowOrigins: ['https://a.example', 'https://*.b.example'],
          AllowMethods: ['GET', 'PUT'],
          AllowHeaders: ['x-one'],
          ExposeHeaders: ['x-two'],
          AllowCredentials: true,
          MaxAge: 300,
        },
      },
    },
  ),
  invoke,
});
afterAll(() => Promise.all([plain.close(), withCors.close()]));

const routes: readonly [path: string, status: number, body: string][] = [
  ['/pets', 200, 'GET /pets'],
  ['/pets/1', 200, 'GET /pets/{a}'],
  ['/pets/1/2', 200, 'GET /pets/{proxy+}'],
  ['/pets/', 200, 'ANY /{proxy+}'],
  ['/x', 200, 'ANY /{proxy+}'],
  ['/', 404, '{"message":"Not Found"}'],
  ['/ping', 200, 'healthy'],
];
for (const [path, status, body] of routes)
  test(`GET ${path}`, async () => {
    answer = undefined;
    const got = await plain.get(path);
    expect([got.status, got.body]).toEqual([status, body]);
    if (path !== '/ping' && status === 200) expect(got.rawHeaders).toContain('Apigw-Requestid');
  });

const TEXT = 'text/plain;charset=utf-8';
const ERROR = [500, 'application/json', '{"message":"Internal Server Error"}'];
const answers: readonly [name: string, given: unknown, expected: unknown[]][] = [
  ['everything said', { statusCode: 201, headers: { 'Content-Type': 'a/b' }, body: 'x' }, [201, 'a/b', 'x']],
  ['no content type', { statusCode: 200, body: 'x' }, [200, TEXT, 'x']],
  ['status as text', { statusCode: '204' }, [204, TEXT, '']],
  ['base64', { statusCode: 200, body: 'aGk=', isBase64Encoded: true }, [200, TEXT, 'hi']],
  ['an object is a body', { hello: 'you' }, [200, 'application/json', '{"hello":"you"}']],
  ['text is a body', 'hello', [200, 'application/json', 'hello']],
  ['a list is a body', [1], [200, 'application/json', '[1]']],
  ['status zero', { statusCode: 0 }, ERROR],
  ['a body that is no text', { statusCode: 200, body: {} }, ERROR],
  ['a number as header', { statusCode: 200, headers: { a: 1 } }, ERROR],
  ['a header with a line end', { statusCode: 200, headers: { a: 'x\r\nb: c' } }, ERROR],
  ['no JSON', new RawAnswer({ payload: Buffer.from('{') }), ERROR],
  ['function error', new RawAnswer({ payload: Buffer.from('{}'), functionError: 'Unhandled' }), ERROR],
];
for (const [name, given, expected] of answers)
  test(`answer 2.0: ${name}`, async () => {
    answer = given;
    const got = await plain.get('/pets');
    expect([got.status, got.headers['content-type'], got.body]).toEqual(expected as never);
  });

test('cookies become Set-Cookie headers', async () => {
  answer = { statusCode: 200, cookies: ['a=1', 'b=2'], body: '' };
  expect((await plain.get('/pets')).headers['set-cookie']).toBe('a=1\nb=2');
});

const preflight = (origin: string, path = '/pets') =>
  withCors.send(
    `OPTIONS ${path} HTTP/1.1\nHost: http123456.execute-api.localhost\nOrigin: ${origin}\nAccess-Control-Request-Method: PUT\n\n`,
  );
const corsOf = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')));

test('preflights are answered without a route', async () => {
  for (const origin of ['https://a.example', 'https://x.b.example']) {
    const got = await preflight(origin, '/anything');
    expect([got.status, corsOf(got.headers)]).toEqual([
      204,
      {
        'access-control-allow-origin': origin,
        'access-control-allow-methods': 'GET,PUT',
        'access-control-allow-headers': 'x-one',
        'access-control-max-age': '300',
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'x-two',
      },
    ]);
  }
  expect(corsOf((await preflight('https://evil.example')).headers)).toEqual({});
});

test("the backend's CORS headers are replaced, also on errors", async () => {
  answer = { statusCode: 200, headers: { 'Access-Control-Allow-Origin': '*', 'X-A': '1' }, body: 'x' };
  const ours = {
    'access-control-allow-origin': 'https://a.example',
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'x-two',
  };
  const good = await withCors.get('/pets', { Origin: 'https://a.example' });
  expect([good.headers['x-a'], corsOf(good.headers)]).toEqual(['1', ours]);
  expect(corsOf((await withCors.get('/pets')).headers)).toEqual({});
  const missing = await withCors.get('/none', { Origin: 'https://a.example' });
  expect([missing.status, corsOf(missing.headers)]).toEqual([404, ours]);
});
