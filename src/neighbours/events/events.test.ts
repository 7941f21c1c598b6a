/** EventBridge through the official client, with queues, topics, streams, logs, functions and HTTP as targets. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as events from '@aws-sdk/client-eventbridge';
import * as kinesis from '@aws-sdk/client-kinesis';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import { useTestServer } from '../testing/room.ts';
import { createStacks } from '../testing/stacks.ts';

const server = useTestServer();
let client: events.EventBridgeClient;
let queues: sqs.SQSClient;
beforeAll(() => {
  client = new events.EventBridgeClient(server.options());
  queues = new sqs.SQSClient(server.options());
});

const ROLE = 'arn:aws:iam::123456789012:role/events';
let made = 0;
interface Queue {
  readonly url: string;
  readonly arn: string;
}
async function createQueue(Attributes: Record<string, string> = {}): Promise<Queue> {
  const QueueName = `queue-${++made}${Attributes['FifoQueue'] ? '.fifo' : ''}`;
  const arn = `arn:aws:sqs:us-east-1:123456789012:${QueueName}`;
  const Statement = [
    {
      Effect: 'Allow',
      Principal: { Service: ['events.amazonaws.com', 'sns.amazonaws.com'] },
      Action: 'sqs:SendMessage',
      Resource: arn,
    },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  const created = await queues.send(
    new sqs.CreateQueueCommand({ QueueName, Attributes: { Policy, ...Attributes } }),
  );
  return { url: created.QueueUrl ?? '', arn };
}
async function receive({ url: QueueUrl }: Queue): Promise<sqs.Message | undefined> {
  const input = { QueueUrl, WaitTimeSeconds: 5, MessageAttributeNames: ['All'] };
  const { Messages: [message] = [] } = await queues.send(new sqs.ReceiveMessageCommand(input));
  if (message)
    await queues.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
  return message;
}
const bodyOf = async (queue: Queue) => JSON.parse((await receive(queue))?.Body ?? 'null');
async function createRule(pattern: object, targets: Partial<events.Target>[], bus?: string): Promise<string> {
  const Name = `rule-${++made}`;
  const rule = { Name, EventPattern: JSON.stringify(pattern), ...(bus ? { EventBusName: bus } : {}) };
  await client.send(new events.PutRuleCommand(rule));
  const Targets = targets.map((target, index) => ({ Id: String(index), Arn: undefined, ...target }));
  await client.send(
    new events.PutTargetsCommand({ Rule: Name, Targets, ...(bus ? { EventBusName: bus } : {}) }),
  );
  return Name;
}
const put = (Source: string, detail: object, more: Partial<events.PutEventsRequestEntry> = {}) =>
  client.send(
    new events.PutEventsCommand({
      Entries: [{ Source, DetailType: 'Test', Detail: JSON.stringify(detail), ...more }],
    }),
  );
const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    const { name, message } = thrown as Error;
    return `${name}: ${message}`;
  }
  return 'no refusal';
};

describe('targets', () => {
  test('a queue gets the event as it is, when the pattern fits', async () => {
    const queue = await createQueue();
    const name = await createRule({ source: ['whole'], detail: { price: [{ numeric: ['>', 10] }] } }, [
      { Arn: queue.arn },
    ]);
    await put('whole', { price: 5 });
    const Time = new Date('2026-02-03T04:05:06.789Z');
    const { Entries } = await put('whole', { price: 15 }, { Resources: ['arn:x'], Time });
    expect(await bodyOf(queue)).toEqual({
      version: '0',
      id: Entries?.[0]?.EventId,
      'detail-type': 'Test',
      source: 'whole',
      account: '123456789012',
      time: '2026-02-03T04:05:06Z',
      region: 'us-east-1',
      resources: ['arn:x'],
      detail: { price: 15 },
    });
    await client.send(new events.DisableRuleCommand({ Name: name }));
    await put('whole', { price: 16 });
    await client.send(new events.EnableRuleCommand({ Name: name }));
    await put('whole', { price: 17 });
    expect(await bodyOf(queue)).toMatchObject({ detail: { price: 17 } });
  });

  test('parts, fixed texts and templates', async () => {
    const [part, fixed, template, text] = await Promise.all([1, 2, 3, 4].map(() => createQueue()));
    const map = { name: '$.detail.name', tags: '$.detail.tags', none: '$.detail.none' };
    const rule = await createRule({ source: ['inputs'] }, [
      { Arn: part?.arn, InputPath: '$.detail.name' },
      { Arn: fixed?.arn, Input: '{"fixed":true}' },
      {
        Arn: template?.arn,
        InputTransformer: {
          InputPathsMap: map,
          InputTemplate:
            '{"n": <name>, "s": "Hello <name>!", "t": <tags>, "quoted": "<tags>", "none": "<none>", "rule": <aws.events.rule-name>}',
        },
      },
      { Arn: text?.arn, InputTransformer: { InputPathsMap: map, InputTemplate: '"<name> did it"' } },
    ]);
    await put('inputs', { name: 'A"nn', tags: [1, 'b'] });
    if (!part || !fixed || !template || !text) throw new Error('four queues were made');
    expect(await bodyOf(part)).toBe('A"nn');
    expect(await bodyOf(fixed)).toEqual({ fixed: true });
    expect(await bodyOf(template)).toEqual({
      n: 'A"nn',
      s: 'Hello A"nn!',
      t: [1, 'b'],
      quoted: '[1,"b"]',
      none: '',
      rule,
    });
    expect(await bodyOf(text)).toBe('A"nn did it');
  });

  test('a FIFO queue, a topic, a stream, a log group', async () => {
    const fifo = await createQueue({ FifoQueue: 'true', ContentBasedDeduplication: 'true' });
    const behind = await createQueue();
    const topics = new sns.SNSClient(server.options());
    const { TopicArn } = await topics.send(new sns.CreateTopicCommand({ Name: 'behind' }));
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: TopicArn,
      },
    ];
    const AttributeValue = JSON.stringify({ Version: '2012-10-17', Statement });
    await topics.send(
      new sns.SetTopicAttributesCommand({ TopicArn, AttributeName: 'Policy', AttributeValue }),
    );
    const Attributes = { RawMessageDelivery: 'true' };
    await topics.send(
      new sns.SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: behind.arn, Attributes }),
    );
    const { requestHandler } = client.config;
    const streams = new kinesis.KinesisClient({ ...server.options(), requestHandler });
    await streams.send(new kinesis.CreateStreamCommand({ StreamName: 'events', ShardCount: 1 }));
    const groups = new logs.CloudWatchLogsClient(server.options());
    await groups.send(new logs.CreateLogGroupCommand({ logGroupName: '/aws/events/all' }));
    await createRule({ source: ['many'] }, [
      { Arn: fifo.arn, SqsParameters: { MessageGroupId: 'g' } },
      { Arn: TopicArn },
      {
        Arn: 'arn:aws:kinesis:us-east-1:123456789012:stream/events',
        RoleArn: ROLE,
        KinesisParameters: { PartitionKeyPath: '$.detail.key' },
      },
      { Arn: 'arn:aws:logs:us-east-1:123456789012:log-group:/aws/events/all', InputPath: '$.detail' },
    ]);
    await put('many', { key: 'k' });
    expect(await bodyOf(fifo)).toMatchObject({ source: 'many' });
    expect(await bodyOf(behind)).toMatchObject({ source: 'many' });
    const shard = {
      StreamName: 'events',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    } as const;
    const records = async () => {
      const { ShardIterator } = await streams.send(new kinesis.GetShardIteratorCommand(shard));
      return (await streams.send(new kinesis.GetRecordsCommand({ ShardIterator }))).Records ?? [];
    };
    while ((await records()).length === 0);
    expect((await records())[0]?.PartitionKey).toBe('k');
    const found = async () =>
      (await groups.send(new logs.FilterLogEventsCommand({ logGroupName: '/aws/events/all' }))).events ?? [];
    while ((await found()).length === 0);
    expect((await found())[0]?.message).toBe('{"key":"k"}');
  });

  test('another bus gets the event as it was sent', async () => {
    const { EventBusArn } = await client.send(new events.CreateEventBusCommand({ Name: 'second' }));
    const queue = await createQueue();
    await createRule({ source: ['passed'] }, [{ Arn: queue.arn }], 'second');
    await createRule({ source: ['passed'] }, [{ Arn: EventBusArn, RoleArn: ROLE }]);
    await put('passed', { a: 1 }, { Resources: ['arn:r'] });
    expect(await bodyOf(queue)).toMatchObject({
      source: 'passed',
      'detail-type': 'Test',
      resources: ['arn:r'],
      detail: { a: 1 },
    });
    expect(await refusal(client.send(new events.DeleteEventBusCommand({ Name: 'second' })))).toContain(
      'has rules',
    );
  });

  test('what cannot be delivered ends in the dead-letter queue, with why', async () => {
    const dead = await createQueue();
    const gone = 'arn:aws:sqs:us-east-1:123456789012:gone';
    await createRule({ source: ['lost'] }, [{ Arn: gone, DeadLetterConfig: { Arn: dead.arn } }]);
    await put('lost', { a: 1 });
    const letter = await receive(dead);
    expect(JSON.parse(letter?.Body ?? '')).toMatchObject({ source: 'lost' });
    expect(letter?.MessageAttributes).toMatchObject({
      TARGET_ARN: { StringValue: gone },
      ERROR_CODE: { StringValue: 'QueueDoesNotExist' },
      RETRY_ATTEMPTS: { StringValue: '0' },
    });
  });
});

describe('API destinations', () => {
  let endpoint: Server;
  let url = '';
  const heard: { request: IncomingMessage; body: string }[] = [];
  let onHeard: () => void = () => {};
  let statuses: number[] = [];
  beforeAll(async () => {
    endpoint = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        heard.push({ request, body });
        response.writeHead(statuses.shift() ?? 200, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify({ access_token: 'token-1' }));
        onHeard();
      });
    });
    await new Promise<void>((done) => endpoint.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`; // a TCP server has one
  });
  afterAll(() => endpoint.close());
  const next = async () => {
    if (heard.length === 0) await new Promise<void>((resolve) => (onHeard = resolve));
    return heard.shift();
  };

  async function createDestination(
    Name: string,
    path: string,
    auth: Omit<events.CreateConnectionCommandInput, 'Name'>,
  ) {
    const { ConnectionArn } = await client.send(new events.CreateConnectionCommand({ Name, ...auth }));
    const destination = { Name, ConnectionArn, InvocationEndpoint: url + path, HttpMethod: 'POST' } as const;
    return (await client.send(new events.CreateApiDestinationCommand(destination))).ApiDestinationArn;
  }

  test('by API key, with parameters of connection and target, again after 503', async () => {
    const arn = await createDestination('keyed', '/orders/*', {
      AuthorizationType: 'API_KEY',
      AuthParameters: {
        ApiKeyAuthParameters: { ApiKeyName: 'x-key', ApiKeyValue: 'secret' },
        InvocationHttpParameters: { BodyParameters: [{ Key: 'added', Value: 'yes' }] },
      },
    });
    const described = await client.send(new events.DescribeConnectionCommand({ Name: 'keyed' }));
    expect(JSON.stringify(described)).not.toContain('"secret"');
    await createRule({ source: ['keyed'] }, [
      {
        Arn: arn,
        RoleArn: ROLE,
        InputPath: '$.detail',
        HttpParameters: {
          PathParameterValues: ['a b'],
          QueryStringParameters: { q: '1' },
          HeaderParameters: { 'x-h': 'h' },
        },
      },
    ]);
    statuses = [503];
    await put('keyed', { id: 7 });
    for (let attempt = 0; attempt < 2; attempt++) {
      const { request, body } = (await next()) ?? {};
      expect(request?.url).toBe('/orders/a%20b?q=1');
      expect(request?.headers).toMatchObject({
        'x-key': 'secret',
        'x-h': 'h',
        'content-type': 'application/json; charset=utf-8',
      });
      expect(JSON.parse(body ?? '')).toEqual({ id: 7, added: 'yes' });
    }
  });

  test('by client credentials', async () => {
    const arn = await createDestination('oauth', '/api', {
      AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS',
      AuthParameters: {
        OAuthParameters: {
          ClientParameters: { ClientID: 'id', ClientSecret: 'hidden' },
          AuthorizationEndpoint: `${url}/token`,
          HttpMethod: 'POST',
        },
      },
    });
    await createRule({ source: ['oauth'] }, [{ Arn: arn, RoleArn: ROLE }]);
    await put('oauth', {});
    const token = await next();
    expect(token?.body).toBe('grant_type=client_credentials&client_id=id&client_secret=hidden');
    const call = await next();
    expect(call?.request.headers.authorization).toBe('Bearer token-1');
  });
});

describe('schedules', () => {
  test('a rate and a cron come round', async () => {
    const queue = await createQueue();
    for (const [Name, ScheduleExpression] of [
      ['every-hour', 'rate(1 hour)'],
      ['nightly', 'cron(0 3 * * ? *)'],
    ] as const) {
      await client.send(new events.PutRuleCommand({ Name, ScheduleExpression }));
      await client.send(new events.PutTargetsCommand({ Rule: Name, Targets: [{ Id: '1', Arn: queue.arn }] }));
    }
    server.pass(86_400);
    const seen = [await bodyOf(queue), await bodyOf(queue)];
    expect(seen.map(({ resources }) => resources[0]).toSorted()).toEqual([
      'arn:aws:events:us-east-1:123456789012:rule/every-hour',
      'arn:aws:events:us-east-1:123456789012:rule/nightly',
    ]);
    expect(seen[0]).toMatchObject({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} });
    for (const Name of ['every-hour', 'nightly']) await client.send(new events.DisableRuleCommand({ Name }));
    const elsewhere = { Name: 'r', ScheduleExpression: 'rate(1 hour)', EventBusName: 'second' };
    expect(await refusal(client.send(new events.PutRuleCommand(elsewhere)))).toContain(
      'only on the default event bus',
    );
    const wrong = { Name: 'r', ScheduleExpression: 'rate(1 hours)' };
    expect(await refusal(client.send(new events.PutRuleCommand(wrong)))).toContain(
      'ScheduleExpression is not valid',
    );
  });
});

describe('what is refused', () => {
  test('entries one by one', async () => {
    const { FailedEntryCount, Entries } = await client.send(
      new events.PutEventsCommand({
        Entries: [
          { Source: 'ok', DetailType: 't', Detail: '{}' },
          { Source: 'ok', DetailType: 't' },
          { Source: 'ok', DetailType: 't', Detail: 'x' },
          { Source: 'aws.s3', DetailType: 't', Detail: '{}' },
        ],
      }),
    );
    expect(FailedEntryCount).toBe(3);
    expect(Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'InvalidArgument',
      'MalformedDetail',
      'NotAuthorizedForSourceException',
    ]);
  });

  test('patterns, targets, other accounts', async () => {
    const pattern = (EventPattern: string) =>
      refusal(client.send(new events.PutRuleCommand({ Name: 'bad', EventPattern })));
    expect(await pattern('{"a":"b"}')).toBe(
      'InvalidEventPatternException: Event pattern is not valid. Reason: "a" must be an object or an array',
    );
    const Rule = await createRule({ source: ['r'] }, [{ Arn: 'arn:aws:sqs:us-east-1:123456789012:q' }]);
    const target = (more: Partial<events.Target>) =>
      refusal(client.send(new events.PutTargetsCommand({ Rule, Targets: [{ Id: 't', Arn: 'x', ...more }] })));
    expect(await target({})).toContain('Provided Arn is not in correct format');
    expect(await target({ Arn: 'arn:aws:ecs:us-east-1:123456789012:cluster/c' })).toContain(
      'targets of ecs: not supported by gatehouse',
    );
    expect(await target({ Arn: 'arn:aws:states:us-east-1:123456789012:stateMachine:m' })).toContain(
      'RoleArn is required',
    );
    const bad = { InputTransformer: { InputPathsMap: {}, InputTemplate: '<a>' } };
    expect(await target({ Arn: 'arn:aws:sqs:us-east-1:123456789012:q', ...bad })).toContain(
      'placeholder <a>',
    );
    expect(await refusal(client.send(new events.DeleteRuleCommand({ Name: Rule })))).toContain(
      "can't be deleted since it has targets",
    );
    expect(
      await refusal(
        client.send(
          new events.CreateArchiveCommand({
            ArchiveName: 'a',
            EventSourceArn: 'arn:aws:events:us-east-1:123456789012:event-bus/default',
          }),
        ),
      ),
    ).toContain('does not implement');

    const stranger = new events.EventBridgeClient(server.options('210987654321'));
    const EventBusName = 'arn:aws:events:us-east-1:123456789012:event-bus/default';
    const sending = async () =>
      (
        await stranger.send(
          new events.PutEventsCommand({
            Entries: [{ Source: 's', DetailType: 't', Detail: '{}', EventBusName }],
          }),
        )
      ).Entries?.[0];
    expect((await sending())?.ErrorCode).toBe('AccessDeniedException');
    const grant = { StatementId: 's', Principal: '210987654321', Action: 'events:PutEvents' };
    await client.send(new events.PutPermissionCommand(grant));
    expect((await sending())?.EventId).toBeString();
  });

  test('TestEventPattern tells', async () => {
    const Event = JSON.stringify({
      id: '1',
      'detail-type': 't',
      source: 's',
      account: 'a',
      time: 'x',
      region: 'r',
      resources: [],
      detail: { n: 5 },
    });
    const fits = async (pattern: object) =>
      (
        await client.send(
          new events.TestEventPatternCommand({ EventPattern: JSON.stringify(pattern), Event }),
        )
      ).Result;
    expect(await fits({ detail: { n: [{ numeric: ['<', 6] }] } })).toBe(true);
    expect(await fits({ detail: { n: ['5'] } })).toBe(false);
  });
});

test('in stacks: buses, rules with targets and their permissions, connections', async () => {
  const stacks = createStacks(new CloudFormationClient(server.options()));
  const template = (sources: readonly string[]) => ({
    Resources: {
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'orders' } },
      Queue: { Type: 'AWS::SQS::Queue' },
      QueuePolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'Queue' }],
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'events.amazonaws.com' },
                Action: 'sqs:SendMessage',
                Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
                Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': ['Rule', 'Arn'] } } },
              },
            ],
          },
        },
      },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventBusName: { Ref: 'Bus' },
          EventPattern: { source: sources },
          Targets: [{ Id: 'q', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
        },
      },
      Nightly: { Type: 'AWS::Events::Rule', Properties: { ScheduleExpression: 'cron(0 3 * * ? *)' } },
      Connection: {
        Type: 'AWS::Events::Connection',
        Properties: {
          AuthorizationType: 'BASIC',
          AuthParameters: { BasicAuthParameters: { Username: 'u', Password: 'p' } },
        },
      },
      Destination: {
        Type: 'AWS::Events::ApiDestination',
        Properties: {
          ConnectionArn: { 'Fn::GetAtt': ['Connection', 'Arn'] },
          InvocationEndpoint: 'https://example.com/*',
          HttpMethod: 'POST',
        },
      },
    },
    Outputs: { Queue: { Value: { Ref: 'Queue' } }, Rule: { Value: { Ref: 'Rule' } } },
  });
  const { Queue = '', Rule } = await stacks.create('events', template(['shop']));
  expect(Rule).toMatch(/^orders\|events-Rule-/);
  await put('shop', { a: 1 }, { EventBusName: 'orders' });
  expect(await bodyOf({ url: Queue, arn: '' })).toMatchObject({ source: 'shop' });
  await stacks.update('events', template(['store']));
  await put('shop', { a: 2 }, { EventBusName: 'orders' });
  await put('store', { a: 3 }, { EventBusName: 'orders' });
  expect(await bodyOf({ url: Queue, arn: '' })).toMatchObject({ source: 'store' });
  await stacks.delete('events');
  const { EventBuses } = await client.send(new events.ListEventBusesCommand({ NamePrefix: 'orders' }));
  expect(EventBuses).toEqual([]);
});
