/** What lets a call in and how often: both tables of resource policies, the order of throttles, quotas, web ACLs. */
import { describe, expect, test } from 'bun:test';
import type { Caller, WebAclVerdict } from '../../base/ports.ts';
import { evaluate } from '../../lang/policy/evaluate.ts';
import { compilePolicy } from '../../lang/policy/compile.ts';
import type { UsagePlanGrant } from '../config.ts';
import type { GatewayPorts } from '../ports.ts';
import {
  FUNCTION_URI,
  lambdaProxy,
  type Method,
  mock,
  NOW,
  restApi,
  type RestOptions,
  startWorld,
} from '../testing/world.ts';

const API = 'arn:aws:execute-api:us-east-1:123456789012:rest123456/prod';
type Effect = 'Allow' | 'Deny' | 'neither';

/** A policy that allows, denies, or says nothing of the method. */
const saying = (effect: Effect, more: object = {}) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: effect === 'neither' ? 'Allow' : effect,
      Action: 'execute-api:Invoke',
      Resource: effect === 'neither' ? `${API}/GET/elsewhere` : `${API}/GET/a`,
      ...more,
    },
  ],
});

/** One call of `GET /a`; what it answered. */
async function once(
  methods: Record<string, Method>,
  options: RestOptions,
  ports: Partial<GatewayPorts>,
  headers = {},
) {
  let identity: Effect = 'Allow';
  const world = await startWorld({
    api: restApi(methods, options),
    invoke: (_event, { functionArn }) =>
      functionArn.endsWith('authorizer')
        ? { principalId: 'me', policyDocument: saying(identity) }
        : { statusCode: 200, body: 'in' },
    ports,
  });
  return {
    as: (effect: Effect) => {
      identity = effect;
      return world.get('/prod/a', headers);
    },
    close: world.close,
  };
}

/** Policy of the caller or the authorizer, the API's, and who gets in by table A, and by table B. */
const TABLE: readonly [identity: Effect, resource: Effect, sameAccount: boolean, otherAccount: boolean][] = [
  ['Allow', 'Allow', true, true],
  ['Allow', 'neither', true, false],
  ['Allow', 'Deny', false, false],
  ['neither', 'Allow', true, false],
  ['neither', 'neither', false, false],
  ['neither', 'Deny', false, false],
  ['Deny', 'Allow', false, false],
  ['Deny', 'neither', false, false],
  ['Deny', 'Deny', false, false],
];

const custom: Method = { ...lambdaProxy, authorizationType: 'CUSTOM', authorizerId: 'a' };
const authorizers = [
  {
    id: 'a',
    type: 'TOKEN' as const,
    authorizerUri: FUNCTION_URI.replace('orders', 'authorizer'),
    identitySource: 'method.request.header.Authorization',
    authorizerResultTtlInSeconds: 0,
  },
];

describe('https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html', () => {
  for (const [identity, resource, sameAccount, otherAccount] of TABLE) {
    const policy = JSON.stringify(saying(resource, { Principal: '*' }));

    test(`authorizer ${identity}, resource policy ${resource}: ${sameAccount ? 'in' : 'out'}, private ${otherAccount ? 'in' : 'out'}`, async () => {
      for (const [endpointTypes, expected] of [
        [['REGIONAL'], sameAccount],
        [['PRIVATE'], otherAccount],
      ] as const) {
        const api = await once(
          { 'GET /a': custom },
          { definition: { policy, authorizers, endpointTypes } },
          {},
          { Authorization: 'x' },
        );
        expect((await api.as(identity)).status).toBe(expected ? 200 : 403);
        await api.close();
      }
    });

    test(`IAM ${identity}, resource policy ${resource}: ${sameAccount ? 'in' : 'out'}, another account ${otherAccount ? 'in' : 'out'}`, async () => {
      for (const [account, expected] of [
        ['123456789012', sameAccount],
        ['999999999999', otherAccount],
      ] as const) {
        const caller: Caller = {
          kind: 'user',
          account,
          arn: `arn:aws:iam::${account}:user/u`,
          userId: 'AIDAU',
          accessKeyId: 'AKIAU',
        };
        const api = await once(
          { 'GET /a': { ...mock(), authorizationType: 'AWS_IAM' } },
          { definition: { policy } },
          {
            authenticate: async () => ({ ok: true, caller }),
            authorizeInvoke: async ({ resourcePolicy, action, resource: arn, scope }) => {
              const policies = {
                identity: [compilePolicy(saying(identity))],
                ...(resourcePolicy && { resource: resourcePolicy }),
                sameAccount: account === scope.account,
              };
              const principal = { kind: 'user', account, arn: caller.arn } as const;
              const { effect } = evaluate(policies, { action, resource: arn, principal });
              return effect === 'Allow' ? { allowed: true } : { allowed: false, message: effect };
            },
          },
        );
        expect((await api.as('Allow')).status).toBe(expected ? 200 : 403);
        await api.close();
      }
    });
  }

  test('a policy by VPC endpoint lets in who came through it, and nobody from elsewhere', async () => {
    const policy = JSON.stringify(
      saying('Allow', { Principal: '*', Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } }),
    );
    const api = await once({ 'GET /a': mock() }, { definition: { policy, endpointTypes: ['PRIVATE'] } }, {});
    expect((await api.as('Allow')).status).toBe(403);
    await api.close();
  });
});

describe('throttles', () => {
  const plan = (more: Partial<UsagePlanGrant>): UsagePlanGrant => ({
    usagePlanId: 'p',
    methodThrottles: {},
    ...more,
  });
  const keyed: Method = { ...mock(), apiKeyRequired: true };
  const rate = (burst: number) => ({ rateLimit: 0, burstLimit: burst });

  /** The buckets that were asked, in order, until one refused. */
  async function asked(grant: UsagePlanGrant, refusing: string, quota: boolean) {
    const buckets: string[] = [];
    let counted = 0;
    const world = await startWorld({
      api: restApi(
        { 'GET /a': keyed },
        { stage: { methodSettings: { '*/*': { throttlingRateLimit: 1, throttlingBurstLimit: 1 } } } },
      ),
      ports: {
        counters: {
          take: (bucket) => {
            buckets.push(bucket);
            return bucket !== refusing;
          },
        },
        findApiKey: () => ({ apiKeyId: 'k', enabled: true, plan: grant }),
        useQuota: () => {
          counted++;
          return quota;
        },
      },
    });
    const answer = await world.get('/prod/a', { 'x-api-key': 'x'.repeat(20) });
    await world.close();
    return {
      buckets,
      counted,
      status: answer.status,
      body: answer.body,
      type: answer.headers['x-amzn-errortype'],
    };
  }
  const ALL = [
    'plan/p/k/rest123456/prod//a/GET',
    'plan/p/k',
    'stage/rest123456/prod/GET /a',
    'account/123456789012/us-east-1',
  ];
  const whole = plan({
    throttle: rate(1),
    methodThrottles: { '/a/GET': rate(1) },
    quota: { limit: 5, offset: 0, period: 'DAY' },
  });

  test('are asked in AWS’s order: plan and method, plan, stage, account; then the quota', async () =>
    expect(await asked(whole, '', true)).toMatchObject({ buckets: ALL, counted: 1, status: 200 }));

  for (const [at, bucket] of ALL.entries())
    test(`what ${bucket} refuses is asked no further, and not counted`, async () =>
      expect(await asked(whole, bucket, true)).toEqual({
        buckets: ALL.slice(0, at + 1),
        counted: 0,
        status: 429,
        body: '{"message":"Too Many Requests"}',
        type: 'TooManyRequestsException',
      }));

  test('a quota that is used up', async () =>
    expect(await asked(whole, '', false)).toMatchObject({
      status: 429,
      body: '{"message":"Limit Exceeded"}',
      type: 'LimitExceededException',
    }));

  test('counters of a cluster may take their time', async () => {
    const world = await startWorld({
      api: restApi({ 'GET /a': keyed }),
      ports: {
        counters: { take: async (bucket) => bucket.startsWith('plan') },
        findApiKey: async () => ({ apiKeyId: 'k', enabled: true, plan: whole }),
        useQuota: async () => true,
      },
    });
    expect((await world.get('/prod/a', { 'x-api-key': 'x'.repeat(20) })).status).toBe(429);
    await world.close();
  });

  test('an account’s 10,000 a second with 5,000 at once, whatever the APIs', async () => {
    let now = NOW;
    const world = await startWorld({
      api: restApi({ 'GET /a': mock() }),
      ports: { now: () => now, accountRate: () => ({ perSecond: 10, burst: 5 }) },
    });
    const served = async (): Promise<number> => {
      let count = 0;
      for (let i = 0; i < 8; i++) if ((await world.get('/prod/a')).status === 200) count++;
      return count;
    };
    expect(await served()).toBe(5);
    now += 200;
    expect(await served()).toBe(2);
    await world.close();
  });

  for (const [name, grant] of [
    ['unknown', undefined],
    ['disabled', { apiKeyId: 'k', enabled: false, plan: whole }],
    ['in no plan with the stage', { apiKeyId: 'k', enabled: true }],
  ] as const)
    test(`a key that is ${name} is refused like none`, async () => {
      const world = await startWorld({
        api: restApi({ 'GET /a': keyed }),
        ports: { findApiKey: () => grant },
      });
      const answer = await world.get('/prod/a', { 'x-api-key': 'x'.repeat(20) });
      expect([answer.status, answer.body, answer.headers['x-amzn-errortype']]).toEqual([
        403,
        '{"message":"Forbidden"}',
        'ForbiddenException',
      ]);
      await world.close();
    });

  test('a key may come from the authorizer instead of the client', async () => {
    const seen: string[] = [];
    const world = await startWorld({
      api: restApi(
        { 'GET /a': { ...custom, apiKeyRequired: true } },
        { definition: { authorizers, apiKeySource: 'AUTHORIZER' } },
      ),
      invoke: (_event, { functionArn }) =>
        functionArn.endsWith('authorizer')
          ? { principalId: 'me', policyDocument: saying('Allow'), usageIdentifierKey: 'from-the-authorizer' }
          : { statusCode: 200, body: 'in' },
      ports: {
        findApiKey: (_scope, value) => {
          seen.push(value);
          return { apiKeyId: 'k', enabled: true, plan: plan({}) };
        },
        useQuota: () => true,
      },
    });
    const answer = await world.get('/prod/a', { Authorization: 'x', 'x-api-key': 'from-the-client' });
    expect([answer.status, seen]).toEqual([200, ['from-the-authorizer']]);
    await world.close();
  });

  test('a quota that nobody counts lets nobody in', async () => {
    const world = await startWorld({
      api: restApi({ 'GET /a': keyed }),
      ports: { findApiKey: () => ({ apiKeyId: 'k', enabled: true, plan: whole }) },
    });
    expect((await world.get('/prod/a', { 'x-api-key': 'x'.repeat(20) })).status).toBe(429);
    await world.close();
  });
});

describe('web ACLs', () => {
  const webAclArn = 'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/a/b';
  async function behind(verdict: () => WebAclVerdict, headers: Record<string, string> = {}) {
    const seen: string[] = [];
    const world = await startWorld({
      api: restApi(
        { 'GET /a': lambdaProxy },
        {
          stage: { webAclArn },
          definition: {
            gatewayResponses: [
              {
                responseType: 'WAF_FILTERED',
                statusCode: '418',
                responseTemplates: { 'text/plain': 'mine' },
              },
            ],
          },
        },
      ),
      invoke: (event) => {
        seen.push(JSON.stringify(event['headers']));
        return { statusCode: 200, body: 'in' };
      },
      ports: { inspectWebAcl: verdict },
    });
    const answer = await world.get('/prod/a', headers);
    await world.close();
    return { status: answer.status, body: answer.body, headers: answer.headers, seen };
  }

  test('let through, with the headers they add and without the client’s own of that name', async () => {
    const insertedHeaders = ['x-amzn-waf-sure', 'yes'];
    const { status, seen } = await behind(() => ({ action: 'ALLOW', labels: [], insertedHeaders }), {
      'X-Amzn-Waf-Sure': 'no',
    });
    expect(status).toBe(200);
    expect(seen[0]).toContain('"x-amzn-waf-sure":"yes"');
    expect(seen[0]).not.toContain('"no"');
  });

  test('block as the API says', async () =>
    expect(await behind(() => ({ action: 'BLOCK', labels: [] }))).toMatchObject({
      status: 418,
      body: 'mine',
      seen: [],
    }));

  test('block with an answer of their own, whatever the API says', async () =>
    expect(
      await behind(() => ({
        action: 'BLOCK',
        labels: [],
        response: { status: 451, headers: ['X-Why', 'law'], body: 'no', contentType: 'text/html' },
      })),
    ).toMatchObject({ status: 451, body: 'no', headers: { 'x-why': 'law', 'content-type': 'text/html' } }));

  test('that fail keep everyone out', async () =>
    expect(
      await behind(() => {
        throw new Error('gone');
      }),
    ).toMatchObject({ status: 418, seen: [] }));
});
