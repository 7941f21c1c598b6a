import { afterAll, expect, test } from 'bun:test';
import type { FunctionConfig } from './config.ts';
import { namespaceCommand } from './isolation.ts';
import { createBench, functionOf } from './testing/bench.ts';

const bench = createBench();
afterAll(() => bench.close());

interface Row {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly config?: Partial<FunctionConfig>;
  readonly event?: unknown;
  readonly expected: unknown;
  readonly error?: true;
}

const answers: readonly Row[] = [
  {
    name: 'CommonJS, async',
    files: { 'index.js': 'exports.handler = async (event) => ({ got: event });' },
    event: { a: [1, 'ü'] },
    expected: { got: { a: [1, 'ü'] } },
  },
  {
    name: 'ES module by extension, with top-level await',
    files: { 'index.mjs': 'const a = await Promise.resolve(7); export const handler = async () => a;' },
    expected: 7,
  },
  {
    name: 'ES module by package.json',
    files: {
      'package.json': '{"type":"module"}',
      'index.js': 'export const handler = async () => import.meta.url.slice(-8);',
    },
    expected: 'index.js',
  },
  {
    name: 'CommonJS by extension inside a module package',
    files: {
      'package.json': '{"type":"module"}',
      'index.cjs': 'exports.handler = async () => __filename.slice(-9);',
    },
    expected: 'index.cjs',
  },
  {
    name: 'nested folder and export',
    files: { 'src/a/index.js': 'exports.api = { v1: { handler: async () => "nested" } };' },
    config: { handler: 'src/a/index.api.v1.handler' },
    expected: 'nested',
  },
  {
    name: 'packages of its own',
    files: {
      'node_modules/dep/index.js': 'exports.value = 5;',
      'index.js': 'exports.handler = async () => require("dep").value;',
    },
    expected: 5,
  },
  {
    name: 'callback',
    files: {
      'index.js':
        'exports.handler = (event, context, callback) => { setTimeout(() => callback(null, "late"), 5); };',
    },
    expected: 'late',
  },
  {
    name: 'callback waits for an empty event loop',
    files: {
      'index.js':
        'let done = false; exports.handler = (e, c, cb) => { setTimeout(() => { value.done = true; }, 20); const value = { done }; cb(null, value); };',
    },
    expected: { done: true },
  },
  {
    name: 'callback does not wait when told so',
    files: {
      'index.js':
        'exports.handler = (e, c, cb) => { c.callbackWaitsForEmptyEventLoop = false; const value = { done: false }; setTimeout(() => { value.done = true; }, 2000); cb(null, value); };',
    },
    expected: { done: false },
  },
  {
    name: 'context.succeed',
    files: { 'index.js': 'exports.handler = (e, c) => { c.succeed("old"); };' },
    expected: 'old',
  },
  {
    name: 'context.done with an error',
    files: { 'index.js': 'exports.handler = (e, c) => { c.done(new RangeError("far")); };' },
    expected: { errorType: 'RangeError', errorMessage: 'far', trace: expect.any(Array) },
    error: true,
  },
  {
    name: 'a callback handler that never calls back',
    files: { 'index.js': 'exports.handler = (e, c, cb) => {};' },
    expected: null,
  },
  {
    name: 'an async handler whose promise never settles',
    files: { 'index.js': 'exports.handler = async () => new Promise(() => {});' },
    expected: {
      errorType: 'Runtime.NodeJsExit',
      errorMessage: expect.stringContaining('never settled'),
      trace: expect.any(Array),
    },
    error: true,
  },
  { name: 'undefined', files: { 'index.js': 'exports.handler = async () => {};' }, expected: null },
  {
    name: 'an error thrown',
    files: {
      'index.js':
        'class Broken extends Error { name = "Broken"; }\nexports.handler = async () => { throw new Broken("no"); };',
    },
    expected: {
      errorType: 'Broken',
      errorMessage: 'no',
      trace: expect.arrayContaining(['Broken: no', expect.stringMatching(/at .*handler .*index\.js:2/)]),
    },
    error: true,
  },
  {
    name: 'a string thrown',
    files: { 'index.js': 'exports.handler = async () => { throw "text"; };' },
    expected: { errorType: 'string', errorMessage: 'text', trace: [] },
    error: true,
  },
  {
    name: 'an answer that is no JSON',
    files: { 'index.js': 'exports.handler = async () => { const a = {}; a.a = a; return a; };' },
    expected: {
      errorType: 'Error',
      errorMessage: 'Unable to stringify response body',
      trace: expect.any(Array),
    },
    error: true,
  },
  {
    name: 'an uncaught exception',
    files: {
      'index.js':
        'exports.handler = async () => { setTimeout(() => { throw new TypeError("outside"); }, 1); await new Promise((r) => setTimeout(r, 1000)); };',
    },
    expected: { errorType: 'TypeError', errorMessage: 'outside', trace: expect.any(Array) },
    error: true,
  },
  {
    name: 'an unhandled rejection',
    files: {
      'index.js':
        'exports.handler = async () => { Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 1000)); };',
    },
    expected: {
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: 'Error: lost',
      trace: expect.arrayContaining(['Runtime.UnhandledPromiseRejection: Error: lost']),
    },
    error: true,
  },
  {
    name: 'a module that is not there',
    files: { 'index.js': 'require("nowhere"); exports.handler = async () => 1;' },
    expected: {
      errorType: 'Runtime.ImportModuleError',
      errorMessage: expect.stringMatching(
        /^Error: Cannot find module 'nowhere'\nRequire stack:\n- .*index\.js/,
      ),
      trace: expect.any(Array),
    },
    error: true,
  },
  {
    name: 'no such file',
    files: { 'other.js': '' },
    expected: {
      errorType: 'Runtime.ImportModuleError',
      errorMessage: expect.stringContaining("Error: Cannot find module 'index'"),
      trace: expect.any(Array),
    },
    error: true,
  },
  {
    name: 'a package an ES module does not find',
    files: { 'index.mjs': 'import "nowhere"; export const handler = async () => 1;' },
    expected: {
      errorType: 'Error',
      errorMessage: expect.stringContaining("Cannot find package 'nowhere'"),
      trace: expect.any(Array),
    },
    error: true,
  },
  {
    name: 'no such export',
    files: { 'index.js': 'exports.other = 1;' },
    expected: {
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: 'index.handler is undefined or not exported',
      trace: expect.any(Array),
    },
    error: true,
  },
  {
    name: 'an export that is no function',
    files: { 'index.js': 'exports.handler = 1;' },
    expected: {
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: 'index.handler is not a function',
      trace: expect.any(Array),
    },
    error: true,
  },
  {
    name: 'a bad handler name',
    files: { 'index.js': '' },
    config: { handler: 'index' },
    expected: {
      errorType: 'Runtime.MalformedHandlerName',
      errorMessage: 'Bad handler',
      trace: expect.any(Array),
    },
    error: true,
  },
  {
    name: 'a handler outside the code',
    files: { 'index.js': '' },
    config: { handler: '../index.handler' },
    expected: {
      errorType: 'Runtime.MalformedHandlerName',
      errorMessage: expect.stringContaining("'../index.handler' is not a valid handler name"),
      trace: expect.any(Array),
    },
    error: true,
  },
  {
    name: 'code that does not parse, with its place',
    files: { 'index.js': 'exports.handler = async () => {\n  return 1 +;\n};' },
    expected: {
      errorType: 'Runtime.UserCodeSyntaxError',
      errorMessage: "SyntaxError: Unexpected token ';'",
      trace: expect.arrayContaining([expect.stringMatching(/index\.js:2$/)]),
    },
    error: true,
  },
  {
    name: 'callbacks are gone since Node.js 24',
    files: { 'index.js': 'exports.handler = (event, context, callback) => callback(null, 1);' },
    config: { runtime: 'nodejs24.x' },
    expected: {
      errorType: 'Runtime.CallbackHandlerDeprecated',
      errorMessage: expect.stringContaining('starting with Node.js 24'),
      trace: expect.any(Array),
    },
    error: true,
  },
  {
    name: 'the SDK is there for require',
    files: {
      'index.js': 'exports.handler = async () => typeof require("@aws-sdk/client-dynamodb").DynamoDBClient;',
    },
    expected: 'function',
  },
  {
    name: 'the SDK is there for import',
    files: {
      'lib/db.mjs': 'export { DynamoDBClient } from "@aws-sdk/client-dynamodb";',
      'index.mjs':
        'import { DynamoDBClient } from "./lib/db.mjs"; export const handler = async () => typeof DynamoDBClient;',
    },
    expected: 'function',
  },
  {
    name: 'NODE_OPTIONS is honoured',
    files: {
      'before.cjs': 'globalThis.before = "yes";',
      'index.js': 'exports.handler = async () => globalThis.before;',
    },
    config: { environment: { NODE_OPTIONS: '--require ./before.cjs' } },
    expected: 'yes',
  },
  {
    name: 'AWS_LAMBDA_EXEC_WRAPPER starts the runtime',
    files: {
      wrapper: '#!/bin/sh\nexport WRAPPED=yes\nexec "$@"\n',
      'index.js': 'exports.handler = async () => process.env.WRAPPED;',
    },
    config: { environment: { AWS_LAMBDA_EXEC_WRAPPER: '/var/task/wrapper' } },
    expected: 'yes',
  },
];

for (const [at, { name, files, config, event, expected, error }] of answers.entries())
  test(`nodejs: ${name}`, async () => {
    const made = functionOf(bench.folder(files), { functionName: `node-${at}`, ...config });
    const answer = await bench.invoke(made, event);
    expect(answer.json).toEqual(expected);
    expect(answer.functionError).toBe(error ? 'Unhandled' : undefined);
    bench.runner.retire(made.functionArn);
  });

test('nodejs: the context object', async () => {
  const code = bench.folder({
    'index.js': `exports.handler = async (event, context) => {
      const { getRemainingTimeInMillis, done, fail, succeed, ...rest } = context;
      return { ...rest, remaining: getRemainingTimeInMillis(), old: [done, fail, succeed].map((f) => typeof f) };
    };`,
  });
  const config = functionOf(code, { functionName: 'context', version: '7', memorySizeMb: 300 });
  const answer = await bench.invoke(
    config,
    {},
    {
      invokedFunctionArn: `${config.functionArn}:live`,
      clientContext: Buffer.from('{"custom":{"a":"b"}}').toString('base64'),
    },
  );
  const [logStreamName] = [...bench.streams.keys()].slice(-1);
  expect(answer.json).toEqual({
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: '7',
    functionName: 'context',
    memoryLimitInMB: '300',
    logGroupName: '/aws/lambda/context',
    logStreamName: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[7\][0-9a-f]{32}$/),
    clientContext: { custom: { a: 'b' } },
    invokedFunctionArn: `${config.functionArn}:live`,
    awsRequestId: answer.requestId,
    remaining: expect.any(Number),
    old: ['function', 'function', 'function'],
  });
  expect(logStreamName).toBeString();
});

test('nodejs: the environment is what AWS gives, and nothing of the server', async () => {
  process.env.GATEHOUSE_SECRET_OF_THE_SERVER = 'hidden';
  const code = bench.folder({
    'index.js': 'exports.handler = async () => ({ env: process.env, cwd: process.cwd() });',
  });
  const layer = bench.folder({ 'nodejs/node_modules/in-layer/index.js': '' });
  const config = functionOf(code, {
    functionName: 'environment',
    environment: { TABLE: 'orders', AWS_REGION: 'not this one', TZ: 'Europe/Paris' },
    layers: [layer],
  });
  const { json } = await bench.invoke(config, {}, { traceId: 'Root=1-2-3' });
  const { env, cwd } = json as { env: Record<string, string>; cwd: string };
  // Where no namespace is to be had, the folder itself.
  const opt = (await namespaceCommand()) === undefined ? layer.path : '/opt';
  expect(env).toEqual({
    TABLE: 'orders',
    TZ: 'Europe/Paris',
    LANG: 'en_US.UTF-8',
    _HANDLER: 'index.handler',
    _X_AMZN_TRACE_ID: 'Root=1-2-3',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_SESSION_TOKEN: 'token',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
    AWS_LAMBDA_FUNCTION_NAME: 'environment',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: 'Text',
    AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/environment',
    AWS_LAMBDA_LOG_STREAM_NAME: expect.stringContaining('[$LATEST]'),
    LAMBDA_TASK_ROOT: code.path,
    LAMBDA_RUNTIME_DIR: expect.stringMatching(/bootstrap$/),
    NODE_PATH: expect.stringContaining(`${opt}/nodejs/node22/node_modules:${opt}/nodejs/node_modules`),
    PATH: expect.stringContaining(`${opt}/bin`),
    LD_LIBRARY_PATH: `${code.path}:${code.path}/lib:${opt}/lib`,
    TMPDIR: expect.stringContaining('/environments/'),
    HOME: expect.stringContaining('/environments/'),
    AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  });
  expect(cwd).toBe(code.path);
});

test('nodejs: between calls nothing of the function runs', async () => {
  const code = bench.folder({
    'index.js': `let ticks = 0; setInterval(() => { ticks += 1; }, 1);
      exports.handler = async () => { const before = ticks; ticks = 0; return before; };`,
  });
  const config = functionOf(code, { functionName: 'frozen' });
  await bench.invoke(config);
  await new Promise((resolve) => setTimeout(resolve, 100));
  // One turn of the loop is taken after the answer, and one when the call arrives.
  expect((await bench.invoke(config)).json).toBeLessThanOrEqual(3);
});

test('nodejs: payloads pass as they are, up to the limits', async () => {
  const code = bench.folder({
    'index.js': 'exports.handler = async (e) => (e.size ? "x".repeat(e.size) : e.text.length);',
  });
  const config = functionOf(code, { functionName: 'sizes', memorySizeMb: 512 });
  expect((await bench.invoke(config, { text: 'ä'.repeat(3_000_000) })).json).toBe(3_000_000);
  const largest = await bench.invoke(config, { size: 6_291_554 });
  expect(largest.payload.length).toBe(6_291_556);
  const larger = await bench.invoke(config, { size: 6_291_555 });
  expect(Buffer.from(larger.payload).toString()).toBe(
    '{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}',
  );
  expect(larger.functionError).toBe('Unhandled');
  expect((await bench.invoke(config, { text: 'still warm' })).initDurationMs).toBeUndefined();
});

const streamed = bench.folder({
  'index.mjs': `import { setTimeout as wait } from 'node:timers/promises';
    export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
      if (event.prelude) stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
      stream.write('one,');
      if (event.fail) throw new Error('halfway');
      await wait(1);
      stream.write(Buffer.from('two'));
      if (!event.open) stream.end();
    });`,
});

const streams = [
  { name: 'chunks', event: {}, chunks: 'one,two', answer: '' },
  {
    name: 'with the metadata before 8 zero bytes',
    event: { prelude: true },
    chunks: '{"statusCode":201}\0\0\0\0\0\0\0\0one,two',
    answer: '',
  },
  {
    name: 'that breaks off',
    event: { fail: true },
    chunks: 'one,',
    answer: expect.stringContaining('"errorMessage":"halfway"'),
    error: 'Unhandled',
  },
  {
    name: 'that is not ended',
    event: { open: true },
    chunks: 'one,two',
    answer: expect.stringContaining('Response stream is not finished.'),
    error: 'Unhandled',
  },
];

for (const { name, event, chunks, answer, error } of streams)
  test(`nodejs: a streamed answer ${name}`, async () => {
    const taken: Uint8Array[] = [];
    const config = functionOf(streamed, { functionName: 'streamed' });
    const got = await bench.runner.run(config, {
      requestId: 'r',
      invokedFunctionArn: config.functionArn,
      payload: Buffer.from(JSON.stringify(event)),
      onChunk: async (chunk) => {
        await new Promise((resolve) => setImmediate(resolve));
        taken.push(chunk);
      },
    });
    expect(Buffer.concat(taken).toString()).toBe(chunks);
    expect(Buffer.from(got.payload).toString()).toEqual(answer);
    expect(got.functionError).toBe(error as 'Unhandled' | undefined);
  });

test('nodejs: a streamed answer is collected for who does not take chunks', async () => {
  const config = functionOf(streamed, { functionName: 'streamed' });
  const request = { requestId: 'r', invokedFunctionArn: config.functionArn, payload: Buffer.from('{}') };
  expect(Buffer.from((await bench.runner.run(config, request)).payload).toString()).toBe('one,two');
});
