/** Lambda, the function runner and CloudWatch Logs together: real processes, real log lines. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { silentLog } from '../../base/log.ts';
import { createFunctionRunner } from '../../functions/runner.ts';
import { openLogs } from '../logs/testing/room.ts';
import { bytes, openRoom, text, until } from './testing/room.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-lambda-'));
const logs = openLogs({ now: () => Date.now() });
const runner = createFunctionRunner({
  now: () => Date.now(),
  log: silentLog,
  writeLogEvents: logs.logs.writeLogEvents,
  dataDir,
  endpointUrl: 'http://127.0.0.1:1',
});
const room = openRoom({ runner, now: () => Date.now() });

afterAll(async () => {
  await runner.close(0);
  rmSync(dataDir, { recursive: true, force: true });
});

const package_ = (file: string, source: string) => ({ ZipFile: zipSync({ [file]: bytes(source) }) });
const messages = async (name: string): Promise<string> => {
  const page = await logs.call<{ events: { message: string }[] }>('FilterLogEvents', {
    logGroupName: `/aws/lambda/${name}`,
  });
  return page.events.map(({ message }) => message).join('');
};

test('a Node function sees its environment, layer and version, and its lines are in its log group', async () => {
  await room.call('PublishLayerVersion', {
    LayerName: 'tools',
    Content: package_('nodejs/node_modules/tool/index.js', 'exports.word = "layer";'),
  });
  await room.createFunction('node', {
    Code: package_(
      'index.js',
      `exports.handler = async (event, context) => {
      console.log('got', event.a);
      return [process.env.TABLE, require('tool').word, context.functionVersion, context.invokedFunctionArn];
    };`,
    ),
    Environment: { Variables: { TABLE: 'orders' } },
    Layers: ['arn:aws:lambda:us-east-1:123456789012:layer:tools:1'],
    Publish: true,
  });
  const answer = await room.call<{ Payload: Uint8Array; ExecutedVersion: string }>('Invoke', {
    FunctionName: 'node',
    Qualifier: '1',
    Payload: bytes('{"a":7}'),
  });
  expect(JSON.parse(text(answer.Payload))).toEqual([
    'orders',
    'layer',
    '1',
    'arn:aws:lambda:us-east-1:123456789012:function:node:1',
  ]);
  await until(async () => (await messages('node')).includes('REPORT'));
  expect(await messages('node')).toMatch(
    /START RequestId: [^]*\tINFO\tgot 7\n[^]*END RequestId: [^]*REPORT RequestId: /,
  );
});

test('new code is met by the next call', async () => {
  const source = (word: string) =>
    package_('index.py', `def handler(event, context):\n    return "${word}"\n`);
  await room.createFunction('python', { Runtime: 'python3.12', Code: source('old') });
  const run = async () =>
    text((await room.call<{ Payload: Uint8Array }>('Invoke', { FunctionName: 'python' })).Payload);
  expect(await run()).toBe('"old"');
  await room.call('UpdateFunctionCode', { FunctionName: 'python', ...source('new') });
  expect(await run()).toBe('"new"');
});

test('a function that throws answers 200 with its error', async () => {
  await room.createFunction('broken', {
    Code: package_('index.js', 'exports.handler = async () => { throw new TypeError("no"); };'),
  });
  const answer = await room.call<{ Payload: Uint8Array }>('Invoke', { FunctionName: 'broken' });
  expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
  expect(JSON.parse(text(answer.Payload))).toMatchObject({ errorType: 'TypeError', errorMessage: 'no' });
});

test('a response is streamed as it comes', async () => {
  await room.createFunction('streamer', {
    Code: package_(
      'index.js',
      `exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('one;');
      await new Promise((resolve) => setTimeout(resolve, 50));
      stream.end('two');
    });`,
    ),
  });
  interface StreamEvent {
    readonly PayloadChunk?: { readonly Payload: Uint8Array };
    readonly InvokeComplete?: object;
  }
  const { EventStream, ...head } = await room.call<{ EventStream: AsyncIterable<StreamEvent> }>(
    'InvokeWithResponseStream',
    { FunctionName: 'streamer' },
  );
  expect(head).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
  const seen: string[] = [];
  for await (const event of EventStream)
    seen.push(event.PayloadChunk ? text(event.PayloadChunk.Payload) : 'complete');
  expect([seen.join(''), seen.at(-1)]).toEqual(['one;twocomplete', 'complete']);
});
