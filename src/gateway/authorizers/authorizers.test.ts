/** Who gets in: every kind of authorizer of both kinds of API, and what keeps out. */
import { afterAll, beforeEach, expect, test } from 'bun:test';
import { generateKeyPairSync, sign } from 'node:crypto';
import type { Caller } from '../../base/ports.ts';
import {
  FUNCTION_ARN,
  FUNCTION_URI,
  httpApi,
  lambdaProxy,
  type Method,
  NOW,
  RawAnswer,
  restApi,
  startWorld,
  type WorldOptions,
} from '../testing/world.ts';

const AUTHORIZER_URI = FUNCTION_URI.replace('orders', 'authorizer');
const isAuthorizer = (arn: string): boolean => arn.endsWith('authorizer');
const seconds = NOW / 1000;

let verdict: unknown;
const policy = (effect: string, resource: string) => ({
  principalId: 'me',
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: resource }],
  },
  context: { tier: 'gold', level: 3, on: true },
});
const invoke: NonNullable<WorldOptions['invoke']> = (event, { functionArn }) => {
  if (!isAuthorizer(functionArn))
    return {
      statusCode: 200,
      body: JSON.stringify((event['requestContext'] as { authorizer?: unknown }).authorizer ?? null),
    };
  return typeof verdict === 'function' ? verdict(event) : verdict;
};

const guarded = (more: Method): Method => ({ ...lambdaProxy, ...more });
const custom = (authorizerId: string): Method => guarded({ authorizationType: 'CUSTOM', authorizerId });
const rest = await startWorld({
  api: restApi(
    {
      'GET /token': custom('token'),
      'GET /admin': custom('token'),
      'GET /request': custom('request'),
      'GET /uncached': custom('uncached'),
      'GET /lost': custom('nobody'),
      'GET /odd': guarded({ authorizationType: 'MAGIC' }),
      'GET /pool': guarded({ authorizationType: 'COGNITO_USER_POOLS', authorizerId: 'pool' }),
      'GET /scoped': guarded({
        authorizationType: 'COGNITO_USER_POOLS',
        authorizerId: 'pool',
        authorizationScopes: ['orders/read'],
      }),
      'GET /signed': guarded({ authorizationType: 'AWS_IAM' }),
    },
    {
      definition: {
        authorizers: [
          {
            id: 'token',
            type: 'TOKEN',
            authorizerUri: AUTHORIZER_URI,
            identitySource: 'method.request.header.Authorization',
            identityValidationExpression: 'Bearer [a-z]+',
          },
          {
            id: 'request',
            type: 'REQUEST',
            authorizerUri: AUTHORIZER_URI,
            identitySource: 'method.request.header.X-Who,method.request.querystring.k',
          },
          {
            id: 'uncached',
            type: 'REQUEST',
            authorizerUri: AUTHORIZER_URI,
            identitySource: 'method.request.header.X-Who',
            authorizerResultTtlInSeconds: 0,
          },
          {
            id: 'pool',
            type: 'COGNITO_USER_POOLS',
            providerARNs: ['arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_pool'],
          },
        ],
      },
    },
  ),
  invoke,
  ports: {
    fetchDocument: async (url) => documents(url),
    authenticate: async ({ rawHeaders }) => {
      const who = rawHeaders[rawHeaders.indexOf('Authorization') + 1];
      if (!rawHeaders.includes('Authorization')) return undefined;
      return who === 'bad'
        ? { ok: false, code: 'InvalidSignatureException', message: 'no match' }
        : { ok: true, caller: callerOf(who ?? '') };
    },
  },
});
const http = await startWorld({
  api: httpApi(
    {
      'GET /simple': {
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: FUNCTION_ARN,
        PayloadFormatVersion: '2.0',
      },
      'GET /policy': {
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: FUNCTION_ARN,
        PayloadFormatVersion: '2.0',
      },
      'GET /jwt': { IntegrationType: 'AWS_PROXY', IntegrationUri: FUNCTION_ARN, PayloadFormatVersion: '2.0' },
      'GET /scoped': {
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: FUNCTION_ARN,
        PayloadFormatVersion: '2.0',
      },
    },
    {
      definition: {
        routes: [
          {
            RouteKey: 'GET /simple',
            Target: 'integrations/i0',
            AuthorizationType: 'CUSTOM',
            AuthorizerId: 'simple',
          },
          {
            RouteKey: 'GET /policy',
            Target: 'integrations/i1',
            AuthorizationType: 'CUSTOM',
            AuthorizerId: 'policy',
          },
          { RouteKey: 'GET /jwt', Target: 'integrations/i2', AuthorizationType: 'JWT', AuthorizerId: 'jwt' },
          {
            RouteKey: 'GET /scoped',
            Target: 'integrations/i3',
            AuthorizationType: 'JWT',
            AuthorizerId: 'jwt',
            AuthorizationScopes: ['orders/read'],
          },
        ],
        authorizers: {
          simple: {
            AuthorizerId: 'simple',
            Name: 's',
            AuthorizerType: 'REQUEST',
            AuthorizerUri: AUTHORIZER_URI,
            AuthorizerPayloadFormatVersion: '2.0',
            EnableSimpleResponses: true,
            IdentitySource: ['$request.header.X-Who'],
            AuthorizerResultTtlInSeconds: 60,
          },
          policy: {
            AuthorizerId: 'policy',
            Name: 'p',
            AuthorizerType: 'REQUEST',
            AuthorizerUri: AUTHORIZER_URI,
            AuthorizerPayloadFormatVersion: '1.0',
          },
          jwt: {
            AuthorizerId: 'jwt',
            Name: 'j',
            AuthorizerType: 'JWT',
            IdentitySource: ['$request.header.Authorization'],
            JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['orders'] },
          },
        },
      },
    },
  ),
  invoke,
  ports: { fetchDocument: async (url) => documents(url) },
});
afterAll(() => Promise.all([rest.close(), http.close()]));

function callerOf(who: string): Caller {
  const account = who === 'other' ? '999999999999' : '123456789012';
  if (who !== 'user')
    return { kind: 'root', account, arn: `arn:aws:iam::${account}:root`, accessKeyId: 'test' };
  return {
    kind: 'user',
    account,
    arn: `arn:aws:iam::${account}:user/u`,
    userId: 'AIDAU',
    accessKeyId: 'AKIAU',
  };
}

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = publicKey.export({ format: 'jwk' });
function documents(url: string): string {
  if (url === 'https://issuer.example/.well-known/openid-configuration')
    return '{"jwks_uri":"https://issuer.example/keys"}';
  if (url.endsWith('/keys') || url.endsWith('/jwks.json'))
    return JSON.stringify({ keys: [{ ...jwk, kid: 'k1', use: 'sig' }] });
  throw new Error('no such document');
}
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
function token(claims: object, header: object = {}): string {
  const text = `${encode({ alg: 'RS256', kid: 'k1', ...header })}.${encode({ iss: 'https://issuer.example', aud: 'orders', exp: seconds + 60, ...claims })}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
}

let who = 0;
/** A caller nobody has seen yet, so that no answer is remembered. */
const fresh = (): string => `Bearer ${'x'.repeat(++who)}`;
beforeEach(() => {
  verdict = undefined;
  rest.invocations.length = 0;
  http.invocations.length = 0;
});
const asked = (world: typeof rest): number =>
  world.invocations.filter(({ functionArn }) => isAuthorizer(functionArn)).length;

const DENIED = '{"Message":"User is not authorized to access this resource"}';
const DENIED_EXPLICITLY =
  '{"Message":"User is not authorized to access this resource with an explicit deny in an identity-based policy"}';
const NULL = '{"message":null}';
const arn = 'arn:aws:execute-api:us-east-1:123456789012:rest123456/prod/GET';
const tokenRows: readonly [
  name: string,
  verdict: unknown,
  status: number,
  body: string | undefined,
  errorType?: string,
][] = [
  ['allows the method', policy('Allow', `${arn}/token`), 200, undefined],
  ['allows another method', policy('Allow', `${arn}/other`), 403, DENIED, 'AccessDeniedException'],
  ['denies', policy('Deny', '*'), 403, DENIED_EXPLICITLY, 'AccessDeniedException'],
  [
    'allows first and denies behind',
    {
      principalId: 'me',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: 'execute-api:Invoke', Resource: `${arn}/token` },
        ],
      },
    },
    403,
    DENIED_EXPLICITLY,
    'AccessDeniedException',
  ],
  ['answers null', null, 500, NULL, 'AuthorizerConfigurationException'],
  ['answers like a proxy', { statusCode: 200 }, 500, NULL, 'AuthorizerConfigurationException'],
  [
    'names no principal',
    { ...policy('Allow', '*'), principalId: undefined },
    500,
    NULL,
    'AuthorizerConfigurationException',
  ],
  [
    'nests its context',
    { ...policy('Allow', '*'), context: { a: {} } },
    500,
    NULL,
    'AuthorizerConfigurationException',
  ],
  [
    'throws Unauthorized',
    new RawAnswer({ functionError: 'Unhandled', payload: Buffer.from('{"errorMessage":"Unauthorized"}') }),
    401,
    '{"message":"Unauthorized"}',
    'UnauthorizedException',
  ],
  [
    'throws something else',
    new RawAnswer({ functionError: 'Unhandled', payload: Buffer.from('{"errorMessage":"x"}') }),
    500,
    NULL,
    'AuthorizerConfigurationException',
  ],
];
for (const [name, given, status, body, errorType] of tokenRows)
  test(`a TOKEN authorizer that ${name}`, async () => {
    verdict = given;
    const answer = await rest.get('/prod/token', { Authorization: fresh() });
    expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([status, errorType as string]);
    if (body !== undefined) expect(answer.body).toBe(body);
  });

test('TOKEN: what the function is told, and what the integration gets', async () => {
  let event: unknown;
  verdict = (seen: unknown) => {
    event = seen;
    return { ...policy('Allow', '*'), usageIdentifierKey: 'key' };
  };
  const authorization = fresh();
  const answer = await rest.get('/prod/token/', { authorization });
  expect(event).toEqual({ type: 'TOKEN', methodArn: `${arn}/token`, authorizationToken: authorization });
  expect(JSON.parse(answer.body)).toEqual({
    tier: 'gold',
    level: '3',
    on: 'true',
    principalId: 'me',
    integrationLatency: 0,
    usageIdentifierKey: 'key',
  });
  expect(rest.invocations[0]?.invoker?.sourceArn).toBe(
    'arn:aws:execute-api:us-east-1:123456789012:rest123456/authorizers/token',
  );
});

test('TOKEN: missing, blank or malformed never reaches the function', async () => {
  for (const headers of [
    {},
    { Authorization: ' ' },
    { Authorization: 'Bearer UPPER' },
    { Authorization: 'xBearer a' },
  ])
    expect([(await rest.get('/prod/token', headers as Record<string, string>)).status, asked(rest)]).toEqual([
      401, 0,
    ]);
});

test('the policy is remembered, not the verdict: another method is judged by it anew', async () => {
  verdict = policy('Allow', `${arn}/token`);
  const Authorization = fresh();
  expect((await rest.get('/prod/token', { Authorization })).status).toBe(200);
  verdict = policy('Deny', '*');
  expect((await rest.get('/prod/token', { Authorization })).status).toBe(200);
  expect((await rest.get('/prod/admin', { Authorization })).status).toBe(403);
  expect(asked(rest)).toBe(1);
});

test('a trailing slash does not lead past a deny', async () => {
  verdict = {
    principalId: 'me',
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: '*', Resource: '*' },
        { Effect: 'Deny', Action: '*', Resource: `${arn}/admin` },
      ],
    },
  };
  const Authorization = fresh();
  for (const path of ['/prod/admin', '/prod/admin/', '/prod//admin'])
    expect((await rest.get(path, { Authorization })).status).toBe(403);
});

test('REQUEST: all sources where answers are remembered, none needed where not', async () => {
  let event: Record<string, unknown> = {};
  verdict = (seen: Record<string, unknown>) => {
    event = seen;
    return policy('Allow', '*');
  };
  expect((await rest.get('/prod/request', { 'X-Who': 'a' })).status).toBe(401);
  expect((await rest.get('/prod/request?k=1', { 'X-Who': 'a' })).status).toBe(200);
  expect(Object.keys(event).toSorted()).toEqual(
    [
      'type',
      'methodArn',
      'resource',
      'path',
      'httpMethod',
      'headers',
      'multiValueHeaders',
      'queryStringParameters',
      'multiValueQueryStringParameters',
      'pathParameters',
      'stageVariables',
      'requestContext',
    ].toSorted(),
  );
  expect(event).toMatchObject({
    type: 'REQUEST',
    methodArn: `${arn}/request`,
    queryStringParameters: { k: '1' },
    pathParameters: {},
    stageVariables: {},
  });
  expect((await rest.get('/prod/uncached')).status).toBe(200);
  expect((await rest.get('/prod/uncached')).status).toBe(200);
  expect(asked(rest)).toBe(3);
});

for (const path of ['/prod/lost', '/prod/odd'])
  test(`an authorizer that is not there keeps everyone out: ${path}`, async () => {
    const answer = await rest.get(path, { Authorization: 'Bearer a' });
    expect([answer.status, answer.body, answer.headers['x-amzn-errortype']]).toEqual([
      500,
      NULL,
      'AuthorizerConfigurationException',
    ]);
  });

const POOL = 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool';
const poolRows: readonly [name: string, path: string, token: string, status: number][] = [
  ['an id token', '/prod/pool', token({ iss: POOL, token_use: 'id' }), 200],
  [
    'an access token where an id token is wanted',
    '/prod/pool',
    token({ iss: POOL, token_use: 'access' }),
    401,
  ],
  [
    'an access token with the scope',
    '/prod/scoped',
    token({ iss: POOL, token_use: 'access', scope: 'a orders/read' }),
    200,
  ],
  ['an access token without it', '/prod/scoped', token({ iss: POOL, token_use: 'access', scope: 'a' }), 401],
  [
    'an id token where scopes are wanted',
    '/prod/scoped',
    token({ iss: POOL, token_use: 'id', scope: 'orders/read' }),
    401,
  ],
  ['another pool', '/prod/pool', token({ iss: `${POOL}2`, token_use: 'id' }), 401],
  ['no token', '/prod/pool', '', 401],
];
for (const [name, path, jwt, status] of poolRows)
  test(`user pool: ${name}`, async () =>
    expect((await rest.get(path, { Authorization: jwt })).status).toBe(status));

const signedRows: readonly [
  who: string | undefined,
  status: number,
  body: RegExp,
  errorType: string | undefined,
][] = [
  [undefined, 403, /Missing Authentication Token/, 'MissingAuthenticationTokenException'],
  ['bad', 403, /^\{"message":"no match"\}$/, 'InvalidSignatureException'],
  [
    'user',
    403,
    /"Message":"User: arn:aws:iam::123456789012:user\/u is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:\*{8}9012:rest123456/,
    'AccessDeniedException',
  ],
  ['other', 403, /not authorized/, 'AccessDeniedException'],
  ['root', 200, /null/, undefined],
];
for (const [signer, status, body, errorType] of signedRows)
  test(`AWS_IAM: signed by ${signer ?? 'nobody'}`, async () => {
    const answer = await rest.get('/prod/signed', signer === undefined ? {} : { Authorization: signer });
    expect([answer.status, answer.headers['x-amzn-errortype']]).toEqual([status, errorType as string]);
    expect(answer.body).toMatch(body);
  });

const simpleRows: readonly [name: string, verdict: unknown, status: number, body: string][] = [
  ['lets in', { isAuthorized: true, context: { deep: { a: 1 } } }, 200, '{"lambda":{"deep":{"a":1}}}'],
  ['keeps out', { isAuthorized: false }, 403, '{"message":"Forbidden"}'],
  ['says nothing', {}, 500, '{"message":"Internal Server Error"}'],
  ['says yes as text', { isAuthorized: 'true' }, 500, '{"message":"Internal Server Error"}'],
  ['answers with a policy', policy('Allow', '*'), 500, '{"message":"Internal Server Error"}'],
];
for (const [name, given, status, body] of simpleRows)
  test(`HTTP, simple answer: ${name}`, async () => {
    verdict = given;
    const answer = await http.get('/simple', { 'X-Who': fresh() });
    expect([answer.status, answer.body]).toEqual([status, body]);
  });

test('HTTP: 2.0 and 1.0 events; a missing source is 401 without a call', async () => {
  const events: Record<string, unknown>[] = [];
  verdict = (seen: Record<string, unknown>) => {
    events.push(seen);
    return events.length === 1 ? { isAuthorized: true } : policy('Allow', '*');
  };
  expect([(await http.get('/simple')).status, asked(http)]).toEqual([401, 0]);
  await http.get('/simple', { 'X-Who': fresh() });
  await http.get('/policy');
  const routeArn = 'arn:aws:execute-api:us-east-1:123456789012:http123456/$default/GET';
  expect(events).toMatchObject([
    {
      version: '2.0',
      type: 'REQUEST',
      routeArn: `${routeArn}/simple`,
      identitySource: [expect.any(String)],
      routeKey: 'GET /simple',
    },
    {
      version: '1.0',
      type: 'REQUEST',
      methodArn: `${routeArn}/policy`,
      identitySource: '',
      queryStringParameters: {},
      pathParameters: {},
    },
  ]);
});

const bearer = (description: string): string =>
  `Bearer scope="" error="invalid_token" error_description="${description}"`;
const forged = (() => {
  const [head, , signature] = token({}).split('.');
  return `${head}.${encode({ iss: 'https://issuer.example', aud: 'orders', exp: seconds + 60, admin: true })}.${signature}`;
})();
const jwtRows: readonly [
  name: string,
  token: string | undefined,
  status: number,
  challenge: string | undefined,
][] = [
  ['a good one', `Bearer ${token({ roles: ['a', 'b'], n: 1, none: null, deep: { a: 1 } })}`, 200, undefined],
  ['without Bearer', token({}), 200, undefined],
  ['none', undefined, 401, 'Bearer'],
  ['no token at all', 'Bearer x', 401, bearer('invalid number of segments')],
  [
    'another audience',
    `Bearer ${token({ aud: 'x' })}`,
    401,
    bearer('the token does not have a valid audience'),
  ],
  ['client_id instead of aud', `Bearer ${token({ aud: undefined, client_id: 'orders' })}`, 200, undefined],
  [
    'client_id beside a wrong aud',
    `Bearer ${token({ aud: 'x', client_id: 'orders' })}`,
    401,
    bearer('the token does not have a valid audience'),
  ],
  [
    'another issuer',
    `Bearer ${token({ iss: 'https://evil.example' })}`,
    401,
    bearer('the token does not have a valid issuer'),
  ],
  ['expired', `Bearer ${token({ exp: seconds - 1 })}`, 401, bearer('the token has expired')],
  ['not valid yet', `Bearer ${token({ nbf: seconds + 10 })}`, 401, bearer('the token is not valid yet')],
  [
    'alg none',
    `Bearer ${encode({ alg: 'none', kid: 'k1' })}.${encode({ iss: 'https://issuer.example', aud: 'orders', exp: seconds + 60 })}.x`,
    401,
    bearer('signing method is invalid'),
  ],
  ['a symmetric alg', `Bearer ${token({}, { alg: 'HS256' })}`, 401, bearer('signing method is invalid')],
  [
    'an alg by its JavaScript name',
    `Bearer ${token({}, { alg: '__proto__' })}`,
    401,
    bearer('signing method is invalid'),
  ],
  ['another key', `Bearer ${token({}, { kid: 'k2' })}`, 401, bearer('unable to find a signing key')],
  ['another payload', `Bearer ${forged}`, 401, bearer('the token signature is invalid')],
];
for (const [name, jwt, status, challenge] of jwtRows)
  test(`JWT: ${name}`, async () => {
    const answer = await http.get('/jwt', jwt === undefined ? {} : { Authorization: jwt });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([status, challenge as string]);
    if (status !== 200) expect(answer.body).toBe('{"message":"Unauthorized"}');
    if (name === 'a good one')
      expect(JSON.parse(answer.body)).toEqual({
        jwt: {
          claims: {
            iss: 'https://issuer.example',
            aud: 'orders',
            exp: String(seconds + 60),
            roles: '[a b]',
            n: '1',
            deep: '{"a":1}',
          },
          scopes: null,
        },
      });
  });

test('JWT: scopes', async () => {
  const good = await http.get('/scoped', { Authorization: `Bearer ${token({ scope: 'x orders/read' })}` });
  expect(JSON.parse(good.body).jwt.scopes).toEqual(['x', 'orders/read']);
  const bad = await http.get('/scoped', { Authorization: `Bearer ${token({ scp: ['x'] })}` });
  expect([bad.status, bad.body]).toEqual([403, '{"message":"Forbidden"}']);
});

test('an issuer that is down keeps out, and is asked again', async () => {
  let down = true;
  const route = {
    RouteKey: 'GET /jwt',
    Target: 'integrations/i0',
    AuthorizationType: 'JWT' as const,
    AuthorizerId: 'jwt',
  };
  const world = await startWorld({
    api: httpApi(
      { 'GET /jwt': { IntegrationType: 'AWS_PROXY', IntegrationUri: FUNCTION_ARN } },
      {
        definition: {
          routes: [route],
          authorizers: {
            jwt: { Name: 'j', JwtConfiguration: { Issuer: 'https://issuer.example', Audience: [] } },
          },
        },
      },
    ),
    invoke,
    ports: { fetchDocument: async (url) => (down ? Promise.reject(new Error('down')) : documents(url)) },
  });
  const ask = () => world.get('/jwt', { Authorization: token({}) });
  expect((await ask()).headers['www-authenticate']).toBe(
    bearer('OIDC discovery endpoint communication error'),
  );
  down = false;
  expect((await ask()).status).toBe(200);
  await world.close();
});

const policed = (statements: object[], method: Method = lambdaProxy) =>
  startWorld({
    api: restApi(
      { 'GET /a': method, 'GET /b': method },
      {
        definition: {
          policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
          authorizers: [
            {
              id: 'token',
              type: 'TOKEN',
              authorizerUri: AUTHORIZER_URI,
              identitySource: 'method.request.header.Authorization',
            },
          ],
        },
      },
    ),
    invoke,
  });
const allow = {
  Effect: 'Allow',
  Principal: '*',
  Action: 'execute-api:Invoke',
  Resource: 'execute-api:/prod/GET/a',
};
const policyRows: readonly [name: string, statements: object[], a: number, b: number][] = [
  ['allows one method', [allow], 200, 403],
  [
    'allows by address',
    [{ ...allow, Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } } }],
    200,
    403,
  ],
  [
    'allows another address',
    [{ ...allow, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }],
    403,
    403,
  ],
  [
    'denies in the end',
    [
      { ...allow, Resource: 'execute-api:/*' },
      { ...allow, Effect: 'Deny' },
    ],
    403,
    200,
  ],
  ['names another account', [{ ...allow, Principal: { AWS: '999999999999' } }], 403, 403],
  ['cannot be read', [{ Effect: 'Perhaps' }], 500, 500],
];
for (const [name, statements, a, b] of policyRows)
  test(`a resource policy that ${name}`, async () => {
    const world = await policed(statements);
    expect([(await world.get('/prod/a')).status, (await world.get('/prod/b')).status]).toEqual([a, b]);
    await world.close();
  });

const closed: readonly [name: string, options: Parameters<typeof restApi>[1], body: RegExp][] = [
  [
    'a private API without a policy',
    { definition: { endpointTypes: ['PRIVATE'] } },
    /User: anonymous is not authorized/,
  ],
  [
    'a web ACL nobody can ask',
    { stage: { webAclArn: 'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/b' } },
    /Forbidden/,
  ],
];
for (const [name, options, body] of closed)
  test(`${name} keeps everyone out`, async () => {
    const world = await startWorld({ api: restApi({ 'GET /a': lambdaProxy }, options), invoke });
    const answer = await world.get('/prod/a');
    expect(answer.status).toBe(403);
    expect(answer.body).toMatch(body);
    await world.close();
  });

test('with an authorizer: a deny of the resource policy comes first, else either may allow', async () => {
  const method = custom('token');
  verdict = policy('Allow', '*');
  const denying = await policed([{ ...allow, Effect: 'Deny' }], method);
  expect([(await denying.get('/prod/a', { Authorization: 'x' })).status, asked(denying)]).toEqual([403, 0]);
  expect((await denying.get('/prod/b', { Authorization: 'x' })).status).toBe(200);
  await denying.close();
  verdict = policy('Allow', 'arn:aws:execute-api:*:*:*/nothing');
  const allowing = await policed([allow], method);
  expect((await allowing.get('/prod/a', { Authorization: 'x' })).status).toBe(200);
  expect((await allowing.get('/prod/b', { Authorization: 'x' })).status).toBe(403);
  await allowing.close();
});
