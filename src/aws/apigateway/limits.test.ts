/** Every limit of REST APIs: what is just allowed is taken, one more is refused in AWS's words. */
import { expect, test } from 'bun:test';
import { limits } from '../../base/limits.ts';
import { needCertificate } from './client-certificate.ts';
import { clientCertificates } from './client-certificate-row.ts';
import { CALL, mockApi, openControlPlane, refusal, SCOPE } from './testing/control-plane.ts';

type Plane = ReturnType<typeof openControlPlane>;
const quota = (things: string, where: string): string =>
  `LimitExceededException: Maximum number of ${things} for ${where} has been reached. Please contact AWS if you need additional ${things}.`;

interface Row {
  readonly limit: number;
  readonly already?: number;
  /** Makes one more; the first argument tells them apart. */
  readonly make: (at: number, plane: Plane, api: Awaited<ReturnType<typeof mockApi>>) => Promise<unknown>;
  readonly refused: string;
  /** All but the last at once, where one by one takes long. */
  readonly fill?: (plane: Plane, api: Awaited<ReturnType<typeof mockApi>>) => Promise<unknown>;
}

const COUNTED: Readonly<Record<string, Row>> = {
  'edge APIs': {
    limit: limits.restApis.EDGE,
    already: 1,
    make: (at, { run }) => run.CreateRestApi({ name: `a${at}` }, CALL),
    refused: 'LimitExceededException: Maximum number of EDGE APIs for this account has been reached.',
  },
  'regional APIs': {
    limit: limits.restApis.REGIONAL,
    make: (at, { run }) =>
      run.CreateRestApi({ name: `a${at}`, endpointConfiguration: { types: ['REGIONAL'] } }, CALL),
    refused: 'LimitExceededException: Maximum number of REGIONAL APIs for this account has been reached.',
  },
  resources: {
    limit: limits.restApiResources,
    make: (at, { run }, { restApiId, rootResourceId }) =>
      run.CreateResource({ restApiId, parentId: rootResourceId, pathPart: `p${at}` }, CALL),
    refused: quota('Resources', 'this API'),
  },
  stages: {
    limit: limits.restApiStages,
    make: (at, { run }, { restApiId }) => run.CreateDeployment({ restApiId, stageName: `s${at}` }, CALL),
    refused: quota('Stages', 'this API'),
  },
  authorizers: {
    limit: limits.restApiAuthorizers,
    make: (at, { run }, { restApiId }) =>
      run.CreateAuthorizer(
        {
          restApiId,
          name: `a${at}`,
          type: 'COGNITO_USER_POOLS',
          identitySource: 'method.request.header.Authorization',
          providerARNs: ['arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_x'],
        },
        CALL,
      ),
    refused: quota('Authorizers', 'this API'),
  },
  'documentation parts': {
    limit: limits.restApiDocumentationParts,
    make: (at, { run }, { restApiId }) =>
      run.CreateDocumentationPart(
        { restApiId, location: { type: 'MODEL', name: `m${at}` }, properties: '{"a":1}' },
        CALL,
      ),
    refused: quota('Documentation Parts', 'this API'),
    fill: ({ run }, { restApiId }) => {
      const documentationParts = Array.from({ length: limits.restApiDocumentationParts }, (_, at) => ({
        location: { type: 'MODEL', name: `m${at}` },
        properties: { a: 1 },
      }));
      const body = Buffer.from(
        JSON.stringify({ 'x-amazon-apigateway-documentation': { documentationParts } }),
      );
      return run.ImportDocumentationParts({ restApiId, body }, CALL);
    },
  },
  'client certificates': {
    limit: limits.clientCertificates,
    make: (_at, { run }) => run.GenerateClientCertificate({}, CALL),
    refused: quota('Client Certificates', 'this account'),
    // Making a key takes a while: one is made and stands for all.
    fill: async ({ run, ports }) => {
      const { clientCertificateId = '' } = await run.GenerateClientCertificate({}, CALL);
      await ports.store.transaction(async (rows) => {
        const row = await needCertificate(rows, SCOPE, clientCertificateId);
        for (let at = 1; at < limits.clientCertificates; at++)
          await rows.put(clientCertificates, SCOPE, `c${at}`, row);
      });
    },
  },
  'usage plans': {
    limit: limits.usagePlans,
    make: (at, { run }) => run.CreateUsagePlan({ name: `u${at}` }, CALL),
    refused: quota('Usage Plans', 'this account'),
  },
  'VPC links': {
    limit: limits.restVpcLinks,
    make: (at, { run }) =>
      run.CreateVpcLink(
        {
          name: `v${at}`,
          targetArns: ['arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/a/1'],
        },
        CALL,
      ),
    refused: quota('VPC Links', 'this account'),
  },
};

test.each(Object.entries(COUNTED))(
  '%s are counted',
  async (_name, { limit, already = 0, make, refused, fill }) => {
    const plane = openControlPlane();
    const api = await mockApi(plane);
    if (fill === undefined) for (let at = already; at < limit; at++) await make(at, plane, api);
    else await fill(plane, api);
    expect(await refusal(make(limit, plane, api))).toBe(refused);
  },
);

const patch = (path: string, value: string) => ({ op: 'replace' as const, path, value });
const of = (bytes: number, text = 'x'): string => text.repeat(bytes);

interface Sized {
  readonly limit: number;
  readonly give: (size: number, plane: Plane, api: Awaited<ReturnType<typeof mockApi>>) => Promise<unknown>;
  readonly refused: string;
}

const variables = async (
  { run }: Plane,
  restApiId: string,
  given: Record<string, string>,
): Promise<unknown> => {
  const { id: deploymentId } = await run.CreateDeployment({ restApiId }, CALL);
  return run.CreateStage(
    { restApiId, deploymentId, stageName: `s${crypto.randomUUID().slice(0, 8)}`, variables: given },
    CALL,
  );
};
const settings = async ({ run }: Plane, restApiId: string, path: string, value: string): Promise<unknown> => {
  await run.CreateDeployment({ restApiId, stageName: 'prod' }, CALL);
  return run.UpdateStage({ restApiId, stageName: 'prod', patchOperations: [patch(path, value)] }, CALL);
};

const SIZED: Readonly<Record<string, Sized>> = {
  'stage variables': {
    limit: limits.stageVariables,
    give: (size, plane, { restApiId }) =>
      variables(
        plane,
        restApiId,
        Object.fromEntries(Array.from({ length: size }, (_, at) => [`v${at}`, 'x'])),
      ),
    refused: 'BadRequestException: Stage variables exceed the maximum of 100',
  },
  'names of stage variables': {
    limit: limits.stageVariableNameLength,
    give: (size, plane, { restApiId }) => variables(plane, restApiId, { [of(size)]: 'x' }),
    refused:
      'BadRequestException: Stage variable name can only contain alphanumeric characters and underscores',
  },
  'values of stage variables': {
    limit: limits.stageVariableValueLength,
    give: (size, plane, { restApiId }) => variables(plane, restApiId, { v: of(size) }),
    refused: 'BadRequestException: Stage variable value should match the regular expression',
  },
  'names of stages': {
    limit: 128,
    give: (size, { run }, { restApiId }) => run.CreateDeployment({ restApiId, stageName: of(size) }, CALL),
    refused: 'BadRequestException: Stage name only allows a-zA-Z0-9_-',
  },
  'access log formats': {
    limit: limits.restAccessLogFormatBytes,
    give: (size, plane, { restApiId }) => settings(plane, restApiId, '/accessLogSettings/format', of(size)),
    refused: 'BadRequestException: Access log format exceeds the maximum size of 3072 bytes',
  },
  'times to live of caches': {
    limit: limits.restCacheTtlSeconds,
    give: (size, plane, { restApiId }) =>
      settings(plane, restApiId, '/*/*/caching/ttlInSeconds', String(size)),
    refused: 'BadRequestException: Invalid cache TTL, must be between 0 and 3600',
  },
  'mapping templates': {
    limit: limits.mappingTemplateBytes,
    give: (size, { run }, { restApiId, resourceId, httpMethod }) =>
      run.PutIntegration(
        {
          restApiId,
          resourceId,
          httpMethod,
          type: 'MOCK',
          requestTemplates: { 'application/json': of(size) },
        },
        CALL,
      ),
    refused: 'BadRequestException: Mapping template exceeds the maximum size of 307200 bytes',
  },
  timeouts: {
    limit: limits.restIntegrationTimeoutMs.max,
    give: (size, { run }, { restApiId, resourceId, httpMethod }) =>
      run.PutIntegration({ restApiId, resourceId, httpMethod, type: 'MOCK', timeoutInMillis: size }, CALL),
    refused: 'BadRequestException: Timeout should be between 50 ms and 29000 ms',
  },
  'timeouts of streamed answers': {
    limit: limits.apiGatewayStreamMs,
    give: (size, { run }, { restApiId, resourceId, httpMethod }) =>
      run.PutIntegration(
        {
          restApiId,
          resourceId,
          httpMethod,
          type: 'HTTP_PROXY',
          integrationHttpMethod: 'GET',
          uri: 'http://a.example/',
          responseTransferMode: 'STREAM',
          timeoutInMillis: size,
        },
        CALL,
      ),
    refused: 'BadRequestException: Timeout should be between 50 ms and 900000 ms',
  },
  models: {
    limit: limits.restApiModelBytes,
    give: (size, { run }, { restApiId }) =>
      run.CreateModel(
        {
          restApiId,
          name: `m${size}`,
          contentType: 'application/json',
          schema: `{"title":"${of(size - '{"title":""}'.length)}"}`,
        },
        CALL,
      ),
    refused: 'BadRequestException: Model schema exceeds the maximum size of 409600 bytes',
  },
  'documents to import': {
    limit: limits.restApiImportBytes,
    give: (size, { run }) => {
      const document = '{"openapi":"3.0.1","info":{"title":"a"}}';
      return run.ImportRestApi({ body: Buffer.from(document.padEnd(size)) }, CALL);
    },
    refused: 'BadRequestException: The import file exceeds the maximum size of 6291456 bytes',
  },
  'times authorizers are believed': {
    limit: limits.restAuthorizerTtlSeconds,
    give: (size, { run }, { restApiId }) =>
      run.CreateAuthorizer(
        {
          restApiId,
          name: `a${size}`,
          type: 'COGNITO_USER_POOLS',
          identitySource: 'method.request.header.Authorization',
          authorizerResultTtlInSeconds: size,
          providerARNs: ['arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_x'],
        },
        CALL,
      ),
    refused: 'BadRequestException: ',
  },
  'values of API keys': {
    limit: limits.apiKeyValueLength.max,
    give: (size, { run }) => run.CreateApiKey({ name: `k${size}`, value: of(size) }, CALL),
    refused: 'BadRequestException: API Key value exceeds maximum size of 128 characters',
  },
  'names of API keys': {
    limit: limits.apiKeyNameLength,
    give: (size, { run }) => run.CreateApiKey({ name: of(size) }, CALL),
    refused: 'BadRequestException: Invalid API Key name, can be at most 1024 characters.',
  },
  'resource policies': {
    limit: limits.apiGatewayPolicyCharacters,
    give: (size, { run }) => {
      const policy = (sid: string) =>
        JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            { Sid: sid, Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: '*' },
          ],
        });
      return run.CreateRestApi({ name: `p${size}`, policy: policy(of(size - policy('').length)) }, CALL);
    },
    refused: 'BadRequestException: Resource policy exceeds the maximum size of 8192 characters',
  },
  tags: {
    limit: limits.apiGatewayTags,
    give: (size, { run }) =>
      run.CreateRestApi(
        {
          name: `t${size}`,
          tags: Object.fromEntries(Array.from({ length: size }, (_, at) => [`k${at}`, 'v'])),
        },
        CALL,
      ),
    refused: 'BadRequestException: ',
  },
};

test.each(Object.entries(SIZED))('%s have a size', async (_name, { limit, give, refused }) => {
  const plane = openControlPlane();
  const api = await mockApi(plane);
  await give(limit, plane, api);
  expect(await refusal(give(limit + 1, plane, api))).toStartWith(refused);
});

test('what is too small', async () => {
  const plane = openControlPlane();
  const { restApiId, resourceId, httpMethod } = await mockApi(plane);
  const { run } = plane;
  expect(await refusal(run.CreateApiKey({ name: 'k', value: of(19) }, CALL))).toBe(
    'BadRequestException: API Key value should be at least 20 characters',
  );
  const short = run.PutIntegration(
    { restApiId, resourceId, httpMethod, type: 'MOCK', timeoutInMillis: 49 },
    CALL,
  );
  expect(await refusal(short)).toBe('BadRequestException: Timeout should be between 50 ms and 29000 ms');
});

test('an import counts its resources', async () => {
  const { run } = openControlPlane();
  const importOf = (count: number) => {
    const paths = Object.fromEntries(Array.from({ length: count }, (_, at) => [`/p${at}`, {}]));
    const body = Buffer.from(JSON.stringify({ openapi: '3.0.1', info: { title: 'a' }, paths }));
    return refusal(run.ImportRestApi({ body }, CALL));
  };
  expect(await importOf(limits.restApiResources)).toMatchObject({ name: 'a' });
  expect(await importOf(limits.restApiResources + 1)).toBe(quota('Resources', 'this API'));
});

test('a key is in ten plans, a plan limits twenty methods, usage is told for ninety days', async () => {
  const plane = openControlPlane();
  const { run } = plane;
  const { restApiId } = await mockApi(plane);
  await run.CreateDeployment({ restApiId, stageName: 'prod' }, CALL);
  const { id: keyId = '' } = await run.CreateApiKey({ name: 'k', enabled: true }, CALL);
  const planWithKey = async (at: number) => {
    const { id: usagePlanId } = await run.CreateUsagePlan({ name: `u${at}` }, CALL);
    return run.CreateUsagePlanKey({ usagePlanId, keyId, keyType: 'API_KEY' }, CALL);
  };
  for (let at = 0; at < limits.usagePlansPerApiKey; at++) await planWithKey(at);
  expect(await refusal(planWithKey(99))).toBe(quota('Usage Plans', 'this API key'));
  const throttles = (count: number) =>
    run.CreateUsagePlan(
      {
        name: `t${count}`,
        apiStages: [
          {
            apiId: restApiId,
            stage: 'prod',
            throttle: Object.fromEntries(
              Array.from({ length: count }, (_, at) => [`/p${at}/GET`, { rateLimit: 1, burstLimit: 1 }]),
            ),
          },
        ],
      },
      CALL,
    );
  await throttles(limits.usagePlanMethodThrottles);
  expect(await refusal(throttles(limits.usagePlanMethodThrottles + 1))).toBe(
    quota('method throttles', 'this API stage'),
  );
});
