import { expect, test } from 'bun:test';
import type { PatchOperation, PutIntegrationRequest } from '@aws-sdk/client-api-gateway';
import { CALL, openControlPlane, refusal } from './testing/control-plane.ts';

const LAMBDA =
  'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations';
const SQS = 'arn:aws:apigateway:eu-west-1:sqs:path/123456789012/queue';
const ROLE = 'arn:aws:iam::123456789012:role/r';

async function method() {
  const { run } = openControlPlane();
  const { id: restApiId = '', rootResourceId: resourceId = '' } = await run.CreateRestApi(
    { name: 'a' },
    CALL,
  );
  const place = { restApiId, resourceId, httpMethod: 'GET' };
  const requestParameters = { 'method.request.querystring.q': false };
  await run.PutMethod({ ...place, authorizationType: 'NONE', requestParameters }, CALL);
  return { run, place };
}

type Input = Omit<PutIntegrationRequest, 'restApiId' | 'resourceId' | 'httpMethod'>;

const ACCEPTED: [string, Input, object][] = [
  ['a mock keeps no address', { type: 'MOCK', uri: 'x', integrationHttpMethod: 'GET' }, { type: 'MOCK' }],
  [
    'a Lambda proxy',
    { type: 'AWS_PROXY', integrationHttpMethod: 'POST', uri: LAMBDA },
    { type: 'AWS_PROXY', httpMethod: 'POST', uri: LAMBDA },
  ],
  [
    'a function named by a stage variable',
    {
      type: 'AWS_PROXY',
      integrationHttpMethod: 'POST',
      uri: LAMBDA.replace('function:f', 'function:${stageVariables.fn}'),
    },
    { type: 'AWS_PROXY' },
  ],
  [
    'an AWS service with a role',
    { type: 'AWS', integrationHttpMethod: 'POST', uri: SQS, credentials: ROLE },
    { type: 'AWS', credentials: ROLE },
  ],
  [
    'HTTP through a link',
    {
      type: 'HTTP_PROXY',
      integrationHttpMethod: 'GET',
      uri: 'http://x.org',
      connectionType: 'VPC_LINK',
      connectionId: '${stageVariables.link}',
    },
    { connectionType: 'VPC_LINK', connectionId: '${stageVariables.link}' },
  ],
];
test.each(ACCEPTED)('PutIntegration: %s', async (_name, input, expected) => {
  const { run, place } = await method();
  const answer = await run.PutIntegration({ ...place, ...input }, CALL);
  expect(answer).toMatchObject({
    ...expected,
    passthroughBehavior: 'WHEN_NO_MATCH',
    timeoutInMillis: 29_000,
    cacheNamespace: place.resourceId,
    cacheKeyParameters: [],
  });
  expect(await run.GetIntegration(place, CALL)).toEqual(answer);
});

const REFUSED: [string, Input, string][] = [
  [
    'no method',
    { type: 'HTTP', uri: 'http://x.org' },
    'BadRequestException: Enumeration value for HttpMethod must be non-empty',
  ],
  [
    'no address',
    { type: 'HTTP_PROXY', integrationHttpMethod: 'GET', uri: 'nonsense' },
    'BadRequestException: Invalid HTTP endpoint specified for URI',
  ],
  [
    'no ARN',
    { type: 'AWS', integrationHttpMethod: 'POST', uri: 'nonsense' },
    'BadRequestException: Invalid ARN specified in the request',
  ],
  [
    'neither path nor action',
    { type: 'AWS', integrationHttpMethod: 'POST', uri: 'arn:aws:apigateway:eu-west-1:sqs:queue' },
    'BadRequestException: AWS ARN for integration must contain path or action',
  ],
  [
    'a proxy to another service',
    { type: 'AWS_PROXY', integrationHttpMethod: 'POST', uri: SQS, credentials: ROLE },
    "BadRequestException: Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
  ],
  [
    'no role',
    { type: 'AWS', integrationHttpMethod: 'POST', uri: SQS },
    'BadRequestException: Role ARN must be specified for AWS integrations',
  ],
  [
    "another account's role",
    { type: 'AWS', integrationHttpMethod: 'POST', uri: SQS, credentials: 'arn:aws:iam::999999999999:role/r' },
    'AccessDeniedException: Cross-account pass role is not allowed.',
  ],
  [
    'too slow',
    { type: 'MOCK', timeoutInMillis: 29_001 },
    'BadRequestException: Timeout should be between 50 ms and 29000 ms',
  ],
  [
    'a source that is none',
    { type: 'MOCK', requestParameters: { 'integration.request.path.p': 'true' } },
    'BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: true]',
  ],
  [
    'a parameter the method does not declare',
    { type: 'MOCK', requestParameters: { 'integration.request.header.h': 'method.request.header.h' } },
    'BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.request.header.h]',
  ],
  [
    'a content type that is none',
    { type: 'MOCK', requestTemplates: { '123': 'x' } },
    'BadRequestException: Validation Result: warnings : [], errors : [Invalid content type specified: 123]',
  ],
];
test.each(REFUSED)('PutIntegration refuses: %s', async (_name, input, expected) => {
  const { run, place } = await method();
  expect(await refusal(run.PutIntegration({ ...place, ...input }, CALL))).toBe(expected);
});

test('what is missing is named', async () => {
  const { run, place } = await method();
  const missing = [
    [place, 'NotFoundException: Invalid Integration identifier specified'],
    [{ ...place, httpMethod: 'PUT' }, 'NotFoundException: Invalid Method identifier specified'],
    [{ ...place, resourceId: 'x' }, 'NotFoundException: Invalid Resource identifier specified'],
  ] as const;
  for (const [address, expected] of missing)
    expect(await refusal(run.GetIntegration(address, CALL))).toBe(expected);
});

test('updates by path', async () => {
  const { run, place } = await method();
  await run.PutIntegration(
    { ...place, type: 'HTTP', integrationHttpMethod: 'GET', uri: 'http://x.org' },
    CALL,
  );
  const patchOperations: PatchOperation[] = [
    { op: 'replace', path: '/uri', value: 'https://y.org' },
    { op: 'add', path: '/requestTemplates/application~1json', value: '{}' },
    {
      op: 'add',
      path: '/requestParameters/integration.request.querystring.q',
      value: 'method.request.querystring.q',
    },
    { op: 'add', path: '/cacheKeyParameters/method.request.querystring.q' },
    { op: 'replace', path: '/cacheNamespace', value: 'mine' },
    { op: 'replace', path: '/timeoutInMillis', value: '50' },
    { op: 'replace', path: '/passthroughBehavior', value: 'NEVER' },
    { op: 'replace', path: '/tlsConfig/insecureSkipVerification', value: 'true' },
  ];
  expect(await run.UpdateIntegration({ ...place, patchOperations }, CALL)).toEqual({
    type: 'HTTP',
    httpMethod: 'GET',
    uri: 'https://y.org',
    requestTemplates: { 'application/json': '{}' },
    requestParameters: { 'integration.request.querystring.q': 'method.request.querystring.q' },
    cacheKeyParameters: ['method.request.querystring.q'],
    cacheNamespace: 'mine',
    timeoutInMillis: 50,
    passthroughBehavior: 'NEVER',
    tlsConfig: { insecureSkipVerification: true },
  });
});
