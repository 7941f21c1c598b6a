/** `gatehouse tune`: a function that is bound by the processor gets faster with memory, and is left as it was. */
import { beforeAll, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { platform } from 'node:os';
import { join } from 'node:path';
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListVersionsByFunctionCommand,
} from '@aws-sdk/client-lambda';
import { zipSync } from 'fflate';
import { costOf, readReport } from '../../src/cli/tune-measure.ts';
import { useServer } from './test-server.ts';

const server = useServer();
let lambda: LambdaClient;

const CODE = `exports.handler = async ({ fail }) => {
  if (fail) throw new Error('no');
  const start = process.cpuUsage();
  for (let used = 0; used < 60; ) { const { user, system } = process.cpuUsage(start); used = (user + system) / 1000; }
};`;

beforeAll(async () => {
  lambda = new LambdaClient(server.options());
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'spin',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/r',
      Timeout: 20,
      MemorySize: 300,
      Description: 'mine',
      Code: { ZipFile: zipSync({ 'index.js': Buffer.from(CODE) }) },
    }),
  );
});

function tune(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const cli = join(import.meta.dir, '..', '..', 'bin', 'gatehouse');
  const child = spawn(cli, ['tune', ...args, '--endpoint', server.url]);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

test('a table, a chart, and the function as it was', async () => {
  const { code, out, err } = await tune('spin', '--memory', '128,1769', '--runs', '2');
  expect(err).toContain('1/2: 2 runs with 128 MB');
  expect(code).toBe(0);
  expect(out).toMatch(/^MEMORY +DURATION +BILLED +INIT +COST OF A MILLION/);
  expect(out).toMatch(/128 MB +[\d.]+ ms/);
  expect(out).toMatch(/128 MB {2}time #+ [\d.]+ ms\n +cost =+ \$[\d.]+/);
  const shown = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'spin' }));
  expect(shown).toMatchObject({ MemorySize: 300, Description: 'mine' });
  const { Versions } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: 'spin' }));
  expect(Versions?.map(({ Version }) => Version)).toEqual(['$LATEST']);
});

test('as JSON: more memory is faster', async () => {
  const { code, out } = await tune('spin', '--memory', '128,1769', '--runs', '2', '--json');
  expect(code).toBe(0);
  const answer = JSON.parse(out);
  const [small, large] = answer.measured;
  expect([small.memoryMb, large.memoryMb]).toEqual([128, 1769]);
  // Elsewhere nothing holds a function to its share.
  if (platform() === 'linux') expect(small.durationMs).toBeGreaterThan(large.durationMs * 1.5);
  expect(answer.fastestMb).toBe(platform() === 'linux' ? 1769 : answer.fastestMb);
  expect(answer.prices.region).toBe('us-east-1');
});

test('wrong usage, and a function that fails', async () => {
  expect(await tune('spin', '--memory', '64')).toMatchObject({ code: 2 });
  const failed = await tune('spin', '--memory', '512', '--payload', '{"fail":true}');
  expect(failed.code).toBe(1);
  expect(failed.err).toContain('spin failed');
  const shown = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'spin' }));
  expect(shown.MemorySize).toBe(300);
});

test('the report line in both formats, and what an invocation costs', () => {
  const text =
    'REPORT RequestId: r\tDuration: 200.50 ms\tBilled Duration: 261 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB\tInit Duration: 60.10 ms\t';
  expect(readReport(text)).toEqual({ durationMs: 200.5, billedMs: 261, initMs: 60.1 });
  const json =
    '{"type":"platform.report","record":{"metrics":{"durationMs":200.5,"billedDurationMs":201,"memorySizeMB":128}}}';
  expect(readReport(json)).toEqual({ durationMs: 200.5, billedMs: 201, initMs: undefined });
  // The lesson's example: 128 MB for 3 s against 1,024 MB for 200 ms.
  expect(costOf(128, 3000, 'x86_64')).toBeCloseTo(0.00000645, 8);
  expect(costOf(1024, 200, 'x86_64')).toBeCloseTo(0.00000353, 8);
});
