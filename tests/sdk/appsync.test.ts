/** AppSync through the official client and plain HTTP and WebSocket clients. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  AppSyncClient,
  CreateApiCacheCommand,
  CreateApiKeyCommand,
  CreateDataSourceCommand,
  type CreateDataSourceCommandInput,
  CreateFunctionCommand,
  CreateGraphqlApiCommand,
  CreateResolverCommand,
  type CreateResolverCommandInput,
  EvaluateCodeCommand,
  EvaluateMappingTemplateCommand,
  GetIntrospectionSchemaCommand,
  GetSchemaCreationStatusCommand,
  PutGraphqlApiEnvironmentVariablesCommand,
  StartSchemaCreationCommand,
} from '@aws-sdk/client-appsync';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateFunctionCommand as CreateLambdaCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  AssociateWebACLCommand,
  CreateWebACLCommand,
  DisassociateWebACLCommand,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { zipSync } from 'fflate';
import { signedFetch } from './signed-fetch.ts';
import { credentials, useServer } from './test-server.ts';

const server = useServer();
const client = () => new AppSyncClient(server.options());
const serviceRoleArn = 'arn:aws:iam::123456789012:role/appsync';
const runtime = { name: 'APPSYNC_JS', runtimeVersion: '1.0.0' } as const;

const SCHEMA = `
  type Order @aws_api_key @aws_iam {
    id: ID!
    name: String
    total: Float
    placedAt: AWSDateTime
    notes: AWSJSON
    lines: [Line!]
    secret: String @aws_iam
    customer: Customer
  }
  type Line @aws_api_key @aws_iam { sku: String! count: Int! }
  type Customer @aws_api_key @aws_iam { id: ID! name: String }
  type Page @aws_api_key @aws_iam { items: [Order!]! nextToken: String }
  input LineInput { sku: String! count: Int! }
  type Query {
    order(id: ID!): Order
    orders(limit: Int, nextToken: String): Page
    local(x: Int): AWSJSON
    pipeline(id: ID!): AWSJSON
    failing(how: String!): String
    cached(id: ID!): String
    broken: String!
    date(text: AWSDate): AWSDate
  }
  type Mutation {
    putOrder(id: ID!, name: String, total: Float, lines: [LineInput!]): Order
    rename(id: ID!, name: String!): Order
  }
  type Subscription {
    onOrder(id: ID, name: String): Order @aws_subscribe(mutations: ["putOrder", "rename"])
    onBig(least: Float!): Order @aws_subscribe(mutations: ["putOrder"])
  }
  schema { query: Query mutation: Mutation subscription: Subscription }
`;

let apiId = '';
let apiKey = '';

async function source(input: Omit<CreateDataSourceCommandInput, 'apiId'>): Promise<void> {
  await client().send(new CreateDataSourceCommand({ apiId, serviceRoleArn, ...input }));
}

async function resolver(
  typeName: string,
  fieldName: string,
  input: Partial<CreateResolverCommandInput>,
): Promise<void> {
  await client().send(new CreateResolverCommand({ apiId, typeName, fieldName, ...input }));
}

const js = (code: string) => ({ runtime, code });

interface Answer {
  readonly data: Record<string, unknown> | null;
  readonly errors?: readonly { message: string; errorType?: string; path: unknown; data?: unknown }[];
}

async function ask(
  query: string,
  variables: object = {},
  headers: Record<string, string> = { 'x-api-key': apiKey },
): Promise<Answer> {
  const response = await fetch(`${server.url}/graphql/${apiId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Answer;
}

beforeAll(async () => {
  const made = await client().send(
    new CreateGraphqlApiCommand({
      name: 'orders',
      authenticationType: 'API_KEY',
      additionalAuthenticationProviders: [{ authenticationType: 'AWS_IAM' }],
    }),
  );
  apiId = made.graphqlApi?.apiId ?? '';
  apiKey = (await client().send(new CreateApiKeyCommand({ apiId }))).apiKey?.id ?? '';
  await client().send(
    new PutGraphqlApiEnvironmentVariablesCommand({ apiId, environmentVariables: { STAGE: 'test' } }),
  );
  await client().send(
    new StartSchemaCreationCommand({ apiId, definition: new TextEncoder().encode(SCHEMA) }),
  );
  await new DynamoDBClient(server.options()).send(
    new CreateTableCommand({
      TableName: 'orders',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const { FunctionArn } = await new LambdaClient(server.options()).send(
    new CreateLambdaCommand({
      FunctionName: 'customers',
      Runtime: 'nodejs20.x',
      Role: serviceRoleArn,
      Handler: 'index.handler',
      Code: {
        ZipFile: zipSync({
          'index.mjs': new TextEncoder().encode(
            'export const handler = async (event) => Array.isArray(event) ? event.map((each) => ({ data: { id: each.source.id, name: `one of ${event.length}` } })) : { id: event.source.id, name: "alone" };',
          ),
        }),
      },
    }),
  );
  await source({ name: 'none', type: 'NONE' });
  await source({
    name: 'table',
    type: 'AMAZON_DYNAMODB',
    dynamodbConfig: { tableName: 'orders', awsRegion: 'us-east-1' },
  });
  await source({ name: 'customers', type: 'AWS_LAMBDA', lambdaConfig: { lambdaFunctionArn: FunctionArn } });
  await resolver('Query', 'order', {
    dataSourceName: 'table',
    ...js(`import { get } from '@aws-appsync/utils/dynamodb';
      export const request = (ctx) => get({ key: { id: ctx.args.id } });
      export const response = (ctx) => ctx.result;`),
  });
  await resolver('Query', 'orders', {
    dataSourceName: 'table',
    requestMappingTemplate:
      '{"version":"2018-05-29","operation":"Scan","limit":$util.defaultIfNull($ctx.args.limit, 20)#if($ctx.args.nextToken),"nextToken":$util.toJson($ctx.args.nextToken)#end}',
    responseMappingTemplate: '$util.toJson($ctx.result)',
  });
  await resolver('Mutation', 'putOrder', {
    dataSourceName: 'table',
    ...js(`import { util } from '@aws-appsync/utils';
      import { put } from '@aws-appsync/utils/dynamodb';
      export function request(ctx) {
        const { id, ...item } = ctx.args;
        return put({ key: { id }, item: { ...item, placedAt: '2026-11-29T08:00:00Z', notes: { a: 1 } } });
      }
      export function response(ctx) {
        if (ctx.error) util.error(ctx.error.message, ctx.error.type);
        return ctx.result;
      }`),
  });
  await resolver('Mutation', 'rename', {
    dataSourceName: 'table',
    requestMappingTemplate: `{
      "version": "2018-05-29", "operation": "UpdateItem", "key": { "id": $util.dynamodb.toDynamoDBJson($ctx.args.id) },
      "update": { "expression": "SET #n = :n", "expressionNames": { "#n": "name" }, "expressionValues": { ":n": $util.dynamodb.toDynamoDBJson($ctx.args.name) } },
      "condition": { "expression": "attribute_exists(id)" }
    }`,
    responseMappingTemplate:
      '#if($ctx.error)$util.error($ctx.error.message, $ctx.error.type)#end$util.toJson($ctx.result)',
  });
  await resolver('Query', 'local', {
    dataSourceName: 'none',
    requestMappingTemplate:
      '{"version":"2018-05-29","payload":{"x":$ctx.args.x,"key":"$ctx.request.headers.get("x-api-key").substring(0,4)","half":$util.toJson($ctx.args.x),"env":"$ctx.env.STAGE"}}',
    responseMappingTemplate: '$util.toJson($ctx.result)',
  });
  await resolver('Query', 'failing', {
    dataSourceName: 'none',
    ...js(`import { util, runtime } from '@aws-appsync/utils';
      export function request(ctx) {
        if (ctx.args.how === 'early') runtime.earlyReturn('early');
        if (ctx.args.how === 'append') util.appendError('beside', 'Beside', { a: 1 });
        if (ctx.args.how === 'throw') util.error('refused', 'Refused', { why: 'so' }, { code: 7 });
        if (ctx.args.how === 'unauthorized') util.unauthorized();
        if (ctx.args.how === 'bug') return ctx.args.nothing.here;
        return { payload: ctx.args.how };
      }
      export const response = (ctx) => ctx.result;`),
  });
  await resolver('Query', 'date', {
    dataSourceName: 'none',
    ...js(
      'export const request = (ctx) => ({ payload: ctx.args.text ?? "no date" }); export const response = (ctx) => ctx.result;',
    ),
  });
  await resolver('Query', 'broken', {
    dataSourceName: 'none',
    ...js('export const request = () => ({ payload: null }); export const response = (ctx) => ctx.result;'),
  });
  await resolver('Query', 'cached', {
    dataSourceName: 'none',
    ...js(`import { util } from '@aws-appsync/utils';
      export const request = () => ({ payload: util.autoId() });
      export const response = (ctx) => ctx.result;`),
    cachingConfig: { ttl: 60, cachingKeys: ['$context.arguments.id'] },
  });
  await client().send(
    new CreateApiCacheCommand({ apiId, ttl: 60, type: 'SMALL', apiCachingBehavior: 'PER_RESOLVER_CACHING' }),
  );
  await resolver('Order', 'customer', { dataSourceName: 'customers', maxBatchSize: 10 });
  const functionOf = async (name: string, dataSourceName: string, code: string) =>
    (await client().send(new CreateFunctionCommand({ apiId, name, dataSourceName, runtime, code })))
      .functionConfiguration?.functionId ?? '';
  const first = await functionOf(
    'first',
    'table',
    `
    import { get } from '@aws-appsync/utils/dynamodb';
    export function request(ctx) { ctx.stash.seen = [ctx.prev.result.from]; return get({ key: { id: ctx.args.id } }); }
    export function response(ctx) { ctx.stash.seen.push('first'); return ctx.result?.name; }`,
  );
  const second = await functionOf(
    'second',
    'none',
    `
    export const request = (ctx) => ({ payload: ctx.prev.result + '!' });
    export function response(ctx) { ctx.stash.seen.push('second'); return ctx.result; }`,
  );
  await resolver('Query', 'pipeline', {
    kind: 'PIPELINE',
    pipelineConfig: { functions: [first, second] },
    ...js(
      'export const request = () => ({ from: "before" }); export const response = (ctx) => ({ result: ctx.prev.result, seen: ctx.stash.seen });',
    ),
  });
  await resolver('Subscription', 'onBig', {
    dataSourceName: 'none',
    ...js(`import { extensions, util } from '@aws-appsync/utils';
      export const request = () => ({ payload: null });
      export function response(ctx) {
        extensions.setSubscriptionFilter(JSON.parse(util.transform.toSubscriptionFilter({ total: { ge: ctx.args.least } })));
        return null;
      }`),
  });
});

describe('resolvers', () => {
  test('JavaScript to DynamoDB and back, typed values of every kind', async () => {
    const put =
      'mutation($lines: [LineInput!]) { putOrder(id: "1", name: "first", total: 2.5, lines: $lines) { id name total placedAt notes lines { sku count } } }';
    const expected = {
      id: '1',
      name: 'first',
      total: 2.5,
      placedAt: '2026-11-29T08:00:00Z',
      notes: '{"a":1}',
      lines: [{ sku: 's', count: 2 }],
    };
    expect(await ask(put, { lines: [{ sku: 's', count: 2 }] })).toEqual({ data: { putOrder: expected } });
    expect(
      await ask(
        '{ order(id: "1") { id name total placedAt notes lines { sku count } } none: order(id: "0") { id } }',
      ),
    ).toEqual({ data: { order: expected, none: null } });
  });

  test('templates; conditions that fail are told with the item', async () => {
    expect(await ask('mutation { rename(id: "1", name: "again") { id name } }')).toEqual({
      data: { rename: { id: '1', name: 'again' } },
    });
    const { data, errors = [] } = await ask('mutation { rename(id: "nobody", name: "x") { id } }');
    expect(data).toEqual({ rename: null });
    expect(errors[0]).toMatchObject({
      errorType: 'DynamoDB:ConditionalCheckFailedException',
      path: ['rename'],
    });
    expect(await ask('{ local(x: 3) }')).toEqual({
      data: { local: '{"x":3,"key":"da2-","half":3,"env":"test"}' },
    });
  });

  test('a page, and a direct Lambda asked once for all its items', async () => {
    await ask('mutation { a: putOrder(id: "2") { id } b: putOrder(id: "3") { id } }');
    const { data } = await ask('{ orders { items { id customer { id name } } nextToken } }');
    const { items } = (data ?? {})['orders'] as {
      items: { id: string; customer: { id: string; name: string } }[];
    };
    expect(items.length).toBeGreaterThanOrEqual(3);
    for (const { id, customer } of items) expect(customer).toEqual({ id, name: `one of ${items.length}` });
  });

  test('a pipeline with its stash', async () => {
    const { data } = await ask('{ pipeline(id: "1") }');
    expect(JSON.parse(String(data?.['pipeline']))).toEqual({
      result: 'again!',
      seen: ['before', 'first', 'second'],
    });
  });

  const table: readonly [how: string, expected: object][] = [
    ['fine', { data: { failing: 'fine' } }],
    ['early', { data: { failing: 'early' } }],
    [
      'append',
      {
        data: { failing: 'append' },
        errors: [{ path: ['failing'], message: 'beside', errorType: 'Beside', data: { a: 1 } }],
      },
    ],
    [
      'throw',
      {
        data: { failing: null },
        errors: [
          {
            path: ['failing'],
            message: 'refused',
            errorType: 'Refused',
            data: { why: 'so' },
            errorInfo: { code: 7 },
          },
        ],
      },
    ],
    [
      'unauthorized',
      {
        data: { failing: null },
        errors: [
          {
            path: ['failing'],
            message: 'Not Authorized to access failing on type Query',
            errorType: 'Unauthorized',
          },
        ],
      },
    ],
    ['bug', { data: { failing: null }, errors: [{ path: ['failing'], errorType: 'Code' }] }],
  ];
  for (const [how, expected] of table)
    test(`failing: ${how}`, async () => {
      expect(await ask('query($how: String!) { failing(how: $how) }', { how })).toMatchObject(expected);
    });

  test('null where there must be none takes its parent along', async () => {
    expect(await ask('{ broken }')).toMatchObject({
      data: null,
      errors: [
        {
          path: ['broken'],
          message: "Cannot return null for non-nullable type: 'broken' within parent 'Query' (/broken)",
        },
      ],
    });
  });

  test('scalars are held to their rules, in and out', async () => {
    expect(await ask('{ date(text: "2024-02-29") }')).toEqual({ data: { date: '2024-02-29' } });
    expect((await ask('{ date(text: "2023-02-29") }')).errors?.[0]?.message).toContain(
      'Unable to parse `2023-02-29` as a valid Date Object.',
    );
    expect((await ask('{ date }')).errors?.[0]?.message).toBe(
      "Can't serialize value (/date) : Unable to serialize `no date` as a valid Date Object.",
    );
  });

  test('answers are cached by their keys', async () => {
    const [one, again, other] = await Promise.all(
      ['a', 'a', 'b'].map((id) => ask('query($id: ID!) { cached(id: $id) }', { id })),
    );
    const later = await ask('{ cached(id: "a") }');
    expect([one?.data?.['cached'], again?.data?.['cached']]).toContain(later.data?.['cached']);
    expect(other?.data?.['cached']).not.toBe(later.data?.['cached']);
  });
});

describe('who gets in', () => {
  const status = async (
    headers: Record<string, string>,
    body: string = JSON.stringify({ query: '{ local(x: 1) }' }),
  ) => {
    const response = await fetch(`${server.url}/graphql/${apiId}`, { method: 'POST', headers, body });
    return `${response.status} ${response.headers.get('x-amzn-errortype') ?? ''} ${JSON.stringify(await response.json())}`;
  };
  const refused = (message: string) =>
    `401 UnauthorizedException {"errors":[{"errorType":"UnauthorizedException","message":"${message}"}]}`;

  test('nobody without a key', async () => {
    expect(await status({})).toBe(refused('Missing authorization header'));
    expect(await status({ 'x-api-key': 'da2-other' })).toBe(
      refused('You are not authorized to make this call.'),
    );
    expect(await status({ authorization: 'a.b.c' })).toBe(
      refused('Valid authorization header not provided.'),
    );
  });

  test('a signature is IAM; a field of its own directive is for nobody else', async () => {
    const response = await signedFetch(`${server.url}/graphql/${apiId}`, {
      service: 'appsync',
      credentials,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ order(id: "1") { id } }' }),
    });
    // The root's fields are for the default mode alone.
    expect(await response.text()).toContain('Not Authorized to access order on type Query');
    expect(await ask('{ order(id: "1") { id secret } }')).toMatchObject({
      data: { order: { id: '1', secret: null } },
      errors: [
        {
          message: 'Not Authorized to access secret on type Order',
          errorType: 'Unauthorized',
          path: ['order', 'secret'],
        },
      ],
    });
  });

  test('a web ACL in front of the API is asked first', async () => {
    const waf = new WAFV2Client(server.options());
    const visibility = { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: 'm' };
    const { Summary } = await waf.send(
      new CreateWebACLCommand({
        Name: 'appsync',
        Scope: 'REGIONAL',
        DefaultAction: { Allow: {} },
        VisibilityConfig: visibility,
        Rules: [
          {
            Name: 'bots',
            Priority: 0,
            Action: { Block: {} },
            VisibilityConfig: visibility,
            Statement: {
              ByteMatchStatement: {
                FieldToMatch: { SingleHeader: { Name: 'x-robot' } },
                SearchString: new TextEncoder().encode('yes'),
                PositionalConstraint: 'EXACTLY',
                TextTransformations: [{ Priority: 0, Type: 'NONE' }],
              },
            },
          },
        ],
      }),
    );
    const ResourceArn = `arn:aws:appsync:us-east-1:123456789012:apis/${apiId}`;
    await waf.send(new AssociateWebACLCommand({ WebACLArn: Summary?.ARN, ResourceArn }));
    // Before anybody is asked for a key.
    expect(await status({ 'x-robot': 'yes' })).toStartWith('403 WAFForbiddenException');
    expect(await status({ 'x-api-key': apiKey })).toStartWith('200');
    await waf.send(new DisassociateWebACLCommand({ ResourceArn }));
    expect(await status({ 'x-robot': 'yes', 'x-api-key': apiKey })).toStartWith('200');
  });

  test('malformed requests', async () => {
    const key = { 'x-api-key': apiKey };
    for (const body of ['', '{}', '[]', 'nothing'])
      expect(await status(key, body)).toStartWith('400 MalformedHttpRequestException');
  });

  test('what the schema does not have, in the words of the service', async () => {
    const messages = async (query: string) => (await ask(query)).errors?.map(({ message }) => message);
    expect(await messages('{ order(id: "1") { nope } }')).toEqual([
      "Validation error of type FieldUndefined: Field 'nope' in type 'Order' is undefined @ 'order/nope'",
    ]);
    expect(await messages('{ order { id } }')).toEqual([
      "Validation error of type MissingFieldArgument: Missing field argument id @ 'order'",
    ]);
    expect(await messages('{ order(id: "1") }')).toEqual([
      "Validation error of type SubSelectionRequired: Sub selection required for type Order of field order @ 'order'",
    ]);
    expect((await ask(`{ ${'a: local(x: 1) '.repeat(8000)} }`)).errors?.[0]?.message).toBe(
      'Maximum char length exceeded',
    );
  });
});

describe('subscriptions', () => {
  const sockets: WebSocket[] = [];
  afterAll(() => {
    for (const socket of sockets) socket.close();
  });

  interface Message {
    readonly type: string;
    readonly id?: string;
    readonly payload?: {
      readonly data?: Record<string, unknown>;
      readonly errors?: readonly { errorType: string; message: string }[];
      readonly connectionTimeoutMs?: number;
    };
  }

  async function connect() {
    const header = Buffer.from(
      JSON.stringify({ host: new URL(server.url).host, 'x-api-key': apiKey }),
    ).toString('base64');
    const socket = new WebSocket(
      `${server.url.replace('http', 'ws')}/graphql/${apiId}/realtime?header=${encodeURIComponent(header)}&payload=e30=`,
      ['graphql-ws'],
    );
    sockets.push(socket);
    const heard: Message[] = [];
    const waiting: (() => void)[] = [];
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as Message;
      if (message.type !== 'ka') heard.push(message);
      waiting.shift()?.();
    });
    await new Promise((open, fail) => {
      socket.addEventListener('open', open);
      socket.addEventListener('error', fail);
    });
    const next = async (): Promise<Message> => {
      for (;;) {
        const message = heard.shift();
        if (message !== undefined) return message;
        await new Promise<void>((resolve) => void waiting.push(resolve));
      }
    };
    const start = (id: string, query: string, variables: object = {}) =>
      socket.send(
        JSON.stringify({
          id,
          type: 'start',
          payload: {
            data: JSON.stringify({ query, variables }),
            extensions: { authorization: { 'x-api-key': apiKey, host: 'h' } },
          },
        }),
      );
    return { socket, next, start };
  }

  test('a mutation reaches those who asked for it, by arguments and filters', async () => {
    const { socket, next, start } = await connect();
    socket.send('{"type":"connection_init"}');
    expect(await next()).toEqual({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } });
    start('all', 'subscription { onOrder { id name total } }');
    expect(await next()).toEqual({ id: 'all', type: 'start_ack' });
    start('one', 'subscription($id: ID) { onOrder(id: $id) { id } }', { id: 's2' });
    expect(await next()).toEqual({ id: 'one', type: 'start_ack' });
    start('big', 'subscription { onBig(least: 10) { id total } }');
    expect(await next()).toEqual({ id: 'big', type: 'start_ack' });

    await ask('mutation { renamed: putOrder(id: "s1", name: "n", total: 5) { id title: name total } }');
    expect(await next()).toEqual({
      id: 'all',
      type: 'data',
      payload: { data: { onOrder: { id: 's1', name: 'n', total: 5 } } },
    });
    await ask('mutation { putOrder(id: "s2", total: 12) { id total } }');
    const three = [await next(), await next(), await next()].toSorted((a, b) =>
      String(a.id).localeCompare(String(b.id)),
    );
    expect(three).toEqual([
      { id: 'all', type: 'data', payload: { data: { onOrder: { id: 's2', name: null, total: 12 } } } },
      { id: 'big', type: 'data', payload: { data: { onBig: { id: 's2', total: 12 } } } },
      { id: 'one', type: 'data', payload: { data: { onOrder: { id: 's2' } } } },
    ]);
    socket.send('{"type":"stop","id":"all"}');
    expect(await next()).toEqual({ id: 'all', type: 'complete' });
  });

  test('refused by name', async () => {
    const { next, start } = await connect();
    start('q', '{ local(x: 1) }');
    expect(await next()).toMatchObject({
      id: 'q',
      type: 'error',
      payload: { errors: [{ errorType: 'UnsupportedOperation' }] },
    });
    start('bad', 'subscription { onOrder { nope } }');
    expect(await next()).toMatchObject({
      id: 'bad',
      type: 'error',
      payload: { errors: [{ errorType: 'BadRequestException' }] },
    });
    for (let index = 0; index <= 200; index++) start(`s${index}`, 'subscription { onOrder { id } }');
    const answers = await Promise.all(Array.from({ length: 201 }, next));
    expect(answers.filter(({ type }) => type === 'start_ack')).toHaveLength(200);
    expect(answers.find(({ type }) => type === 'error')?.payload?.errors?.[0]?.errorType).toBe(
      'MaxSubscriptionsReachedError',
    );
  });

  test('nobody without a key', async () => {
    const socket = new WebSocket(
      `${server.url.replace('http', 'ws')}/graphql/${apiId}/realtime?header=e30=&payload=e30=`,
      ['graphql-ws'],
    );
    const failed = await new Promise<boolean>((resolve) => {
      socket.addEventListener('error', () => resolve(true));
      socket.addEventListener('open', () => resolve(false));
    });
    expect(failed).toBe(true);
  });
});

describe('control plane', () => {
  test('a schema that is wrong is told, and the one before stays', async () => {
    await client().send(
      new StartSchemaCreationCommand({
        apiId,
        definition: new TextEncoder().encode('type Query { a: Nothing }'),
      }),
    );
    expect(await client().send(new GetSchemaCreationStatusCommand({ apiId }))).toMatchObject({
      status: 'FAILED',
      details: expect.stringContaining('Unknown type "Nothing"'),
    });
    expect((await ask('{ local(x: 1) }')).data).not.toBeNull();
    const { schema } = await client().send(new GetIntrospectionSchemaCommand({ apiId, format: 'JSON' }));
    expect(Buffer.from(schema ?? []).toString()).toContain('"onOrder"');
  });

  test('code that breaks the rules is refused with every place', async () => {
    const thrown = await client()
      .send(
        new CreateFunctionCommand({
          apiId,
          name: 'bad',
          dataSourceName: 'none',
          runtime,
          code: 'export function request(ctx) { for (let i = 0; i < 3; i++) {} return {} }',
        }),
      )
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({
      name: 'BadRequestException',
      reason: 'CODE_ERROR',
      detail: {
        codeErrors: [
          { value: '@aws-appsync/no-for', location: { line: 1, column: 31 } },
          { value: '@aws-appsync/no-disallowed-unary-operators' },
        ],
      },
    });
  });

  test('code and templates are tried alone, and agree', async () => {
    const context = JSON.stringify({ arguments: { id: '7', tags: ['a', 'b'] }, stash: { n: 1 } });
    const code = await client().send(
      new EvaluateCodeCommand({
        runtime,
        code: "import { util } from '@aws-appsync/utils'; export function request(ctx) { console.log('seen', ctx.args.id); return { key: util.dynamodb.toMapValues({ id: ctx.args.id, tags: ctx.args.tags }), n: ctx.stash.n }; }",
        context,
        function: 'request',
      }),
    );
    expect(code.logs).toEqual(['INFO - seen 7']);
    const template = await client().send(
      new EvaluateMappingTemplateCommand({
        template: '{"key":$util.dynamodb.toMapValuesJson($ctx.args),"n":$ctx.stash.n}',
        context,
      }),
    );
    expect(JSON.parse(code.evaluationResult ?? '')).toEqual({
      key: { id: { S: '7' }, tags: { L: [{ S: 'a' }, { S: 'b' }] } },
      n: 1,
    });
    expect(JSON.parse(template.evaluationResult ?? '')).toEqual(JSON.parse(code.evaluationResult ?? ''));
    const failed = await client().send(
      new EvaluateCodeCommand({
        runtime,
        code: 'export function request(ctx) { return ctx.nothing.here }',
        context,
      }),
    );
    expect(failed.error?.message).toContain('TypeError');
  });

  test('a pattern that would explode takes no time', async () => {
    const text = 'a'.repeat(200);
    const { evaluationResult } = await client().send(
      new EvaluateCodeCommand({
        runtime,
        code: `import { util } from '@aws-appsync/utils'; export const request = (ctx) => [util.matches('(a+)+$', ctx.args.text + '!'), util.matches('^a{3}', ctx.args.text)];`,
        context: JSON.stringify({ arguments: { text } }),
        function: 'request',
      }),
    );
    expect(JSON.parse(evaluationResult ?? '')).toEqual([false, true]);
  });

  test('what is not there is refused by name', async () => {
    const thrown = await client()
      .send(
        new CreateDataSourceCommand({
          apiId,
          name: 'versioned',
          type: 'AMAZON_DYNAMODB',
          dynamodbConfig: { tableName: 't', awsRegion: 'r', versioned: true },
        }),
      )
      .catch((error: unknown) => error);
    expect(String(thrown)).toContain('Versioned data sources (delta sync): not supported by gatehouse');
    const asCaller = await client()
      .send(
        new CreateDataSourceCommand({
          apiId,
          name: 'asCaller',
          type: 'AMAZON_DYNAMODB',
          dynamodbConfig: { tableName: 't', awsRegion: 'us-east-1', useCallerCredentials: true },
        }),
      )
      .catch((error: unknown) => error);
    expect(String(asCaller)).toContain(
      "Data sources with the caller's own credentials: not supported by gatehouse",
    );
  });
});
