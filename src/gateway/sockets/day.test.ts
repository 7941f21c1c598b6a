/** A day of connections with the clock moved, and clients that mean no good: nothing leaks, nothing is lost. */
import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'bun:test';
import { limits } from '../../base/limits.ts';
import { closeFrame, frame, RawClient } from '../../websocket/testing/raw-client.ts';
import { FUNCTION_URI, NOW, startWorld, webSocketApi } from '../testing/world.ts';

interface Event {
  readonly requestContext: {
    readonly eventType: string;
    readonly connectionId: string;
    readonly disconnectStatusCode?: number;
  };
  readonly body?: string;
}

const lambda = { IntegrationType: 'AWS_PROXY' as const, IntegrationUri: FUNCTION_URI };
let clock = NOW;
let events: Event[] = [];
const world = await startWorld({
  api: webSocketApi({ $connect: lambda, $disconnect: lambda, $default: lambda }),
  invoke: (event) => {
    events.push(event as unknown as Event); // the events of this API
    world.invocations.length = 0;
    world.observations.length = 0;
    return { statusCode: 200 };
  },
  ports: { now: () => clock, random: randomBytes, openManagement: true },
});
afterAll(() => world.close());

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};
const count = (type: string): number =>
  events.filter(({ requestContext }) => requestContext.eventType === type).length;

const HOUR_MS = 3_600_000;
const STEP_MS = limits.webSocketIdleMs - 60_000;

/** What a client does at each step of the day. */
const HABITS = {
  chatty: (client: RawClient, at: number) => void client.send(frame(1, `message ${at}`)),
  pinging: (client: RawClient) => void client.send(frame(9, 'still here')),
  silent: () => {},
  leaving: (client: RawClient, at: number) => void (at % 3 === 2 && client.send(closeFrame(1000, 'enough'))),
  dropping: (client: RawClient, at: number) => void (at % 4 === 3 && client.socket.resetAndDestroy()),
} as const;
type Habit = keyof typeof HABITS;

test('24 hours: every connection disconnects once, no message is lost, nobody outstays two hours', async () => {
  events = [];
  clock = NOW;
  const clients = new Map<RawClient, Habit>();
  let opened = 0;
  let sent = 0;
  const heapAt: number[] = [];
  for (let step = 0; clock < NOW + 24 * HOUR_MS; step++) {
    for (const habit of Object.keys(HABITS) as Habit[]) {
      clients.set(await world.open(), habit);
      opened++;
    }
    for (const [client, habit] of clients) {
      if (client.closed) {
        clients.delete(client);
        continue;
      }
      HABITS[habit](client, step);
      if (habit === 'chatty') sent++;
    }
    await until(() => count('MESSAGE') >= sent - [...clients].filter(([client]) => client.closed).length);
    clock += STEP_MS;
    world.gateway.sweep();
    // Well-behaved clients answer a close frame.
    await new Promise((resolve) => setImmediate(resolve));
    for (const client of clients.keys())
      if (client.frames.some(({ opcode }) => opcode === 8)) client.send(closeFrame(1001));
    if (step % 40 === 39) {
      Bun.gc(true);
      heapAt.push(process.memoryUsage().heapUsed);
      // What was seen is kept by the test alone.
      events = events.map(({ requestContext, body }) => ({
        requestContext: { ...requestContext },
        ...(body === undefined ? {} : { body }),
      }));
    }
  }
  clock += limits.webSocketDurationMs;
  world.gateway.sweep();
  for (const client of clients.keys()) {
    if (!client.closed) client.send(closeFrame(1001));
    await client.end();
  }
  await until(() => count('DISCONNECT') >= opened);
  const ids = (type: string): string[] =>
    events
      .filter(({ requestContext }) => requestContext.eventType === type)
      .map(({ requestContext }) => requestContext.connectionId)
      .toSorted();
  expect(ids('DISCONNECT')).toEqual(ids('CONNECT'));
  expect(new Set(ids('DISCONNECT')).size).toBe(opened);
  expect(count('MESSAGE')).toBe(sent);
  const codes = new Set(events.flatMap(({ requestContext }) => requestContext.disconnectStatusCode ?? []));
  expect([...codes].toSorted()).toEqual([1000, 1001, 1006]);
  // The heap of the last third is no larger than the day's events explain.
  const grownBytes = (heapAt.at(-1) ?? 0) - (heapAt[0] ?? 0);
  expect(grownBytes).toBeLessThan(16 * 1024 * 1024);
}, 60_000);

test('a storm of clients that come and go', async () => {
  events = [];
  clock += HOUR_MS;
  for (let wave = 0; wave < 5; wave++) {
    clock += 2000;
    const clients = await Promise.all(Array.from({ length: 200 }, () => world.open()));
    for (const [at, client] of clients.entries())
      if (at % 2 === 0) client.socket.destroy();
      else client.send(closeFrame(1000));
    await Promise.all(clients.map((client) => client.end()));
  }
  await until(() => count('DISCONNECT') === 1000);
  expect(count('CONNECT')).toBe(1000);
});

test('half frames: what is announced is not what is allocated', async () => {
  events = [];
  clock += HOUR_MS;
  const clients = await Promise.all(Array.from({ length: 300 }, () => world.open()));
  Bun.gc(true);
  const before = process.memoryUsage().rss;
  const head = frame(1, 'x'.repeat(30_000)).subarray(0, 9);
  for (const client of clients) client.send(head);
  await new Promise((resolve) => setTimeout(resolve, 20));
  Bun.gc(true);
  expect(process.memoryUsage().rss - before).toBeLessThan(8 * 1024 * 1024);
  // One frame, a byte at a time.
  const [slow] = clients;
  const rest = frame(1, 'x'.repeat(30_000)).subarray(9);
  for (const byte of rest) slow?.send(Buffer.from([byte]));
  await until(() => count('MESSAGE') === 1);
  for (const client of clients) client.socket.destroy();
  await until(() => count('DISCONNECT') === 300);
});

test('handshakes that never end are given up with the client', async () => {
  events = [];
  clock += HOUR_MS;
  const clients = Array.from(
    { length: 50 },
    () => new RawClient(world.port, '/prod', [], 'ws12345678.execute-api.localhost'),
  );
  for (const client of clients) client.socket.destroy();
  await Promise.all(clients.map((client) => client.end()));
  const client = await world.open();
  client.send(closeFrame(1000));
  await client.end();
  // Whoever was connected was told off, whoever left before is nobody.
  await until(() => count('DISCONNECT') >= 1);
  expect(count('DISCONNECT')).toBeLessThanOrEqual(count('CONNECT'));
});
