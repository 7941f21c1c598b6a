/** `examples/functions`: the ways to cut an application into functions and to release them, deployed as a user would. */
import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { deployDefinition } from '../../src/deploy/client/deploy-definition.ts';
import { createRemote } from '../../src/cli/remote.ts';
import { useServer } from '../sdk/test-server.ts';

const server = useServer();

async function deploy(
  name: string,
  parameters: Record<string, string> = {},
): Promise<Record<string, string | undefined>> {
  const remote = createRemote({ endpoint: server.url });
  const { stacks } = await deployDefinition({
    definition: join(import.meta.dir, '../../examples/functions', name),
    parameters,
    region: 'us-east-1',
    local: true,
    call: (service, operation, input) => remote.call(service, operation, input),
  });
  return Object.fromEntries(stacks.flatMap((stack) => stack.outputs.map(({ key, value }) => [key, value])));
}

/** By path, so that no resolver is needed. */
async function call(api: string, path: string, init: RequestInit = {}) {
  const answer = await fetch(`${server.url}/_aws/execute-api/${api}${path}`, init);
  return { status: answer.status, json: (await answer.json()) as Record<string, unknown> };
}

const apiOf = (url: string | undefined): string => new URL(url ?? '').hostname.split('.')[0] ?? '';

test('a monolithic function with a router of its own', async () => {
  const api = apiOf((await deploy('monolith')).Url);
  expect((await call(api, '/books')).json).toEqual([{ id: '1', title: 'Walden' }] as never);
  const put = await call(api, '/books/2', { method: 'PUT', body: '{"title":"Emma"}' });
  expect(put.json).toEqual({ id: '2', title: 'Emma' });
  expect((await call(api, '/books/2')).json).toEqual({ id: '2', title: 'Emma' });
  expect(await call(api, '/books/9')).toEqual({ status: 404, json: { message: 'no such book' } });
  expect(await call(api, '/nowhere')).toEqual({ status: 404, json: { message: 'no such route' } });
}, 30_000);

test('a function for each domain', async () => {
  const api = apiOf((await deploy('domains')).Url);
  const order = await call(api, '/orders/7');
  const customer = await call(api, '/customers/3');
  expect(order.json).toMatchObject({ domain: 'orders', id: '7', memoryLimitInMB: '1024' });
  expect(customer.json).toMatchObject({ domain: 'customers', id: '3', memoryLimitInMB: '256' });
  expect(order.json['functionName']).not.toBe(customer.json['functionName']);
}, 30_000);

test('a canary: an alias spreads calls over two versions by weight, and goes back', async () => {
  const first = await deploy('canary');
  const api = apiOf(first.Url);
  const releases = async (calls: number): Promise<string[]> => {
    const seen: string[] = [];
    for (let n = 0; n < calls; n++) seen.push(String((await call(api, '/greeting')).json['release']));
    return seen;
  };
  expect(new Set(await releases(5))).toEqual(new Set(['1']));
  await deploy('canary', { Release: '2', CanaryWeight: '0.5' });
  // Of 60 calls, all go one way once in 10^18.
  expect(new Set(await releases(60))).toEqual(new Set(['1', '2']));
  await deploy('canary', { Release: '2', CanaryWeight: '1' });
  expect(new Set(await releases(5))).toEqual(new Set(['2']));
  await deploy('canary', { Release: '2', CanaryWeight: '0' });
  expect(new Set(await releases(5))).toEqual(new Set(['1']));
}, 60_000);

test('stage variables choose the alias', async () => {
  const { ApiId = '' } = await deploy('stages');
  expect((await call(ApiId, '/dev/items')).json).toEqual({
    alias: 'dev',
    functionVersion: '$LATEST',
    invokedAs: 'dev',
  });
  expect((await call(ApiId, '/prod/items')).json).toEqual({
    alias: 'prod',
    functionVersion: '1',
    invokedAs: 'prod',
  });
}, 30_000);
