/** One suite over every implementation of the store. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createMemoryStore } from './memory.ts';
import { createSqliteStore } from './sqlite.ts';
import { type Store, table } from './store.ts';

interface Pet {
  readonly name: string;
}
const pets = table<Pet>('test.pets');
const here = { account: '123456789012', region: 'us-east-1' };
const there = { account: '123456789012', region: 'eu-west-1' };

const implementations = {
  memory: () => createMemoryStore(),
  sqlite: (folder: string) => createSqliteStore(folder),
};

for (const [name, open] of Object.entries(implementations)) {
  describe(`store on ${name}`, () => {
    let folder: string;
    let store: Store;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'gatehouse-store-'));
      store = open(folder);
    });
    afterEach(async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const put = (key: string, pet: Pet, scope = here) =>
      store.transaction((rows) => rows.put(pets, scope, key, pet));

    test('a row is read where it was written and nowhere else', async () => {
      await put('a', { name: 'Rex' });
      expect(await store.get(pets, here, 'a')).toEqual({ name: 'Rex' });
      expect(await store.get(pets, there, 'a')).toBeUndefined();
      expect(await store.get(table<Pet>('test.others'), here, 'a')).toBeUndefined();
    });

    test('lists are ordered by bytes, cut by prefix, page and direction', async () => {
      for (const key of ['b/2', 'a', 'b/10', 'b/é', 'c', 'b/\u{1F600}']) await put(key, { name: key });
      const keys = async (range?: object) => (await store.list(pets, here, range)).map((entry) => entry.key);
      expect(await keys()).toEqual(['a', 'b/10', 'b/2', 'b/é', 'b/\u{1F600}', 'c']);
      expect(await keys({ prefix: 'b/' })).toEqual(['b/10', 'b/2', 'b/é', 'b/\u{1F600}']);
      expect(await keys({ prefix: 'b/', limit: 2 })).toEqual(['b/10', 'b/2']);
      expect(await keys({ prefix: 'b/', after: 'b/2' })).toEqual(['b/é', 'b/\u{1F600}']);
      expect(await keys({ reverse: true, limit: 2 })).toEqual(['c', 'b/\u{1F600}']);
      expect(await keys({ reverse: true, after: 'b/2' })).toEqual(['b/10', 'a']);
    });

    test('whether a table holds a row is told whatever account and region it is in', async () => {
      await put('a', { name: 'Rex' }, there);
      expect(await store.holdsAny(['test.others', pets.name])).toBe(true);
      expect(await store.holdsAny(['test.others', 'test'])).toBe(false);
      expect(await store.holdsAny([])).toBe(false);
    });

    test('a transaction that throws leaves nothing; its neighbours in the same batch stay', async () => {
      const kept = put('kept', { name: 'kept' });
      const failed = store.transaction(async (rows) => {
        await rows.put(pets, here, 'lost', { name: 'lost' });
        throw new Error('no');
      });
      const after = put('after', { name: 'after' });
      await expect(failed).rejects.toThrow('no');
      await Promise.all([kept, after]);
      expect((await store.list(pets, here)).map((entry) => entry.key)).toEqual(['after', 'kept']);
    });

    test('concurrent read-modify-write transactions lose no update', async () => {
      const counter = table<{ n: number }>('test.counter');
      const increment = () =>
        store.transaction(async (rows) => {
          const { n } = (await rows.get(counter, here, 'n')) ?? { n: 0 };
          await Promise.resolve();
          await rows.put(counter, here, 'n', { n: n + 1 });
        });
      await Promise.all(Array.from({ length: 500 }, increment));
      expect(await store.get(counter, here, 'n')).toEqual({ n: 500 });
    });

    test('a read sees one moment, whatever is committed meanwhile', async () => {
      await put('a', { name: 'before' });
      let meanwhile: Promise<void> | undefined;
      const seen = await store.read(async (rows) => {
        const first = await rows.get(pets, here, 'a');
        meanwhile = put('a', { name: 'after' });
        await Promise.resolve();
        return [first, await rows.get(pets, here, 'a')];
      });
      await meanwhile;
      expect(seen).toEqual([{ name: 'before' }, { name: 'before' }]);
      expect(await store.get(pets, here, 'a')).toEqual({ name: 'after' });
    });

    test('what has ended can no longer be written through', async () => {
      let leaked: { put: () => Promise<void> } | undefined;
      await store.transaction(async (rows) => {
        leaked = { put: () => rows.put(pets, here, 'late', { name: 'late' }) };
      });
      await expect(leaked?.put()).rejects.toThrow('the transaction has ended');
    });

    test('delete says whether there was a row; deleteRange counts', async () => {
      for (const key of ['x/1', 'x/2', 'y']) await put(key, { name: key });
      expect(await store.transaction((rows) => rows.delete(pets, here, 'y'))).toBe(true);
      expect(await store.transaction((rows) => rows.delete(pets, here, 'y'))).toBe(false);
      expect(await store.transaction((rows) => rows.deleteRange(pets, here, 'x/'))).toBe(2);
      expect(await store.list(pets, here)).toEqual([]);
    });

    test('listAll crosses scopes', async () => {
      await put('a', { name: 'a' });
      await put('a', { name: 'b' }, there);
      expect((await store.listAll(pets)).map((entry) => [entry.scope.region, entry.row.name])).toEqual([
        ['eu-west-1', 'b'],
        ['us-east-1', 'a'],
      ]);
    });

    test('blobs: whole, by range, streamed, each with its own life', async () => {
      const first = await store.blobs.put(new TextEncoder().encode('hello'));
      const second = await store.blobs.put(Readable.from([Buffer.from('hel'), Buffer.from('lo')]));
      expect(first).toMatchObject({ sizeBytes: 5, md5: '5d41402abc4b2a76b9719d911017c592' });
      expect(second.sha256).toBe(first.sha256);
      await store.blobs.delete(first.id);
      await store.blobs.delete(first.id);
      expect(new TextDecoder().decode(await store.blobs.get(second.id))).toBe('hello');
      const parts: Buffer[] = [];
      for await (const part of store.blobs.open(second.id, 1, 3)) parts.push(part);
      expect(Buffer.concat(parts).toString()).toBe('el');
      expect(await store.blobs.sweep(new Set())).toBe(0);
      expect(() => store.blobs.open('../../etc/passwd')).toThrow('not a blob id');
    });

    test('reset leaves nothing', async () => {
      await put('a', { name: 'a' });
      const { id } = await store.blobs.put(new Uint8Array(3));
      await store.reset();
      expect(await store.list(pets, here)).toEqual([]);
      await expect(store.blobs.get(id)).rejects.toThrow();
      await put('a', { name: 'again' });
      expect(await store.get(pets, here, 'a')).toEqual({ name: 'again' });
    });
  });
}

describe('the data folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-store-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('rows are there again after a restart', async () => {
    const first = createSqliteStore(folder);
    await first.transaction((rows) => rows.put(pets, here, 'a', { name: 'Rex' }));
    await first.close();
    const second = createSqliteStore(folder);
    expect(await second.get(pets, here, 'a')).toEqual({ name: 'Rex' });
    await second.close();
  });

  test('a second server on the same folder is refused', async () => {
    const first = createSqliteStore(folder);
    expect(() => createSqliteStore(folder)).toThrow(`${folder} is in use by another gatehouse`);
    await first.close();
    await createSqliteStore(folder).close();
  });

  test('a corrupt file is named and left as it is', async () => {
    const file = join(folder, 'gatehouse.db');
    writeFileSync(file, 'this is not a database, but long enough to look like one'.repeat(100));
    expect(() => createSqliteStore(folder)).toThrow(`the data file ${file} cannot be read`);
    expect(await Bun.file(file).text()).toStartWith('this is not a database');
  });
});
