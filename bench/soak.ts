/**
 * Soak: many invocations, some of which fail, crash or hang, with a look at memory and environments all the way.
 * `--invocations N` (a million by default); ends with 1 when memory has not stayed where it was.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemNow } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import type { FunctionConfig } from '../src/functions/config.ts';
import { createFunctionRunner } from '../src/functions/runner.ts';
import { treeOf } from './process-tree.ts';

const { values } = parseArgs({ options: { invocations: { type: 'string', default: '1000000' } } });
const total = Number(values.invocations);
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-soak-'));
const code = join(folder, 'code');
await Bun.write(
  join(code, 'index.js'),
  `exports.handler = async ({ n }) => {
     if (n % 20011 === 0) process.exit(1);
     if (n % 50021 === 0) await new Promise(() => setTimeout(() => {}, 1e6));
     if (n % 101 === 0) throw new Error('as it may be');
     if (n % 1009 === 0) console.log('x'.repeat(5000));
     return { n };
   };`,
);
const runner = createFunctionRunner({
  now: systemNow,
  log: silentLog,
  writeLogEvents: () => {},
  dataDir: join(folder, 'data'),
  endpointUrl: 'http://127.0.0.1:4566',
  limits: { accountConcurrency: 100_000 },
});
const config: FunctionConfig = {
  functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:soak',
  functionName: 'soak',
  version: '$LATEST',
  revision: '1',
  scope: { account: '123456789012', region: 'us-east-1' },
  runtime: 'nodejs22.x',
  handler: 'index.handler',
  code: { kind: 'folder', path: code },
  layers: [],
  environment: {},
  timeoutSeconds: 1,
  memorySizeMb: 256,
  ephemeralStorageMb: 512,
  logGroup: '/aws/lambda/soak',
  logFormat: 'Text',
  tracing: 'PassThrough',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' },
};

let begun = 0;
const outcomes = { answered: 0, failed: 0, wrong: 0 };
const samples: { readonly at: number; readonly serverMb: number; readonly treeMb: number }[] = [];
const everyOther = Math.max(1, Math.floor(total / 40));

async function client(): Promise<void> {
  while (begun < total) {
    const n = ++begun;
    const answer = await runner.run(config, {
      requestId: String(n),
      invokedFunctionArn: config.functionArn,
      payload: Buffer.from(JSON.stringify({ n })),
    });
    const text = Buffer.from(answer.payload).toString();
    if (answer.functionError !== undefined) outcomes.failed += 1;
    else if (text === JSON.stringify({ n })) outcomes.answered += 1;
    else outcomes.wrong += 1;
    if (n % everyOther === 0) sample(n);
  }
}

function sample(at: number): void {
  const serverMb = process.memoryUsage().rss / 1024 / 1024;
  const treeMb = treeOf(process.pid).residentMb;
  samples.push({ at, serverMb, treeMb });
  console.log(
    `${at} invocations: server ${serverMb.toFixed(0)} MB, with environments ${treeMb.toFixed(0)} MB`,
  );
}

const mean = (of: readonly number[]): number =>
  of.reduce((sum, one) => sum + one, 0) / Math.max(1, of.length);

try {
  await Promise.all(Array.from({ length: 16 }, client));
  // The first quarter is for caches and compilers to fill.
  const settled = samples.slice(Math.floor(samples.length / 4));
  const half = Math.floor(settled.length / 2);
  const before = mean(settled.slice(0, half).map(({ serverMb }) => serverMb));
  const after = mean(settled.slice(half).map(({ serverMb }) => serverMb));
  const growth = after / before - 1;
  console.log(
    `${total} invocations: ${outcomes.answered} answered, ${outcomes.failed} failed as they should, ${outcomes.wrong} wrong; memory of the server ${(growth * 100).toFixed(1)} % from the second half to the last`,
  );
  process.exitCode = outcomes.wrong > 0 || growth > 0.1 ? 1 : 0;
} finally {
  await runner.close(0);
  rmSync(folder, { recursive: true, force: true });
}
