/** Events whole, every key: REST, and HTTP APIs in both payload formats. */
import { afterAll, expect, test } from 'bun:test';
import {
  FUNCTION_ARN,
  FUNCTION_URI,
  httpApi,
  lambdaProxy,
  NOW,
  restApi,
  startWorld,
  type World,
} from '../testing/world.ts';

const echo = (event: Record<string, unknown>) => ({ statusCode: 200, body: JSON.stringify(event) });

const rest = await startWorld({
  api: restApi({ 'ANY /orders/{id}': lambdaProxy }, { definition: { binaryMediaTypes: ['image/png'] } }),
  invoke: echo,
});
const format = (PayloadFormatVersion: string) => ({
  IntegrationType: 'AWS_PROXY' as const,
  IntegrationUri: FUNCTION_ARN,
  PayloadFormatVersion,
});
const http = await startWorld({
  api: httpApi({ 'ANY /one/{id}': format('1.0'), 'ANY /two/{id}': format('2.0'), $default: format('2.0') }),
  invoke: echo,
});
const staged = await startWorld({
  api: httpApi(
    { 'ANY /two/{id}': { ...format('2.0'), IntegrationUri: FUNCTION_URI } },
    { stage: { stageName: 'dev', stageVariables: { color: 'red' } } },
  ),
  invoke: echo,
});
afterAll(() => Promise.all([rest.close(), http.close(), staged.close()]));

async function eventOf(world: World, request: string): Promise<Record<string, never>> {
  const answer = await world.send(request);
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body);
}

const requestTime = '09/Apr/2026:12:34:56 +0000';
const id = expect.stringMatching(/^[A-Za-z0-9-]{15}=$/);
const trace = expect.stringMatching(/^Root=1-69d79cf0-[0-9a-f]{24}$/);

test('REST, whole', async () => {
  const event = await eventOf(
    rest,
    'POST /prod/orders/a%2Fb/?x=1&x=2&y=%20%2B+z&flag HTTP/1.1\nHost: rest123456.execute-api.localhost:99\nuser-agent: probe/1\nX-Case: one\nx-case: two\nContent-Type: application/json\nContent-Length: 9\n\n{"a":"b"}',
  );
  const headers = {
    Host: 'rest123456.execute-api.localhost:99',
    'User-Agent': 'probe/1',
    'X-Case': 'two',
    'Content-Type': 'application/json',
    'X-Amzn-Trace-Id': trace,
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Port': String(rest.port),
    'X-Forwarded-Proto': 'http',
  };
  expect(event).toEqual({
    resource: '/orders/{id}',
    path: '/orders/a%2Fb/',
    httpMethod: 'POST',
    headers,
    multiValueHeaders: {
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      'X-Case': ['one', 'two'],
    },
    queryStringParameters: { x: '2', y: ' + z', flag: '' },
    multiValueQueryStringParameters: { x: ['1', '2'], y: [' + z'], flag: [''] },
    pathParameters: { id: 'a%2Fb' },
    stageVariables: null,
    requestContext: {
      resourceId: 'r12',
      resourcePath: '/orders/{id}',
      httpMethod: 'POST',
      extendedRequestId: id,
      requestTime,
      path: '/prod/orders/a%2Fb/',
      accountId: '123456789012',
      protocol: 'HTTP/1.1',
      stage: 'prod',
      domainPrefix: 'rest123456',
      requestTimeEpoch: NOW,
      requestId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
      identity: {
        cognitoIdentityPoolId: null,
        accountId: null,
        cognitoIdentityId: null,
        caller: null,
        sourceIp: '127.0.0.1',
        principalOrgId: null,
        accessKey: null,
        cognitoAuthenticationType: null,
        cognitoAuthenticationProvider: null,
        userArn: null,
        userAgent: 'probe/1',
        user: null,
      },
      domainName: 'rest123456.execute-api.localhost:99',
      deploymentId: 'dep123',
      apiId: 'rest123456',
    },
    body: '{"a":"b"}',
    isBase64Encoded: false,
  } as never);
});

test('REST: what is absent is null, binary is base64, the client keeps its trace root', async () => {
  const bare = await eventOf(rest, 'GET /prod/orders/1 HTTP/1.1\nHost: rest123456.execute-api.localhost\n\n');
  expect(bare).toMatchObject({
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    body: null,
  });
  const binary = await eventOf(
    rest,
    'PUT /prod/orders/1 HTTP/1.1\nHost: rest123456.execute-api.localhost\nContent-Type: image/png\nX-Amzn-Trace-Id: Root=1-5f84c7a1-abc;Sampled=1\nX-Forwarded-For: 10.1.1.1\nContent-Length: 2\n\n\xff\x00',
  );
  expect(binary).toMatchObject({
    body: '/wA=',
    isBase64Encoded: true,
    headers: { 'X-Amzn-Trace-Id': 'Root=1-5f84c7a1-abc;Sampled=1', 'X-Forwarded-For': '10.1.1.1, 127.0.0.1' },
  } as never);
});

test('HTTP 1.0, whole', async () => {
  const event = await eventOf(
    http,
    'GET /one/a%20b?x=1&x=2 HTTP/1.1\nHost: http123456.execute-api.localhost:99\nCookie: a=1; b=2\nX-Case: one\nX-Case: two\n\n',
  );
  const headers = {
    Host: 'http123456.execute-api.localhost:99',
    Cookie: 'a=1; b=2',
    'X-Case': 'two',
    'Content-Length': '0',
    'X-Amzn-Trace-Id': trace,
    'X-Forwarded-For': '127.0.0.1',
    'X-Forwarded-Port': String(http.port),
    'X-Forwarded-Proto': 'http',
  };
  expect(event).toEqual({
    version: '1.0',
    resource: '/one/{id}',
    path: '/one/a b',
    httpMethod: 'GET',
    headers,
    multiValueHeaders: {
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      'X-Case': ['one', 'two'],
    },
    queryStringParameters: { x: '2' },
    multiValueQueryStringParameters: { x: ['1', '2'] },
    requestContext: {
      accountId: '123456789012',
      apiId: 'http123456',
      domainName: 'http123456.execute-api.localhost:99',
      domainPrefix: 'http123456',
      extendedRequestId: id,
      httpMethod: 'GET',
      identity: {
        accessKey: null,
        accountId: null,
        caller: null,
        cognitoAmr: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: '127.0.0.1',
        user: null,
        userAgent: null,
        userArn: null,
      },
      path: '/one/a b',
      protocol: 'HTTP/1.1',
      requestId: id,
      requestTime,
      requestTimeEpoch: NOW,
      resourceId: 'ANY /one/{id}',
      resourcePath: '/one/{id}',
      stage: '$default',
    },
    pathParameters: { id: 'a b' },
    stageVariables: null,
    body: null,
    isBase64Encoded: false,
  } as never);
});

test('HTTP 2.0, whole', async () => {
  const event = await eventOf(
    http,
    'POST /two/a%20b?x=1&x=2&y=%20 HTTP/1.1\nHost: http123456.execute-api.localhost:99\nUser-Agent: probe/1\nCookie: a=1; b=2\nX-Case: one\nX-Case: two\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 3\n\na=b',
  );
  expect(event).toEqual({
    version: '2.0',
    routeKey: 'ANY /two/{id}',
    rawPath: '/two/a b',
    rawQueryString: 'x=1&x=2&y=%20',
    cookies: ['a=1', 'b=2'],
    headers: {
      host: 'http123456.execute-api.localhost:99',
      'user-agent': 'probe/1',
      'x-case': 'one,two',
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '3',
      'x-amzn-trace-id': trace,
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-port': String(http.port),
      'x-forwarded-proto': 'http',
    },
    queryStringParameters: { x: '1,2', y: ' ' },
    requestContext: {
      accountId: '123456789012',
      apiId: 'http123456',
      domainName: 'http123456.execute-api.localhost:99',
      domainPrefix: 'http123456',
      http: {
        method: 'POST',
        path: '/two/a b',
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: 'probe/1',
      },
      requestId: id,
      routeKey: 'ANY /two/{id}',
      stage: '$default',
      time: requestTime,
      timeEpoch: NOW,
    },
    pathParameters: { id: 'a b' },
    body: 'YT1i',
    isBase64Encoded: true,
  } as never);
});

test('HTTP 2.0: what is absent is left out; $default has no path parameters', async () => {
  const event = await eventOf(http, 'GET /elsewhere HTTP/1.1\nHost: http123456.execute-api.localhost\n\n');
  expect(Object.keys(event).toSorted()).toEqual(
    [
      'version',
      'routeKey',
      'rawPath',
      'rawQueryString',
      'headers',
      'requestContext',
      'isBase64Encoded',
    ].toSorted(),
  );
  expect(event).toMatchObject({ routeKey: '$default', rawQueryString: '' } as never);
});

test('HTTP 2.0: a named stage is part of the path, its variables are there', async () => {
  const event = await eventOf(staged, 'GET /dev/two/1 HTTP/1.1\nHost: http123456.execute-api.localhost\n\n');
  expect(event).toMatchObject({
    rawPath: '/dev/two/1',
    pathParameters: { id: '1' },
    stageVariables: { color: 'red' },
    requestContext: { stage: 'dev', http: { path: '/dev/two/1' } },
  } as never);
});

test('the function is called in the name of the API, for the method as it was defined', async () => {
  await eventOf(rest, 'GET /prod/orders/1 HTTP/1.1\nHost: rest123456.execute-api.localhost\n\n');
  expect(rest.invocations.at(-1)).toMatchObject({
    functionArn: FUNCTION_ARN,
    type: 'RequestResponse',
    invoker: {
      servicePrincipal: 'apigateway.amazonaws.com',
      sourceArn: 'arn:aws:execute-api:us-east-1:123456789012:rest123456/prod/GET/orders/{id}',
    },
  });
});
