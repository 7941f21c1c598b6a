import { expect, test } from 'bun:test';
import { refusal, startTestService, testCall as call } from './testing/service.ts';

async function startChat() {
  const service = startTestService();
  const { ApiId = '' } = await service.handlers.CreateApi(
    { Name: 'chat', ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
    call,
  );
  return { ...service, ApiId };
}

const APIS: readonly [name: string, members: object, expected: string][] = [
  [
    'an expression that is none',
    { RouteSelectionExpression: '${request.body[}' },
    'Invalid selection expression specified',
  ],
  [
    'a key from elsewhere',
    { ApiKeySelectionExpression: '$request.body.key' },
    'Invalid API key selection expression specified: $request.body.key',
  ],
  [
    'CORS',
    { CorsConfiguration: { AllowOrigins: ['*'] } },
    'CORS configuration is supported only for HTTP APIs',
  ],
];
for (const [name, members, expected] of APIS)
  test(`CreateApi refuses ${name}`, async () => {
    const { handlers } = startTestService();
    const input = {
      Name: 'c',
      ProtocolType: 'WEBSOCKET' as const,
      RouteSelectionExpression: '$request.body.action',
      ...members,
    };
    expect(await refusal(handlers.CreateApi(input, call))).toContain(expected);
  });

const ROUTES: readonly [name: string, members: object, expected: string | undefined][] = [
  [
    'authorization of a message',
    { RouteKey: 'join', AuthorizationType: 'AWS_IAM' },
    'Currently, authorization is restricted to the $connect route only',
  ],
  ['JWT', { RouteKey: '$connect', AuthorizationType: 'JWT' }, 'Invalid authorization type specified'],
  [
    'a model expression that is none',
    { RouteKey: 'join', ModelSelectionExpression: '$nothing.a' },
    'Invalid selection expression specified',
  ],
  [
    'another response than the default',
    { RouteKey: 'join', RouteResponseSelectionExpression: '$request.body.x' },
    'Invalid RouteResponseSelectionExpression specified',
  ],
  [
    'a parameter of a path',
    { RouteKey: '$connect', RequestParameters: { 'route.request.path.x': { Required: true } } },
    'Invalid request parameter specified: route.request.path.x',
  ],
  ['nothing of IAM on $connect', { RouteKey: '$connect', AuthorizationType: 'AWS_IAM' }, undefined],
  [
    'nothing of a two-way route',
    {
      RouteKey: 'join',
      RouteResponseSelectionExpression: '\\$default',
      ModelSelectionExpression: '${request.body.kind}',
    },
    undefined,
  ],
];
for (const [name, members, expected] of ROUTES)
  test(`CreateRoute refuses ${name}`, async () => {
    const { handlers, ApiId } = await startChat();
    const made = handlers.CreateRoute({ ApiId, RouteKey: '', ...members }, call);
    if (expected === undefined) expect((await made).RouteId).toBeString();
    else expect(await refusal(made)).toContain(expected);
  });

const INTEGRATIONS: readonly [name: string, members: object, expected: string | undefined][] = [
  [
    'a template expression that is none',
    { TemplateSelectionExpression: '${nope.x}' },
    'Invalid selection expression specified',
  ],
  [
    'a mapping to nowhere',
    { RequestParameters: { 'header.x': 'context.connectionId' } },
    'Invalid mapping expression specified',
  ],
  [
    'a mapping from nowhere',
    { RequestParameters: { 'integration.request.header.x': '$request.header.y' } },
    'Invalid mapping expression specified',
  ],
  [
    'an HTTP API’s action',
    { IntegrationSubtype: 'SQS-SendMessage' },
    'IntegrationSubtype is supported only for HTTP APIs',
  ],
  [
    'nothing of what is documented',
    {
      RequestParameters: {
        'integration.request.header.id': 'context.connectionId',
        'integration.request.querystring.a': "'b'",
      },
    },
    undefined,
  ],
];
for (const [name, members, expected] of INTEGRATIONS)
  test(`CreateIntegration refuses ${name}`, async () => {
    const { handlers, ApiId } = await startChat();
    const made = handlers.CreateIntegration({ ApiId, IntegrationType: 'MOCK', ...members }, call);
    if (expected === undefined) expect((await made).IntegrationId).toBeString();
    else expect(await refusal(made)).toContain(expected);
  });
