/** Caching of a REST stage, as its clients and the SDK see it. */
import { beforeAll, expect, test } from 'bun:test';
import * as rest from '@aws-sdk/client-api-gateway';
import * as iam from '@aws-sdk/client-iam';
import { signedFetch } from './signed-fetch.ts';
import { useServer } from './test-server.ts';

const server = useServer();
let client: rest.APIGatewayClient;
let restApiId: string;

const cachedMock = (more: object = {}, parameters: object[] = []) => ({
  parameters,
  responses: { '200': { description: 'ok' } },
  'x-amazon-apigateway-integration': {
    type: 'mock',
    requestTemplates: { 'application/json': '{"statusCode": 200}' },
    responses: {
      default: {
        statusCode: '200',
        responseTemplates: { 'application/json': '{"made":"$context.requestId","v":"$stageVariables.v"}' },
      },
    },
    ...more,
  },
});

const query = (name: string) => ({ name, in: 'query', schema: { type: 'string' } });
const API = {
  openapi: '3.0.1',
  info: { title: 'cached', version: '1' },
  paths: {
    '/plain': { get: cachedMock(), post: cachedMock(), 'x-amazon-apigateway-any-method': cachedMock() },
    '/keyed': {
      get: cachedMock({ cacheKeyParameters: ['method.request.querystring.kind'] }, [
        query('kind'),
        query('other'),
      ]),
    },
    '/one': { get: cachedMock({ cacheNamespace: 'shared' }) },
    '/two': { get: cachedMock({ cacheNamespace: 'shared' }) },
    '/off': { get: cachedMock() },
    '/named': { post: cachedMock() },
    '/strict': { get: cachedMock() },
    '/silent': { get: cachedMock() },
    '/open': { get: cachedMock() },
    '/large': {
      get: cachedMock({
        responses: {
          default: {
            statusCode: '200',
            responseTemplates: {
              'application/json': `#foreach($i in [1..1000])${'x'.repeat(1_060)}#end$context.requestId`,
            },
          },
        },
      }),
    },
    '/signed': { get: { ...cachedMock(), 'x-amazon-apigateway-auth': { type: 'AWS_IAM' } } },
  },
};

const patch = (path: string, value: string) => ({ op: 'replace' as const, path, value });
const update = (...patchOperations: ReturnType<typeof patch>[]) =>
  client.send(new rest.UpdateStageCommand({ restApiId, stageName: 'prod', patchOperations }));

beforeAll(async () => {
  client = new rest.APIGatewayClient({ ...server.options(), maxAttempts: 1 });
  const body = Buffer.from(JSON.stringify(API));
  const made = await client.send(new rest.ImportRestApiCommand({ body }));
  restApiId = made.id ?? '';
  await client.send(
    new rest.CreateDeploymentCommand({
      restApiId,
      stageName: 'prod',
      cacheClusterEnabled: true,
      cacheClusterSize: '0.5',
      variables: { v: 'base' },
    }),
  );
  await update(
    patch('/*/*/caching/enabled', 'true'),
    patch('/~1off/GET/caching/enabled', 'false'),
    patch('/~1named/POST/caching/enabled', 'true'),
    patch('/~1strict/GET/caching/enabled', 'true'),
    patch('/~1strict/GET/caching/unauthorizedCacheControlHeaderStrategy', 'FAIL_WITH_403'),
    patch('/~1silent/GET/caching/enabled', 'true'),
    patch('/~1silent/GET/caching/unauthorizedCacheControlHeaderStrategy', 'SUCCEED_WITHOUT_RESPONSE_HEADER'),
    patch('/~1open/GET/caching/enabled', 'true'),
    patch('/~1open/GET/caching/requireAuthorizationForCacheControl', 'false'),
  );
});

const address = (path: string) => `${server.url}/_aws/execute-api/${restApiId}/prod${path}`;
const call = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(address(path), init);
  return { status: response.status, headers: response.headers, text: await response.text() };
};
/** Whether two calls got the same answer. */
const same = async (path: string, again = path, init: RequestInit = {}) =>
  (await call(path, init)).text === (await call(again, init)).text;
const FRESH = { headers: { 'Cache-Control': 'max-age=0' } };

const ROWS: readonly [string, () => Promise<boolean>, boolean][] = [
  ['GET is cached', () => same('/plain'), true],
  ['other methods are not', () => same('/plain', '/plain', { method: 'POST' }), false],
  ['nor are those that ANY takes', () => same('/plain', '/plain', { method: 'PUT' }), false],
  ['a method that is named is', () => same('/named', '/named', { method: 'POST' }), true],
  ['a method can be left out', () => same('/off'), false],
  ['keys tell answers apart', () => same('/keyed?kind=a', '/keyed?kind=b'), false],
  ['absent is not blank', () => same('/keyed', '/keyed?kind='), false],
  ['what is no key does not', () => same('/keyed?kind=a&other=1', '/keyed?kind=a&other=2'), true],
  ['resources of one namespace share', () => same('/one', '/two'), true],
  ['larger answers than 1,048,576 bytes are not kept', () => same('/large'), false],
];
test.each([...ROWS])('%s', async (_name, ask, expected) => {
  expect(await ask()).toBe(expected);
});

test('every request has an id of its own', async () => {
  const [first, second] = [await call('/plain'), await call('/plain')];
  expect(second.headers.get('x-amzn-requestid')).not.toBe(first.headers.get('x-amzn-requestid'));
});

const STRATEGIES: readonly [string, string, number, string | null, boolean][] = [
  [
    'by default a warning',
    '/plain',
    200,
    '199 Cache-control headers were ignored because the caller was unauthorized.',
    true,
  ],
  ['FAIL_WITH_403', '/strict', 403, null, false],
  ['SUCCEED_WITHOUT_RESPONSE_HEADER', '/silent', 200, null, true],
  ['no authorization asked: read anew', '/open', 200, null, false],
];
test.each([...STRATEGIES])('max-age=0 of anybody: %s', async (_name, path, status, warning, cached) => {
  const before = await call(path);
  const asked = await call(path, FRESH);
  expect([asked.status, asked.headers.get('warning'), asked.text === before.text]).toEqual([
    status,
    warning,
    cached,
  ]);
  if (status === 200) expect((await call(path)).text).toBe(asked.text);
});

test('max-age=0 of a caller who may invalidate, and of one who may not', async () => {
  const users = new iam.IAMClient({ ...server.options(), maxAttempts: 1 });
  const credentialsFor = async (name: string, actions: string[]) => {
    await users.send(new iam.CreateUserCommand({ UserName: name }));
    const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await users.send(new iam.PutUserPolicyCommand({ UserName: name, PolicyName: 'p', PolicyDocument }));
    const { AccessKey } = await users.send(new iam.CreateAccessKeyCommand({ UserName: name }));
    return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  };
  const reader = await credentialsFor('reader', ['execute-api:Invoke']);
  const owner = await credentialsFor('owner', ['execute-api:Invoke', 'execute-api:InvalidateCache']);
  const ask = async (credentials: typeof reader, headers: Record<string, string> = {}) => {
    const response = await signedFetch(address('/signed'), { credentials, headers });
    return { warning: response.headers.get('warning'), text: await response.text() };
  };
  const first = await ask(reader);
  const ignored = await ask(reader, FRESH.headers);
  expect(ignored.text).toBe(first.text);
  expect(ignored.warning).toStartWith('199 ');
  const anew = await ask(owner, FRESH.headers);
  expect(anew.warning).toBeNull();
  expect(anew.text).not.toBe(first.text);
  expect((await ask(reader)).text).toBe(anew.text);
});

const flushes: readonly [string, () => Promise<unknown>][] = [
  ['FlushStageCache', () => client.send(new rest.FlushStageCacheCommand({ restApiId, stageName: 'prod' }))],
  ['another size', () => update(patch('/cacheClusterSize', '1.6'))],
];
test.each([...flushes])('%s empties it', async (_name, flush) => {
  const before = await call('/one');
  await flush();
  expect((await call('/one')).text).not.toBe(before.text);
  expect(await same('/one')).toBe(true);
});

test('what is cached survives a deployment, as on AWS, and no switching off', async () => {
  const before = await call('/one');
  await client.send(new rest.CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  expect((await call('/one')).text).toBe(before.text);
  await update(patch('/cacheClusterEnabled', 'false'));
  expect(await same('/one')).toBe(false);
  await update(patch('/cacheClusterEnabled', 'true'));
  expect((await call('/one')).text).not.toBe(before.text);
});

test('a canary has a cache of its own, or its stage’s', async () => {
  const canarySettings = (useStageCache: boolean) => ({
    percentTraffic: 100,
    useStageCache,
    stageVariableOverrides: { v: 'canary' },
  });
  const deploy = (useStageCache: boolean) =>
    client.send(
      new rest.CreateDeploymentCommand({
        restApiId,
        stageName: 'prod',
        canarySettings: canarySettings(useStageCache),
      }),
    );
  const version = async () => (JSON.parse((await call('/plain')).text) as { v: string }).v; // the template above
  expect(await version()).toBe('base');
  await deploy(false);
  expect(await version()).toBe('canary');
  await deploy(true);
  expect(await version()).toBe('base');
});
