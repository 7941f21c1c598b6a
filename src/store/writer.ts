/**
 * One writer. Transactions run one after another, each in a savepoint of its own; those that wait together are
 * committed together, so that a flush to disk is shared (group commit) and a promise still resolves only after it.
 */
import type { Database } from 'bun:sqlite';
import { limits } from '../base/limits.ts';
import { SqliteRows } from './sqlite-rows.ts';
import { StorageFault } from './storage-fault.ts';
import type { Transaction } from './store.ts';

export interface Writer {
  run<T>(work: (rows: Transaction) => Promise<T>): Promise<T>;
  /** Takes nothing more; resolves when what was taken is done. */
  close(): Promise<void>;
}

interface Job {
  work(rows: Transaction): Promise<unknown>;
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

type Settle = () => void;

const MAX_BATCH_JOBS = 256;

export function createWriter(db: Database, rowsOf: () => SqliteRows, place: string): Writer {
  const waiting: Job[] = [];
  let running: Promise<void> | null = null;
  let closed = false;

  async function drain(): Promise<void> {
    while (waiting.length > 0) await commitBatch();
    running = null;
  }

  async function commitBatch(): Promise<void> {
    const settled: Settle[] = [];
    const taken: Job[] = [];
    try {
      db.run('BEGIN IMMEDIATE');
      for (
        let job = waiting.shift();
        job;
        job = taken.length < MAX_BATCH_JOBS ? waiting.shift() : undefined
      ) {
        taken.push(job);
        settled.push(await runInSavepoint(db, rowsOf(), job));
      }
      db.run('COMMIT');
    } catch (error) {
      if (db.inTransaction) db.run('ROLLBACK');
      const fault = StorageFault.from(error, place);
      const failed = taken.length > 0 ? taken : waiting.splice(0);
      for (const job of failed) job.reject(fault);
      return;
    }
    for (const settle of settled) settle();
  }

  return {
    run<T>(work: (rows: Transaction) => Promise<T>): Promise<T> {
      if (closed) return Promise.reject(new StorageFault('the store is closed', place, false));
      return new Promise<T>((resolve, reject) => {
        // The queue holds jobs of every type; each resolves its own promise with what its own work returned.
        waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
        running ??= Promise.resolve().then(drain);
      });
    },
    async close() {
      closed = true;
      await running;
    },
  };
}

async function runInSavepoint(db: Database, rows: SqliteRows, job: Job): Promise<Settle> {
  db.run('SAVEPOINT job');
  try {
    const value = await inTime(job.work(rows));
    rows.finish();
    db.run('RELEASE job');
    return () => job.resolve(value);
  } catch (error) {
    rows.finish();
    // A full disk may have rolled the whole transaction back already: then the batch fails as one.
    if (!db.inTransaction) throw error;
    db.run('ROLLBACK TO job');
    db.run('RELEASE job');
    return () => job.reject(StorageFault.from(error, 'the data folder'));
  }
}

/** A transaction that waits for something else would stop everyone: it is given up, loudly. */
function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`a transaction was still open after ${limits.storeTransactionMs} ms`)),
      limits.storeTransactionMs,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
