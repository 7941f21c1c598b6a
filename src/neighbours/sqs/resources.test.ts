/** SQS's CloudFormation types, through stacks. */
import { beforeAll, expect, test } from 'bun:test';
import * as cfn from '@aws-sdk/client-cloudformation';
import { GetQueueAttributesCommand, ListQueueTagsCommand, SQSClient } from '@aws-sdk/client-sqs';
import { useTestServer } from '../testing/room.ts';
import { createStacks, type Stacks } from '../testing/stacks.ts';

const server = useTestServer();
let stacks: Stacks;
let client: SQSClient;
beforeAll(() => {
  stacks = createStacks(new cfn.CloudFormationClient(server.options()));
  client = new SQSClient(server.options());
});

const template = (visibility: number, more: object = {}) => ({
  Resources: {
    Dead: { Type: 'AWS::SQS::Queue' },
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        VisibilityTimeout: visibility,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 },
        Tags: [{ Key: 'team', Value: 'orders' }],
        ...more,
      },
    },
    Policy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Queue' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'sns.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
            },
          ],
        },
      },
    },
    Fifo: {
      Type: 'AWS::SQS::Queue',
      Properties: { FifoQueue: true, ContentBasedDeduplication: true },
    },
  },
  Outputs: {
    Url: { Value: { Ref: 'Queue' } },
    Name: { Value: { 'Fn::GetAtt': ['Queue', 'QueueName'] } },
    Fifo: { Value: { 'Fn::GetAtt': ['Fifo', 'QueueName'] } },
  },
});

test('queues and their policies are made, changed and removed', async () => {
  const made = await stacks.create('queues', template(60));
  const { Url: QueueUrl, Name: name, Fifo: fifo } = made;
  expect(name).toMatch(/^queues-Queue-\w{12}$/);
  expect(fifo).toMatch(/^queues-Fifo-\w{12}\.fifo$/);
  const attributes = async () =>
    (await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ??
    {};
  const before = await attributes();
  expect(before['VisibilityTimeout']).toBe('60');
  expect(JSON.parse(before['RedrivePolicy'] ?? '')).toMatchObject({ maxReceiveCount: 3 });
  expect(JSON.parse(before['Policy'] ?? '').Statement).toHaveLength(1);

  await stacks.update('queues', template(90, { RedrivePolicy: undefined, Tags: [] }));
  const after = await attributes();
  expect(after['VisibilityTimeout']).toBe('90');
  expect(after['RedrivePolicy']).toBeUndefined();
  const { Tags } = await client.send(new ListQueueTagsCommand({ QueueUrl }));
  expect(Object.keys(Tags ?? {}).toSorted()).toEqual([
    'aws:cloudformation:logical-id',
    'aws:cloudformation:stack-id',
    'aws:cloudformation:stack-name',
  ]);

  await stacks.delete('queues');
  const gone = client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  expect(gone).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
});
