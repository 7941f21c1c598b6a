/** The main job: `npm start` serves the example, the command line deploys a changed copy of it, asks and takes away. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callApi } from '../sdk/call-api.ts';
import { gatehouse, npmStart, type StartedServer } from './gatehouse.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-main-job-'));
const data = join(folder, 'data');
let server: StartedServer;
beforeAll(async () => {
  server = await npmStart('--port', '0', '--data', data);
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = async (...args: string[]): Promise<string> => {
  const { code, out, error } = await gatehouse([...args, '--endpoint', server.url]);
  if (code !== 0) throw new Error(`gatehouse ${args.join(' ')}: exit ${code}\n${out}${error}`);
  return out;
};
const json = async (...args: string[]) => JSON.parse(await run(...args, '--json'));

/** Sends what a `try: curl ...` line says. */
async function tryLine(line: string): Promise<string> {
  const url = new URL(/http:\S+$/.exec(line)?.[0] ?? '');
  const body = /-d '([^']*)'/.exec(line)?.[1];
  const header = /-H '([^:]+): ([^']+)'/.exec(line);
  const [apiId = ''] = url.hostname.split('.');
  const answer = await callApi(server.url, apiId, url.pathname, {
    ...(body !== undefined && { method: 'POST', body }),
    ...(header && { headers: { [header[1] ?? '']: header[2] ?? '' } }),
  });
  return `${answer.status} ${answer.text.trim()}`;
}

test('npm start ends with lines to try, which answer', async () => {
  const text = await server.printed(/try: curl http\S+\/orders\n/);
  expect(text).toMatch(/^gatehouse ready on http:\/\/127\.0\.0\.1:\d+ in \d+ ms\n/);
  const lines = text.split('\n').filter((line) => line.startsWith('try: curl '));
  expect(lines.length).toBe(4);
  const answers: string[] = [];
  for (const line of lines) answers.push(await tryLine(line));
  const order = '"customer":"Ada","lines":[{"sku":"tea","quantity":2,"price":4.5}],"status":"PLACED"';
  expect(answers).toEqual([
    '200 {"status": "up", "stage": "prod", "currency": "EUR"}',
    expect.stringMatching(/^201 \{"orderId":"[0-9a-f-]{36}",/),
    '200 {"customer": "Ada", "net": 9.0, "tax": 1.71, "total": "10.71 EUR"}',
    expect.stringContaining(order),
  ]);
});

test('the README shows what is answered', async () => {
  const { OrdersApiId, StorefrontApiId } = await json('outputs', 'orders');
  const readme = readFileSync(join(import.meta.dir, '..', '..', 'README.md'), 'utf8');
  const shown = [...readme.matchAll(/^\$ (curl .*\/(?:orders|health|quotes))\n(.*)$/gm)].slice(0, 5);
  expect(shown.length).toBe(5);
  for (const [, line = '', answer = ''] of shown) {
    const apiId = line.includes('/prod/') ? OrdersApiId : StorefrontApiId;
    const found = await tryLine(line.replace(/http:\/\/\w+\./, `http://${apiId}.`));
    expect(masked(found.replace(/^\d+ /, ''))).toBe(masked(answer));
  }
});

/** What is another each time: ids and times; and there may be more orders than one by now. */
const masked = (text: string): string =>
  text
    .replace(/[0-9a-f-]{36}/g, '<id>')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/^(\{"orders":\[\{[^]*?"placedAt":"<time>"\})[^]*$/, '$1');

test('a changed copy of the example is deployed, served, and unchanged deployed again', async () => {
  const copy = join(folder, 'my-orders');
  cpSync(join(import.meta.dir, '..', '..', 'examples', 'orders'), copy, { recursive: true });
  const template = join(copy, 'template.yaml');
  writeFileSync(template, readFileSync(template, 'utf8').replace('"status": "up"', '"status": "mine"'));
  const first = await run('deploy', copy, '--parameter', 'StageName=mine');
  expect(first).toMatch(/CREATE_COMPLETE {14}my-orders\n/);
  expect(first).toMatch(/OrdersUrl .*\(here: http:\/\/\w+\.execute-api\.localhost:\d+\/mine\)/);
  const { OrdersApiId } = await json('outputs', 'my-orders');
  expect((await callApi(server.url, OrdersApiId, '/mine/health')).text).toContain('"status": "mine"');
  expect(await run('deploy', copy)).toContain('my-orders: no changes in');
  expect(await json('deploy', copy)).toMatchObject([
    { stackName: 'my-orders', status: 'CREATE_COMPLETE', changed: false },
  ]);
});

test('what is there is told, to people and to programs', async () => {
  const { OrdersApiId } = await json('outputs', 'orders');
  const routes = await json('routes', OrdersApiId);
  expect(
    routes.map((row: { method: string; path: string }) => `${row.method} ${row.path}`).toSorted(),
  ).toEqual(['GET /health', 'GET /orders/{orderId}', 'POST /orders', 'POST /quotes']);
  expect(await run('routes', 'orders-orders')).toMatch(
    /^API +STAGE +METHOD +PATH +AUTHORIZER +INTEGRATION +URL\n/,
  );
  const names = (await json('stacks')).map((stack: { StackName: string }) => stack.StackName);
  expect(names.toSorted()).toEqual(['my-orders', 'orders']);
  const quotes: string = routes
    .find((row: { path: string }) => row.path === '/quotes')
    .integration.split(' ')[1];
  const event = { customer: 'Ada', currency: 'EUR', amounts: [{ quantity: 2, price: 1 }] };
  const answer = await json('invoke', quotes, '--payload', JSON.stringify(event));
  expect(answer).toMatchObject({ statusCode: 200, payload: { net: 2, tax: 0.38, total: '2.38' } });
  expect(answer.log).toContain('REPORT RequestId:');
  expect(await run('logs', quotes)).toContain('START RequestId:');
  const [line = ''] = (await run('logs', quotes, '--json')).split('\n');
  expect(JSON.parse(line)).toMatchObject({ message: expect.any(String), time: expect.any(String) });
  writeFileSync(join(folder, 'event.json'), '{"amounts":[]}');
  const failed = await gatehouse([
    'invoke',
    quotes,
    '--payload',
    `@${join(folder, 'event.json')}`,
    '--endpoint',
    server.url,
  ]);
  expect([failed.code, JSON.parse(failed.out).errorType]).toEqual([1, 'KeyError']);
});

test('a stack that is destroyed leaves nothing', async () => {
  const { OrdersApiId } = await json('outputs', 'my-orders');
  expect(await json('destroy', 'my-orders')).toEqual({ stack: 'my-orders', status: 'DELETE_COMPLETE' });
  expect((await callApi(server.url, OrdersApiId, '/mine/health')).status).toBe(403);
  expect((await json('stacks')).length).toBe(1);
  expect((await json('routes')).filter((row: { api: string }) => row.api.startsWith('my-orders'))).toEqual(
    [],
  );
});

test('started again on the same data it answers, and nothing is deployed twice', async () => {
  const { OrdersApiId, StorefrontApiId } = await json('outputs', 'orders');
  expect(await server.stop()).toBe(0);
  server = await npmStart('--port', '0', '--data', data);
  const text = await server.printed(/try: curl http\S+\/orders\n/);
  expect(text).toContain(`http://${OrdersApiId}.execute-api.localhost`);
  expect((await callApi(server.url, StorefrontApiId, '/orders')).text).toContain('"customer":"Ada"');
  expect((await json('stacks')).length).toBe(1);
});
