/** Rows of one SQLite connection: statements prepared once, JSON in and out. */
import type { Database, Statement } from 'bun:sqlite';
import type { Scope } from '../base/scope.ts';
import type { Entry, Range, Table, Transaction } from './store.ts';

interface StoredRow {
  readonly key: string;
  readonly value: string;
}

interface StoredRowOfAll extends StoredRow {
  readonly account: string;
  readonly region: string;
}

export const SCHEMA = `CREATE TABLE IF NOT EXISTS rows (
  tbl TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY (tbl, account, region, key)) WITHOUT ROWID`;

const LAST_KEY = '\u{10FFFF}';

export interface Statements {
  readonly get: Statement<{ value: string }, [string, string, string, string]>;
  readonly put: Statement<never, [string, string, string, string, string]>;
  readonly remove: Statement<never, [string, string, string, string]>;
  readonly removeRange: Statement<never, [string, string, string, string, string]>;
  readonly forward: Statement<StoredRow, [string, string, string, string, string, string, number]>;
  readonly backward: Statement<StoredRow, [string, string, string, string, string, string, number]>;
  readonly all: Statement<StoredRowOfAll, [string]>;
  readonly first: Statement<{ found: number }, [string]>;
}

const IN_SPACE = 'tbl = ?1 AND account = ?2 AND region = ?3';

export function prepareStatements(db: Database): Statements {
  const listed = `SELECT key, value FROM rows WHERE ${IN_SPACE} AND key >= ?4 AND key < ?5`;
  return {
    get: db.prepare(`SELECT value FROM rows WHERE ${IN_SPACE} AND key = ?4`),
    put: db.prepare(
      'INSERT INTO rows (tbl, account, region, key, value) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET value = excluded.value',
    ),
    remove: db.prepare(`DELETE FROM rows WHERE ${IN_SPACE} AND key = ?4`),
    removeRange: db.prepare(`DELETE FROM rows WHERE ${IN_SPACE} AND key >= ?4 AND key < ?5`),
    forward: db.prepare(`${listed} AND key > ?6 ORDER BY key LIMIT ?7`),
    backward: db.prepare(`${listed} AND key < ?6 ORDER BY key DESC LIMIT ?7`),
    all: db.prepare(
      'SELECT key, value, account, region FROM rows WHERE tbl = ?1 ORDER BY account, region, key',
    ),
    first: db.prepare('SELECT 1 AS found FROM rows WHERE tbl = ?1 LIMIT 1'),
  };
}

export class SqliteRows implements Transaction {
  #open = true;
  readonly #statements: Statements;

  constructor(statements: Statements) {
    this.#statements = statements;
  }

  /** After the transaction's end nothing may go through it any more, whoever still holds it. */
  finish(): void {
    this.#open = false;
  }

  async get<Row>(table: Table<Row>, scope: Scope, key: string): Promise<Row | undefined> {
    this.#check();
    const found = this.#statements.get.get(table.name, scope.account, scope.region, key);
    return found ? parse<Row>(found.value) : undefined;
  }

  async list<Row>(table: Table<Row>, scope: Scope, range: Range = {}): Promise<Entry<Row>[]> {
    this.#check();
    const prefix = range.prefix ?? '';
    const start = range.after ?? (range.reverse ? LAST_KEY : '');
    const statement = range.reverse ? this.#statements.backward : this.#statements.forward;
    const { account, region } = scope;
    const found = statement.all(table.name, account, region, prefix, endOf(prefix), start, range.limit ?? -1);
    return found.map(({ key, value }) => ({ key, row: parse<Row>(value) }));
  }

  async listAll<Row>(table: Table<Row>): Promise<(Entry<Row> & { scope: Scope })[]> {
    this.#check();
    return this.#statements.all.all(table.name).map(({ key, value, account, region }) => ({
      key,
      row: parse<Row>(value),
      scope: { account, region },
    }));
  }

  async holdsAny(tables: readonly string[]): Promise<boolean> {
    this.#check();
    return tables.some((name) => this.#statements.first.get(name) !== null);
  }

  async put<Row>(table: Table<Row>, scope: Scope, key: string, row: Row): Promise<void> {
    this.#check();
    this.#statements.put.run(table.name, scope.account, scope.region, key, JSON.stringify(row));
  }

  async delete<Row>(table: Table<Row>, scope: Scope, key: string): Promise<boolean> {
    this.#check();
    return this.#statements.remove.run(table.name, scope.account, scope.region, key).changes > 0;
  }

  async deleteRange<Row>(table: Table<Row>, scope: Scope, prefix: string): Promise<number> {
    this.#check();
    return this.#statements.removeRange.run(table.name, scope.account, scope.region, prefix, endOf(prefix))
      .changes;
  }

  #check(): void {
    if (!this.#open) throw new Error('the transaction has ended');
  }
}

/** What a table holds was written by the same table: its declaration is the type's proof. */
const parse = <Row>(json: string): Row => JSON.parse(json) as Row;

/** The first key behind every key that starts with `prefix`. */
const endOf = (prefix: string): string => prefix + LAST_KEY;
