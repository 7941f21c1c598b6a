/** Functions as a SAM template has them: a queue that calls one, a URL, TypeScript built by esbuild, a layer; changed and destroyed. */
import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createRemote } from '../../src/cli/remote.ts';
import { deployDefinition } from '../../src/deploy/client/deploy-definition.ts';
import { useServer } from './test-server.ts';

const server = useServer();
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-functions-template-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

const template = (batchSize: number): string => `
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: { Runtime: nodejs22.x, Timeout: 10, MemorySize: 512 }
Resources:
  Jobs: { Type: AWS::SQS::Queue }
  Done: { Type: AWS::SQS::Queue }
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: { ContentUri: layer/ }
  Worker:
    Type: AWS::Serverless::Function
    Metadata:
      BuildMethod: esbuild
      BuildProperties: { EntryPoints: [handlers/worker.ts], Target: es2022, Minify: true, Sourcemap: true }
    Properties:
      CodeUri: src/
      Handler: worker.handler
      Layers: [!Ref Shared]
      Environment: { Variables: { DONE: !Ref Done } }
      Policies:
        - SQSSendMessagePolicy: { QueueName: !GetAtt Done.QueueName }
      FunctionUrlConfig: { AuthType: NONE }
      Events:
        Jobs:
          Type: SQS
          Properties:
            Queue: !GetAtt Jobs.Arn
            BatchSize: ${batchSize}
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: { MaximumConcurrency: 2 }
            FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["job"]}}' }] }
Outputs:
  Jobs: { Value: !Ref Jobs }
  Done: { Value: !Ref Done }
  Function: { Value: !Ref Worker }
  Url: { Value: !GetAtt WorkerUrl.FunctionUrl }
`;

write('layer/nodejs/node_modules/shared/index.js', 'exports.mark = (text) => text + "!";');
write('src/lib/word.ts', 'export const word: string = "done";');
write(
  'src/handlers/worker.ts',
  `import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs';
   import { createRequire } from 'node:module';
   import { word } from '../lib/word.ts';
   const { mark } = createRequire('/')('shared') as { mark: (text: string) => string };
   const queues = new SQSClient({});
   export const handler = async (event: { Records?: { body: string }[] }) => {
     for (const { body } of event.Records ?? [])
       await queues.send(new SendMessageCommand({ QueueUrl: process.env.DONE, MessageBody: mark(word + ' ' + JSON.parse(body).n) }));
     return event.Records ? { batchItemFailures: [] } : mark('called');
   };`,
);

async function deploy(batchSize: number): Promise<Record<string, string | undefined>> {
  write('template.yaml', template(batchSize));
  const remote = createRemote({ endpoint: server.url });
  const { stacks } = await deployDefinition({
    definition: folder,
    stackName: 'functions',
    parameters: {},
    region: 'us-east-1',
    local: true,
    call: (service, operation, input) => remote.call(service, operation, input),
  });
  return Object.fromEntries(stacks.flatMap((stack) => stack.outputs.map(({ key, value }) => [key, value])));
}

test('deployed, used, changed and destroyed', async () => {
  const outputs = await deploy(5);
  const queues = new SQSClient(server.options());
  const functions = new LambdaClient(server.options());
  const send = (body: object) =>
    queues.send(new SendMessageCommand({ QueueUrl: outputs['Jobs'], MessageBody: JSON.stringify(body) }));
  await send({ kind: 'other', n: 0 });
  await send({ kind: 'job', n: 1 });
  const { Messages } = await queues.send(
    new ReceiveMessageCommand({ QueueUrl: outputs['Done'], WaitTimeSeconds: 20 }),
  );
  expect(Messages?.map(({ Body }) => Body)).toEqual(['done 1!']);

  const url = new URL(outputs['Url'] ?? '');
  const { port } = new URL(server.url);
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { host: url.host } });
  expect([answer.status, await answer.text()]).toEqual([200, 'called!']);
  const direct = await functions.send(new InvokeCommand({ FunctionName: outputs['Function'] }));
  expect(direct.Payload?.transformToString()).toBe('"called!"');

  const mappings = async () =>
    (await functions.send(new ListEventSourceMappingsCommand({ FunctionName: outputs['Function'] })))
      .EventSourceMappings ?? [];
  const [before] = await mappings();
  expect(before).toMatchObject({
    BatchSize: 5,
    State: 'Enabled',
    ScalingConfig: { MaximumConcurrency: 2 },
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
  await deploy(7);
  expect(await mappings()).toMatchObject([{ UUID: before?.UUID, BatchSize: 7 }]);

  const stacks = new CloudFormationClient(server.options());
  await stacks.send(new DeleteStackCommand({ StackName: 'functions' }));
  const isThere = (): Promise<boolean> =>
    stacks.send(new DescribeStacksCommand({ StackName: 'functions' })).then(
      () => true,
      () => false,
    );
  while (await isThere()) await wait(20);
  const left = await functions.send(new ListEventSourceMappingsCommand({}));
  expect(left.EventSourceMappings).toEqual([]);
}, 60_000);
