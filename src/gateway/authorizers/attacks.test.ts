/** The attacks there are on who gets in, each with its answer. */
import { afterAll, beforeEach, describe, expect, jest, test } from 'bun:test';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { createAuthenticate } from '../../wire/sigv4/authenticate.ts';
import { Sha256 } from '@smithy/core/checksum';
import {
  FUNCTION_ARN,
  FUNCTION_URI,
  httpApi,
  lambdaProxy,
  type Method,
  mock,
  NOW,
  RawAnswer,
  restApi,
  startWorld,
  type WorldOptions,
} from '../testing/world.ts';

const AUTHORIZER_URI = FUNCTION_URI.replace('orders', 'authorizer');
const seconds = NOW / 1000;
const ARN = 'arn:aws:execute-api:us-east-1:123456789012:rest123456/prod';
const SECRET = 'a-secret';
let now = NOW;

/** What the authorizer answers, given its event. */
let answer: (event: Record<string, unknown>) => unknown;
let calls = 0;
const invoke: NonNullable<WorldOptions['invoke']> = (event, { functionArn }) => {
  if (!functionArn.endsWith('authorizer')) return { statusCode: 200, body: 'in' };
  calls++;
  return answer(event);
};
const policy = (...statements: object[]) => ({
  principalId: 'me',
  policyDocument: { Version: '2012-10-17', Statement: statements },
});
const statement = (Effect: string, Resource: string | string[], more: object = {}) => ({
  Effect,
  Action: 'execute-api:Invoke',
  Resource,
  ...more,
});

const custom = (authorizerId: string): Method => ({
  ...lambdaProxy,
  authorizationType: 'CUSTOM',
  authorizerId,
});
const lambda = (id: string, more: object) => ({ id, name: id, authorizerUri: AUTHORIZER_URI, ...more });
const rest = await startWorld({
  api: restApi(
    {
      'GET /admin': custom('token'),
      'GET /public': custom('token'),
      'POST /public': custom('token'),
      'GET /{proxy+}': custom('token'),
      'GET /tenant': custom('tenant'),
      'GET /evil': custom('evil'),
      'GET /lookahead': custom('lookahead'),
      'GET /signed': { ...mock(), authorizationType: 'AWS_IAM' },
    },
    {
      definition: {
        authorizers: [
          lambda('token', { type: 'TOKEN', identitySource: 'method.request.header.Authorization' }),
          lambda('tenant', {
            type: 'REQUEST',
            identitySource: 'method.request.header.X-Key,method.request.querystring.tenant',
          }),
          lambda('evil', {
            type: 'TOKEN',
            identitySource: 'method.request.header.Authorization',
            identityValidationExpression: '(a+)+',
          }),
          lambda('lookahead', {
            type: 'TOKEN',
            identitySource: 'method.request.header.Authorization',
            identityValidationExpression: '(?!x)(a+)+',
          }),
        ],
      },
    },
  ),
  invoke,
  ports: {
    now: () => now,
    authenticate: createAuthenticate({
      now: () => now,
      findAccessKey: async (id) =>
        id === 'AKIAGOOD'
          ? {
              secretAccessKey: SECRET,
              caller: {
                kind: 'root',
                account: '123456789012',
                arn: 'arn:aws:iam::123456789012:root',
                accessKeyId: id,
              },
            }
          : undefined,
    }),
  },
});

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weak = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig' };
let keys: object[] = [jwk];
let fetched: string[] = [];
let slow = false;
const http = await startWorld({
  api: httpApi(
    {
      'GET /jwt': { IntegrationType: 'AWS_PROXY', IntegrationUri: FUNCTION_ARN, PayloadFormatVersion: '2.0' },
    },
    {
      definition: {
        routes: [
          { RouteKey: 'GET /jwt', Target: 'integrations/i0', AuthorizationType: 'JWT', AuthorizerId: 'jwt' },
        ],
        authorizers: {
          jwt: {
            AuthorizerId: 'jwt',
            Name: 'j',
            AuthorizerType: 'JWT',
            IdentitySource: ['$request.header.Authorization'],
            JwtConfiguration: { Issuer: 'https://issuer.example', Audience: ['shop'] },
          },
        },
      },
    },
  ),
  invoke,
  ports: {
    now: () => now,
    fetchDocument: async (url) => {
      fetched.push(url);
      if (slow) throw new Error('too slow');
      return url.endsWith('openid-configuration')
        ? '{"jwks_uri":"https://issuer.example/keys"}'
        : JSON.stringify({ keys });
    },
  },
});
afterAll(() => Promise.all([rest.close(), http.close()]));
beforeEach(() => {
  calls = 0;
  now = NOW;
  keys = [jwk];
  slow = false;
  fetched = [];
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const CLAIMS = { iss: 'https://issuer.example', aud: 'shop', exp: seconds + 86_400 };
function token(claims: object = {}, header: object = {}, key = privateKey): string {
  const text = `${encode({ alg: 'RS256', kid: 'k1', ...header })}.${encode({ ...CLAIMS, ...claims })}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`;
}
/** Signed with what anybody knows: the public key, as text. */
function confused(): string {
  const text = `${encode({ alg: 'HS256', kid: 'k1' })}.${encode(CLAIMS)}`;
  const secret = publicKey.export({ format: 'pem', type: 'spki' });
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

describe('tokens', () => {
  const [head = '', payload = '', signature = ''] = token().split('.');
  const rows: readonly [attack: string, authorization: string | undefined, status: number][] = [
    ['none at all: a good one gets in', `Bearer ${token()}`, 200],
    ['alg none', `Bearer ${encode({ alg: 'none', kid: 'k1' })}.${payload}.`, 401],
    [
      'alg none with a signature',
      `Bearer ${encode({ alg: 'none', kid: 'k1' })}.${payload}.${signature}`,
      401,
    ],
    ['alg NONE', `Bearer ${encode({ alg: 'NONE', kid: 'k1' })}.${payload}.x`, 401],
    ['the public key as an HMAC secret', `Bearer ${confused()}`, 401],
    ['an algorithm the key is not for', `Bearer ${token({}, { alg: 'RS512' })}`, 401],
    ['a curve where RSA is meant', `Bearer ${token({}, { alg: 'ES256' }, weak.privateKey)}`, 401],
    ['kid: a path', `Bearer ${token({}, { kid: '../../../../dev/null' })}`, 401],
    ['kid: a query', `Bearer ${token({}, { kid: "k1' OR '1'='1" })}`, 401],
    ['kid: a prototype', `Bearer ${token({}, { kid: '__proto__' })}`, 401],
    ['kid: no text', `Bearer ${token({}, { kid: ['k1'] })}`, 401],
    ['no kid', `Bearer ${token({}, { kid: undefined })}`, 401],
    ['a key of its own in the header', `Bearer ${token({}, { kid: 'x', jwk })}`, 401],
    [
      'a key address of its own in the header',
      `Bearer ${token({}, { kid: 'x', jku: 'https://evil.example/keys' })}`,
      401,
    ],
    ['a critical extension', `Bearer ${token({}, { crit: ['b64'], b64: false })}`, 401],
    ['expired', `Bearer ${token({ exp: seconds - 1 })}`, 401],
    ['expires as text', `Bearer ${token({ exp: String(seconds + 60) })}`, 401],
    ['never expires', `Bearer ${token({ exp: undefined })}`, 401],
    ['not valid yet', `Bearer ${token({ nbf: seconds + 60 })}`, 401],
    ['issued in the future', `Bearer ${token({ iat: seconds + 60 })}`, 401],
    ['another audience', `Bearer ${token({ aud: 'bank' })}`, 401],
    ['an audience that begins like ours', `Bearer ${token({ aud: 'shop2' })}`, 401],
    ['no audience', `Bearer ${token({ aud: undefined })}`, 401],
    ['the client of another audience', `Bearer ${token({ aud: 'bank', client_id: 'shop' })}`, 401],
    ['another issuer', `Bearer ${token({ iss: 'https://issuer.example.evil' })}`, 401],
    ['an issuer with a slash behind', `Bearer ${token({ iss: 'https://issuer.example/' })}`, 401],
    ['truncated', `Bearer ${token().slice(0, -8)}`, 401],
    ['without its signature', `Bearer ${head}.${payload}.`, 401],
    ['a changed payload', `Bearer ${head}.${encode({ ...CLAIMS, admin: true })}.${signature}`, 401],
    [
      'a payload that is no JSON',
      `Bearer ${head}.${Buffer.from('x').toString('base64url')}.${signature}`,
      401,
    ],
    ['five segments', `Bearer ${head}.${payload}.${signature}.x.y`, 401],
    ['blanks inside', `Bearer ${head}.${payload}.${signature.slice(0, 9)} ${signature.slice(9)}`, 401],
    ['characters a lenient reader skips', `Bearer ${head}.${payload}.${signature}=`, 401],
    ['larger than all headers may be', `Bearer ${token({ x: 'x'.repeat(20_000) })}`, 431],
    ['blank', 'Bearer ', 401],
    ['absent', undefined, 401],
  ];
  for (const [attack, authorization, status] of rows)
    test(`${attack}: ${status}`, async () => {
      const headers: Record<string, string> =
        authorization === undefined ? {} : { Authorization: authorization };
      expect((await http.get('/jwt', headers)).status).toBe(status);
    });

  test('the name of the header in any case', async () =>
    expect((await http.get('/jwt', { AUTHORIZATION: `bearer ${token()}` })).status).toBe(200));

  test('a key that was taken back: its tokens are out as soon as the keys are read again', async () => {
    const authorization = { Authorization: `Bearer ${token({ n: 1 })}` };
    expect((await http.get('/jwt', authorization)).status).toBe(200);
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    keys = [{ ...other.publicKey.export({ format: 'jwk' }), kid: 'k2' }];
    now += 3 * 3_600_000;
    expect((await http.get('/jwt', authorization)).status).toBe(401);
    const fresh = token({ exp: now / 1000 + 60 }, { kid: 'k2' }, other.privateKey);
    expect((await http.get('/jwt', { Authorization: `Bearer ${fresh}` })).status).toBe(200);
  });

  test('keys that rotate are found by the first token that names one; strangers’ names are not looked for faster than every ten seconds', async () => {
    now += 10 * 3_600_000;
    const exp = now / 1000 + 60;
    expect((await http.get('/jwt', { Authorization: `Bearer ${token({ exp })}` })).status).toBe(200);
    const next = generateKeyPairSync('rsa', { modulusLength: 2048 });
    keys = [jwk, { ...next.publicKey.export({ format: 'jwk' }), kid: 'k9' }];
    now += 11_000;
    fetched = [];
    const rotated = token({ exp: exp + 60 }, { kid: 'k9' }, next.privateKey);
    expect((await http.get('/jwt', { Authorization: `Bearer ${rotated}` })).status).toBe(200);
    for (let i = 0; i < 20; i++)
      await http.get('/jwt', { Authorization: `Bearer ${token({}, { kid: `stranger-${i}` })}` });
    expect(fetched).toHaveLength(2);
  });

  test('an issuer that fails while a stranger asks keeps nobody out who was let in', async () => {
    now += 20 * 3_600_000;
    const good = { Authorization: `Bearer ${token({ exp: now / 1000 + 600 })}` };
    expect((await http.get('/jwt', good)).status).toBe(200);
    slow = true;
    now += 11_000;
    expect((await http.get('/jwt', { Authorization: `Bearer ${token({}, { kid: 'none' })}` })).status).toBe(
      401,
    );
    expect((await http.get('/jwt', good)).status).toBe(200);
  });
});

describe('paths', () => {
  const spellings: readonly string[] = [
    '/prod/admin',
    '/prod/admin/',
    '/prod//admin',
    '/prod/admin//',
    '/prod/%61dmin',
    '/prod/%2561dmin',
    '/prod/x/../admin',
    '/prod/x/%2e%2e/admin',
    '/prod/./admin',
    '/prod/x%2f..%2fadmin',
    '/prod/admin;x=1',
    '/prod/x\\..\\admin',
  ];
  for (const path of spellings)
    test(`${path} does not lead past a deny of /admin`, async () => {
      answer = () => policy(statement('Allow', '*'), statement('Deny', `${ARN}/GET/admin`));
      expect((await rest.get(path, { Authorization: `deny ${path}` })).status).toBe(403);
    });

  for (const path of ['/prod/public/../admin', '/prod/public/%2e%2e/admin', '/prod/public/x/..%2f../admin'])
    test(`${path} is not let in by what it seems to be`, async () => {
      answer = () => policy(statement('Allow', `${ARN}/GET/public*`));
      expect((await rest.get(path, { Authorization: `climb ${path}` })).status).toBe(403);
    });

  test('an ordinary encoded name is what it is', async () => {
    answer = ({ methodArn }) => policy(statement('Allow', String(methodArn)));
    expect((await rest.get('/prod/caf%C3%A9', { Authorization: 'encoded' })).status).toBe(200);
  });

  test('another case is another path', async () => {
    answer = () => policy(statement('Allow', `${ARN}/GET/admin`));
    expect((await rest.get('/prod/ADMIN', { Authorization: 'case' })).status).toBe(403);
  });

  test('a path too long to name in a policy', async () => {
    answer = () => policy(statement('Allow', '*'));
    const { status, body } = await rest.get(`/prod/${'x'.repeat(1600)}`, { Authorization: 'long' });
    expect([status, body]).toEqual([414, '{"message":"Request URI too long"}']);
  });
});

describe('answers that are kept', () => {
  test('an allow of one method is none of another', async () => {
    answer = () => policy(statement('Allow', `${ARN}/GET/public`));
    const Authorization = 'once';
    expect((await rest.get('/prod/public', { Authorization })).status).toBe(200);
    const posted = await rest.send(
      `POST /prod/public HTTP/1.1\nHost: rest123456.execute-api.localhost\nAuthorization: ${Authorization}\nContent-Length: 0\n\n`,
    );
    expect([posted.status, (await rest.get('/prod/admin', { Authorization })).status, calls]).toEqual([
      403, 403, 1,
    ]);
  });

  test('a method that is overridden is judged as what it becomes', async () => {
    answer = () => policy(statement('Allow', `${ARN}/GET/public`));
    const headers = { Authorization: 'override', 'X-HTTP-Method-Override': 'POST' };
    expect((await rest.get('/prod/public', headers)).status).toBe(403);
  });

  const tenants: readonly [attack: string, query: string][] = [
    ['the parameter twice', 'tenant=victim&tenant=mine'],
    ['the parameter behind a semicolon', 'tenant=victim;tenant=mine'],
    ['encoded names', 'tenant=victim&%74enant=mine'],
  ];
  for (const [attack, query] of tenants)
    test(`are not poisoned by ${attack}`, async () => {
      const key = { 'X-Key': `mine ${attack}` };
      answer = ({ queryStringParameters }) =>
        policy(
          statement(
            (queryStringParameters as { tenant?: string })['tenant'] === 'mine' ? 'Allow' : 'Deny',
            '*',
          ),
        );
      await rest.get(`/prod/tenant?${query}`, key);
      expect((await rest.get('/prod/tenant?tenant=victim', key)).status).toBe(403);
    });

  test('sources that run into one another are kept apart', async () => {
    answer = ({ queryStringParameters }) =>
      policy(
        statement((queryStringParameters as { tenant?: string })['tenant'] === 'b' ? 'Allow' : 'Deny', '*'),
      );
    expect((await rest.get('/prod/tenant?tenant=b', { 'X-Key': 'a' })).status).toBe(200);
    expect((await rest.get('/prod/tenant?tenant=', { 'X-Key': 'ab' })).status).toBe(401);
    expect((await rest.get('/prod/tenant?tenant=1:b', { 'X-Key': 'a' })).status).toBe(403);
  });
});

describe('authorizers that cannot be trusted', () => {
  const rows: readonly [attack: string, answer: () => unknown][] = [
    ['garbage', () => 'garbage'],
    ['nothing', () => null],
    [
      'ten megabytes',
      () => ({ ...policy(statement('Allow', '*')), context: { a: ['x'.repeat(10_000_000)] } }),
    ],
    [
      'a policy with an operator nobody knows',
      () => policy(statement('Allow', '*', { Condition: { StringMaybe: { a: 'b' } } })),
    ],
    [
      'a policy with a condition that is no object',
      () => policy(statement('Allow', '*', { Condition: 'x' })),
    ],
    ['a policy with an effect nobody knows', () => policy(statement('Perhaps', '*'))],
    [
      'a policy of another version',
      () => ({
        principalId: 'me',
        policyDocument: { Version: '2030-01-01', Statement: [statement('Allow', '*')] },
      }),
    ],
    ['a member nobody knows', () => policy({ ...statement('Allow', '*'), Conditions: {} })],
    ['a policy that names principals', () => policy({ ...statement('Allow', '*'), Principal: '*' })],
    ['a list for a policy', () => ({ principalId: 'me', policyDocument: [] })],
    ['no JSON', () => new RawAnswer({ payload: Buffer.from('{') })],
  ];
  for (const [attack, given] of rows)
    test(`${attack}: 500, and nobody gets in`, async () => {
      answer = given;
      const got = await rest.get('/prod/admin', { Authorization: `bad ${attack}` });
      expect([got.status, got.body, got.headers['x-amzn-errortype']]).toEqual([
        500,
        '{"message":null}',
        'AuthorizerConfigurationException',
      ]);
    });

  test('an authorizer that never answers: 500 when its time is up', async () => {
    const asked = Promise.withResolvers<void>();
    answer = () => {
      asked.resolve();
      return new Promise(() => {});
    };
    jest.useFakeTimers();
    try {
      const pending = rest.get('/prod/admin', { Authorization: 'never' });
      await asked.promise;
      jest.advanceTimersByTime(10_000);
      const got = await pending;
      expect([got.status, got.body, got.headers['x-amzn-errortype']]).toEqual([
        500,
        '{"message":null}',
        'AuthorizerFailureException',
      ]);
    } finally {
      jest.useRealTimers();
    }
  });

  test('a condition on a key the request does not have allows nothing', async () => {
    answer = () =>
      policy(statement('Allow', '*', { Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } }));
    expect((await rest.get('/prod/admin', { Authorization: 'absent key' })).status).toBe(403);
  });

  test('an expression that explodes takes no time, and one that cannot be made safe keeps everyone out', async () => {
    answer = () => policy(statement('Allow', '*'));
    const began = performance.now();
    for (let i = 0; i < 5; i++)
      expect((await rest.get('/prod/evil', { Authorization: `${'a'.repeat(5000)}!` })).status).toBe(401);
    expect(performance.now() - began).toBeLessThan(2000);
    expect((await rest.get('/prod/evil', { Authorization: 'aaa' })).status).toBe(200);
    expect((await rest.get('/prod/lookahead', { Authorization: 'aaa' })).status).toBe(500);
  });
});

describe('signatures', () => {
  const HOST = 'rest123456.execute-api.localhost';
  async function signed(
    more: { path?: string; query?: Record<string, string>; at?: number; service?: string } = {},
  ) {
    const signer = new SignatureV4({
      service: more.service ?? 'execute-api',
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIAGOOD', secretAccessKey: SECRET },
      sha256: Sha256,
    });
    const request = {
      method: 'GET',
      protocol: 'http:',
      hostname: HOST,
      path: more.path ?? '/prod/signed',
      query: more.query ?? {},
      headers: { host: HOST },
    };
    const { headers } = await signer.sign(request, { signingDate: new Date(more.at ?? now) });
    const { host: _, ...rest } = headers;
    return rest;
  }
  const ask = async (headers: Record<string, string>, path = '/prod/signed') => {
    const { status, headers: got } = await rest.get(path, headers);
    return [status, got['x-amzn-errortype']];
  };
  const INVALID = [403, 'InvalidSignatureException'];

  test('a good one gets in, by header and by address', async () => {
    expect(await ask(await signed())).toEqual([200, undefined as unknown as string]);
    const signer = new SignatureV4({
      service: 'execute-api',
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIAGOOD', secretAccessKey: SECRET },
      sha256: Sha256,
    });
    const presigned = await signer.presign(
      {
        method: 'GET',
        protocol: 'http:',
        hostname: HOST,
        path: '/prod/signed',
        query: {},
        headers: { host: HOST },
      },
      { expiresIn: 60, signingDate: new Date(now) },
    );
    const query = new URLSearchParams(presigned.query as Record<string, string>).toString();
    const path = `/prod/signed?${query}`;
    expect(await ask({}, path)).toEqual([200, undefined as unknown as string]);
    now += 61_000;
    expect(await ask({}, path)).toEqual(INVALID);
  });

  test('a replay outside its window, and one from the future', async () => {
    const headers = await signed();
    now += 4 * 60_000;
    expect((await ask(headers))[0]).toBe(200);
    now += 2 * 60_000;
    expect(await ask(headers)).toEqual(INVALID);
    now = NOW;
    expect(await ask(await signed({ at: now + 6 * 60_000 }))).toEqual(INVALID);
  });

  const changed: readonly [
    attack: string,
    change: (headers: Record<string, string>) => Record<string, string>,
    path?: string,
  ][] = [
    ['another query', (headers) => headers, '/prod/signed?admin=1'],
    ['a header of AWS’s that is not signed', (headers) => ({ ...headers, 'x-amz-target': 'x' })],
    ['another token beside it', (headers) => ({ ...headers, 'x-amz-security-token': 'x' })],
    [
      'a truncated signature',
      (headers) => ({ ...headers, authorization: (headers['authorization'] ?? '').slice(0, -2) }),
    ],
    [
      'an empty signature',
      (headers) => ({
        ...headers,
        authorization: (headers['authorization'] ?? '').replace(/Signature=.*/, 'Signature='),
      }),
    ],
    [
      'another region',
      (headers) => ({
        ...headers,
        authorization: (headers['authorization'] ?? '').replace('us-east-1', 'eu-west-1'),
      }),
    ],
    [
      'another key',
      (headers) => ({
        ...headers,
        authorization: (headers['authorization'] ?? '').replace('AKIAGOOD', 'AKIAEVIL'),
      }),
    ],
    [
      'a thirteenth month',
      (headers) => ({
        ...headers,
        'x-amz-date': '20261301T000000Z',
        authorization: (headers['authorization'] ?? '').replace(/\/\d{8}\//, '/20261301/'),
      }),
    ],
    [
      'SigV4a',
      (headers) => ({
        ...headers,
        authorization: (headers['authorization'] ?? '').replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'),
      }),
    ],
    ['a bearer token', () => ({ authorization: 'Bearer x' })],
    [
      'a signature without its host',
      (headers) => ({
        ...headers,
        authorization: (headers['authorization'] ?? '').replace('SignedHeaders=host;', 'SignedHeaders='),
      }),
    ],
  ];
  for (const [attack, change, path] of changed)
    test(`${attack}: 403`, async () => {
      const [status, type] = await ask(change(await signed()), path);
      expect([status, typeof type]).toEqual([403, 'string']);
    });

  test('a signature for another service', async () =>
    expect(await ask(await signed({ service: 'lambda' }))).toEqual(INVALID));

  test('a token is told by its hash only', async () => {
    const { body } = await rest.get('/prod/signed', { Authorization: 'Bearer very-secret' });
    expect(body).toContain('Invalid key=value pair (missing equal-sign) in Authorization header');
    expect(body).not.toContain('very-secret');
  });
});
