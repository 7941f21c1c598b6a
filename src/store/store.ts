/**
 * The store: rows (JSON documents) by account and region, with transactions, behind one async port.
 * Implementations: SQLite (default), memory (`--ephemeral`), PostgreSQL (cluster).
 */
import type { Readable } from 'node:stream';
import type { Scope } from '../base/scope.ts';

/** A kind of row. Declare one per noun: `const restApis = table<RestApiRow>('apigateway.rest-apis')`. */
export interface Table<Row> {
  readonly name: string;
  /** Phantom: carries the row's type, never set. */
  readonly row?: Row;
}

export const table = <Row>(name: string): Table<Row> => ({ name });

export interface Entry<Row> {
  readonly key: string;
  readonly row: Row;
}

export interface Range {
  /** Only keys that start so. */
  readonly prefix?: string;
  /** Only keys behind this one (exclusive): where the page before ended. */
  readonly after?: string;
  /** At most so many. */
  readonly limit?: number;
  /** From the last key to the first; `after` then means "before". */
  readonly reverse?: boolean;
}

/** Keys are ordered by their UTF-8 bytes. */
export interface Reader {
  get<Row>(table: Table<Row>, scope: Scope, key: string): Promise<Row | undefined>;
  list<Row>(table: Table<Row>, scope: Scope, range?: Range): Promise<Entry<Row>[]>;
  /** Every scope's rows of a table: for start-up and indexes, not for answering a user. */
  listAll<Row>(table: Table<Row>): Promise<(Entry<Row> & { readonly scope: Scope })[]>;
}

export interface Transaction extends Reader {
  put<Row>(table: Table<Row>, scope: Scope, key: string, row: Row): Promise<void>;
  /** True when there was such a row. */
  delete<Row>(table: Table<Row>, scope: Scope, key: string): Promise<boolean>;
  /** Deletes every row whose key starts so (an empty prefix: all of the table in this scope). Returns how many. */
  deleteRange<Row>(table: Table<Row>, scope: Scope, prefix: string): Promise<number>;
}

export interface Store {
  /** A consistent view of what was committed. Single reads may be made directly on `store.get`, `store.list`. */
  read<T>(work: (rows: Reader) => Promise<T>): Promise<T>;
  get: Reader['get'];
  list: Reader['list'];
  listAll: Reader['listAll'];
  /** Whether any account and region holds a row of one of these tables: for start-up, so cheap however many there are. */
  holdsAny(tables: readonly string[]): Promise<boolean>;
  /**
   * Runs `work` serialised against every other transaction; when it throws, nothing of it stays. The promise
   * resolves only after the commit is durable. `work` may touch rows only: no network, no user code, no other
   * transaction, else everyone waits.
   */
  transaction<T>(work: (rows: Transaction) => Promise<T>): Promise<T>;
  readonly blobs: Blobs;
  /** Deletes everything: rows and blobs. */
  reset(): Promise<void>;
  /** Finishes what was accepted and closes. */
  close(): Promise<void>;
}

/**
 * Large values beside the rows. Write the blob first (durable when the promise resolves), then commit the row that
 * names it. Every blob has one owner row; a blob that no row names is garbage and is removed by `sweep`.
 */
export interface Blobs {
  put(body: Uint8Array | Readable): Promise<BlobRef>;
  get(id: string): Promise<Uint8Array>;
  /** `start` and `end` are byte offsets, `end` exclusive. Backpressured. */
  open(id: string, start?: number, end?: number): Readable;
  /** The file that holds it; never changes while the blob exists. */
  path(id: string): Promise<string>;
  /** Succeeds when it is already gone. */
  delete(id: string): Promise<void>;
  /** Deletes every blob older than an hour whose id is not in use. Returns how many. */
  sweep(inUse: ReadonlySet<string>): Promise<number>;
}

export interface BlobRef {
  /** Unique: two blobs of the same bytes have two ids, so that each owner deletes its own. */
  readonly id: string;
  readonly sizeBytes: number;
  /** Hex MD5, as S3's ETag wants it. */
  readonly md5: string;
  /** Hex SHA-256. */
  readonly sha256: string;
}
