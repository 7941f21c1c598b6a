/** SQS through the official client, which checks the MD5 of every body itself; and through the query protocol. */
import { beforeAll, describe, expect, test } from 'bun:test';
import { createHash } from 'node:crypto';
import * as sqs from '@aws-sdk/client-sqs';
import { useTestServer } from '../testing/room.ts';

const server = useTestServer();
let client: sqs.SQSClient;
beforeAll(() => {
  client = new sqs.SQSClient(server.options());
});

let made = 0;
async function createQueue(Attributes: Record<string, string> = {}, name = `q${++made}`): Promise<string> {
  const QueueName = Attributes['FifoQueue'] ? `${name}.fifo` : name;
  const { QueueUrl } = await client.send(new sqs.CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl ?? '';
}
const arnOf = (url: string): string =>
  `arn:aws:sqs:us-east-1:123456789012:${url.slice(url.lastIndexOf('/') + 1)}`;
const send = (QueueUrl: string, MessageBody: string, more: Partial<sqs.SendMessageCommandInput> = {}) =>
  client.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (QueueUrl: string, more: Partial<sqs.ReceiveMessageCommandInput> = {}) =>
  (await client.send(new sqs.ReceiveMessageCommand({ QueueUrl, ...more }))).Messages ?? [];
const bodies = async (QueueUrl: string, more: Partial<sqs.ReceiveMessageCommandInput> = {}) =>
  (await receive(QueueUrl, { MaxNumberOfMessages: 10, ...more })).map(({ Body }) => Body);
const remove = (QueueUrl: string, { ReceiptHandle }: sqs.Message = {}) =>
  client.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
const attributes = async (QueueUrl: string, ...AttributeNames: sqs.QueueAttributeName[]) =>
  (await client.send(new sqs.GetQueueAttributesCommand({ QueueUrl, AttributeNames }))).Attributes ?? {};
const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    const { name, message } = thrown as Error;
    return `${name}: ${message}`;
  }
  return 'no refusal';
};

describe('queues', () => {
  test('URLs lead back here; attributes have their defaults; creating again with the same is no error', async () => {
    const url = await createQueue({ VisibilityTimeout: '45' }, 'orders');
    expect(url).toBe(`${server.url}/123456789012/orders`);
    expect(await createQueue({ VisibilityTimeout: '45' }, 'orders')).toBe(url);
    expect(await refusal(createQueue({ VisibilityTimeout: '46' }, 'orders'))).toBe(
      'QueueNameExists: A queue already exists with the same name and a different value for attribute VisibilityTimeout',
    );
    expect(await attributes(url, 'All')).toMatchObject({
      QueueArn: 'arn:aws:sqs:us-east-1:123456789012:orders',
      VisibilityTimeout: '45',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      ApproximateNumberOfMessages: '0',
      SqsManagedSseEnabled: 'true',
    });
    expect(await client.send(new sqs.GetQueueUrlCommand({ QueueName: 'orders' }))).toMatchObject({
      QueueUrl: url,
    });
    await client.send(new sqs.DeleteQueueCommand({ QueueUrl: url }));
    expect(await refusal(send(url, 'x'))).toBe('QueueDoesNotExist: The specified queue does not exist.');
  });

  test('lists by prefix and page', async () => {
    for (const name of ['list-a', 'list-b', 'list-c', 'other']) await createQueue({}, name);
    const input = { QueueNamePrefix: 'list-', MaxResults: 2 };
    const first = await client.send(new sqs.ListQueuesCommand(input));
    const second = await client.send(new sqs.ListQueuesCommand({ ...input, NextToken: first.NextToken }));
    const names = [first, second].map((page) => page.QueueUrls?.map((url) => url.split('/').at(-1)));
    expect(names).toEqual([['list-a', 'list-b'], ['list-c']]);
    expect(second.NextToken).toBeUndefined();
  });

  const bad: [string, Record<string, string>, string][] = [
    [
      'bad name!',
      {},
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.',
    ],
    ['bad', { VisibilityTimeout: '43201' }, 'Invalid value for the parameter VisibilityTimeout.'],
    ['bad', { DelaySeconds: '-1' }, 'Invalid value for the parameter DelaySeconds.'],
    ['bad', { Nothing: '1' }, 'Unknown Attribute Nothing.'],
    ['bad', { Policy: '{' }, 'Invalid value for the parameter Policy.'],
    ['bad', { RedrivePolicy: '{"maxReceiveCount":1}' }, 'Invalid value for the parameter RedrivePolicy.'],
    [
      'bad',
      { ContentBasedDeduplication: 'true' },
      'Invalid value for the parameter ContentBasedDeduplication.',
    ],
  ];
  test.each(bad)('refuses %s with %o', async (name, Attributes, message) => {
    expect(await refusal(createQueue(Attributes, name))).toEndWith(`: ${message}`);
  });

  test('tags and permissions', async () => {
    const QueueUrl = await createQueue();
    await client.send(new sqs.TagQueueCommand({ QueueUrl, Tags: { a: '1', b: '2' } }));
    await client.send(new sqs.UntagQueueCommand({ QueueUrl, TagKeys: ['a'] }));
    expect(await client.send(new sqs.ListQueueTagsCommand({ QueueUrl }))).toMatchObject({ Tags: { b: '2' } });
    const other = new sqs.SQSClient(server.options('210987654321'));
    const sending = () => other.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'from afar' }));
    expect(await refusal(sending())).toStartWith('AccessDenied');
    const grant = { QueueUrl, Label: 'other', AWSAccountIds: ['210987654321'], Actions: ['SendMessage'] };
    await client.send(new sqs.AddPermissionCommand(grant));
    await sending();
    expect(await bodies(QueueUrl)).toEqual(['from afar']);
    await client.send(new sqs.RemovePermissionCommand({ QueueUrl, Label: 'other' }));
    expect(await refusal(sending())).toStartWith('AccessDenied');
  });
});

describe('standard messages', () => {
  test('attributes come back as asked, with the MD5 that the Java client checks', async () => {
    const url = await createQueue();
    const MessageAttributes = {
      'order.id': { DataType: 'Number', StringValue: '42' },
      'order.raw': { DataType: 'Binary.png', BinaryValue: new Uint8Array([1, 2, 3]) },
      note: { DataType: 'String', StringValue: 'héllo' },
    };
    const sent = await send(url, 'body', { MessageAttributes });
    expect(sent).toMatchObject({
      MD5OfMessageBody: createHash('md5').update('body').digest('hex'),
      // Computed apart from this code, by the steps of the developer guide.
      MD5OfMessageAttributes: 'cf3c36408d1dd2caee3eadb8a47063aa',
    });
    const [message] = await receive(url, {
      VisibilityTimeout: 0,
      MessageAttributeNames: ['order.*'],
      MessageSystemAttributeNames: ['All'],
    });
    expect(message?.MessageAttributes).toEqual({
      'order.id': MessageAttributes['order.id'],
      'order.raw': MessageAttributes['order.raw'],
    });
    expect(message?.MessageId).toBe(sent.MessageId);
    expect(message?.Attributes).toMatchObject({ SenderId: '123456789012', ApproximateReceiveCount: '1' });
    const [plain] = await receive(url, { MessageAttributeNames: ['All'] });
    expect(Object.keys(plain?.MessageAttributes ?? {}).toSorted()).toEqual(['note', 'order.id', 'order.raw']);
    expect(plain?.Attributes).toBeUndefined();
  });

  test('hidden while received, again afterwards; counted; gone when deleted with the last handle', async () => {
    const url = await createQueue({ VisibilityTimeout: '30' });
    await send(url, 'one');
    const [first] = await receive(url);
    expect(await receive(url)).toEqual([]);
    expect(await attributes(url, 'All')).toMatchObject({
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '1',
    });
    server.pass(31);
    const [second] = await receive(url, {
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
    expect(second?.Attributes).toEqual({ ApproximateReceiveCount: '2' });
    await remove(url, first);
    server.pass(31);
    const [third] = await receive(url);
    expect(third?.Body).toBe('one');
    await remove(url, third);
    server.pass(31);
    expect(await receive(url)).toEqual([]);
  });

  test('visibility is changed, ended, and refused when there is nothing to change', async () => {
    const QueueUrl = await createQueue();
    await send(QueueUrl, 'one');
    const [{ ReceiptHandle } = {}] = await receive(QueueUrl, { VisibilityTimeout: 10 });
    const change = (VisibilityTimeout: number) =>
      client.send(new sqs.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    await change(100);
    server.pass(50);
    expect(await bodies(QueueUrl)).toEqual([]);
    await change(0);
    expect(await bodies(QueueUrl, { VisibilityTimeout: 0 })).toEqual(['one']);
    expect(await refusal(change(5))).toStartWith('MessageNotInflight');
    expect(await refusal(change(43_201))).toContain(
      'VisibilityTimeout must be an integer between 0 and 43200',
    );
  });

  test('delay of the queue and of the message', async () => {
    const url = await createQueue({ DelaySeconds: '60' });
    await send(url, 'late');
    await send(url, 'now', { DelaySeconds: 0 });
    expect(await attributes(url, 'ApproximateNumberOfMessagesDelayed')).toEqual({
      ApproximateNumberOfMessagesDelayed: '1',
    });
    expect(await bodies(url)).toEqual(['now']);
    server.pass(61);
    expect(await bodies(url)).toContain('late');
  });

  test('messages expire', async () => {
    const url = await createQueue({ MessageRetentionPeriod: '60' });
    await send(url, 'old');
    server.pass(61);
    await send(url, 'new');
    expect(await attributes(url, 'ApproximateNumberOfMessages')).toEqual({
      ApproximateNumberOfMessages: '1',
    });
    expect(await bodies(url)).toEqual(['new']);
  });

  test('a purge empties, once a minute', async () => {
    const QueueUrl = await createQueue();
    await send(QueueUrl, 'one');
    await client.send(new sqs.PurgeQueueCommand({ QueueUrl }));
    expect(await bodies(QueueUrl)).toEqual([]);
    expect(await refusal(client.send(new sqs.PurgeQueueCommand({ QueueUrl })))).toStartWith(
      'PurgeQueueInProgress',
    );
  });

  test('long polls end with the message they wait for, and with a delay that ends', async () => {
    const url = await createQueue();
    const waiting = [1, 2].map(() => bodies(url, { WaitTimeSeconds: 20 }));
    await send(url, 'first');
    await send(url, 'second');
    expect((await Promise.all(waiting)).flat().toSorted()).toEqual(['first', 'second']);
    await send(url, 'delayed', { DelaySeconds: 1 });
    expect(await bodies(url, { WaitTimeSeconds: 20 })).toEqual(['delayed']);
    expect(await bodies(url, { WaitTimeSeconds: 1 })).toEqual([]);
  });

  const refused: [string, Partial<sqs.SendMessageCommandInput>, string][] = [
    ['', {}, 'The request must contain the parameter MessageBody.'],
    ['\u0001', {}, 'Invalid characters found.'],
    ['x', { DelaySeconds: 901 }, 'Value 901 for parameter DelaySeconds is invalid.'],
    ['x', { MessageDeduplicationId: 'd' }, 'valid for this queue type'],
    [
      'x',
      { MessageAttributes: { 'AWS.x': { DataType: 'String', StringValue: 'x' } } },
      "attribute name 'AWS.x'",
    ],
    [
      'x',
      { MessageAttributes: { a: { DataType: 'Text', StringValue: 'x' } } },
      'invalid message attribute type',
    ],
    ['x', { MessageAttributes: { a: { DataType: 'Number', StringValue: 'x' } } }, "Can't cast"],
    ['x'.repeat(1_048_577), {}, 'Message must be shorter than 1048576 bytes.'],
  ];
  test.each(refused.map(([body, more, message]) => [message, body, more] as const))(
    'refuses: %s',
    async (message, body, more) => {
      const url = await createQueue({}, 'refusing');
      expect(await refusal(send(url, body, more))).toContain(message);
    },
  );

  test('batches: each entry has its own fate, the whole has limits', async () => {
    const QueueUrl = await createQueue();
    const batch = (Entries: sqs.SendMessageBatchRequestEntry[]) =>
      client.send(new sqs.SendMessageBatchCommand({ QueueUrl, Entries }));
    const answer = await batch([
      { Id: 'a', MessageBody: 'one' },
      { Id: 'b', MessageBody: 'two', DelaySeconds: 1000 },
      { Id: 'c', MessageBody: 'three' },
    ]);
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(answer.Failed).toMatchObject([{ Id: 'b', SenderFault: true, Code: 'InvalidParameterValue' }]);
    expect(await refusal(batch([]))).toStartWith('EmptyBatchRequest');
    const eleven = Array.from({ length: 11 }, (_, index) => ({ Id: String(index), MessageBody: 'x' }));
    expect(await refusal(batch(eleven))).toStartWith('TooManyEntriesInBatchRequest');
    const twice = [1, 2].map(() => ({ Id: 'x', MessageBody: 'x' }));
    expect(await refusal(batch(twice))).toBe('BatchEntryIdsNotDistinct: Id x repeated.');
    const large = [1, 2].map((index) => ({ Id: String(index), MessageBody: 'x'.repeat(600_000) }));
    expect(await refusal(batch(large))).toContain('You have sent 1200000 bytes.');
    const received = await receive(QueueUrl, { MaxNumberOfMessages: 10 });
    const Entries = received.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const deleted = await client.send(
      new sqs.DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [...Entries, { Id: 'bad', ReceiptHandle: 'bad' }],
      }),
    );
    expect([deleted.Successful?.length, deleted.Failed?.[0]?.Code]).toEqual([2, 'ReceiptHandleIsInvalid']);
  });
});

describe('FIFO', () => {
  const FIFO = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
  const inGroup = (url: string, group: string, body: string) => send(url, body, { MessageGroupId: group });

  test('a group keeps its order and waits for its messages in flight; others go on', async () => {
    const url = await createQueue(FIFO);
    for (const body of ['a1', 'a2', 'a3']) await inGroup(url, 'a', body);
    await inGroup(url, 'b', 'b1');
    const first = await receive(url, { MaxNumberOfMessages: 2, MessageSystemAttributeNames: ['All'] });
    expect(first.map(({ Body }) => Body)).toEqual(['a1', 'a2']);
    expect(first[0]?.Attributes).toMatchObject({ MessageGroupId: 'a' });
    expect(await bodies(url)).toEqual(['b1']);
    await remove(url, first[0]);
    expect(await bodies(url)).toEqual([]);
    await remove(url, first[1]);
    expect(await bodies(url)).toEqual(['a3']);
    server.pass(31);
    expect(await bodies(url)).toEqual(['a3', 'b1']);
  });

  test('a message that comes back holds its group until it is deleted', async () => {
    const url = await createQueue(FIFO);
    for (const body of ['1', '2']) await inGroup(url, 'g', body);
    const [one] = await receive(url, { VisibilityTimeout: 10 });
    server.pass(11);
    expect(await refusal(remove(url, one))).toContain('The receipt handle has expired.');
    expect(await bodies(url)).toEqual(['1', '2']);
  });

  test('the same message is not delivered again for five minutes', async () => {
    const url = await createQueue(FIFO);
    const first = await inGroup(url, 'g', 'same');
    const again = await inGroup(url, 'g', 'same');
    expect([again.MessageId, again.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber]);
    const [message] = await receive(url);
    await remove(url, message);
    server.pass(299);
    await inGroup(url, 'g', 'same');
    expect(await bodies(url)).toEqual([]);
    server.pass(2);
    const later = await inGroup(url, 'g', 'same');
    expect(BigInt(later.SequenceNumber ?? 0) > BigInt(first.SequenceNumber ?? 0)).toBe(true);
    expect(await bodies(url)).toEqual(['same']);
  });

  test('deduplication by group, when the queue says so', async () => {
    const url = await createQueue({ ...FIFO, DeduplicationScope: 'messageGroup' });
    for (const group of ['a', 'b', 'a']) await inGroup(url, group, 'same');
    expect(await bodies(url)).toEqual(['same', 'same']);
  });

  test('a receive whose answer was lost is answered again', async () => {
    const url = await createQueue(FIFO);
    await inGroup(url, 'g', 'one');
    const ask = { ReceiveRequestAttemptId: 'attempt' };
    const [first] = await receive(url, ask);
    const [again] = await receive(url, ask);
    expect(again?.ReceiptHandle).toBe(first?.ReceiptHandle ?? '');
    await remove(url, again);
    expect(await receive(url, ask)).toEqual([]);
  });

  test('what a FIFO queue needs', async () => {
    const url = await createQueue({ FifoQueue: 'true' });
    expect(await refusal(send(url, 'x'))).toContain('MessageGroupId');
    expect(await refusal(inGroup(url, 'g', 'x'))).toContain('ContentBasedDeduplication enabled');
    const dated = { MessageGroupId: 'g', MessageDeduplicationId: 'd', DelaySeconds: 3 };
    expect(await refusal(send(url, 'x', dated))).toContain('valid for this queue type');
  });

  test('delayed by the queue, still in order', async () => {
    const url = await createQueue({ ...FIFO, DelaySeconds: '10' });
    for (const body of ['1', '2', '3']) await inGroup(url, 'g', body);
    expect(await bodies(url)).toEqual([]);
    server.pass(11);
    expect(await bodies(url)).toEqual(['1', '2', '3']);
  });
});

describe('dead letters', () => {
  test('poison ends in the dead-letter queue, and moves back when told', async () => {
    const dead = await createQueue();
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 2 });
    const url = await createQueue({ RedrivePolicy, VisibilityTimeout: '5' });
    const { MessageId } = await send(url, 'poison');
    for (let round = 0; round < 2; round++) {
      expect(await bodies(url)).toEqual(['poison']);
      server.pass(6);
    }
    expect(await bodies(url)).toEqual([]);
    const [letter] = await receive(dead, { VisibilityTimeout: 0, MessageSystemAttributeNames: ['All'] });
    expect(letter?.MessageId).toBe(MessageId ?? '');
    expect(letter?.Attributes).toMatchObject({
      DeadLetterQueueSourceArn: arnOf(url),
      ApproximateReceiveCount: '3',
    });
    const sources = await client.send(new sqs.ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }));
    expect(sources.queueUrls).toEqual([url]);

    const SourceArn = arnOf(dead);
    await client.send(new sqs.StartMessageMoveTaskCommand({ SourceArn }));
    expect(await bodies(url, { WaitTimeSeconds: 5 })).toEqual(['poison']);
    const task = async () =>
      (await client.send(new sqs.ListMessageMoveTasksCommand({ SourceArn }))).Results?.[0];
    while ((await task())?.Status === 'RUNNING');
    expect(await task()).toMatchObject({
      Status: 'COMPLETED',
      ApproximateNumberOfMessagesMoved: 1,
      ApproximateNumberOfMessagesToMove: 1,
    });
    expect(
      await refusal(client.send(new sqs.StartMessageMoveTaskCommand({ SourceArn: arnOf(url) }))),
    ).toContain('must be configured as a Dead Letter Queue');
  });

  test('a FIFO group goes on behind its poison', async () => {
    const FIFO = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
    const dead = await createQueue(FIFO);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 1 });
    const url = await createQueue({ ...FIFO, RedrivePolicy, VisibilityTimeout: '5' });
    for (const body of ['poison', 'good']) await send(url, body, { MessageGroupId: 'g' });
    expect(await bodies(url, { MaxNumberOfMessages: 1 })).toEqual(['poison']);
    server.pass(6);
    expect(await bodies(url)).toEqual(['good']);
    expect(await bodies(dead)).toEqual(['poison']);
  });

  test('a queue may refuse to take dead letters', async () => {
    const dead = await createQueue({ RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 2 });
    expect(await refusal(createQueue({ RedrivePolicy }))).toContain('RedriveAllowPolicy does not allow');
  });
});

describe('the query protocol', () => {
  const ask = async (path: string, form: Record<string, string>) => {
    const answer = await fetch(server.url + path, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: {
        Authorization:
          'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
      },
    });
    return { status: answer.status, text: await answer.text() };
  };

  test('at the queue URL, by path alone', async () => {
    const url = await createQueue({}, 'queried');
    const path = new URL(url).pathname;
    const sent = await ask(path, { Action: 'SendMessage', MessageBody: 'a<b', Version: '2012-11-05' });
    expect(sent.text).toContain('<MD5OfMessageBody>');
    const received = await ask(path, {
      Action: 'ReceiveMessage',
      'AttributeName.1': 'ApproximateReceiveCount',
    });
    expect(received.text).toContain('<Message>');
    expect(received.text).toContain('<Body>a&lt;b</Body>');
    expect(received.text).toContain(
      '<Attribute><Name>ApproximateReceiveCount</Name><Value>1</Value></Attribute>',
    );
  });

  test('at the root, with QueueUrl, batches and errors', async () => {
    const QueueUrl = await createQueue();
    const batch = await ask('/', {
      Action: 'SendMessageBatch',
      QueueUrl,
      'SendMessageBatchRequestEntry.1.Id': 'a',
      'SendMessageBatchRequestEntry.1.MessageBody': 'one',
    });
    expect(batch.text).toContain('<SendMessageBatchResultEntry><Id>a</Id>');
    const missing = await ask('/', { Action: 'SendMessage', QueueUrl: `${QueueUrl}x`, MessageBody: 'x' });
    expect(missing.status).toBe(400);
    expect(missing.text).toContain('<Code>AWS.SimpleQueueService.NonExistentQueue</Code>');
  });
});
