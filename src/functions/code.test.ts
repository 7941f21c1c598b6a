import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { FunctionCode } from './config.ts';
import { createBench, functionOf, sha256Of, writeAt } from './testing/bench.ts';
import { unpackZip } from './unpack-zip.ts';

const bench = createBench();
afterAll(() => bench.close());

const MADE_ON_UNIX = 3;
const text = (value: string): Uint8Array => Buffer.from(value);

interface Entry {
  readonly body: string;
  /** With the file type: 0o120777 is a symbolic link. */
  readonly mode?: number;
}

function zipOf(entries: Readonly<Record<string, Entry>>): Uint8Array {
  const files = Object.entries(entries).map(([name, { body, mode = 0o100644 }]) => [
    name,
    [text(body), { os: MADE_ON_UNIX, attrs: mode * 65_536 }],
  ]);
  return zipSync(Object.fromEntries(files));
}

let zips = 0;
function onDisk(bytes: Uint8Array): string {
  zips += 1;
  const path = join(bench.dataDir, `${zips}.zip`);
  mkdirSync(bench.dataDir, { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

const codeOf = (bytes: Uint8Array): FunctionCode => ({
  kind: 'zip',
  path: onDisk(bytes),
  sha256: sha256Of(bytes),
});
const roomy = { unzippedBytes: 1_000_000, entries: 100 };

test('a zip is run, packages and SDK included, and unpacked once', async () => {
  const code = codeOf(
    zipOf({
      'index.mjs': {
        body: 'import { a } from "./lib/a.mjs"; import { S3Client } from "@aws-sdk/client-s3"; export const handler = async () => [a, typeof S3Client];',
      },
      'lib/a.mjs': { body: 'export const a = 1;' },
    }),
  );
  expect((await bench.invoke(functionOf(code, { functionName: 'zipped' }))).json).toEqual([1, 'function']);
  rmSync(code.path);
  expect((await bench.invoke(functionOf(code, { functionName: 'zipped-again' }))).json).toEqual([
    1,
    'function',
  ]);
});

test('permissions and links inside the package are kept', async () => {
  const folder = join(bench.dataDir, 'unpacked');
  const bytes = zipOf({
    'bin/tool': { body: '#!/bin/sh\n', mode: 0o100755 },
    'plain.txt': { body: 'x' },
    'empty/': { body: '', mode: 0o040755 },
    'bin/link': { body: '../plain.txt', mode: 0o120777 },
  });
  await unpackZip(onDisk(bytes), folder, roomy);
  expect(statSync(join(folder, 'bin/tool')).mode & 0o777).toBe(0o755);
  expect(statSync(join(folder, 'plain.txt')).mode & 0o777).toBe(0o644);
  expect(statSync(join(folder, 'empty')).isDirectory()).toBe(true);
  expect(readFileSync(join(folder, 'bin/link'), 'utf8')).toBe('x');
});

const damaged = zipOf({ 'index.js': { body: 'x'.repeat(5000) + Math.PI } });
damaged.fill(0xff, 40, 60);

const refusals = [
  {
    name: 'a path outside',
    bytes: zipOf({ '../evil.js': { body: 'x' } }),
    message: '"../evil.js" lies outside it',
  },
  {
    name: 'a path outside, further in',
    bytes: zipOf({ 'a/../../evil.js': { body: 'x' } }),
    message: 'lies outside it',
  },
  { name: 'an absolute path', bytes: zipOf({ '/tmp/evil.js': { body: 'x' } }), message: 'lies outside it' },
  {
    name: 'a link outside',
    bytes: zipOf({ link: { body: '../../etc/passwd', mode: 0o120777 } }),
    message: 'lies outside it',
  },
  {
    name: 'an absolute link',
    bytes: zipOf({ link: { body: '/etc/passwd', mode: 0o120777 } }),
    message: 'lies outside it',
  },
  { name: 'no zip file', bytes: text('nothing of the kind'), message: 'it is not a zip file' },
  { name: 'an empty file', bytes: text(''), message: 'it is not a zip file' },
  { name: 'a cut file', bytes: zipOf({ a: { body: 'x' } }).subarray(12), message: '' },
  { name: 'damaged content', bytes: damaged, message: '' },
  {
    name: 'too many entries',
    bytes: zipOf(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`f${n}`, { body: '' }]))),
    message: 'more than 100 entries',
  },
];

for (const { name, bytes, message } of refusals)
  test(`refused: ${name}`, async () => {
    const parent = join(bench.dataDir, 'refused', name.replaceAll(' ', '-'));
    const folder = join(parent, 'code');
    mkdirSync(folder, { recursive: true });
    await expect(unpackZip(onDisk(bytes), folder, roomy)).rejects.toMatchObject({
      code: 'InvalidZipFileException',
      message: expect.stringContaining(message),
    });
    expect(readdirSync(parent)).toEqual(['code']);
    expect(existsSync('/tmp/evil.js')).toBe(false);
  });

test('refused: more than it may unpack to, whatever it says', async () => {
  const bytes = zipOf({ a: { body: 'x'.repeat(600_000) }, b: { body: 'x'.repeat(600_000) } });
  await expect(unpackZip(onDisk(bytes), join(bench.dataDir, 'bomb'), roomy)).rejects.toMatchObject({
    message: 'Unzipped size must be smaller than 1000000 bytes',
  });
});

test('a package that cannot be unpacked fails the call and leaves nothing behind', async () => {
  const call = bench.invoke(functionOf(codeOf(text('no zip')), { functionName: 'broken-zip' }));
  await expect(call).rejects.toMatchObject({ code: 'InvalidZipFileException' });
  expect(
    readdirSync(join(bench.dataDir, 'data', 'code')).filter((name) => name.startsWith('.unpacking')),
  ).toEqual([]);
});

test('a code folder that is not there is named', async () => {
  const code = { kind: 'folder', path: join(bench.dataDir, 'absent') } as const;
  await expect(bench.invoke(functionOf(code, { functionName: 'absent' }))).rejects.toThrow(code.path);
});

test('TypeScript: imports with and without extension, packages, enums, top-level await, the SDK', async () => {
  const code = bench.folder({
    'src/handler.ts': `import { greet } from './lib/greet';
      import { other } from './lib/other.ts';
      import { value } from 'dep';
      import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
      import type { Context } from 'aws-lambda';
      enum Colour { Red = 'red' }
      const early: number = await Promise.resolve(4);
      export const handler = async (event: { name: string }, context: Context): Promise<unknown> =>
        [greet(event.name), other, value, Colour.Red, early, typeof DynamoDBClient, typeof context.awsRequestId];`,
    'src/lib/greet.ts': 'export const greet = (name: string): string => `hi ${name}`;',
    'src/lib/other.ts': 'export const other: number = 2;',
    'node_modules/dep/package.json': '{"name":"dep","main":"index.js"}',
    'node_modules/dep/index.js': 'exports.value = 3;',
  });
  const config = functionOf(code, { functionName: 'typescript', handler: 'src/handler.handler' });
  expect((await bench.invoke(config, { name: 'Ada' })).json).toEqual([
    'hi Ada',
    2,
    3,
    'red',
    4,
    'function',
    'string',
  ]);
});

const kinds: readonly { name: string; files: Readonly<Record<string, string>>; expected: string }[] = [
  {
    name: '.mts',
    files: { 'index.mts': 'export const handler = async (): Promise<string> => "mts";' },
    expected: 'mts',
  },
  {
    name: '.cts',
    files: { 'index.cts': 'exports.handler = async (): Promise<string> => "cts";' },
    expected: 'cts',
  },
  {
    name: 'a file of Node.js beside it',
    files: { 'index.ts': 'export const handler = 1;', 'index.js': 'exports.handler = async () => "js";' },
    expected: 'js',
  },
];

for (const [at, { name, files, expected }] of kinds.entries())
  test(`TypeScript: ${name}`, async () => {
    expect((await bench.invoke(functionOf(bench.folder(files), { functionName: `kind-${at}` }))).json).toBe(
      expected,
    );
  });

const mistakes = [
  {
    name: 'code that does not parse',
    files: { 'index.ts': 'const a: = 3;' },
    errorType: 'Runtime.UserCodeSyntaxError',
    message: /^SyntaxError: Unexpected = \(.*index\.ts:1:\d+\)$/,
  },
  {
    name: 'an import that is not there',
    files: { 'index.ts': 'import { b } from "./absent"; export const handler = () => b;' },
    errorType: 'Runtime.ImportModuleError',
    message: /^Error: Could not resolve: "\.\/absent".* \(.*index\.ts:1:\d+\)$/,
  },
];

for (const [at, { name, files, errorType, message }] of mistakes.entries())
  test(`TypeScript: ${name}`, async () => {
    const answer = await bench.invoke(functionOf(bench.folder(files), { functionName: `mistake-${at}` }));
    expect(answer.json).toMatchObject({ errorType, errorMessage: expect.stringMatching(message) });
  });

test('TypeScript: a trace shows the source', async () => {
  const code = bench.folder({
    'index.ts': '\n\nexport const handler = async (): Promise<void> => {\n  throw new Error("here");\n};',
  });
  const { json } = await bench.invoke(functionOf(code, { functionName: 'traced' }));
  expect((json as { trace: string[] }).trace.join('\n')).toMatch(/index\.ts:4/);
});

test('TypeScript: a file beside the folder is watched too', async () => {
  const shared = join(bench.dataDir, 'shared');
  writeAt(join(shared, 'value.ts'), 'export const value = "old";');
  const code = bench.folder({
    'index.ts': `import { value } from '../shared/value.ts'; export const handler = async () => value;`,
  });
  const config = functionOf(code, { functionName: 'shared' });
  expect((await bench.invoke(config)).json).toBe('old');
  writeAt(join(shared, 'value.ts'), 'export const value = "new";');
  let served: unknown;
  while (served !== 'new') served = (await bench.invoke(config)).json;
});
