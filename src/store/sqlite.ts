/** The store on SQLite: one file, WAL, one writer, readers beside it. */
import { Database } from 'bun:sqlite';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { reasonOf } from '../base/fault.ts';
import { createBlobFolder } from './blobs.ts';
import { prepareStatements, SCHEMA, SqliteRows } from './sqlite-rows.ts';
import type { Reader, Store } from './store.ts';
import { isFullDisk, isStorageError } from './storage-fault.ts';
import { createWriter } from './writer.ts';

/** Files up to this size are checked whole at start; larger ones page by page as they are read. */
const CHECKED_AT_START_BYTES = 64 * 1024 * 1024;

/** Opens (or makes) the data folder. Throws an Error that says what is wrong with it and what to do. */
export function createSqliteStore(folder: string): Store {
  const file = join(folder, 'gatehouse.db');
  try {
    mkdirSync(join(folder, 'blobs'), { recursive: true });
  } catch (error) {
    throw cannotWrite(folder, error);
  }
  const lock = lockFolder(folder);
  const writing = openChecked(folder, file);
  const reading = new Database(file, { readwrite: true });
  const blobs = createBlobFolder({ folder: join(folder, 'blobs'), durable: true });
  const statements = prepareStatements(writing);
  const writer = createWriter(writing, () => new SqliteRows(statements), folder);
  const single = new SqliteRows(prepareStatements(reading));
  return {
    get: single.get.bind(single),
    list: single.list.bind(single),
    listAll: single.listAll.bind(single),
    holdsAny: single.holdsAny.bind(single),
    read: (work) => readSnapshot(file, work),
    transaction: (work) => writer.run(work),
    blobs,
    async reset() {
      await writer.run(async () => void writing.run('DELETE FROM rows'));
      await blobs.clear();
    },
    async close() {
      await writer.close();
      reading.close();
      shorten(writing);
      writing.close();
      lock.close();
    },
  };
}

/** Leaves one file behind. On a full disk the log stays beside it, and is read with it at the next start. */
function shorten(db: Database): void {
  try {
    db.run('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch (error) {
    if (!isStorageError(error)) throw error;
  }
}

/** A snapshot needs a connection of its own: `work` may wait between its reads while others read on. */
async function readSnapshot<T>(file: string, work: (rows: Reader) => Promise<T>): Promise<T> {
  const db = new Database(file, { readwrite: true });
  const rows = new SqliteRows(prepareStatements(db));
  db.run('BEGIN');
  try {
    return await work(rows);
  } finally {
    rows.finish();
    db.run('COMMIT');
    db.close();
  }
}

/** Two servers on one folder would each trust their own memory: the second is refused. The kernel frees the lock of a killed one. */
function lockFolder(folder: string): Database {
  const lock = new Database(join(folder, 'lock.db'));
  try {
    lock.run('PRAGMA locking_mode = EXCLUSIVE');
    // Nothing is ever written, so that a full disk can be locked too.
    lock.run('PRAGMA journal_mode = MEMORY');
    lock.run('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (isStorageError(error)) throw cannotWrite(folder, error);
    throw new Error(
      `${folder} is in use by another gatehouse; stop it, or choose another folder with --data`,
    );
  }
}

function openChecked(folder: string, file: string): Database {
  let db: Database | undefined;
  try {
    db = new Database(file);
    db.run('PRAGMA journal_mode = WAL');
    db.run('PRAGMA synchronous = FULL');
    db.run(SCHEMA);
    if (statSync(file).size <= CHECKED_AT_START_BYTES) checkWhole(db);
    return db;
  } catch (error) {
    db?.close();
    if (isFullDisk(error)) throw cannotWrite(folder, error);
    throw new Error(
      `the data file ${file} cannot be read: ${reasonOf(error)}. It was left as it is: restore it from a copy, or move it away to start empty`,
    );
  }
}

const cannotWrite = (folder: string, error: unknown): Error =>
  new Error(
    `cannot write to the data folder ${folder}: ${reasonOf(error)}. Nothing was changed: make room, or let it be written to, and start again`,
  );

function checkWhole(db: Database): void {
  const [first] = db.query<{ quick_check: string }, []>('PRAGMA quick_check(1)').all();
  if (first && first.quick_check !== 'ok') throw new Error(first.quick_check);
}
