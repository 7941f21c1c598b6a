/** SNS through the official client: to queues, functions and HTTP endpoints. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createVerify, X509Certificate } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import { useTestServer } from '../testing/room.ts';
import { createStacks } from '../testing/stacks.ts';

const server = useTestServer();
let client: sns.SNSClient;
let queues: sqs.SQSClient;
beforeAll(() => {
  client = new sns.SNSClient(server.options());
  queues = new sqs.SQSClient(server.options());
});

interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
let endpoint: Server;
let url = '';
const heard: Heard[] = [];
let answers: number[] = [];
const listeners = new Set<() => void>();
beforeAll(async () => {
  endpoint = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      heard.push({ headers: request.headers, body });
      response.writeHead(answers.shift() ?? 200);
      response.end();
      for (const listener of listeners) listener();
    });
  });
  await new Promise<void>((done) => endpoint.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/hook`; // a TCP server has one
});
afterAll(() => endpoint.close());

/** The next request that fits, which may have come already. */
async function hears(fits: (one: Heard) => boolean): Promise<Heard> {
  for (;;) {
    const index = heard.findIndex(fits);
    const [found] = index === -1 ? [] : heard.splice(index, 1);
    if (found) return found;
    await new Promise<void>((resolve) => {
      const listener = (): void => {
        listeners.delete(listener);
        resolve();
      };
      listeners.add(listener);
    });
  }
}

let made = 0;
async function createTopic(Attributes: Record<string, string> = {}): Promise<string> {
  const Name = `topic-${++made}${Attributes['FifoTopic'] ? '.fifo' : ''}`;
  return (await client.send(new sns.CreateTopicCommand({ Name, Attributes }))).TopicArn ?? '';
}
interface Queue {
  readonly url: string;
  readonly arn: string;
}
async function createQueue(topic: string, Attributes: Record<string, string> = {}): Promise<Queue> {
  const QueueName = `queue-${++made}${Attributes['FifoQueue'] ? '.fifo' : ''}`;
  const arn = `arn:aws:sqs:us-east-1:123456789012:${QueueName}`;
  const Statement = {
    Effect: 'Allow',
    Principal: { Service: 'sns.amazonaws.com' },
    Action: 'sqs:SendMessage',
    Resource: arn,
    Condition: { ArnEquals: { 'aws:SourceArn': topic } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
  const { QueueUrl = '' } = await queues.send(
    new sqs.CreateQueueCommand({ QueueName, Attributes: { Policy, ...Attributes } }),
  );
  return { url: QueueUrl, arn };
}
const subscribe = async (TopicArn: string, { arn }: Queue, Attributes: Record<string, string> = {}) =>
  (await client.send(new sns.SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn, Attributes })))
    .SubscriptionArn ?? '';
const publish = (TopicArn: string, Message: string, more: Partial<sns.PublishCommandInput> = {}) =>
  client.send(new sns.PublishCommand({ TopicArn, Message, ...more }));
async function receive({ url: QueueUrl }: Queue, count = 1): Promise<sqs.Message[]> {
  const all: sqs.Message[] = [];
  while (all.length < count) {
    const input = { QueueUrl, WaitTimeSeconds: 5, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
    const { Messages = [] } = await queues.send(new sqs.ReceiveMessageCommand(input));
    if (Messages.length === 0) break;
    all.push(...Messages);
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await queues.send(new sqs.DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  return all;
}
const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    const { name, message } = thrown as Error;
    return `${name}: ${message}`;
  }
  return 'no refusal';
};

describe('topics', () => {
  test('made once under a name, described, changed, listed, deleted', async () => {
    const TopicArn = await createTopic({ DisplayName: 'Orders' });
    const Name = TopicArn.split(':').at(-1) ?? '';
    const again = await client.send(
      new sns.CreateTopicCommand({ Name, Attributes: { DisplayName: 'Orders' } }),
    );
    expect(again.TopicArn).toBe(TopicArn);
    const other = client.send(new sns.CreateTopicCommand({ Name, Attributes: { DisplayName: 'Others' } }));
    expect(await refusal(other)).toBe(
      'InvalidParameterException: Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    );
    await client.send(
      new sns.SetTopicAttributesCommand({ TopicArn, AttributeName: 'DisplayName', AttributeValue: 'New' }),
    );
    const { Attributes } = await client.send(new sns.GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({
      TopicArn,
      DisplayName: 'New',
      Owner: '123456789012',
      SubscriptionsConfirmed: '0',
    });
    const { Topics } = await client.send(new sns.ListTopicsCommand({}));
    expect(Topics).toContainEqual({ TopicArn });
    await client.send(new sns.DeleteTopicCommand({ TopicArn }));
    await client.send(new sns.DeleteTopicCommand({ TopicArn }));
    expect(await refusal(publish(TopicArn, 'x'))).toBe('NotFoundException: Topic does not exist');
  });

  test('tags, and permissions for another account', async () => {
    const TopicArn = await createTopic();
    await client.send(
      new sns.TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: 'a', Value: '1' }] }),
    );
    const { Tags } = await client.send(new sns.ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    expect(Tags).toEqual([{ Key: 'a', Value: '1' }]);
    const stranger = new sns.SNSClient(server.options('210987654321'));
    const publishing = () => stranger.send(new sns.PublishCommand({ TopicArn, Message: 'x' }));
    expect(await refusal(publishing())).toStartWith('AuthorizationErrorException');
    const grant = { TopicArn, Label: 'l', AWSAccountId: ['210987654321'], ActionName: ['Publish'] };
    await client.send(new sns.AddPermissionCommand(grant));
    expect((await publishing()).MessageId).toBeString();
    await client.send(new sns.RemovePermissionCommand({ TopicArn, Label: 'l' }));
    expect(await refusal(publishing())).toStartWith('AuthorizationErrorException');
  });

  const refused: [Partial<sns.PublishCommandInput>, string][] = [
    [{ Message: '' }, 'Invalid parameter: Empty message'],
    [{ Message: 'x'.repeat(262_145) }, 'Invalid parameter: Message too long'],
    [{ Subject: 'a\nb' }, 'Invalid parameter: Subject'],
    [{ MessageStructure: 'json' }, 'JSON message body failed to parse'],
    [{ MessageStructure: 'json', Message: '{"sqs":"x"}' }, 'No default entry in JSON message body'],
    [{ MessageDeduplicationId: 'd' }, 'not valid for this topic type'],
    [{ MessageAttributes: { a: { DataType: 'Text', StringValue: 'x' } } }, 'invalid message attribute type'],
    [{ TopicArn: 'nothing' }, 'Invalid parameter: TopicArn'],
  ];
  test('what is refused', async () => {
    const TopicArn = await createTopic();
    for (const [input, message] of refused)
      expect(await refusal(publish(TopicArn, 'x', input))).toContain(message);
    const subscribing = (Protocol: string, Endpoint: string) =>
      refusal(client.send(new sns.SubscribeCommand({ TopicArn, Protocol, Endpoint })));
    expect(await subscribing('firehose', 'x')).toContain('firehose: not supported by gatehouse');
    expect(await subscribing('sqs', 'x')).toContain('SQS endpoint ARN');
    expect(await subscribing('http', 'https://a')).toContain('Endpoint must match the specified protocol');
    expect(await subscribing('sqs', 'arn:aws:sqs:us-east-1:123456789012:a.fifo')).toContain(
      'FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
  });
});

describe('to queues', () => {
  test('in its envelope, signed, or raw with attributes', async () => {
    const topic = await createTopic();
    const [wrapped, raw] = [await createQueue(topic), await createQueue(topic)];
    const subscription = await subscribe(topic, wrapped);
    await subscribe(topic, raw, { RawMessageDelivery: 'true' });
    const MessageAttributes = {
      n: { DataType: 'Number', StringValue: '5' },
      b: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
    };
    const { MessageId } = await publish(topic, 'hello', { Subject: 'greeting', MessageAttributes });
    const [first] = await receive(wrapped);
    const envelope = JSON.parse(first?.Body ?? '');
    expect(envelope).toMatchObject({
      Type: 'Notification',
      MessageId,
      TopicArn: topic,
      Subject: 'greeting',
      Message: 'hello',
      SignatureVersion: '1',
      MessageAttributes: { n: { Type: 'Number', Value: '5' }, b: { Type: 'Binary', Value: 'AQI=' } },
    });
    expect(envelope.UnsubscribeURL).toContain(encodeURIComponent(subscription));
    const certificate = new X509Certificate(await (await fetch(envelope.SigningCertURL)).text());
    const signed = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
    const text = signed.map((name) => `${name}\n${envelope[name]}\n`).join('');
    const verify = createVerify('RSA-SHA1').update(text);
    expect(verify.verify(certificate.publicKey, envelope.Signature, 'base64')).toBe(true);
    const [plain] = await receive(raw);
    expect(plain?.Body).toBe('hello');
    expect(plain?.MessageAttributes).toEqual(MessageAttributes);
    await fetch(envelope.UnsubscribeURL);
    const { Subscriptions } = await client.send(new sns.ListSubscriptionsByTopicCommand({ TopicArn: topic }));
    expect(Subscriptions?.map(({ Endpoint }) => Endpoint)).toEqual([raw.arn]);
  });

  test('by the text for the protocol', async () => {
    const topic = await createTopic();
    const queue = await createQueue(topic);
    await subscribe(topic, queue, { RawMessageDelivery: 'true' });
    await publish(topic, JSON.stringify({ default: 'd', sqs: 'for queues' }), { MessageStructure: 'json' });
    expect((await receive(queue)).map(({ Body }) => Body)).toEqual(['for queues']);
  });

  test('filtered by attributes and by body', async () => {
    const topic = await createTopic();
    const [byAttribute, byBody] = [await createQueue(topic), await createQueue(topic)];
    await subscribe(topic, byAttribute, {
      RawMessageDelivery: 'true',
      FilterPolicy: JSON.stringify({
        store: ['a'],
        price: [{ numeric: ['>=', 100] }],
        gone: [{ exists: false }],
      }),
    });
    await subscribe(topic, byBody, {
      RawMessageDelivery: 'true',
      FilterPolicyScope: 'MessageBody',
      FilterPolicy: JSON.stringify({ order: { kind: [{ prefix: 'bo' }] } }),
    });
    const attributes = (store: string, price: number) => ({
      store: { DataType: 'String.Array', StringValue: JSON.stringify([store, 'z']) },
      price: { DataType: 'Number', StringValue: String(price) },
    });
    await publish(topic, 'cheap', { MessageAttributes: attributes('a', 1) });
    await publish(topic, 'other', { MessageAttributes: attributes('b', 100) });
    await publish(topic, 'fits', { MessageAttributes: attributes('a', 100) });
    await publish(topic, '{"order":{"kind":"book"}}');
    expect((await receive(byAttribute)).map(({ Body }) => Body)).toEqual(['fits']);
    expect((await receive(byBody)).map(({ Body }) => Body)).toEqual(['{"order":{"kind":"book"}}']);
    const setting = (FilterPolicy: string) =>
      refusal(
        client.send(
          new sns.SubscribeCommand({
            TopicArn: topic,
            Protocol: 'sqs',
            Endpoint: byBody.arn,
            Attributes: { FilterPolicy },
          }),
        ),
      );
    expect(await setting('{"a":[{"nothing":1}]}')).toContain('Unrecognized match type nothing');
    expect(await setting('{"a":{"b":["x"]}}')).toContain('does not support nested filter policy');
    expect(await setting('{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}')).toContain(
      'more than 5 keys',
    );
  });

  test('what a queue does not let in ends in the dead-letter queue', async () => {
    const topic = await createTopic();
    const closed = await createQueue(topic, { Policy: '' });
    const dead = await createQueue(topic);
    await subscribe(topic, closed, {
      RawMessageDelivery: 'true',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }),
    });
    await publish(topic, 'unwanted');
    expect((await receive(dead)).map(({ Body }) => Body)).toEqual(['unwanted']);
  });

  test('FIFO: in order by group, each once', async () => {
    const topic = await createTopic({ FifoTopic: 'true', ContentBasedDeduplication: 'true' });
    const queue = await createQueue(topic, { FifoQueue: 'true' });
    await subscribe(topic, queue, { RawMessageDelivery: 'true' });
    const numbers = Array.from({ length: 12 }, (_, index) => String(index));
    const sent = [];
    for (const number of numbers) sent.push(await publish(topic, number, { MessageGroupId: 'g' }));
    const again = await publish(topic, '0', { MessageGroupId: 'g' });
    expect(again).toMatchObject({ MessageId: sent[0]?.MessageId, SequenceNumber: sent[0]?.SequenceNumber });
    expect((await receive(queue, 12)).map(({ Body }) => Body)).toEqual(numbers);
    expect(await refusal(publish(topic, 'x'))).toContain('MessageGroupId parameter is required');
  });

  test('in batches', async () => {
    const TopicArn = await createTopic();
    const queue = await createQueue(TopicArn);
    await subscribe(TopicArn, queue, { RawMessageDelivery: 'true' });
    const batch = (PublishBatchRequestEntries: sns.PublishBatchRequestEntry[]) =>
      client.send(new sns.PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    const answer = await batch([
      { Id: 'a', Message: 'one' },
      { Id: 'b', Message: 'two', Subject: ' bad' },
      { Id: 'c', Message: 'three' },
    ]);
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(answer.Failed).toMatchObject([{ Id: 'b', Code: 'InvalidParameter', SenderFault: true }]);
    expect((await receive(queue, 2)).map(({ Body }) => Body).toSorted()).toEqual(['one', 'three']);
    expect(await refusal(batch([]))).toStartWith('EmptyBatchRequestException');
  });
});

describe('to HTTP endpoints', () => {
  test('after their confirmation, and again when they fail', async () => {
    const TopicArn = await createTopic();
    const DeliveryPolicy = JSON.stringify({
      healthyRetryPolicy: { minDelayTarget: 0, maxDelayTarget: 0, numRetries: 2, numNoDelayRetries: 2 },
    });
    const subscribing = { TopicArn, Protocol: 'http', Endpoint: url, Attributes: { DeliveryPolicy } };
    const { SubscriptionArn } = await client.send(new sns.SubscribeCommand(subscribing));
    expect(SubscriptionArn).toBe('pending confirmation');
    await publish(TopicArn, 'too early');
    const asked = await hears(
      ({ headers }) => headers['x-amz-sns-message-type'] === 'SubscriptionConfirmation',
    );
    const { SubscribeURL, Token } = JSON.parse(asked.body);
    expect(SubscribeURL).toContain(Token);
    expect(await (await fetch(SubscribeURL)).text()).toContain('<SubscriptionArn>arn:aws:sns:');
    answers = [500, 503, 200];
    const { MessageId } = await publish(TopicArn, 'hello');
    for (let attempt = 0; attempt < 3; attempt++) {
      const { headers, body } = await hears(
        ({ headers: each }) => each['x-amz-sns-message-id'] === MessageId,
      );
      expect(headers['x-amz-sns-topic-arn']).toBe(TopicArn);
      expect(headers['content-type']).toBe('text/plain; charset=UTF-8');
      expect(JSON.parse(body)).toMatchObject({ Type: 'Notification', Message: 'hello' });
    }
    const { Subscriptions } = await client.send(new sns.ListSubscriptionsByTopicCommand({ TopicArn }));
    expect(Subscriptions?.[0]?.SubscriptionArn).toStartWith('arn:aws:sns:');
    const token = client.send(new sns.ConfirmSubscriptionCommand({ TopicArn, Token: 'wrong' }));
    expect(await refusal(token)).toContain('Token is not valid');
  });

  test('what an endpoint never takes ends in the dead-letter queue', async () => {
    const TopicArn = await createTopic();
    const dead = await createQueue(TopicArn);
    const Attributes = {
      DeliveryPolicy: JSON.stringify({ healthyRetryPolicy: { numRetries: 1, numNoDelayRetries: 1 } }),
      RawMessageDelivery: 'true',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }),
    };
    const Endpoint = `${url}?dead`;
    await client.send(new sns.SubscribeCommand({ TopicArn, Protocol: 'http', Endpoint, Attributes }));
    const asked = await hears(({ headers }) => headers['x-amz-sns-topic-arn'] === TopicArn);
    await fetch(JSON.parse(asked.body).SubscribeURL);
    answers = [500, 500];
    await publish(TopicArn, 'never');
    expect((await receive(dead)).map(({ Body }) => Body)).toEqual(['never']);
  });
});

test('in stacks: topics with subscriptions, policies and filters', async () => {
  const stacks = createStacks(new CloudFormationClient(server.options()));
  const template = (kinds: readonly string[]) => ({
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'd', Tags: [{ Key: 'k', Value: 'v' }] } },
      Queue: { Type: 'AWS::SQS::Queue' },
      Policy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'Queue' }],
          PolicyDocument: {
            Statement: [
              {
                Effect: 'Allow',
                Principal: '*',
                Action: 'sqs:SendMessage',
                Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
                Condition: { ArnEquals: { 'aws:SourceArn': { Ref: 'Topic' } } },
              },
            ],
          },
        },
      },
      Subscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          TopicArn: { Ref: 'Topic' },
          Protocol: 'sqs',
          Endpoint: { 'Fn::GetAtt': ['Queue', 'Arn'] },
          RawMessageDelivery: true,
          FilterPolicy: { kind: kinds },
        },
      },
      Email: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: 'a@example.com' },
      },
      TopicPolicy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: {
          Topics: [{ Ref: 'Topic' }],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: 'events.amazonaws.com' },
                Action: 'sns:Publish',
                Resource: { Ref: 'Topic' },
              },
            ],
          },
        },
      },
    },
    Outputs: { Topic: { Value: { Ref: 'Topic' } }, Queue: { Value: { Ref: 'Queue' } } },
  });
  const { Topic = '', Queue = '' } = await stacks.create('topics', template(['a']));
  const kind = (StringValue: string) => ({
    MessageAttributes: { kind: { DataType: 'String', StringValue } },
  });
  await publish(Topic, 'no', kind('b'));
  await publish(Topic, 'yes', kind('a'));
  expect((await receive({ url: Queue, arn: '' })).map(({ Body }) => Body)).toEqual(['yes']);
  await stacks.update('topics', template(['b']));
  await publish(Topic, 'now', kind('b'));
  expect((await receive({ url: Queue, arn: '' })).map(({ Body }) => Body)).toEqual(['now']);
  const { Attributes } = await client.send(new sns.GetTopicAttributesCommand({ TopicArn: Topic }));
  expect(Attributes).toMatchObject({ SubscriptionsConfirmed: '1', SubscriptionsPending: '1' });
  await stacks.delete('topics');
  expect(await refusal(publish(Topic, 'x'))).toStartWith('NotFoundException');
});
