import { expect, test } from 'bun:test';
import type { CreateIntegrationRequest } from '@aws-sdk/client-apigatewayv2';
import { refusal, startTestService, testCall as call } from './testing/service.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:orders';

async function startApi() {
  const { handlers } = startTestService();
  const { ApiId = '' } = await handlers.CreateApi({ Name: 'orders', ProtocolType: 'HTTP' }, call);
  return { handlers, ApiId };
}

const lambda = {
  IntegrationType: 'AWS_PROXY',
  IntegrationUri: FUNCTION,
  PayloadFormatVersion: '2.0',
} as const;
const http = {
  IntegrationType: 'HTTP_PROXY',
  IntegrationUri: 'https://example.com/{proxy}',
  IntegrationMethod: 'ANY',
  PayloadFormatVersion: '1.0',
} as const;

test('a Lambda integration gets the defaults AWS gives', async () => {
  const { handlers, ApiId } = await startApi();
  expect(await handlers.CreateIntegration({ ApiId, ...lambda }, call)).toEqual({
    IntegrationId: expect.stringMatching(/^[a-z0-9]{7}$/),
    ConnectionType: 'INTERNET',
    IntegrationMethod: 'POST',
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: FUNCTION,
    PayloadFormatVersion: '2.0',
    TimeoutInMillis: 30_000,
  });
});

const REFUSED: readonly {
  name: string;
  integration: Omit<CreateIntegrationRequest, 'ApiId'>;
  expected: string;
}[] = [
  {
    name: 'a type that is no proxy',
    integration: { IntegrationType: 'AWS', IntegrationUri: FUNCTION },
    expected:
      'BadRequestException: Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)',
  },
  {
    name: 'no payload format version',
    integration: { IntegrationType: 'AWS_PROXY', IntegrationUri: FUNCTION },
    expected: 'BadRequestException: PayloadFormatVersion is a required parameter for integration',
  },
  {
    name: 'format 2.0 for an HTTP backend',
    integration: { ...http, PayloadFormatVersion: '2.0' },
    expected: 'BadRequestException: PayloadFormatVersion 2.0 is not supported',
  },
  {
    name: 'a timeout over 30 seconds',
    integration: { ...http, TimeoutInMillis: 30_001 },
    expected: 'BadRequestException: Timeout should be between 50 ms and 30000 ms',
  },
  {
    name: 'a VPC link that is not there',
    integration: {
      ...http,
      IntegrationUri: 'arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/a/1/2',
      ConnectionType: 'VPC_LINK',
      ConnectionId: 'nope',
    },
    expected: 'NotFoundException: Invalid VpcLink identifier specified nope',
  },
  {
    name: 'a mapping of nothing',
    integration: { ...http, RequestParameters: { 'header.x': '1' } },
    expected:
      'BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: header.x]',
  },
  {
    name: 'a mapping of a header that is AWS\u2019s',
    integration: { ...http, RequestParameters: { 'append:header.Authorization': '1' } },
    expected: 'BadRequestException: Operations on header Authorization are restricted',
  },
  ...[
    '$request.body..name',
    '$request.body.items[?(@.a)]',
    '$request.cookie.a',
    'at ${response.header.a}',
    '$nothing.a',
  ].map((source) => ({
    name: `the source ${source}`,
    integration: { ...http, RequestParameters: { 'append:header.a': source } },
    expected: `BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: ${source}]`,
  })),
  {
    name: 'a service action nobody knows',
    integration: {
      IntegrationType: 'AWS_PROXY',
      IntegrationSubtype: 'S3-PutObject',
      PayloadFormatVersion: '1.0',
    },
    expected: 'BadRequestException: IntegrationSubtype S3-PutObject is not supported',
  },
];

for (const { name, integration, expected } of REFUSED)
  test(`CreateIntegration refuses ${name}`, async () => {
    const { handlers, ApiId } = await startApi();
    expect(await refusal(handlers.CreateIntegration({ ApiId, ...integration }, call))).toBe(expected);
  });

test('an update merges maps: an empty value takes its key away', async () => {
  const { handlers, ApiId } = await startApi();
  const RequestParameters = { 'append:header.a': '1', 'append:header.b': '2' };
  const ResponseParameters = { '200': { 'append:header.a': '1' }, '403': { 'overwrite:statuscode': '404' } };
  const input = { ApiId, ...http, RequestParameters, ResponseParameters };
  const { IntegrationId = '' } = await handlers.CreateIntegration(input, call);
  const changes = {
    RequestParameters: { 'append:header.a': '', 'append:header.c': '3' },
    ResponseParameters: { '403': {} },
  };
  const after = await handlers.UpdateIntegration({ ApiId, IntegrationId, ...changes }, call);
  expect(after.RequestParameters).toEqual({ 'append:header.b': '2', 'append:header.c': '3' });
  expect(after.ResponseParameters).toEqual({ '200': { 'append:header.a': '1' } });
});
