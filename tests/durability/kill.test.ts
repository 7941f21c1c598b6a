/** What was acknowledged survives kill -9 at any moment: a server under load is killed many times. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type ServerProcess, startProcess } from './killed-server.ts';

const ROUNDS = 15;
const WRITERS = 8;
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-kill-'));
const data = join(folder, 'data');
const ran = join(folder, 'ran.txt');

let server: ServerProcess;
beforeAll(async () => {
  writeFileSync(ran, '');
  mkdirSync(join(folder, 'code'));
  const code = `const { appendFileSync } = require('node:fs');\nexports.handler = async ({ id }) => appendFileSync(${JSON.stringify(ran)}, id + '\\n');`;
  writeFileSync(join(folder, 'code', 'index.js'), code);
  server = await startProcess(data);
  await dynamo('CreateTable', {
    TableName: 'kept',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  });
  await call('PUT', '/kept', '', { service: 's3' });
  await makeQueues();
  const create = {
    FunctionName: 'append',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::123456789012:role/r',
    Timeout: 30,
    Code: { S3Bucket: '__folder__', S3Key: join(folder, 'code') },
  };
  await call('POST', '/2015-03-31/functions', JSON.stringify(create), { service: 'lambda' });
});
afterAll(async () => {
  await server.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Any key is root in open mode; only the credential scope says which service is meant. */
async function call(
  method: string,
  path: string,
  body: string,
  { service, target, more }: { service: string; target?: string; more?: Record<string, string> },
): Promise<string> {
  const answer = await fetch(server.url + path, {
    method,
    ...(body === '' ? {} : { body }),
    headers: {
      Authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
      ...(target ? { 'X-Amz-Target': target, 'Content-Type': 'application/x-amz-json-1.0' } : {}),
      ...more,
    },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text;
}

const dynamo = async (operation: string, input: object) =>
  JSON.parse(
    await call('POST', '/', JSON.stringify(input), {
      service: 'dynamodb',
      target: `DynamoDB_20120810.${operation}`,
    }),
  );

const sqs = async (operation: string, input: object) => {
  const text = await call('POST', '/', JSON.stringify(input), {
    service: 'sqs',
    target: `AmazonSQS.${operation}`,
  });
  return text === '' ? {} : JSON.parse(text);
};
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const sns = (parameters: Record<string, string>) =>
  call('POST', '/', new URLSearchParams({ Version: '2010-03-31', ...parameters }).toString(), {
    service: 'sns',
    more: form,
  });
const TOPIC = 'arn:aws:sns:us-east-1:123456789012:kept';
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`;

async function makeQueues(): Promise<void> {
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }];
  const Attributes = { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) };
  await sqs('CreateQueue', { QueueName: 'kept' });
  await sqs('CreateQueue', { QueueName: 'published', Attributes });
  await sns({ Action: 'CreateTopic', Name: 'kept' });
  await sns({
    Action: 'Subscribe',
    TopicArn: TOPIC,
    Protocol: 'sqs',
    Endpoint: queueArn('published'),
    'Attributes.entry.1.key': 'RawMessageDelivery',
    'Attributes.entry.1.value': 'true',
  });
}

/** Takes out everything that is there. */
async function drained(name: string, into: Set<string>): Promise<void> {
  const QueueUrl = `/123456789012/${name}`;
  for (;;) {
    const { Messages = [] } = await sqs('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
    if (Messages.length === 0) return;
    for (const { Body } of Messages) into.add(Body);
    const Entries = Messages.map((message: { ReceiptHandle: string }, index: number) => ({
      Id: String(index),
      ReceiptHandle: message.ReceiptHandle,
    }));
    await sqs('DeleteMessageBatch', { QueueUrl, Entries });
  }
}

/** Five kinds of write, by turns: an item, an object, an asynchronous event, a message, a publication. Returns when the server is gone. */
async function writeUntilKilled(writer: string, acknowledged: Set<string>): Promise<void> {
  const kinds = [
    (id: string) => dynamo('PutItem', { TableName: 'kept', Item: { id: { S: id } } }),
    (id: string) => call('PUT', `/kept/${id}`, id, { service: 's3' }),
    (id: string) =>
      call('POST', '/2015-03-31/functions/append/invocations', JSON.stringify({ id }), {
        service: 'lambda',
        more: { 'X-Amz-Invocation-Type': 'Event' },
      }),
    (id: string) => sqs('SendMessage', { QueueUrl: '/123456789012/kept', MessageBody: id }),
    (id: string) => sns({ Action: 'Publish', TopicArn: TOPIC, Message: id }),
  ];
  for (let n = 0; ; n++) {
    const id = `${n % kinds.length}-${writer}-${n}`;
    try {
      await kinds[n % kinds.length]?.(id);
    } catch {
      return;
    }
    acknowledged.add(id);
  }
}

test(`killed ${ROUNDS} times under load, it has lost nothing that it acknowledged`, async () => {
  const acknowledged = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    const writers = Array.from({ length: WRITERS }, (_, writer) =>
      writeUntilKilled(`${round}-${writer}`, acknowledged),
    );
    const before = acknowledged.size;
    while (acknowledged.size < before + WRITERS) await wait(5);
    // Not to wait for something, but to be killed at another moment each round.
    await wait(Math.random() * 200);
    await server.kill();
    await Promise.all(writers);
    server = await startProcess(data);
  }
  expect(acknowledged.size).toBeGreaterThanOrEqual(ROUNDS * WRITERS);
  const ofKind = (kind: number): string[] => [...acknowledged].filter((id) => id.startsWith(`${kind}-`));

  const items = new Set<string>();
  for (let start: object | undefined, first = true; first || start; first = false) {
    const page = await dynamo('Scan', { TableName: 'kept', ...(start ? { ExclusiveStartKey: start } : {}) });
    for (const item of page.Items) items.add(item.id.S);
    start = page.LastEvaluatedKey;
  }
  expect(ofKind(0).filter((id) => !items.has(id))).toEqual([]);
  for (const id of ofKind(1)) expect(await call('GET', `/kept/${id}`, '', { service: 's3' })).toBe(id);

  const messages = new Set<string>();
  await drained('kept', messages);
  expect(ofKind(3).filter((id) => !messages.has(id))).toEqual([]);
  const published = new Set<string>();
  const unpublished = (): string[] => ofKind(4).filter((id) => !published.has(id));
  const publishedBy = Date.now() + 40_000;
  while (unpublished().length > 0 && Date.now() < publishedBy) {
    await drained('published', published);
    await wait(50);
  }
  expect(unpublished()).toEqual([]);

  const missing = (): string[] => {
    const done = new Set(readFileSync(ran, 'utf8').split('\n'));
    return ofKind(2).filter((id) => !done.has(id));
  };
  const deadline = Date.now() + 40_000;
  while (missing().length > 0 && Date.now() < deadline) await wait(50);
  expect(missing()).toEqual([]);
}, 120_000);

test('SIGTERM drains: a request that was accepted is answered', async () => {
  const slow = join(folder, 'slow');
  mkdirSync(slow);
  writeFileSync(
    join(slow, 'index.js'),
    `exports.handler = ({ file }) => new Promise((done) => { require('node:fs').writeFileSync(file, ''); setTimeout(() => done('answered'), 500); });`,
  );
  const create = {
    FunctionName: 'slow',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::123456789012:role/r',
    Timeout: 30,
    Code: { S3Bucket: '__folder__', S3Key: slow },
  };
  await call('POST', '/2015-03-31/functions', JSON.stringify(create), { service: 'lambda' });
  const file = join(folder, 'running');
  const answer = call('POST', '/2015-03-31/functions/slow/invocations', JSON.stringify({ file }), {
    service: 'lambda',
  });
  while (!existsSync(file)) await wait(10);
  expect(await server.stop()).toBe(0);
  expect(await answer).toBe('"answered"');
  server = await startProcess(data);
});
