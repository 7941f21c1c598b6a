/**
 * Measures functions: a warm call, calls a second, a cold start beside `node -e 0` in the same run, and the way from a
 * queue to a function. `--seconds N` changes how long calls are made for.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as lambda from '@aws-sdk/client-lambda';
import * as sqs from '@aws-sdk/client-sqs';
import { systemNow } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import type { FunctionConfig } from '../src/functions/config.ts';
import { createFunctionRunner } from '../src/functions/runner.ts';
import { startSubject } from './subject.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } });
const root = join(import.meta.dir, '..');
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
const code = join(folder, 'code');
await Bun.write(join(code, 'index.js'), 'exports.handler = async () => 1;');

const runner = createFunctionRunner({
  now: systemNow,
  log: silentLog,
  writeLogEvents: () => {},
  dataDir: join(folder, 'data'),
  endpointUrl: 'http://127.0.0.1:4566',
  limits: { accountConcurrency: 10_000 },
});

const functionOf = (functionName: string): FunctionConfig => ({
  functionArn: `arn:aws:lambda:us-east-1:123456789012:function:${functionName}`,
  functionName,
  version: '$LATEST',
  revision: '1',
  scope: { account: '123456789012', region: 'us-east-1' },
  runtime: 'nodejs22.x',
  handler: 'index.handler',
  code: { kind: 'folder', path: code },
  layers: [],
  environment: {},
  timeoutSeconds: 10,
  memorySizeMb: 128,
  ephemeralStorageMb: 512,
  logGroup: `/aws/lambda/${functionName}`,
  logFormat: 'Text',
  tracing: 'PassThrough',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' },
});

const payload = Buffer.from('{}');
let requests = 0;
async function call(config: FunctionConfig): Promise<number> {
  const startedAt = performance.now();
  const answer = await runner.run(config, {
    requestId: String(++requests),
    invokedFunctionArn: config.functionArn,
    payload,
  });
  if (answer.functionError) throw new Error(Buffer.from(answer.payload).toString());
  return performance.now() - startedAt;
}

const quantile = (times: readonly number[], share: number): number =>
  times.toSorted((one, other) => one - other)[Math.floor((times.length - 1) * share)] ?? 0;

try {
  const lines = [
    await warm(),
    await throughput(Number(values.seconds)),
    await cold(),
    await fromQueue(),
  ].flat();
  for (const line of lines) console.log(line);
} finally {
  await runner.close(0);
  rmSync(folder, { recursive: true, force: true });
}

/** The function's own work is next to nothing: what is measured is what lies around it. */
async function warm(): Promise<string[]> {
  const config = functionOf('warm');
  for (let n = 0; n < 500; n++) await call(config);
  const times: number[] = [];
  for (let n = 0; n < 3000; n++) times.push(await call(config));
  return [
    `warm call, Node: p50 ${quantile(times, 0.5).toFixed(3)} ms, p99 ${quantile(times, 0.99).toFixed(3)} ms`,
  ];
}

async function throughput(seconds: number): Promise<string[]> {
  const config = functionOf('busy');
  const endAt = performance.now() + seconds * 1000;
  let count = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < endAt) {
      await call(config);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, client));
  return [`calls a second, 16 at once, ${cpus().length} cores: ${(count / seconds).toFixed(0)}`];
}

function nodeAlone(): Promise<number> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    spawn('node', ['-e', '0']).on('close', () => resolve(performance.now() - startedAt));
  });
}

async function cold(): Promise<string[]> {
  const starts: number[] = [];
  const peers: number[] = [];
  for (let n = 0; n < 15; n++) {
    peers.push(await nodeAlone());
    starts.push(await call(functionOf(`cold-${n}`)));
  }
  const [ours, theirs] = [quantile(starts, 0.5), quantile(peers, 0.5)];
  return [
    `cold start, Node: ${ours.toFixed(1)} ms; node -e 0: ${theirs.toFixed(1)} ms; ratio ${(ours / theirs).toFixed(2)}`,
  ];
}

/** From SendMessage being called to the handler having begun. */
async function fromQueue(): Promise<string[]> {
  const server = await startSubject({
    command: join(root, 'bin', 'gatehouse'),
    args: ['start', '--port', '0', '--ephemeral'],
    ready: /ready on (http:\S+)/,
  });
  const options = {
    endpoint: server.caught,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const functions = new lambda.LambdaClient(options);
  const queues = new sqs.SQSClient(options);
  const seen = join(folder, 'seen');
  writeFileSync(seen, '');
  const worker = join(folder, 'worker');
  await Bun.write(
    join(worker, 'index.js'),
    `const at = () => Date.now(); const { appendFileSync } = require('node:fs');
     exports.handler = async () => appendFileSync(${JSON.stringify(seen)}, at() + '\\n');`,
  );
  await functions.send(
    new lambda.CreateFunctionCommand({
      FunctionName: 'worker',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/r',
      Code: { S3Bucket: '__folder__', S3Key: worker },
    }),
  );
  const { QueueUrl } = await queues.send(new sqs.CreateQueueCommand({ QueueName: 'jobs' }));
  const EventSourceArn = 'arn:aws:sqs:us-east-1:123456789012:jobs';
  await functions.send(
    new lambda.CreateEventSourceMappingCommand({ FunctionName: 'worker', EventSourceArn }),
  );
  const arrivals = async (): Promise<string[]> => (await Bun.file(seen).text()).split('\n').filter(Boolean);
  const times: number[] = [];
  for (let n = 0; n < 40; n++) {
    const sentAt = Date.now();
    await queues.send(new sqs.SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    while ((await arrivals()).length <= n) await Bun.sleep(1);
    if (n >= 5) times.push(Number((await arrivals()).at(-1)) - sentAt);
  }
  await server.stop();
  return [`SQS to function: p50 ${quantile(times, 0.5)} ms, p99 ${quantile(times, 0.99)} ms`];
}
