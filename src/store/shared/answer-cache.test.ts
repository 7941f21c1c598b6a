import { afterAll, beforeEach, expect, test } from 'bun:test';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnswerCache, CachedAnswer } from '../../base/ports.ts';
import { createAnswerCache } from './answer-cache.ts';

const folder = mkdtempSync(join(tmpdir(), 'answers-'));
const files = join(folder, 'cache');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let at = 0;
beforeEach(() => {
  at = 1_000_000;
});

const now = () => at;
const cluster = { name: '1/r/api/prod', capacityBytes: 1_000_000 };
const answer = (body: string | Uint8Array): CachedAnswer => ({
  status: 200,
  headers: ['A', 'b'],
  body,
  traced: true,
});
const keep = (cache: AnswerCache, key: string, body: string | Uint8Array, where = cluster): void =>
  cache.keep(where, key, { answer: answer(body), ttlSeconds: 60 });

test('an answer is there until its time is over', async () => {
  const cache = createAnswerCache({ now, folder: null });
  keep(cache, 'k', 'x');
  at += 59_999;
  expect(cache.find(cluster, 'k')).toEqual(answer('x'));
  at += 1;
  expect(cache.find(cluster, 'k')).toBeUndefined();
});

test('the least recently used makes room', () => {
  const cache = createAnswerCache({ now, folder: null });
  const small = { ...cluster, capacityBytes: 3_000 };
  for (const key of ['a', 'b', 'c']) keep(cache, key, 'x'.repeat(700), small);
  cache.find(small, 'a');
  keep(cache, 'd', 'x'.repeat(700), small);
  expect(['a', 'b', 'c', 'd'].filter((key) => cache.find(small, key) !== undefined)).toEqual(['a', 'c', 'd']);
});

test('what memory does not hold goes to disk, unreadable, and comes back', async () => {
  const cache = createAnswerCache({ now, folder: files, memoryBytes: 2_000 });
  keep(cache, 'text', `secret ${'x'.repeat(900)}`);
  keep(cache, 'bytes', Buffer.alloc(900, 7));
  keep(cache, 'last', 'y'.repeat(900));
  // Until it is written it is answered from memory, then from the file: the same either way.
  expect(await cache.find(cluster, 'text')).toEqual(answer(`secret ${'x'.repeat(900)}`));
  const written = await until(() =>
    readdirSync(files).filter((name) => readFileSync(join(files, name)).length > 900),
  );
  for (const name of written) expect(readFileSync(join(files, name)).includes('secret')).toBe(false);
  expect(await cache.find(cluster, 'text')).toEqual(answer(`secret ${'x'.repeat(900)}`));
  expect(await cache.find(cluster, 'bytes')).toEqual(answer(Buffer.alloc(900, 7)));
});

test('a file that is not what was written is a miss', async () => {
  const cache = createAnswerCache({ now, folder: files, memoryBytes: 500 });
  keep(cache, 'k', 'x'.repeat(900));
  const [name = ''] = await until(() =>
    readdirSync(files).filter((one) => readFileSync(join(files, one)).length > 900),
  );
  const path = join(files, name);
  writeFileSync(path, Buffer.from(readFileSync(path)).fill(0, 20, 40));
  // The write itself may still be settling, and answers from memory as long as it is.
  await until(async () => ((await cache.find(cluster, 'k')) === undefined ? [1] : []));
  expect(await cache.find(cluster, 'k')).toBeUndefined();
});

test('a flush takes a stage with its canary and no other, from disk too', async () => {
  const cache = createAnswerCache({ now, folder: files, memoryBytes: 500 });
  const canary = { ...cluster, name: `${cluster.name}/Canary` };
  const other = { ...cluster, name: `${cluster.name}uction` };
  for (const where of [cluster, canary, other]) keep(cache, 'k', 'x'.repeat(900), where);
  await cache.flush(cluster.name);
  expect(await Promise.all([cluster, canary, other].map((where) => cache.find(where, 'k')))).toEqual([
    undefined,
    undefined,
    answer('x'.repeat(900)),
  ]);
  expect(readdirSync(files)).toHaveLength(1);
});

test('nothing of a former run is left', () => {
  writeFileSync(join(files, 'old'), 'x');
  createAnswerCache({ now, folder: files });
  expect(() => readdirSync(files)).toThrow();
});

async function until<T>(look: () => T[] | Promise<T[]>): Promise<T[]> {
  for (;;) {
    try {
      const found = await look();
      if (found.length > 0) return found;
    } catch {
      // Not there yet.
    }
    await new Promise((next) => setImmediate(next));
  }
}
