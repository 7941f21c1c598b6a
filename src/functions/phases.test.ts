import { afterAll, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBench, eventually, functionOf } from './testing/bench.ts';

const bench = createBench({ initMs: 400 });
afterAll(() => bench.close());

const exits = [
  { name: 'exit with a status', body: 'process.exit(3)', text: 'Runtime exited with error: exit status 3' },
  { name: 'exit with status 0', body: 'process.exit(0)', text: 'Runtime exited without providing a reason' },
  {
    name: 'a signal',
    body: 'process.kill(process.pid, "SIGKILL"); await new Promise((r) => setTimeout(r, 1000))',
    text: 'Runtime exited with error: signal: killed',
  },
  { name: 'an abort', body: 'process.abort()', text: 'Runtime exited with error: signal: aborted' },
];

for (const [at, { name, body, text }] of exits.entries())
  test(`a process that ends by ${name} is replaced, and keeps its /tmp`, async () => {
    const code = bench.folder({
      'index.js': `const fs = require('node:fs'), file = require('node:path').join(require('node:os').tmpdir(), 'kept');
        exports.handler = async (event) => {
          if (event.fine) return fs.readFileSync(file, 'utf8');
          fs.writeFileSync(file, 'kept');
          ${body};
        };`,
    });
    const config = functionOf(code, { functionName: `exit-${at}` });
    const answer = await bench.invoke(config, {}, { wantLogTail: true });
    expect(answer.json).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${answer.requestId} Error: ${text}`,
    });
    expect(answer.functionError).toBe('Unhandled');
    const tail = Buffer.from(answer.logTail ?? '', 'base64').toString();
    expect(tail).toMatch(/REPORT .*\tStatus: error\tError Type: Runtime\.ExitError\t\n$/);
    expect((await bench.invoke(config, { fine: true })).json).toBe('kept');
  });

test('a call over its time is ended with everything it started', async () => {
  const pidFile = join(bench.dataDir, 'pid');
  const code = bench.folder({
    'index.js': `exports.handler = async (event) => {
      if (event.fine) return 'fine';
      const child = require('node:child_process').spawn('sleep', ['60']);
      require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));
      for (;;);
    };`,
  });
  const config = functionOf(code, { functionName: 'hangs', timeoutSeconds: 1 });
  const answer = await bench.invoke(config, {}, { wantLogTail: true });
  expect(answer.json).toEqual({
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${answer.requestId} Error: Task timed out after 1.00 seconds`,
  });
  expect(answer.durationMs).toBeGreaterThan(990);
  expect(answer.durationMs).toBeLessThan(1500);
  expect(Buffer.from(answer.logTail ?? '', 'base64').toString()).toEndWith('\tStatus: timeout\t\n');
  const pid = readFileSync(pidFile, 'utf8');
  await eventually(() => !runs(pid));
  expect((await bench.invoke(config, { fine: true })).json).toBe('fine');
});

/** A killed process may stay as a zombie until its new parent asks for it. */
function runs(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a function that takes more memory than it has is killed', async () => {
  const code = bench.folder({
    'index.js': `exports.handler = async (event) => {
      if (event.fine) return 'fine';
      const taken = [];
      for (;;) { taken.push(Buffer.alloc(4e6, 1)); await new Promise((r) => setTimeout(r, 2)); }
    };`,
  });
  const config = functionOf(code, { functionName: 'greedy', memorySizeMb: 128 });
  const answer = await bench.invoke(config, {}, { wantLogTail: true });
  expect(answer.json).toEqual({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${answer.requestId} Error: Runtime exited with error: signal: killed`,
  });
  const [, used] =
    /Max Memory Used: (\d+) MB/.exec(Buffer.from(answer.logTail ?? '', 'base64').toString()) ?? [];
  expect(Number(used)).toBeGreaterThan(128);
  expect((await bench.invoke(config, { fine: true })).json).toBe('fine');
});

test('an init over its time runs again inside the first call', async () => {
  const code = bench.folder({
    'index.mjs': `import { existsSync, writeFileSync } from 'node:fs';
      const mark = process.env.TMPDIR + '/first';
      if (!existsSync(mark)) { writeFileSync(mark, ''); await new Promise((r) => setTimeout(r, 60_000)); }
      export const handler = async () => 'second';`,
  });
  const answer = await bench.invoke(
    functionOf(code, { functionName: 'slow-init' }),
    {},
    { wantLogTail: true },
  );
  expect(answer.json).toBe('second');
  expect(answer.initDurationMs).toBeUndefined();
  await eventually(() =>
    bench
      .messages()
      .some((line) =>
        /^INIT_REPORT Init Duration: 4\d\d\.\d\d ms\tPhase: init\tStatus: timeout\n$/.test(line),
      ),
  );
});

test('an init that never ends takes the time of the call', async () => {
  const code = bench.folder({ 'index.js': 'for (;;);' });
  const answer = await bench.invoke(functionOf(code, { functionName: 'endless-init', timeoutSeconds: 1 }));
  expect(answer.json).toMatchObject({ errorType: 'Sandbox.Timedout' });
});

test('the first call of an environment says how long init took, and is billed for it', async () => {
  const code = bench.folder({ 'index.js': 'exports.handler = async () => 1;' });
  const config = functionOf(code, { functionName: 'first' });
  const first = await bench.invoke(config);
  expect(first.initDurationMs).toBeGreaterThan(1);
  expect(first.billedDurationMs).toBe(Math.ceil(first.durationMs + (first.initDurationMs ?? 0)));
  expect((await bench.invoke(config)).initDurationMs).toBeUndefined();
});

test('what a process still says as it dies is in the log', async () => {
  const code = bench.folder({
    'index.js':
      'exports.handler = async () => { require("node:fs").writeSync(2, "last words"); process.exit(1); };',
  });
  const answer = await bench.invoke(
    functionOf(code, { functionName: 'last-words' }),
    {},
    { wantLogTail: true },
  );
  expect(Buffer.from(answer.logTail ?? '', 'base64').toString()).toContain('last words\n');
});

test('bytes that are no frame end the environment, not the server', async () => {
  const code = bench.folder({
    'index.js': `exports.handler = async (event) => {
      if (event.fine) return 'fine';
      require('node:fs').writeSync(3, Buffer.from([255, 255, 255, 255, 99, 1, 2, 3]));
      await new Promise((r) => setTimeout(r, 2000));
    };`,
  });
  const config = functionOf(code, { functionName: 'garbage' });
  expect((await bench.invoke(config)).json).toMatchObject({ errorType: 'Runtime.ExitError' });
  expect((await bench.invoke(config, { fine: true })).json).toBe('fine');
});

test('the environment folder goes with the environment', async () => {
  const code = bench.folder({ 'index.js': 'exports.handler = async () => process.env.TMPDIR;' });
  const config = functionOf(code, { functionName: 'tmp' });
  const { json } = await bench.invoke(config);
  expect(existsSync(String(json))).toBe(true);
  bench.runner.retire(config.functionArn);
  await eventually(() => !existsSync(String(json)));
});
