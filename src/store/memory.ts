/** The store in memory, when nothing is to be kept: one SQLite connection, so reads wait their turn behind the writer. */
import { Database } from 'bun:sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBlobFolder } from './blobs.ts';
import { prepareStatements, SCHEMA, SqliteRows } from './sqlite-rows.ts';
import type { Store } from './store.ts';
import { createWriter } from './writer.ts';

export function createMemoryStore(): Store {
  const db = new Database(':memory:');
  db.run(SCHEMA);
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-'));
  const blobs = createBlobFolder({ folder, durable: false });
  const statements = prepareStatements(db);
  const writer = createWriter(db, () => new SqliteRows(statements), 'memory');
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  return {
    get: (table, scope, key) => writer.run((rows) => rows.get(table, scope, key)),
    list: (table, scope, range) => writer.run((rows) => rows.list(table, scope, range)),
    listAll: (table) => writer.run((rows) => rows.listAll(table)),
    holdsAny: (tables) => writer.run(() => new SqliteRows(statements).holdsAny(tables)),
    read: (work) => writer.run(work),
    transaction: (work) => writer.run(work),
    blobs,
    async reset() {
      await writer.run(async () => void db.run('DELETE FROM rows'));
      await blobs.clear();
    },
    async close() {
      await writer.close();
      db.close();
      process.removeListener('exit', removeFolder);
      removeFolder();
    },
  };
}
