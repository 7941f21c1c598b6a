/** SAM's events of the services next door: the stack deploys, and each source reaches the function. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { useTestServer } from '../../src/neighbours/testing/room.ts';
import { createStacks } from '../../src/neighbours/testing/stacks.ts';

const server = useTestServer();
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-sam-events-'));
beforeAll(() => {
  writeFileSync(
    join(folder, 'index.mjs'),
    `export const handler = async (event) => {
  const source = event.Records?.[0]?.eventSource ?? event.Records?.[0]?.EventSource ?? event.source;
  const answer = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST',
    body: JSON.stringify({ Name: '/heard/' + source.replace('aws:', ''), Value: 'yes', Type: 'String', Overwrite: true }),
    headers: { 'X-Amz-Target': 'AmazonSSM.PutParameter', 'Content-Type': 'application/x-amz-json-1.1',
      Authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=0' } });
  if (!answer.ok) throw new Error(await answer.text());
};`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TEMPLATE = {
  Transform: 'AWS::Serverless-2016-10-31',
  Resources: {
    Topic: { Type: 'AWS::SNS::Topic' },
    Queue: { Type: 'AWS::SQS::Queue' },
    Table: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      },
    },
    Fn: {
      Type: 'AWS::Serverless::Function',
      Properties: {
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        CodeUri: { Bucket: '__folder__', Key: folder },
        Events: {
          Topic: { Type: 'SNS', Properties: { Topic: { Ref: 'Topic' } } },
          Queue: { Type: 'SQS', Properties: { Queue: { 'Fn::GetAtt': ['Queue', 'Arn'] } } },
          Table: {
            Type: 'DynamoDB',
            Properties: {
              Stream: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
              StartingPosition: 'TRIM_HORIZON',
            },
          },
          Rule: { Type: 'EventBridgeRule', Properties: { Pattern: { source: ['shop'] } } },
          Hourly: { Type: 'Schedule', Properties: { Schedule: 'rate(1 hour)' } },
          HourlyToo: { Type: 'ScheduleV2', Properties: { ScheduleExpression: 'rate(1 hour)' } },
        },
      },
    },
  },
  Outputs: {
    Topic: { Value: { Ref: 'Topic' } },
    Queue: { Value: { Ref: 'Queue' } },
    Table: { Value: { Ref: 'Table' } },
  },
};

test('topic, queue, stream, rule and schedules', async () => {
  const stacks = createStacks(new CloudFormationClient(server.options()));
  const { Topic, Queue, Table } = await stacks.create('sam-events', TEMPLATE);
  await new SNSClient(server.options()).send(new PublishCommand({ TopicArn: Topic, Message: 'x' }));
  await new SQSClient(server.options()).send(new SendMessageCommand({ QueueUrl: Queue, MessageBody: 'x' }));
  await new DynamoDBClient(server.options()).send(
    new PutItemCommand({ TableName: Table, Item: { id: { S: 'a' } } }),
  );
  const Entries = [{ Source: 'shop', DetailType: 't', Detail: '{}' }];
  await new EventBridgeClient(server.options()).send(new PutEventsCommand({ Entries }));
  server.pass(3601);
  const parameters = new SSMClient(server.options());
  const heard = async () =>
    (await parameters.send(new GetParametersByPathCommand({ Path: '/heard' }))).Parameters?.map(({ Name }) =>
      Name?.slice('/heard/'.length),
    ) ?? [];
  const expected = ['aws.events', 'aws.scheduler', 'dynamodb', 'shop', 'sns', 'sqs'];
  while ((await heard()).length < expected.length) await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await heard()).toSorted()).toEqual(expected);
  await stacks.delete('sam-events');
}, 30_000);
