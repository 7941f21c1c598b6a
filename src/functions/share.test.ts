/** Processor time by memory, memory and `/tmp` that are used up, and environments kept ready. */
import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { look, makeCgroup } from './cgroup.ts';
import { createProcessorShare } from './processor-share.ts';
import { createBench, eventually, functionOf } from './testing/bench.ts';

const bench = createBench({}, { usesCgroups: false });
afterAll(() => bench.close());

test('processor time is in proportion to memory, and short calls are not held back', async () => {
  if (platform() !== 'linux') return expect(platform()).not.toBe('linux');
  const code = bench.folder({
    'index.js': `exports.handler = async ({ ms }) => {
      const start = process.cpuUsage();
      const used = () => { const { user, system } = process.cpuUsage(start); return (user + system) / 1000; };
      while (used() < ms);
      return used();
    };`,
  });
  const timeOf = async (memorySizeMb: number, ms: number) => {
    const config = functionOf(code, {
      functionName: `spin-${memorySizeMb}`,
      memorySizeMb,
      timeoutSeconds: 20,
    });
    await bench.invoke(config, { ms: 1 });
    return (await bench.invoke(config, { ms })).durationMs;
  };
  // 20 ms are free; the other 280 at 512 / 1,769 of a core take some 970 ms.
  const small = await timeOf(512, 300);
  expect(small).toBeGreaterThan(600);
  const short = await timeOf(128, 10);
  expect(short).toBeLessThan(200);
});

test('held and let go by what it has used', async () => {
  const signals: string[] = [];
  let used = 0;
  const hold = createProcessorShare(() => used);
  const end = hold({
    pid: 1,
    cores: 0.5,
    cgroup: undefined,
    isFirst: false,
    signal: (signal) => void signals.push(signal),
  });
  if (platform() !== 'linux') return expect(signals).toEqual([]);
  const busy = setInterval(() => {
    if (signals.at(-1) !== 'SIGSTOP') used += 10;
  }, 5);
  await eventually(() => signals.length >= 3);
  clearInterval(busy);
  expect(signals.slice(0, 3)).toEqual(['SIGSTOP', 'SIGCONT', 'SIGSTOP']);
  end();
  expect(signals.at(-1)).toBe('SIGCONT');
});

test('control groups are made where both controllers are handed out, and nowhere else', () => {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-cgroup-'));
  const group = (path: string, controllers: string) => {
    mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, path, 'cgroup.procs'), '');
    writeFileSync(join(root, path, 'cgroup.subtree_control'), controllers);
  };
  group('.', 'memory');
  group('user/app', '');
  expect(look(root, '/user/app')).toBeUndefined();
  group('user', 'cpu memory pids');
  const parent = look(root, '/user/app');
  expect(parent).toBe(join(root, 'user'));
  const made = makeCgroup(parent ?? '', 'one', 256);
  made.add(42);
  made.limitProcessor(0.5);
  const read = (file: string) => readFileSync(join(root, `user/gatehouse-${process.pid}-one`, file), 'utf8');
  expect([read('memory.max'), read('cgroup.procs'), read('cpu.max')]).toEqual([
    '268435456',
    '42',
    '10000 20000',
  ]);
  made.limitProcessor(undefined);
  expect(read('cpu.max')).toBe('max');
  rmSync(root, { recursive: true });
});

test('a function that fills its /tmp is ended, and the next call finds an empty one', async () => {
  const code = bench.folder({
    'index.js': `const fs = require('node:fs');
      exports.handler = async ({ fill }) => {
        const folder = require('node:os').tmpdir();
        if (!fill) return fs.readdirSync(folder);
        for (let n = 0; ; n++) {
          fs.writeFileSync(folder + '/f' + n, Buffer.alloc(1 << 20, 1));
          await new Promise((r) => setTimeout(r, 5));
        }
      };`,
  });
  // Less than AWS allows, so that little is written.
  const config = functionOf(code, {
    functionName: 'full',
    ephemeralStorageMb: 8,
    timeoutSeconds: 20,
    memorySizeMb: 1769,
  });
  const answer = await bench.invoke(config, { fill: true });
  expect(answer.json).toEqual({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${answer.requestId} Error: Runtime exited with error: no space left on device: /tmp holds more than 8 MB`,
  });
  expect((await bench.invoke(config)).json).toEqual([]);
});

test('provisioned environments are initialised before anybody calls, and replaced', async () => {
  const code = bench.folder({
    'index.js': `const type = process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
      exports.handler = async ({ exit }) => { if (exit) process.exit(1); return [type, process.pid]; };`,
  });
  const config = functionOf(code, { functionName: 'ready', version: '1' });
  expect(await bench.runner.provision(config, 2)).toBe(2);
  const answer = await bench.invoke(config);
  expect(answer.json).toEqual(['provisioned-concurrency', expect.any(Number)]);
  expect(answer.initDurationMs).toBeUndefined();
  await eventually(() => bench.messages().some((line) => /^INIT_REPORT .*Phase: init\n$/.test(line)));
  expect(await bench.runner.provision(config, 0)).toBe(0);
  expect((await bench.invoke(config)).json).toEqual(['on-demand', expect.any(Number)]);
});
