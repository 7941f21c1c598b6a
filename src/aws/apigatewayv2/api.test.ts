import { expect, test } from 'bun:test';
import { refusal, startTestService, testCall as call } from './testing/service.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:123456789012:function:orders';

test('an HTTP API is shown with the defaults AWS gives', async () => {
  const { handlers } = startTestService();
  const api = await handlers.CreateApi({ Name: 'orders', ProtocolType: 'HTTP' }, call);
  expect(api.ApiId).toMatch(/^[a-z0-9]{10}$/);
  expect(await handlers.GetApi({ ApiId: api.ApiId }, call)).toEqual({
    ApiId: api.ApiId,
    ApiEndpoint: `https://${api.ApiId}.execute-api.us-east-1.amazonaws.com`,
    ApiKeySelectionExpression: '$request.header.x-api-key',
    CreatedDate: new Date('2026-01-02T03:04:05.000Z'),
    DisableExecuteApiEndpoint: false,
    IpAddressType: 'ipv4',
    Name: 'orders',
    ProtocolType: 'HTTP',
    RouteSelectionExpression: '$request.method $request.path',
    Tags: {},
  });
});

test('quick create makes an integration, a route and a stage that is deployed', async () => {
  const { handlers, loadApi, forgotten } = startTestService();
  const input = { Name: 'quick', ProtocolType: 'HTTP', Target: FUNCTION } as const;
  const { ApiId = '' } = await handlers.CreateApi(input, call);
  expect(forgotten).toEqual([ApiId]);
  const document = await loadApi(ApiId);
  const stage = document?.kind === 'HTTP' ? document.stages.$default : undefined;
  const [integration] = Object.values(stage?.definition.integrations ?? {});
  expect(stage?.definition.routes).toMatchObject([
    { RouteKey: '$default', Target: `integrations/${integration?.IntegrationId}`, ApiGatewayManaged: true },
  ]);
  expect(integration).toMatchObject({
    ConnectionType: 'INTERNET',
    IntegrationMethod: 'POST',
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: FUNCTION,
    PayloadFormatVersion: '2.0',
    TimeoutInMillis: 30_000,
  });
  const shown = await handlers.GetStage({ ApiId, StageName: '$default' }, call);
  expect(shown).toMatchObject({
    AutoDeploy: true,
    ApiGatewayManaged: true,
    DeploymentId: stage?.deploymentId,
  });
});

test('an id can be pinned by tag, once', async () => {
  const { handlers, loadApi } = startTestService();
  const input = { Name: 'pinned', ProtocolType: 'HTTP', Tags: { _custom_id_: 'orders' } } as const;
  expect(await handlers.CreateApi(input, call)).toMatchObject({ ApiId: 'orders' });
  expect((await loadApi('orders'))?.name).toBe('pinned');
  expect(await refusal(handlers.CreateApi(input, call))).toBe(
    'ConflictException: API id 123456789012:orders already exists',
  );
});

test('a deleted API is gone with all that was under it, and the gateway is told', async () => {
  const { handlers, loadApi, forgotten } = startTestService();
  const input = { Name: 'quick', ProtocolType: 'HTTP', Target: FUNCTION } as const;
  const { ApiId = '' } = await handlers.CreateApi(input, call);
  await handlers.DeleteApi({ ApiId }, call);
  expect(await loadApi(ApiId)).toBeUndefined();
  expect(forgotten).toEqual([ApiId, ApiId]);
  expect(await refusal(handlers.GetRoutes({ ApiId }, call))).toBe(
    `NotFoundException: Invalid API identifier specified 123456789012:${ApiId}`,
  );
});

const REFUSED = [
  {
    name: 'a protocol AWS does not know',
    input: { Name: 'x', ProtocolType: 'REST' as never },
    expected: 'BadRequestException: Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]',
  },
  {
    name: 'CORS on a WebSocket API',
    input: {
      Name: 'x',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
      CorsConfiguration: {},
    },
    expected: 'BadRequestException: CORS configuration is supported only for HTTP APIs',
  },
] as const;

for (const { name, input, expected } of REFUSED)
  test(`CreateApi refuses ${name}`, async () => {
    expect(await refusal(startTestService().handlers.CreateApi({ ...input }, call))).toBe(expected);
  });

test('lists are paged', async () => {
  const { handlers } = startTestService();
  for (const Name of ['a', 'b', 'c']) await handlers.CreateApi({ Name, ProtocolType: 'HTTP' }, call);
  const names: (string | undefined)[] = [];
  let NextToken: string | undefined;
  do {
    const page = await handlers.GetApis({ MaxResults: '2', NextToken }, call);
    names.push(...(page.Items ?? []).map((api) => api.Name));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  expect(names.toSorted()).toEqual(['a', 'b', 'c']);
});
