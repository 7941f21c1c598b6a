import { afterAll, expect, test } from 'bun:test';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../base/fault.ts';
import { createBench, eventually, functionOf, writeAt } from './testing/bench.ts';

const bench = createBench();
afterAll(() => bench.close());

const WAITS = `exports.handler = async (event) => { await new Promise((r) => setTimeout(r, event.ms)); return process.pid; };`;
const environments = (dataDir: string): number => {
  const parent = join(dataDir, 'data', 'environments');
  return readdirSync(parent).flatMap((name) =>
    readdirSync(join(parent, name)).filter((entry) => !entry.includes('-')),
  ).length;
};

test('one call after the other is served by one environment, calls at once by several', async () => {
  const config = functionOf(bench.folder({ 'index.js': WAITS }), { functionName: 'reuse' });
  const first = (await bench.invoke(config, { ms: 0 })).json;
  expect((await bench.invoke(config, { ms: 0 })).json).toBe(first);
  const several = await Promise.all([1, 2, 3].map(() => bench.invoke(config, { ms: 1500 })));
  expect(new Set(several.map(({ json }) => json)).size).toBe(3);
});

test('a function calls itself while it is called', async () => {
  const config = functionOf(bench.folder({ 'index.js': WAITS }), { functionName: 'recursive' });
  await bench.invoke(config, { ms: 0 });
  const outer = bench.invoke(config, { ms: 2000 });
  const inner = await bench.invoke(config, { ms: 0 });
  expect(inner.durationMs).toBeLessThan(1000);
  await outer;
});

const refusals = [
  {
    name: 'reserved concurrency',
    config: { concurrencyLimit: 1 },
    running: 1,
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  },
  {
    name: 'no concurrency at all',
    config: { concurrencyLimit: 0 },
    running: 0,
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  },
  { name: "the account's concurrency", config: {}, running: 2, Reason: 'ConcurrentInvocationLimitExceeded' },
] as const;

for (const { name, config, running, Reason } of refusals)
  test(`a call over ${name} is refused`, async () => {
    const small = createBench({ accountConcurrency: 2 });
    const made = functionOf(small.folder({ 'index.js': WAITS }), { functionName: 'limited', ...config });
    const calls = Array.from({ length: running }, () => small.invoke(made, { ms: 50 }));
    const refusal = await small.invoke(made).catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(Fault);
    expect(refusal).toMatchObject({
      code: 'TooManyRequestsException',
      message: 'Rate Exceeded.',
      status: 429,
      members: { Type: 'User', Reason },
    });
    await Promise.all(calls);
    if (running > 0) await small.invoke(made, { ms: 0 });
    await small.close();
  });

test('a changed file is served within 300 ms, and calls in flight finish on the old code', async () => {
  const answers = (version: number): string =>
    `exports.handler = async (e) => { await new Promise((r) => setTimeout(r, e.ms)); return ${version}; };`;
  const code = bench.folder({ 'index.js': answers(0) });
  const config = functionOf(code, { functionName: 'watched' });
  await bench.invoke(config, { ms: 0 });
  const inFlight = bench.invoke(config, { ms: 1500 });
  const took: number[] = [];
  for (let version = 1; version <= 5; version += 1) {
    writeAt(join(code.path, 'index.js'), answers(version));
    const writtenAt = performance.now();
    let served: unknown;
    while (served !== version) served = (await bench.invoke(config, { ms: 0 })).json;
    took.push(performance.now() - writtenAt);
  }
  // Others work on this machine too: the one in the middle counts.
  expect(took.toSorted((a, b) => a - b)[2]).toBeLessThan(300);
  expect((await inFlight).json).toBe(0);
  const seen: unknown[] = [];
  for (let call = 0; call < 10; call += 1) seen.push((await bench.invoke(config, { ms: 0 })).json);
  expect(new Set(seen)).toEqual(new Set([5]));
});

test('a folder that is removed and made anew is followed', async () => {
  const code = bench.folder({ 'index.js': `exports.handler = async () => 'old';` });
  const config = functionOf(code, { functionName: 'rebuilt' });
  await bench.invoke(config);
  rmSync(code.path, { recursive: true });
  writeAt(join(code.path, 'index.js'), `exports.handler = async () => 'new';`);
  let served: unknown;
  while (served !== 'new') served = (await bench.invoke(config).catch(() => ({ json: undefined }))).json;
});

test('a change in a folder made later is followed', async () => {
  const code = bench.folder({
    'index.js': `exports.handler = async () => { try { return require('./lib/late.js'); } catch { return 'none'; } };`,
  });
  const config = functionOf(code, { functionName: 'grows' });
  const serves = async (expected: string): Promise<void> => {
    let served: unknown;
    while (served !== expected) served = (await bench.invoke(config)).json;
  };
  await serves('none');
  for (const text of ['one', 'two']) {
    writeAt(join(code.path, 'lib/late.js'), `module.exports = '${text}';`);
    await serves(text);
  }
});

test('a new revision takes over, the old one finishes', async () => {
  const old = functionOf(
    bench.folder({
      'index.js': `exports.handler = async (e) => { await new Promise((r) => setTimeout(r, e.ms)); return 'old'; };`,
    }),
    { functionName: 'revised' },
  );
  await bench.invoke(old, { ms: 0 });
  const inFlight = bench.invoke(old, { ms: 200 });
  const next = {
    ...old,
    revision: '2',
    code: bench.folder({ 'index.js': `exports.handler = async () => 'new';` }),
  };
  expect((await bench.invoke(next)).json).toBe('new');
  expect((await inFlight).json).toBe('old');
});

test('an environment nobody calls ends', async () => {
  const short = createBench({ idleMs: 60 });
  const config = functionOf(short.folder({ 'index.js': WAITS }), { functionName: 'idle' });
  const { json } = await short.invoke(config, { ms: 0 });
  expect(environments(short.dataDir)).toBe(1);
  await eventually(() => environments(short.dataDir) === 0);
  expect((await short.invoke(config, { ms: 0 })).json).not.toBe(json);
  await short.close();
});

test('where the machine is full, the environment idle for longest makes room', async () => {
  const full = createBench({ environments: 2 });
  const [a, b, c] = ['a', 'b', 'c'].map((functionName) =>
    functionOf(full.folder({ 'index.js': WAITS }), { functionName }),
  );
  if (!a || !b || !c) throw new Error('three were made');
  for (const config of [a, b, c]) await full.invoke(config, { ms: 0 });
  const both = await Promise.all([full.invoke(c, { ms: 400 }), full.invoke(c, { ms: 400 })]);
  expect(new Set(both.map(({ json }) => json)).size).toBe(2);
  await full.close();
});

test('who gives up waiting takes no place', async () => {
  const config = functionOf(
    bench.folder({
      'index.js': 'const t = Date.now(); while (Date.now() - t < 300); exports.handler = async () => 1;',
    }),
    { functionName: 'abandoned', concurrencyLimit: 1 },
  );
  const abort = new AbortController();
  const call = bench.invoke(config, {}, { signal: abort.signal }).catch((thrown: unknown) => thrown);
  abort.abort(new Error('client went away'));
  expect(await call).toMatchObject({ message: 'client went away' });
  expect((await bench.invoke(config)).json).toBe(1);
});

test('a storm: one function crashes, one hangs, one is fine and loses nothing', async () => {
  const bad = bench.folder({ 'index.js': 'exports.handler = async () => { process.exit(1); };' });
  const hang = bench.folder({ 'index.js': 'exports.handler = async () => { for (;;); };' });
  const good = bench.folder({ 'index.js': 'exports.handler = async (event) => event.n;' });
  const crashing = functionOf(bad, { functionName: 'crashes' });
  const hanging = functionOf(hang, { functionName: 'loops', timeoutSeconds: 1, concurrencyLimit: 4 });
  const fine = functionOf(good, { functionName: 'steady' });
  const answers = { crashed: 0, hung: 0, throttled: 0, right: 0 };
  let left = 3000;
  const crash = async (): Promise<void> => {
    while (left > 0) {
      expect((await bench.invoke(crashing)).json).toMatchObject({ errorType: 'Runtime.ExitError' });
      answers.crashed += 1;
    }
  };
  const hangUp = async (): Promise<void> => {
    while (left > 0) {
      const ended = await bench.invoke(hanging).catch((thrown: unknown) => thrown);
      if (!(ended instanceof Fault)) expect(ended).toMatchObject({ json: { errorType: 'Sandbox.Timedout' } });
      if (ended instanceof Fault) answers.throttled += 1;
      else answers.hung += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const steady = async (): Promise<void> => {
    while (left > 0) {
      const n = (left -= 1);
      expect(await bench.invoke(fine, { n })).toMatchObject({ json: n });
      answers.right += 1;
    }
  };
  const lanes = (count: number, lane: () => Promise<void>): Promise<void>[] =>
    Array.from({ length: count }, lane);
  await Promise.all([...lanes(2, crash), ...lanes(6, hangUp), ...lanes(48, steady)]);
  expect(answers.right).toBe(3000);
  expect(answers.crashed).toBeGreaterThan(0);
  expect(answers.throttled).toBeGreaterThan(0);
}, 30_000);

test('close waits for what runs, then ends everything', async () => {
  const closing = createBench();
  const config = functionOf(closing.folder({ 'index.js': WAITS }), { functionName: 'closing' });
  await closing.invoke(config, { ms: 0 });
  const running = closing.invoke(config, { ms: 100 });
  await closing.runner.close(2000);
  expect((await running).functionError).toBeUndefined();
  await expect(closing.invoke(config)).rejects.toThrow('going down');
  await closing.close();
});
