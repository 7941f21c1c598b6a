/** Where IAM is enforced a function is what its role may be: with its own calls, and with what polls and delivers for it. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { setTimeout as wait } from 'node:timers/promises';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { zipSync } from 'fflate';
import { silentLog } from '../../src/base/log.ts';
import { type RunningServer, startServer } from '../../src/server/start.ts';

const credentials = { accessKeyId: 'AKIAFIRSTADMINISTRATOR', secretAccessKey: 'a-secret-of-my-own-making' };
let server: RunningServer;
let options: { endpoint: string; region: string; credentials: typeof credentials };
beforeAll(async () => {
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    data: null,
    auth: 'enforce',
    environment: {
      GATEHOUSE_ROOT_ACCESS_KEY_ID: credentials.accessKeyId,
      GATEHOUSE_ROOT_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    log: silentLog,
  });
  options = { endpoint: server.url, region: 'us-east-1', credentials };
});
afterAll(() => server.close());

const CODE = `const { STSClient, GetCallerIdentityCommand } = require('@aws-sdk/client-sts');
  const { SQSClient, ListQueuesCommand } = require('@aws-sdk/client-sqs');
  const sts = new STSClient({}), sqs = new SQSClient({ maxAttempts: 1 });
  exports.handler = async () => {
    const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
    const queues = await sqs.send(new ListQueuesCommand({})).then(() => 'allowed', ({ name }) => name);
    return { Arn, queues, secrets: Object.keys(process.env).filter((name) => name.startsWith('GATEHOUSE')) };
  };`;

test('its own calls, and a queue that is polled for it', async () => {
  const iam = new IAMClient(options);
  const functions = new LambdaClient(options);
  const queues = new SQSClient(options);
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: 'worker',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      }),
    }),
  );
  const allow = (...Action: string[]) =>
    iam.send(
      new PutRolePolicyCommand({
        RoleName: 'worker',
        PolicyName: 'own',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
        }),
      }),
    );
  await functions.send(
    new CreateFunctionCommand({
      FunctionName: 'worker',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: Role?.Arn,
      Timeout: 10,
      MemorySize: 512,
      Code: { ZipFile: zipSync({ 'index.js': Buffer.from(CODE) }) },
    }),
  );
  const called = async (): Promise<Record<string, unknown>> => {
    const { Payload } = await functions.send(new InvokeCommand({ FunctionName: 'worker' }));
    return JSON.parse(Payload?.transformToString() ?? '');
  };
  expect(await called()).toEqual({
    Arn: 'arn:aws:sts::123456789012:assumed-role/worker/worker',
    queues: expect.stringContaining('AccessDenied'),
    secrets: [],
  });

  const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const map = () =>
    functions.send(
      new CreateEventSourceMappingCommand({
        FunctionName: 'worker',
        EventSourceArn: 'arn:aws:sqs:us-east-1:123456789012:jobs',
      }),
    );
  await expect(map()).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: 'The provided execution role does not have permissions to call ReceiveMessage on SQS',
  });
  await allow('sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ListQueues');
  expect(await called()).toMatchObject({ queues: 'allowed' });
  await map();
  await queues.send(new SendMessageCommand({ QueueUrl, MessageBody: 'one' }));
  const left = async (): Promise<number> => {
    const { Attributes } = await queues.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }),
    );
    return (
      Number(Attributes?.ApproximateNumberOfMessages) +
      Number(Attributes?.ApproximateNumberOfMessagesNotVisible)
    );
  };
  while ((await left()) > 0) await wait(10);
}, 40_000);
