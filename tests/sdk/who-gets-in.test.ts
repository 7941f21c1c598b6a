/**
 * Who gets in, as a table: each kind of API, each way of authorizing, each case, with the status, body and headers that
 * a client sees. Requests are signed by the SDK's signer, tokens made by `jose`, keys served over HTTP by an issuer.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateDeploymentCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  GetAuthorizersCommand,
  GetUsageCommand,
  ImportRestApiCommand,
  PutGatewayResponseCommand,
  TestInvokeAuthorizerCommand,
  UpdateStageCommand,
  UpdateUsageCommand,
} from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2Client, CreateStageCommand, ImportApiCommand } from '@aws-sdk/client-apigatewayv2';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { AddPermissionCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { strToU8, zipSync } from 'fflate';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { useServer } from './test-server.ts';
import { signedFetch } from './signed-fetch.ts';

const server = useServer();
const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:authorizer';
const URI = `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FUNCTION}/invocations`;

/** Says what the token asks it to. */
const AUTHORIZER = `
exports.handler = async (event) => {
  const said = event.authorizationToken ?? event.headers?.['X-Who'] ?? event.headers?.['x-who'] ?? event.identitySource?.[0] ?? '';
  const policy = (Effect) => ({
    principalId: 'me', context: { tier: 'gold' }, usageIdentifierKey: 'authorizer-key-of-twenty-characters',
    policyDocument: { Version: '2012-10-17', Statement: [{ Effect, Action: 'execute-api:Invoke', Resource: '*' }] },
  });
  switch (said) {
    case 'Bearer allow': case 'allow': return event.version === '2.0' ? { isAuthorized: true } : policy('Allow');
    case 'Bearer deny': case 'deny': return event.version === '2.0' ? { isAuthorized: false } : policy('Deny');
    case 'Bearer nobody': case 'nobody': throw 'Unauthorized';
    case 'Bearer garbage': case 'garbage': return 'garbage';
    case 'Bearer nested': return { ...policy('Allow'), context: { a: { b: 1 } } };
    default: throw new Error('broken');
  }
};`;

let backend: Server;
let issuer = '';
let sign: (claims: object, options?: { lifeSeconds?: number; kid?: string; alg?: string }) => Promise<string>;
let rest = '';
let http = '';
let restId = '';
let planId = '';
let keyId = '';
const KEY = 'a-key-of-more-than-twenty-characters';
const ORIGIN = 'https://shop.example';

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  backend = createServer((request, response) => {
    response.setHeader('Content-Type', 'application/json');
    if (request.url === '/.well-known/openid-configuration')
      response.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/keys` }));
    else if (request.url === '/keys') response.end(JSON.stringify({ keys: [jwk] }));
    else response.end('{"ok":true}');
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  sign = (claims, { lifeSeconds = 60, kid = 'k1', alg = 'RS256' } = {}) =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg, kid })
      .setIssuer(issuer)
      .setAudience('shop')
      .setExpirationTime(Math.floor(Date.now() / 1000) + lifeSeconds)
      .sign(privateKey);
  await makeAuthorizer();
  await makeRestApi();
  await makeHttpApi();
});
afterAll(() => void backend.close());

async function makeAuthorizer(): Promise<void> {
  const lambda = new LambdaClient(server.options());
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'authorizer',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/any',
      Code: { ZipFile: zipSync({ 'index.js': strToU8(AUTHORIZER) }) },
    }),
  );
  await lambda.send(
    new AddPermissionCommand({
      FunctionName: 'authorizer',
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
    }),
  );
}

const MOCK = {
  type: 'mock',
  requestTemplates: { 'application/json': '{"statusCode":200}' },
  responses: { default: { statusCode: '200', responseTemplates: { 'application/json': '{"ok":true}' } } },
};
const operation = (security: object[], more: object = {}) => ({
  security,
  responses: { 200: { description: 'ok' } },
  'x-amazon-apigateway-integration': MOCK,
  ...more,
});
const apiKeyScheme = (name: string, more: object) => ({ type: 'apiKey', in: 'header', name, ...more });
const WAYS = ['open', 'token', 'request', 'iam'] as const;

async function makeRestApi(): Promise<void> {
  const client = new APIGatewayClient(server.options());
  const schemes = { open: [], token: [{ token: [] }], request: [{ request: [] }], iam: [{ sigv4: [] }] };
  const paths: Record<string, object> = {};
  for (const way of WAYS) {
    paths[`/${way}`] = { get: operation(schemes[way]) };
    paths[`/${way}/throttled`] = { get: operation(schemes[way]) };
    paths[`/${way}/metered`] = { get: operation([{ ...schemes[way][0], api_key: [] }]) };
  }
  const authorizer = (type: string, identitySource: string) => ({
    'x-amazon-apigateway-authtype': 'custom',
    'x-amazon-apigateway-authorizer': {
      type,
      authorizerUri: URI,
      identitySource,
      authorizerResultTtlInSeconds: 60,
    },
  });
  const document = {
    openapi: '3.0.1',
    info: { title: 'matrix', version: '1' },
    paths,
    components: {
      securitySchemes: {
        token: apiKeyScheme('Authorization', {
          'x-amazon-apigateway-authtype': 'custom',
          'x-amazon-apigateway-authorizer': {
            type: 'token',
            authorizerUri: URI,
            identityValidationExpression: 'Bearer [a-z]+',
            authorizerResultTtlInSeconds: 60,
          },
        }),
        request: apiKeyScheme('Unused', authorizer('request', 'method.request.header.X-Who')),
        sigv4: apiKeyScheme('Authorization', { 'x-amazon-apigateway-authtype': 'awsSigv4' }),
        api_key: apiKeyScheme('x-api-key', {}),
      },
    },
  };
  const api = await client.send(
    new ImportRestApiCommand({ body: Buffer.from(JSON.stringify(document)), failOnWarnings: true }),
  );
  restId = api.id ?? '';
  for (const responseType of ['DEFAULT_4XX', 'DEFAULT_5XX'] as const)
    await client.send(
      new PutGatewayResponseCommand({
        restApiId: restId,
        responseType,
        responseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': `'${ORIGIN}'` },
        responseTemplates: { 'application/json': '{"message":$context.error.messageString}' },
      }),
    );
  await client.send(new CreateDeploymentCommand({ restApiId: restId, stageName: 'prod' }));
  await client.send(
    new UpdateStageCommand({
      restApiId: restId,
      stageName: 'prod',
      patchOperations: WAYS.flatMap((way) =>
        ['rateLimit', 'burstLimit'].map((limit) => ({
          op: 'replace' as const,
          path: `/~1${way}~1throttled/GET/throttling/${limit}`,
          value: '0',
        })),
      ),
    }),
  );
  const plan = await client.send(
    new CreateUsagePlanCommand({
      name: 'plan',
      apiStages: [{ apiId: restId, stage: 'prod' }],
      quota: { limit: 1000, period: 'DAY' },
    }),
  );
  planId = plan.id ?? '';
  const key = await client.send(new CreateApiKeyCommand({ name: 'key', value: KEY, enabled: true }));
  keyId = key.id ?? '';
  await client.send(new CreateUsagePlanKeyCommand({ usagePlanId: planId, keyId, keyType: 'API_KEY' }));
  rest = `${server.url}/_aws/execute-api/${restId}/prod`;
}

async function makeHttpApi(): Promise<void> {
  const client = new ApiGatewayV2Client(server.options());
  const integration = {
    type: 'http_proxy',
    httpMethod: 'GET',
    uri: `${issuer}/backend`,
    payloadFormatVersion: '1.0',
  };
  const route = (security: object[]) => ({
    security,
    responses: { default: { description: 'ok' } },
    'x-amazon-apigateway-integration': integration,
  });
  const lambda = (more: object) => ({
    type: 'apiKey',
    name: 'X-Who',
    in: 'header',
    'x-amazon-apigateway-authorizer': {
      type: 'request',
      identitySource: '$request.header.X-Who',
      authorizerUri: URI,
      authorizerResultTtlInSeconds: 60,
      ...more,
    },
  });
  const document = {
    openapi: '3.0.1',
    info: { title: 'matrix', version: '1' },
    'x-amazon-apigateway-cors': {
      allowOrigins: [ORIGIN],
      allowMethods: ['GET'],
      allowHeaders: ['authorization'],
    },
    paths: {
      '/open': { get: route([]) },
      '/jwt': { get: route([{ jwt: [] }]) },
      '/scoped': { get: route([{ jwt: ['orders/read'] }]) },
      '/simple': { get: route([{ simple: [] }]) },
      '/policy': { get: route([{ policy: [] }]) },
      '/throttled': { get: route([{ jwt: [] }]) },
    },
    components: {
      securitySchemes: {
        jwt: {
          type: 'oauth2',
          'x-amazon-apigateway-authorizer': {
            type: 'jwt',
            identitySource: '$request.header.Authorization',
            jwtConfiguration: { issuer, audience: ['shop'] },
          },
        },
        simple: lambda({ authorizerPayloadFormatVersion: '2.0', enableSimpleResponses: true }),
        policy: lambda({ authorizerPayloadFormatVersion: '1.0' }),
      },
    },
  };
  const api = await client.send(
    new ImportApiCommand({ Body: JSON.stringify(document), FailOnWarnings: true }),
  );
  await client.send(
    new CreateStageCommand({
      ApiId: api.ApiId,
      StageName: '$default',
      AutoDeploy: true,
      RouteSettings: { 'GET /throttled': { ThrottlingRateLimit: 0, ThrottlingBurstLimit: 0 } },
    }),
  );
  http = `${server.url}/_aws/execute-api/${api.ApiId}`;
}

interface Seen {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}
async function get(url: string, headers: Record<string, string> = {}): Promise<Seen> {
  const answer = await fetch(url, { headers: { Origin: ORIGIN, ...headers } });
  return { status: answer.status, body: await answer.text(), headers: answer.headers };
}
const said = (text: string | null): string => `{"message":${JSON.stringify(text)}}`;
/** Both APIs customise every refusal, so its word is `message` also where AWS's own says `Message`. */
const DENIED =
  'User is not authorized to access this resource with an explicit deny in an identity-based policy';

const restRows: readonly [
  path: string,
  headers: Record<string, string>,
  status: number,
  body: string,
  errorType: string | null,
][] = [
  ['/open', {}, 200, '{"ok":true}', null],
  ['/open/throttled', {}, 429, said('Too Many Requests'), 'TooManyRequestsException'],
  ['/open/metered', {}, 403, said('Forbidden'), 'ForbiddenException'],
  [
    '/open/metered',
    { 'x-api-key': 'another-key-of-twenty-characters' },
    403,
    said('Forbidden'),
    'ForbiddenException',
  ],
  ['/open/metered', { 'x-api-key': KEY }, 200, '{"ok":true}', null],
  ['/token', { Authorization: 'Bearer allow' }, 200, '{"ok":true}', null],
  ['/token', {}, 401, said('Unauthorized'), 'UnauthorizedException'],
  ['/token', { Authorization: 'Basic x' }, 401, said('Unauthorized'), 'UnauthorizedException'],
  ['/token', { Authorization: 'Bearer nobody' }, 401, said('Unauthorized'), 'UnauthorizedException'],
  ['/token', { Authorization: 'Bearer deny' }, 403, said(DENIED), 'AccessDeniedException'],
  ['/token', { Authorization: 'Bearer garbage' }, 500, said(null), 'AuthorizerConfigurationException'],
  ['/token', { Authorization: 'Bearer nested' }, 500, said(null), 'AuthorizerConfigurationException'],
  ['/token', { Authorization: 'Bearer broken' }, 500, said(null), 'AuthorizerConfigurationException'],
  [
    '/token/throttled',
    { Authorization: 'Bearer allow' },
    429,
    said('Too Many Requests'),
    'TooManyRequestsException',
  ],
  ['/token/throttled', {}, 401, said('Unauthorized'), 'UnauthorizedException'],
  ['/token/metered', { Authorization: 'Bearer allow' }, 403, said('Forbidden'), 'ForbiddenException'],
  [
    '/token/metered',
    { Authorization: 'Bearer deny', 'x-api-key': KEY },
    403,
    said(DENIED),
    'AccessDeniedException',
  ],
  ['/token/metered', { Authorization: 'Bearer allow', 'x-api-key': KEY }, 200, '{"ok":true}', null],
  ['/request', { 'X-Who': 'allow' }, 200, '{"ok":true}', null],
  ['/request', {}, 401, said('Unauthorized'), 'UnauthorizedException'],
  ['/request', { 'X-Who': 'deny' }, 403, said(DENIED), 'AccessDeniedException'],
  ['/request', { 'X-Who': 'nobody' }, 401, said('Unauthorized'), 'UnauthorizedException'],
  ['/request', { 'X-Who': 'broken' }, 500, said(null), 'AuthorizerConfigurationException'],
  ['/request/throttled', { 'X-Who': 'allow' }, 429, said('Too Many Requests'), 'TooManyRequestsException'],
  ['/iam', {}, 403, said('Missing Authentication Token'), 'MissingAuthenticationTokenException'],
  ['/nowhere', {}, 403, said('Missing Authentication Token'), 'MissingAuthenticationTokenException'],
];
describe('REST', () => {
  for (const [path, headers, status, body, errorType] of restRows)
    test(`${path} ${JSON.stringify(headers)}: ${status}`, async () => {
      const answer = await get(rest + path, headers);
      expect([answer.status, answer.body, answer.headers.get('x-amzn-errortype')]).toEqual([
        status,
        body,
        errorType,
      ]);
      // A browser is shown what kept it out: gateway responses carry the API's CORS headers.
      if (status !== 200) expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    });

  test('a key that has used up its quota: 429, and not before', async () => {
    const client = new APIGatewayClient(server.options());
    const patchOperations = [{ op: 'replace' as const, path: '/remaining', value: '2' }];
    await client.send(new UpdateUsageCommand({ usagePlanId: planId, keyId, patchOperations }));
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++)
      statuses.push((await get(`${rest}/open/metered`, { 'x-api-key': KEY })).status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await get(`${rest}/open/metered`, { 'x-api-key': KEY });
    expect([refused.body, refused.headers.get('x-amzn-errortype')]).toEqual([
      said('Limit Exceeded'),
      'LimitExceededException',
    ]);
    const day = new Date().toISOString().slice(0, 10);
    const usage = await client.send(
      new GetUsageCommand({ usagePlanId: planId, startDate: day, endDate: day }),
    );
    expect(usage.items?.[keyId]?.[0]?.[1]).toBe(0);
    await client.send(
      new UpdateUsageCommand({
        usagePlanId: planId,
        keyId,
        patchOperations: [{ op: 'replace', path: '/remaining', value: '5' }],
      }),
    );
    expect((await get(`${rest}/open/metered`, { 'x-api-key': KEY })).status).toBe(200);
  });
});

test('an authorizer is tested by hand: what it says is shown, not obeyed', async () => {
  const client = new APIGatewayClient(server.options());
  const { items = [] } = await client.send(new GetAuthorizersCommand({ restApiId: restId }));
  const authorizerId = items.find(({ type }) => type === 'TOKEN')?.id ?? '';
  const ask = (Authorization?: string) =>
    client.send(
      new TestInvokeAuthorizerCommand({
        restApiId: restId,
        authorizerId,
        headers: Authorization === undefined ? {} : { Authorization },
      }),
    );
  const denied = await ask('Bearer deny');
  expect(denied).toMatchObject({ clientStatus: 0, principalId: 'me' });
  expect(JSON.parse(denied.policy ?? '').Statement[0].Effect).toBe('Deny');
  expect(denied.log).toContain(`Starting authorizer: ${authorizerId}`);
  expect((await ask()).clientStatus).toBe(401);
  expect((await ask('Bearer garbage')).clientStatus).toBe(500);
});

describe('AWS_IAM', () => {
  let user: { accessKeyId: string; secretAccessKey: string };
  beforeAll(async () => {
    const iam = new IAMClient(server.options());
    await iam.send(new CreateUserCommand({ UserName: 'caller' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'caller' }));
    user = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
  });
  const signed = async (credentials: { accessKeyId: string; secretAccessKey: string }, path = '/iam') => {
    const answer = await signedFetch(rest + path, { credentials });
    return [answer.status, await answer.text(), answer.headers.get('x-amzn-errortype')] as const;
  };

  test('root, a stranger, a wrong secret', async () => {
    expect(await signed({ accessKeyId: 'test', secretAccessKey: 'test' })).toEqual([
      200,
      '{"ok":true}',
      null,
    ]);
    expect(await signed({ accessKeyId: 'AKIANOBODYKNOWSTHIS1', secretAccessKey: 'x' })).toEqual([
      403,
      said('The security token included in the request is invalid.'),
      'UnrecognizedClientException',
    ]);
    const [status, body, type] = await signed({ ...user, secretAccessKey: 'wrong' });
    expect([status, type]).toEqual([403, 'InvalidSignatureException']);
    expect(body).toStartWith('{"message":"The request signature we calculated does not match');
  });

  test('a user without permission, with it for another method, and with it', async () => {
    const denied = `User: arn:aws:iam::123456789012:user/caller is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:${restId}/prod/GET/iam because no identity-based policy allows the execute-api:Invoke action`;
    expect(await signed(user)).toEqual([403, said(denied), 'AccessDeniedException']);
    const iam = new IAMClient(server.options());
    const allow = (path: string) =>
      iam.send(
        new PutUserPolicyCommand({
          UserName: 'caller',
          PolicyName: 'own',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: {
              Effect: 'Allow',
              Action: 'execute-api:Invoke',
              Resource: `arn:aws:execute-api:*:*:${restId}/prod/GET/${path}`,
            },
          }),
        }),
      );
    await allow('other');
    expect((await signed(user))[0]).toBe(403);
    await allow('iam*');
    expect(await signed(user)).toEqual([200, '{"ok":true}', null]);
    expect((await signed(user, '/iam/throttled'))[0]).toBe(429);
    expect((await signed(user, '/iam/metered'))[0]).toBe(403);
  });
});

const challenge = (description: string): string =>
  `Bearer scope="" error="invalid_token" error_description="${description}"`;
const httpRows: readonly [
  name: string,
  path: string,
  headers: () => Promise<Record<string, string>>,
  status: number,
  body: string,
  challenge: string | null,
][] = [
  ['anyone', '/open', async () => ({}), 200, '{"ok":true}', null],
  [
    'a good token',
    '/jwt',
    async () => ({ Authorization: `Bearer ${await sign({})}` }),
    200,
    '{"ok":true}',
    null,
  ],
  ['no token', '/jwt', async () => ({}), 401, said('Unauthorized'), 'Bearer'],
  [
    'a malformed token',
    '/jwt',
    async () => ({ Authorization: 'Bearer x' }),
    401,
    said('Unauthorized'),
    challenge('invalid number of segments'),
  ],
  [
    'an expired token',
    '/jwt',
    async () => ({ Authorization: `Bearer ${await sign({}, { lifeSeconds: -1 })}` }),
    401,
    said('Unauthorized'),
    challenge('the token has expired'),
  ],
  [
    'the scope',
    '/scoped',
    async () => ({ Authorization: `Bearer ${await sign({ scope: 'a orders/read' })}` }),
    200,
    '{"ok":true}',
    null,
  ],
  [
    'another scope',
    '/scoped',
    async () => ({ Authorization: `Bearer ${await sign({ scope: 'a' })}` }),
    403,
    said('Forbidden'),
    'Bearer scope="orders/read" error="insufficient_scope" error_description="the token does not have a valid scope"',
  ],
  [
    'throttled',
    '/throttled',
    async () => ({ Authorization: `Bearer ${await sign({})}` }),
    429,
    said('Too Many Requests'),
    null,
  ],
  ['a simple yes', '/simple', async () => ({ 'X-Who': 'allow' }), 200, '{"ok":true}', null],
  ['a simple no', '/simple', async () => ({ 'X-Who': 'deny' }), 403, said('Forbidden'), null],
  ['no identity', '/simple', async () => ({}), 401, said('Unauthorized'), null],
  ['nobody', '/simple', async () => ({ 'X-Who': 'nobody' }), 401, said('Unauthorized'), null],
  ['garbage', '/simple', async () => ({ 'X-Who': 'garbage' }), 500, said('Internal Server Error'), null],
  ['broken', '/simple', async () => ({ 'X-Who': 'broken' }), 500, said('Internal Server Error'), null],
  ['a policy that allows', '/policy', async () => ({ 'X-Who': 'allow' }), 200, '{"ok":true}', null],
  ['a policy that denies', '/policy', async () => ({ 'X-Who': 'deny' }), 403, said('Forbidden'), null],
  ['no route', '/nowhere', async () => ({}), 404, said('Not Found'), null],
];
describe('HTTP', () => {
  for (const [name, path, headers, status, body, wanted] of httpRows)
    test(`${path}, ${name}: ${status}`, async () => {
      const answer = await get(http + path, await headers());
      expect([answer.status, answer.body, answer.headers.get('www-authenticate')]).toEqual([
        status,
        body,
        wanted,
      ]);
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(answer.headers.get('apigw-requestid')).not.toBeNull();
    });

  test('a preflight is answered before anybody is asked who they are', async () => {
    const answer = await fetch(`${http}/jwt`, {
      method: 'OPTIONS',
      headers: { Origin: ORIGIN, 'Access-Control-Request-Method': 'GET' },
    });
    expect([answer.status, answer.headers.get('access-control-allow-methods')]).toEqual([204, 'GET']);
  });
});

test('two Authorization headers are none, whichever is good', async () => {
  const token = await sign({});
  const send = (values: string[]) =>
    new Promise<number>((resolve, reject) => {
      const headers = values.flatMap((value) => ['Authorization', value]);
      const outgoing = httpRequest(
        `${http}/jwt`,
        { headers: ['Host', new URL(http).host, ...headers] },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      outgoing.on('error', reject).end();
    });
  expect(await send([`Bearer ${token}`])).toBe(200);
  expect(await send([`Bearer ${token}`, 'Bearer x'])).toBe(401);
  expect(await send(['Bearer x', `Bearer ${token}`])).toBe(401);
});
