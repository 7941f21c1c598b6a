/** `examples/direct`: a REST API in front of services, no function in between. */
import { beforeAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createRemote } from '../../src/cli/remote.ts';
import { deployDefinition } from '../../src/deploy/client/deploy-definition.ts';
import { useServer } from '../sdk/test-server.ts';

const server = useServer();
let outputs: Record<string, string>;

beforeAll(async () => {
  const remote = createRemote({ endpoint: server.url });
  const { stacks } = await deployDefinition({
    definition: join(import.meta.dir, '../../examples/direct'),
    parameters: {},
    region: 'us-east-1',
    local: true,
    call: (service, operation, input) => remote.call(service, operation, input),
  });
  outputs = Object.fromEntries(
    stacks.flatMap((stack) => stack.outputs.map(({ key, value }) => [key, value])),
  );
}, 60_000);

async function call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}/_aws/execute-api/${outputs['ApiId']}/prod${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

async function received(queueUrl: string | undefined): Promise<unknown> {
  const sqs = new SQSClient(server.options());
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 10 }),
  );
  return JSON.parse(Messages[0]?.Body ?? 'null') as unknown;
}

test('to a queue', async () => {
  const order = { customer: "Ada & Grace's", lines: [] };
  const { status, body } = await call('POST', '/queue', order);
  expect(status).toBe(202);
  expect(body).toEqual({ messageId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(await received(outputs['QueueUrl'])).toEqual(order);
});

test('to a table and back', async () => {
  const { status, body } = await call('POST', '/orders', { customer: 'Ada' });
  expect(status).toBe(201);
  const { orderId } = body as { orderId: string };
  expect(await call('GET', `/orders/${orderId}`)).toEqual({
    status: 200,
    body: { orderId, customer: 'Ada' },
  });
  expect(await call('GET', '/orders/none')).toEqual({ status: 404, body: { message: 'no such order' } });
});

test('to a bus, whose rule tells a queue of large orders alone', async () => {
  expect(await call('POST', '/events', { id: 1, total: 50 })).toEqual({ status: 202, body: { failed: 0 } });
  expect(await call('POST', '/events', { id: 2, total: 150, note: 'it\'s "large"' })).toEqual({
    status: 202,
    body: { failed: 0 },
  });
  expect(await received(outputs['HeardUrl'])).toEqual({ id: 2, total: 150, note: 'it\'s "large"' });
});

test('to a state machine, whose answer is the answer', async () => {
  const lines = (quantity: number) => [
    { quantity, price: 40 },
    { quantity: 1, price: 20.5 },
  ];
  expect(await call('POST', '/quotes', { lines: lines(1) })).toEqual({
    status: 200,
    body: { net: 60.5, total: 60.5 },
  });
  expect(await call('POST', '/quotes', { lines: lines(2) })).toEqual({
    status: 200,
    body: { net: 100.5, total: 90.45 },
  });
});
