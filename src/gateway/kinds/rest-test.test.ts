/** TestInvokeMethod: what AWS's log prints, for each kind of integration. */
import { afterAll, expect, test } from 'bun:test';
import { lambdaProxy, listen, mock, NOW, portOf, RawAnswer, restApi, startWorld } from '../testing/world.ts';
import type { TestInvokeRequest } from '../config.ts';

const backend = await listen((_request, response) => response.writeHead(200, { 'X-Pet': 'cat' }).end('[1]'));
const BACKEND = `127.0.0.1:${portOf(backend)}`;
const api = restApi(
  {
    'GET /mock/{id}': {
      ...mock(
        '{"path":"$context.path","stage":"$context.stage","id":"$input.params(\'id\')","ip":"$context.identity.sourceIp","key":"$context.identity.apiKeyId","domain":"$context.domainName","v":"$stageVariables.v"}',
      ),
      authorizationType: 'CUSTOM',
      authorizerId: 'nobody',
      apiKeyRequired: true,
    },
    'GET /http': {
      methodIntegration: {
        type: 'HTTP',
        httpMethod: 'GET',
        uri: `http://${BACKEND}/pets`,
        integrationResponses: { 200: { statusCode: '200' } },
      },
    },
    'ANY /lambda': lambdaProxy,
    'POST /checked': {
      ...mock(),
      requestValidatorId: 'v',
      requestParameters: { 'method.request.header.X': true },
    },
  },
  { definition: { requestValidators: [{ id: 'v', name: 'v', validateRequestParameters: true }] } },
);
const definition = api.stages['prod']?.definition;
const world = await startWorld({ api, invoke: () => new RawAnswer({ payload: Buffer.from('"no"') }) });
afterAll(async () => {
  await world.close();
  backend.close();
});

const caller = {
  kind: 'root',
  account: '123456789012',
  arn: 'arn:aws:iam::123456789012:root',
  accessKeyId: 'test',
} as const;

async function run(httpMethod: string, path: string, more: Partial<TestInvokeRequest> = {}) {
  if (definition === undefined) throw new Error('the stage has a definition');
  const resource = definition.resources.find((one) => one.path === path);
  const answer = await world.gateway.testInvoke({
    apiId: api.apiId,
    scope: api.scope,
    definition,
    resourceId: resource?.id ?? '',
    httpMethod,
    target: path,
    rawHeaders: [],
    body: '',
    stageVariables: {},
    caller,
    ...more,
  });
  const [first = '', ...lines] = answer.log.trimEnd().split('\n');
  const id = first.replace('Execution log for request ', '');
  return { ...answer, lines: lines.map((line) => line.replaceAll(id, 'ID')) };
}

test('a mock: nothing guards it, and it knows that it is a test', async () => {
  const answer = await run('GET', '/mock/{id}', { target: '/mock/7?q=1', stageVariables: { v: 'blue' } });
  expect(JSON.parse(answer.body)).toEqual({
    path: '/mock/7',
    stage: 'test-invoke-stage',
    id: '7',
    ip: 'test-invoke-source-ip',
    key: 'test-invoke-api-key-id',
    domain: 'testPrefix.testDomainName',
    v: 'blue',
  });
  expect(new Set(answer.lines.map((line) => line.slice(0, 31)))).toEqual(
    new Set(['Thu Apr 09 12:34:56 UTC 2026 : ']),
  );
  expect(answer.lines.map((line) => line.slice(31))).toEqual([
    'Starting execution for request: ID',
    'HTTP Method: GET, Resource Path: /mock/{id}',
    'Method request path: {id=7}',
    'Method request query string: {q=1}',
    'Method request headers: {}',
    'Method request body before transformations: ',
    `Method response body after transformations: ${answer.body}`,
    'Method response headers: {Content-Type=application/json}',
    'Successfully completed execution',
    'Method completed with status: 200',
  ]);
  expect(NOW).toBe(Date.UTC(2026, 3, 9, 12, 34, 56));
});

test('an HTTP backend: its address, what went there and what came back', async () => {
  const { lines, body, status } = await run('GET', '/http');
  expect([status, body]).toEqual([200, '[1]']);
  const told = lines.map((line) => line.slice(31)).slice(6);
  expect(told).toEqual([
    `Endpoint request URI: http://${BACKEND}/pets`,
    expect.stringContaining('User-Agent=AmazonAPIGateway_rest123456'),
    'Endpoint request body after transformations: ',
    `Sending request to http://${BACKEND}/pets`,
    expect.stringMatching(/^Received response\. Status: 200, Integration latency: \d+ ms$/),
    expect.stringContaining('X-Pet=cat'),
    'Endpoint response body before transformations: [1]',
    'Method response body after transformations: [1]',
    expect.stringMatching(
      /^Method response headers: \{X-Amzn-Trace-Id=Root=.*, Content-Type=application\/json\}$/,
    ),
    'Successfully completed execution',
    'Method completed with status: 200',
  ]);
});

test('a function that answers what it must not', async () => {
  const { lines, status } = await run('PUT', '/lambda');
  expect(status).toBe(502);
  expect(lines.slice(-3).map((line) => line.slice(31))).toEqual([
    'Execution failed due to configuration error: Malformed Lambda proxy response',
    'Method completed with status: 502',
    'AWS Integration Endpoint RequestId : invocation-1',
  ]);
});

test('validators hold', async () => {
  const { status, body } = await run('POST', '/checked');
  expect([status, body]).toEqual([400, '{"message":"Missing required request parameters: [X]"}']);
});
