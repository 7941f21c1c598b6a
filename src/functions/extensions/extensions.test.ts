/** External and internal extensions over the Extensions API, and telemetry by both of its APIs. */
import { afterAll, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBench, eventually, functionOf } from '../testing/bench.ts';

const bench = createBench();
afterAll(() => bench.close());

/** Notes what it is told, line by line, in a file. BODY runs after registration. */
const extension = (name: string, file: string, body = '') => `#!/usr/bin/env node
const http = require('node:http'), fs = require('node:fs');
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const note = (value) => fs.appendFileSync(${JSON.stringify(file)}, JSON.stringify(value) + '\\n');
const call = (method, path, headers = {}, body) => new Promise((resolve, reject) => {
  const request = http.request({ host, port, method, path, headers }, (answer) => {
    let text = '';
    answer.on('data', (chunk) => (text += chunk));
    answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
  });
  request.on('error', reject);
  request.end(body && JSON.stringify(body));
});
(async () => {
  const made = await call('POST', '/2020-01-01/extension/register',
    { 'Lambda-Extension-Name': ${JSON.stringify(name)}, 'Lambda-Extension-Accept-Feature': 'accountId' }, { events: ['INVOKE', 'SHUTDOWN'] });
  const id = made.headers['lambda-extension-identifier'];
  note({ registered: JSON.parse(made.text) });
  console.log('extension is up');
  ${body}
  for (;;) {
    const next = await call('GET', '/2020-01-01/extension/event/next', { 'Lambda-Extension-Identifier': id });
    const event = JSON.parse(next.text);
    note(event);
    if (event.eventType === 'SHUTDOWN') process.exit(0);
    if (event.eventType === 'INVOKE') await new Promise((r) => setTimeout(r, 30));
  }
})();
`;

const notesIn = (file: string): Record<string, unknown>[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    : [];

let files = 0;
function withExtension(body = '', name = 'watcher') {
  const file = join(bench.dataDir, `notes-${++files}`);
  const layer = bench.folder({ [`extensions/${name}`]: extension(name, file, body) });
  return { layer, notes: () => notesIn(file) };
}

const code = bench.folder({
  'index.js': `exports.handler = async (event) => {
    console.log('working');
    if (event.exit) process.exit(1);
    if (event.hang) await new Promise(() => setTimeout(() => {}, 1e6));
    return 'done';
  };`,
});

test('an external extension registers, hears of every invocation, and has time to end', async () => {
  const { layer, notes } = withExtension();
  const config = functionOf(code, { functionName: 'watched', layers: [layer], version: '3' });
  const answer = await bench.invoke(config);
  expect(answer.json).toBe('done');
  // The invocation lasts until the extension is done with it.
  expect(answer.durationMs).toBeGreaterThan(28);
  expect(notes()[0]).toEqual({
    registered: {
      functionName: 'watched',
      functionVersion: '3',
      handler: 'index.handler',
      accountId: '123456789012',
    },
  });
  expect(notes()[1]).toEqual({
    eventType: 'INVOKE',
    deadlineMs: expect.any(Number),
    requestId: answer.requestId,
    invokedFunctionArn: config.functionArn,
    tracing: { type: 'X-Amzn-Trace-Id', value: expect.stringContaining('Root=') },
  });
  await eventually(() => bench.messages().includes('extension is up\n'));
  bench.runner.retire(config.functionArn);
  await eventually(() => notes().length === 3);
  expect(notes()[2]).toMatchObject({ eventType: 'SHUTDOWN', shutdownReason: 'spindown' });
});

test('an extension that goes down takes the invocation with it, and is there again for the next', async () => {
  const { layer, notes } = withExtension(
    `const crash = require('node:path').join(require('node:os').tmpdir(), 'crashed');
     if (!fs.existsSync(crash)) { fs.writeFileSync(crash, ''); setTimeout(() => process.exit(7), 400); }`,
  );
  const config = functionOf(code, { functionName: 'crashing', layers: [layer], timeoutSeconds: 10 });
  const answer = await bench.invoke(config, { hang: true });
  expect(answer.json).toEqual({
    errorType: 'Extension.Crash',
    errorMessage: `RequestId: ${answer.requestId} Error: exit status 7`,
  });
  expect((await bench.invoke(config)).json).toBe('done');
  expect(notes().filter(({ registered }) => registered)).toHaveLength(2);
});

test('an extension that never registers: init fails, told as such', async () => {
  const layer = bench.folder({ 'extensions/broken': '#!/bin/sh\nexit 3\n' });
  const config = functionOf(code, { functionName: 'broken', layers: [layer] });
  const answer = await bench.invoke(config);
  expect(answer.json).toMatchObject({ errorType: 'Extension.Crash' });
  await eventually(() =>
    bench.messages().some((line) => line.includes('Phase: init\tStatus: error\tError Type: Extension.Crash')),
  );
});

/** A server inside the extension takes what its subscription brings. */
const subscribing = (path: string, schemaVersion: string) => `
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => { for (const one of JSON.parse(text)) note(one); response.end(); });
  });
  await new Promise((r) => server.listen(0, '127.0.0.1', r));
  const answered = await call('PUT', ${JSON.stringify(path)}, { 'Lambda-Extension-Identifier': id }, {
    schemaVersion: ${JSON.stringify(schemaVersion)}, types: ['platform', 'function', 'extension'],
    buffering: { maxItems: 1000, maxBytes: 262144, timeoutMs: 25 },
    destination: { protocol: 'HTTP', URI: 'http://sandbox.localdomain:' + server.address().port + '/logs' },
  });
  note({ subscribed: answered.status, text: answered.text });
`;

test.each([
  ['Telemetry', '/2022-07-01/telemetry', '2022-12-13'],
  ['Logs', '/2020-08-15/logs', '2021-03-18'],
])('the %s API tells what happens', async (_, path, schemaVersion) => {
  const { layer, notes } = withExtension(subscribing(path, schemaVersion));
  const config = functionOf(code, { functionName: `told-by-${schemaVersion}`, layers: [layer] });
  const first = await bench.invoke(config);
  await bench.invoke(config);
  const of = (type: string) => notes().filter((one) => one.type === type);
  await eventually(() => of('platform.report').length >= 1 && of('function').length >= 1);
  expect(notes().find(({ subscribed }) => subscribed)).toEqual({ subscribed: 200, text: 'OK' });
  expect(of('platform.initStart')[0]?.record).toMatchObject({
    initializationType: 'on-demand',
    phase: 'init',
  });
  expect(of('platform.telemetrySubscription')[0]?.record).toMatchObject({
    name: 'watcher',
    state: 'Subscribed',
  });
  expect(of('platform.start')[0]?.record).toEqual({ requestId: first.requestId, version: '$LATEST' });
  expect(String(of('function')[0]?.record)).toContain('working');
  expect(of('platform.runtimeDone')[0]?.record).toMatchObject({
    requestId: first.requestId,
    status: 'success',
  });
  expect(of('platform.report')[0]?.record).toMatchObject({
    requestId: first.requestId,
    metrics: { durationMs: expect.any(Number), memorySizeMB: 256 },
    status: 'success',
  });
  expect(of('extension')[0]?.record).toBe('extension is up');
});

test('an internal extension registers from inside the runtime; what it may not is refused', async () => {
  const internal = bench.folder({
    'index.mjs': `const call = (path, headers, body) => fetch('http://' + process.env.AWS_LAMBDA_RUNTIME_API + path, { method: body ? 'POST' : 'GET', headers, body: body && JSON.stringify(body) });
      const register = (name, events) => call('/2020-01-01/extension/register', { 'Lambda-Extension-Name': name }, { events });
      const next = (id) => call('/2020-01-01/extension/event/next', { 'Lambda-Extension-Identifier': id });
      const shutdown = await register('inside', ['SHUTDOWN']);
      const made = await register('inside', ['INVOKE']);
      const twice = await register('inside', ['INVOKE']);
      const stranger = await next('nobody');
      const statuses = [shutdown.status, made.status, twice.status, stranger.status];
      let told;
      next(made.headers.get('lambda-extension-identifier')).then(async (answer) => { told = await answer.json(); });
      export const handler = async () => {
        while (!told) await new Promise((r) => setTimeout(r, 1));
        const late = await register('late', ['INVOKE']);
        return { statuses, late: late.status, event: told.eventType };
      };`,
  });
  const config = functionOf(internal, { functionName: 'inside' });
  const { json } = await bench.invoke(config);
  expect(json).toEqual({ statuses: [400, 200, 403, 403], late: 403, event: 'INVOKE' });
});
