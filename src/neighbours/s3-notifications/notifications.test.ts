/** What happens in buckets reaches queues, topics, functions and the default bus. */
import { beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import * as events from '@aws-sdk/client-eventbridge';
import * as s3 from '@aws-sdk/client-s3';
import * as sqs from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { useTestServer } from '../testing/room.ts';
import { createStacks } from '../testing/stacks.ts';

const server = useTestServer();
let buckets: s3.S3Client;
let queues: sqs.SQSClient;
beforeAll(() => {
  buckets = new s3.S3Client({ ...server.options(), forcePathStyle: true });
  queues = new sqs.SQSClient(server.options());
});

async function createQueue(QueueName: string, principal?: string): Promise<{ url: string; arn: string }> {
  const arn = `arn:aws:sqs:us-east-1:123456789012:${QueueName}`;
  const Statement = [
    { Effect: 'Allow', Principal: { Service: principal }, Action: 'sqs:SendMessage', Resource: arn },
  ];
  const Attributes = principal ? { Policy: JSON.stringify({ Version: '2012-10-17', Statement }) } : {};
  const { QueueUrl = '' } = await queues.send(new sqs.CreateQueueCommand({ QueueName, Attributes }));
  return { url: QueueUrl, arn };
}
async function receive(QueueUrl: string) {
  const input = { QueueUrl, WaitTimeSeconds: 5 };
  const { Messages: [message] = [] } = await queues.send(new sqs.ReceiveMessageCommand(input));
  if (message)
    await queues.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
  return JSON.parse(message?.Body ?? 'null');
}
const notify = (Bucket: string, NotificationConfiguration: s3.NotificationConfiguration) =>
  buckets.send(new s3.PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));

test('a queue hears of what fits, after a test event', async () => {
  const Bucket = 'told';
  await buckets.send(new s3.CreateBucketCommand({ Bucket }));
  const { url, arn } = await createQueue('told', 's3.amazonaws.com');
  const Filter = {
    Key: {
      FilterRules: [
        { Name: 'prefix' as const, Value: 'in/' },
        { Name: 'suffix' as const, Value: '.txt' },
      ],
    },
  };
  await notify(Bucket, {
    QueueConfigurations: [
      { Id: 'mine', QueueArn: arn, Events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:Delete'], Filter },
    ],
  });
  expect(await receive(url)).toMatchObject({ Event: 's3:TestEvent', Bucket });
  for (const Key of ['out/a.txt', 'in/a.png', 'in/a b.txt'])
    await buckets.send(new s3.PutObjectCommand({ Bucket, Key, Body: 'hello' }));
  const { Records } = await receive(url);
  expect(Records).toMatchObject([
    {
      eventName: 'ObjectCreated:Put',
      eventSource: 'aws:s3',
      awsRegion: 'us-east-1',
      s3: {
        configurationId: 'mine',
        bucket: { name: Bucket, arn: 'arn:aws:s3:::told' },
        object: { key: 'in/a+b.txt', size: 5, eTag: '5d41402abc4b2a76b9719d911017c592' },
      },
    },
  ]);
  await buckets.send(new s3.CopyObjectCommand({ Bucket, Key: 'in/c.txt', CopySource: 'told/out/a.txt' }));
  expect((await receive(url)).Records[0].eventName).toBe('ObjectCreated:Copy');
  await buckets.send(new s3.DeleteObjectCommand({ Bucket, Key: 'in/c.txt' }));
  expect((await receive(url)).Records[0].eventName).toBe('ObjectRemoved:Delete');
  const kept = await buckets.send(new s3.GetBucketNotificationConfigurationCommand({ Bucket }));
  expect(kept.QueueConfigurations?.[0]).toMatchObject({ Id: 'mine', QueueArn: arn });
});

test('a destination that lets nobody in is refused, and an event that never happens', async () => {
  const Bucket = 'refused';
  await buckets.send(new s3.CreateBucketCommand({ Bucket }));
  const { arn } = await createQueue('closed');
  const queue = (Events: s3.Event[]) => notify(Bucket, { QueueConfigurations: [{ QueueArn: arn, Events }] });
  await expect(queue(['s3:ObjectCreated:*'])).rejects.toThrow(
    'Unable to validate the following destination configurations',
  );
  await expect(queue(['s3:ObjectRestore:*'])).rejects.toThrow(
    's3:ObjectRestore:*: not supported by gatehouse',
  );
});

test('the default bus hears of versions and markers', async () => {
  const Bucket = 'bused';
  await buckets.send(new s3.CreateBucketCommand({ Bucket }));
  await buckets.send(
    new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  await notify(Bucket, { EventBridgeConfiguration: {} });
  const { url, arn } = await createQueue('bused', 'events.amazonaws.com');
  const bus = new events.EventBridgeClient(server.options());
  const EventPattern = JSON.stringify({ source: ['aws.s3'], detail: { bucket: { name: [Bucket] } } });
  await bus.send(new events.PutRuleCommand({ Name: 's3', EventPattern }));
  await bus.send(new events.PutTargetsCommand({ Rule: 's3', Targets: [{ Id: 'q', Arn: arn }] }));
  const { VersionId } = await buckets.send(new s3.PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }));
  expect(await receive(url)).toMatchObject({
    'detail-type': 'Object Created',
    detail: { object: { key: 'a', size: 1, 'version-id': VersionId }, reason: 'PutObject' },
  });
  await buckets.send(new s3.DeleteObjectCommand({ Bucket, Key: 'a' }));
  expect(await receive(url)).toMatchObject({
    'detail-type': 'Object Deleted',
    detail: { 'deletion-type': 'Delete Marker Created' },
  });
});

test("SAM's S3 event deploys, and its function runs", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-s3-event-'));
  writeFileSync(
    join(folder, 'index.mjs'),
    `export const handler = async ({ Records: [{ s3 }] }) => {
  const answer = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST',
    body: JSON.stringify({ Name: '/seen', Value: s3.object.key, Type: 'String', Overwrite: true }),
    headers: { 'X-Amz-Target': 'AmazonSSM.PutParameter', 'Content-Type': 'application/x-amz-json-1.1',
      Authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=0' } });
  if (!answer.ok) throw new Error(await answer.text());
};`,
  );
  try {
    const stacks = createStacks(new CloudFormationClient(server.options()));
    await stacks.create('sam-s3', {
      Transform: 'AWS::Serverless-2016-10-31',
      Resources: {
        Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'sam-uploads' } },
        Fn: {
          Type: 'AWS::Serverless::Function',
          Properties: {
            Runtime: 'nodejs22.x',
            Handler: 'index.handler',
            CodeUri: { Bucket: '__folder__', Key: folder },
            Events: {
              Upload: {
                Type: 'S3',
                Properties: { Bucket: { Ref: 'Bucket' }, Events: 's3:ObjectCreated:*' },
              },
            },
          },
        },
      },
    });
    await buckets.send(new s3.PutObjectCommand({ Bucket: 'sam-uploads', Key: 'photo.png', Body: 'x' }));
    const parameters = new SSMClient(server.options());
    const seen = async (): Promise<string | undefined> =>
      (await parameters.send(new GetParameterCommand({ Name: '/seen' })).catch(() => undefined))?.Parameter
        ?.Value;
    while ((await seen()) === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await seen()).toBe('photo.png');
    await buckets.send(new s3.DeleteObjectCommand({ Bucket: 'sam-uploads', Key: 'photo.png' }));
    await stacks.delete('sam-s3');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 30_000);
