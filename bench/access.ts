/**
 * What it costs to let somebody in, in microseconds of the process's own time: `bun bench/access.ts`. A Lambda
 * authorizer's answer from the cache with API key, throttles and quota; a signature with a warm key; a token seen before.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignatureV4 } from '@smithy/signature-v4';
import { createIam } from '../src/aws/iam/service.ts';
import { silentLog } from '../src/base/log.ts';
import { compileRestAuthorizers } from '../src/gateway/authorizers/rest-authorizers.ts';
import { ClientRequest } from '../src/gateway/client-request.ts';
import { createEngine } from '../src/gateway/engine.ts';
import type { RestMethod } from '../src/gateway/kinds/rest-method.ts';
import type { Admitted, Plan, Routed, StagePlan } from '../src/gateway/plan.ts';
import type { GatewayPorts } from '../src/gateway/ports.ts';
import { compileRestAuthorization } from '../src/gateway/steps/authorize-rest.ts';
import { compileThrottle } from '../src/gateway/steps/throttle.ts';
import { createIssuerKeys } from '../src/lang/jwt/issuer-keys.ts';
import { createJwtVerifier } from '../src/lang/jwt/verify-jwt.ts';
import { createSqliteStore } from '../src/store/sqlite.ts';
import { createAuthenticate } from '../src/wire/sigv4/authenticate.ts';
import { Sha256 } from '@smithy/core/checksum';

const scope = { account: '123456789012', region: 'us-east-1' };

await measure('authorizer from cache, API key, throttles, quota', 200_000, letIn());
await measure('signature with a warm key', 50_000, await signature(false));
await measure('signature, the key looked up in SQLite', 20_000, await signature(true));
await measure('token seen before', 500_000, tokenSeen());

async function measure(name: string, rounds: number, work: () => unknown): Promise<void> {
  for (let i = 0; i < rounds / 4; i++) await work();
  const began = process.cpuUsage();
  for (let i = 0; i < rounds; i++) await work();
  const { user, system } = process.cpuUsage(began);
  console.log(`${((user + system) / rounds).toFixed(2).padStart(8)} µs  ${name}`);
}

/** The steps of one method, with the ports answering from memory as the server's do. */
function letIn(): () => Promise<void> {
  const grant = {
    apiKeyId: 'k1',
    enabled: true,
    plan: {
      usagePlanId: 'p1',
      throttle: { rateLimit: 1e9, burstLimit: 1e9 },
      methodThrottles: { '/orders/{id}/GET': { rateLimit: 1e9, burstLimit: 1e9 } },
      quota: { limit: 1e12, offset: 0, period: 'MONTH' as const },
    },
  };
  const ports: GatewayPorts = {
    loadApi: async () => undefined,
    invoke: async () => ({
      status: 200,
      requestId: 'r',
      executedVersion: '$LATEST',
      payload: Buffer.from(
        JSON.stringify({
          principalId: 'me',
          policyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: 'execute-api:Invoke',
                Resource: 'arn:aws:execute-api:us-east-1:123456789012:api/prod/GET/orders/*',
              },
            ],
          },
          context: { tier: 'gold' },
        }),
      ),
    }),
    callAwsService: () => Promise.reject(new Error('no service')),
    authenticate: async () => undefined,
    findApiKey: () => grant,
    useQuota: () => true,
    accountRate: () => ({ perSecond: 1e9, burst: 1e9 }),
    writeLogEvents: () => {},
    now: Date.now,
    random: (count) => new Uint8Array(count),
    log: silentLog,
    observe: null,
  };
  const engine = createEngine(ports);
  const stage = {
    api: { apiId: 'api', name: 'a', scope },
    stageName: 'prod',
    variables: {},
  } as unknown as StagePlan; // all that these steps read
  const authorizers = compileRestAuthorizers(
    [
      {
        id: 'a1',
        type: 'TOKEN',
        identitySource: 'method.request.header.Authorization',
        authorizerUri:
          'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:a/invocations',
      },
    ],
    stage,
    engine,
  );
  const authorize = compileRestAuthorization(
    {
      stage,
      definition: { endpointTypes: ['REGIONAL'], apiKeySource: 'HEADER', policy: undefined },
      method: { authorizationType: 'CUSTOM', authorizerId: 'a1', apiKeyRequired: true },
      authorizers,
    } as unknown as RestMethod, // as above
    engine,
  );
  const throttle = compileThrottle(engine, {
    scope,
    apiId: 'api',
    stageName: 'prod',
    routeKey: 'GET /orders/{id}',
    perSecond: 1e9,
    burst: 1e9,
    keyed: true,
  });
  if (authorize === null || throttle === null) throw new Error('nothing to measure');
  const message = {
    method: 'GET',
    httpVersion: '1.1',
    rawHeaders: [
      'Host',
      'api.execute-api.localhost',
      'User-Agent',
      'bench',
      'Authorization',
      'Bearer abc',
      'x-api-key',
      'a'.repeat(40),
    ],
    socket: { remoteAddress: '127.0.0.1' },
  } as unknown as IncomingMessage; // no more is read of it
  const response = new EventEmitter() as ServerResponse; // nobody leaves
  return async () => {
    const request = new ClientRequest(message, response, '/prod/orders/7');
    const routed = {
      request,
      stage,
      plan: {} as Plan,
      path: '/orders/7',
      target: {},
      facts: {},
      receivedAt: Date.now(),
    } as unknown as Routed; // as above
    const identity = await authorize(routed, new Uint8Array(0));
    await throttle({ ...routed, identity } as Admitted);
  };
}

async function signature(stored: boolean): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const store = createSqliteStore(folder);
  const iam = createIam({
    store,
    now: Date.now,
    random: (count) => crypto.getRandomValues(new Uint8Array(count)),
    log: silentLog,
    call: () => Promise.reject(new Error('nobody is called')),
  });
  const call = {
    scope,
    caller: {
      kind: 'root',
      account: scope.account,
      arn: `arn:aws:iam::${scope.account}:root`,
      accessKeyId: 'x',
    },
    requestId: 'r',
    endpoint: '',
    header: () => undefined,
    setStatus: () => {},
    signal: new AbortController().signal,
  } as const;
  await iam.handlers.CreateUser({ UserName: 'ann' }, call);
  const { AccessKey } = await iam.handlers.CreateAccessKey({ UserName: 'ann' }, call);
  const accessKeyId = AccessKey?.AccessKeyId ?? '';
  const secretAccessKey = AccessKey?.SecretAccessKey ?? '';
  const known = await iam.findAccessKey(accessKeyId);
  const findAccessKey = stored ? iam.findAccessKey : async () => known;
  const authenticate = createAuthenticate({ findAccessKey, now: Date.now });
  const signer = new SignatureV4({
    service: 'execute-api',
    region: scope.region,
    credentials: { accessKeyId, secretAccessKey },
    sha256: Sha256,
  });
  const host = 'api.execute-api.us-east-1.localhost:4566';
  const signed = await signer.sign({
    method: 'GET',
    protocol: 'http:',
    hostname: 'api.execute-api.us-east-1.localhost',
    port: 4566,
    path: '/prod/orders/7',
    query: { a: '1' },
    headers: { host, 'user-agent': 'bench' },
  });
  const request = {
    method: 'GET',
    target: '/prod/orders/7?a=1',
    rawHeaders: Object.entries(signed.headers).flat(),
    body: new Uint8Array(0),
  };
  return async () => {
    const answer = await authenticate(request, 'execute-api');
    if (answer?.ok !== true) throw new Error('the signature is not good');
  };
}

function tokenSeen(): () => unknown {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keys = createIssuerKeys(
    {
      now: Date.now,
      fetchDocument: async () =>
        JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] }),
    },
    async () => 'keys',
  );
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'RS256', kid: 'k' })}.${encode({ iss: 'i', aud: 'a', exp: Date.now() / 1000 + 3600, sub: 'x'.repeat(300) })}`;
  const token = `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`;
  const verify = createJwtVerifier(keys, { issuer: 'i', audience: ['a'] }, Date.now);
  // A new string each time, as a request brings one.
  const bytes = Buffer.from(token);
  return () => verify(bytes.toString('latin1'));
}
