/** Where functions see their layers and their `/tmp`, and as whom they run. */
import { afterAll, describe, expect, test } from 'bun:test';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { confine, namespaceCommand } from './isolation.ts';
import { createBench, functionOf } from './testing/bench.ts';

const unshare = await namespaceCommand();
const isRoot = process.getuid?.() === 0;

const READER = `const fs = require('node:fs');
  exports.handler = async ({ read = [], write, list }) => {
    if (write) fs.writeFileSync(write, 'mine');
    const text = (path) => { try { return fs.readFileSync(path, 'utf8'); } catch { return null; } };
    return { texts: read.map(text), list: list && fs.readdirSync(list), uid: process.getuid(), opt: process.env.PATH.split(':').at(-1), merged: require('shared') };
  };`;

interface Read {
  readonly texts: (string | null)[];
  readonly list?: string[];
  readonly uid: number;
  readonly opt: string;
  readonly merged: string;
}

describe.each([
  ['with namespaces where they are to be had', { mode: 'auto' as const }],
  ['without', { mode: 'off' as const }],
])('layers %s', (_, isolation) => {
  const bench = createBench({}, { isolation });
  afterAll(() => bench.close());

  test('are one folder, the later over the earlier', async () => {
    const lower = bench.folder({
      'nodejs/node_modules/shared/index.js': 'module.exports = "lower";',
      'data/only-lower': 'a',
      'data/both': 'lower',
    });
    const upper = bench.folder({
      'nodejs/node_modules/shared/index.js': 'module.exports = "upper";',
      'data/only-upper': 'b',
      'data/both': 'upper',
    });
    const code = bench.folder({ 'index.js': READER });
    const config = functionOf(code, { functionName: 'layered', layers: [lower, upper] });
    const first = (await bench.invoke(config)).json as Read;
    expect(first.merged).toBe('upper');
    const opt = first.opt.replace(/\/bin$/, '');
    expect(opt === '/opt').toBe(isolation.mode === 'auto' && unshare !== undefined);
    const read = ['only-lower', 'only-upper', 'both'].map((name) => `${opt}/data/${name}`);
    expect(((await bench.invoke(config, { read })).json as Read).texts).toEqual(['a', 'b', 'upper']);
    // The layers' own folders are not touched.
    expect(existsSync(join(lower.path, 'data/only-upper'))).toBe(false);
  });
});

test('strict: a /tmp of its own, kept from one call to the next', async () => {
  if (unshare === undefined) return expect(unshare).toBeUndefined();
  // Not below /tmp, which is covered.
  const bench = createBench({}, { isolation: { mode: 'strict' }, parent: '/var/tmp' });
  const code = bench.folder({ 'index.js': READER, 'node_modules/shared/index.js': '' });
  const mark = `gatehouse-${process.pid}`;
  const config = functionOf(code, { functionName: 'strict' });
  const { texts, list } = (
    await bench.invoke(config, { write: `/tmp/${mark}`, read: [`/tmp/${mark}`], list: '/tmp' })
  ).json as Read;
  expect(texts).toEqual(['mine']);
  expect(list).toEqual([mark]);
  expect(existsSync(`/tmp/${mark}`)).toBe(false);
  await bench.close();
});

test('strict: what cannot be kept apart does not run', async () => {
  const bench = createBench({}, { isolation: { mode: 'strict' } });
  const config = functionOf(bench.folder({ 'index.js': READER }), { functionName: 'refused' });
  await expect(bench.invoke(config)).rejects.toThrow('GATEHOUSE_FUNCTION_ISOLATION=strict cannot be kept');
  await bench.close();
});

test('another user, where the server is root', async () => {
  if (!isRoot) {
    const inner = { command: '/bin/true', args: [], variables: {} };
    return expect(() => confine(inner, {}, undefined, '1')).toThrow(
      'needs setpriv, and a server that is root',
    );
  }
  const bench = createBench({}, { isolation: { mode: 'off', user: '65534:65534' }, parent: '/var/tmp' });
  await Bun.$`chmod 755 ${bench.dataDir}`.quiet();
  const secret = join(bench.dataDir, 'secret');
  writeFileSync(secret, 'hidden', { mode: 0o600 });
  const code = bench.folder({ 'index.js': READER, 'node_modules/shared/index.js': '' });
  const config = functionOf(code, { functionName: 'nobody' });
  const { uid, texts } = (await bench.invoke(config, { read: [secret] })).json as Read;
  expect(uid).toBe(65534);
  expect(texts).toEqual([null]);
  await bench.close();
});

test('variables for the loader reach the function and nothing before it', () => {
  const { command, args, variables } = confine(
    { command: '/bin/echo', args: ['a b'], variables: { LD_PRELOAD: '/x.so', TABLE: 't' } },
    { opt: '/layers' },
    ['/usr/bin/unshare', '--mount'],
    undefined,
  );
  expect(variables).toEqual({ GATEHOUSE_LD_PRELOAD: '/x.so', TABLE: 't' });
  expect(command).toBe('/usr/bin/unshare');
  expect(args.slice(-3)).toEqual(['sh', '/bin/echo', 'a b']);
  expect(args.at(-4)).toContain('export LD_PRELOAD="$GATEHOUSE_LD_PRELOAD"');
});
