/** Environments, and the server with them, are killed at random: no acknowledged event is lost, none runs too often. */
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { silentLog } from '../../base/log.ts';
import type { OperationCall } from '../../base/ports.ts';
import { createFunctionRunner } from '../../functions/runner.ts';
import { createMemoryStore } from '../../store/memory.ts';
import { bytes, openRoom } from './testing/room.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-killed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EVENTS = 60;
const DEAD = 'arn:aws:sqs:us-east-1:123456789012:dead';

/** Says who it is, takes a moment, and says what it has done. */
const CODE = `const fs = require('node:fs');
  fs.writeFileSync(${JSON.stringify(join(folder, 'pid-'))} + process.pid, '');
  exports.handler = async ({ id }) => {
    fs.appendFileSync(${JSON.stringify(join(folder, 'begun'))}, id + '\\n');
    await new Promise((r) => setTimeout(r, 5));
    fs.appendFileSync(${JSON.stringify(join(folder, 'done'))}, id + '\\n');
  };`;

const linesOf = (name: string): string[] =>
  readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean);

/** A server: its own runner, the same rows, a clock that does not stand still. */
function open(store: ReturnType<typeof createMemoryStore>, generation: number, now: number) {
  const runner = createFunctionRunner({
    now: Date.now,
    log: silentLog,
    writeLogEvents: () => {},
    dataDir: join(folder, `data-${generation}`),
    endpointUrl: 'http://127.0.0.1:1',
  });
  const room = openRoom({ store, runner });
  room.clock.now = now;
  return { ...room, runner };
}

const deadLetters = (calls: readonly OperationCall[]): string[] =>
  calls.map(({ input }) => JSON.parse(String(Reflect.get(input, 'MessageBody'))).id);

/** SIGKILL to one of the environments that are there. */
function killOne(): void {
  const [name] = readdirSync(folder)
    .filter((file) => file.startsWith('pid-'))
    .toSorted(() => Math.random() - 0.5);
  if (name === undefined) return;
  rmSync(join(folder, name));
  try {
    process.kill(Number(name.slice(4)), 'SIGKILL');
  } catch {
    // Gone before.
  }
}

test('every event runs to its end', async () => {
  for (const name of ['begun', 'done']) writeFileSync(join(folder, name), '');
  const store = createMemoryStore();
  const dead: string[] = [];
  /** What ran to its end, or was given up after its attempts and told to the dead-letter queue. */
  const settled = (): Set<string> => new Set([...linesOf('done'), ...dead]);
  let generation = 0;
  let server = open(store, generation, Date.UTC(2026, 10, 1));
  await server.createFunction('worker', {
    Code: { ZipFile: zipSync({ 'index.js': bytes(CODE) }) },
    Timeout: 10,
    DeadLetterConfig: { TargetArn: DEAD },
  });
  for (let id = 0; id < EVENTS; id++)
    await server.lambda.invoke({
      functionArn: 'arn:aws:lambda:us-east-1:123456789012:function:worker',
      type: 'Event',
      payload: bytes(JSON.stringify({ id: String(id) })),
    });
  let kills = 0;
  while (settled().size < EVENTS) {
    dead.push(...deadLetters(server.calls.splice(0)));
    await new Promise((resolve) => setTimeout(resolve, 10));
    if (kills < 12) {
      killOne();
      kills += 1;
    }
    // As after kill -9 of the server: what was under way is forgotten, its environments end with it.
    if (kills === 6 && generation === 0) {
      const before = server;
      generation += 1;
      server = open(store, generation, before.clock.now);
      await before.runner.close(0);
      await server.lambda.start?.();
    }
    // Function errors wait a minute, then two.
    server.advance(30_000);
  }
  // Few are killed three times.
  expect(new Set(linesOf('done')).size).toBeGreaterThan(EVENTS / 2);
  const begun = new Map<string, number>();
  for (const id of linesOf('begun')) begun.set(id, (begun.get(id) ?? 0) + 1);
  // Three attempts, and one more for what the server was at when it went.
  expect(Math.max(...begun.values())).toBeLessThanOrEqual(4);
  await server.lambda.stop?.();
  await server.runner.close(0);
}, 60_000);
