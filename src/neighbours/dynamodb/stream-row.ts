/** Streams of tables and their records as they are kept. A stream has one shard, which ends when the stream does. */
import { arnOf } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import { risingAt, risingText } from '../kit/rising.ts';
import type { StoredItem } from './attribute-value.ts';
import type { TableRow } from './table-row.ts';

export type ViewType = 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES' | 'KEYS_ONLY';

/** What a table's row says of its stream. */
export interface TableStream {
  readonly label: string;
  readonly streamId: string;
  readonly viewType: ViewType;
}

export interface StreamRow extends TableStream {
  readonly tableName: string;
  readonly keySchema: TableRow['keySchema'];
  readonly startedMs: number;
  /** Of a stream that takes nothing any more: it can be read for a day. */
  readonly endedMs?: number;
}

/** By table name, `/` and label. */
export const streams = table<StreamRow>('dynamodb.streams');
export const streamKey = (tableName: string, label: string): string => `${tableName}/${label}`;

export interface StreamRecordRow {
  readonly eventId: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly keys: StoredItem;
  readonly newImage?: StoredItem;
  readonly oldImage?: StoredItem;
  readonly atMs: number;
  readonly sizeBytes: number;
  /** Time to live deleted the item. */
  readonly expired?: true;
}

/** By stream id, `/` and sequence number. */
export const streamRecords = table<StreamRecordRow>('dynamodb.stream-records');
export const recordPrefix = ({ streamId }: TableStream): string => `${streamId}/`;
export const sequenceOfRecord = (key: string): string => key.slice(key.indexOf('/') + 1);

/** 21 digits, as AWS's. */
export const sequenceOf = (rising: number): string => `${risingText(rising)}00000`;
export const risingOf = (sequence: string): number => Number(sequence.slice(0, -5));
/** The first sequence number of a moment: what is older than a day is trimmed. */
export const sequenceAt = (ms: number): string => sequenceOf(risingAt(ms));
export const trimHorizon = (now: number): string => sequenceAt(now - limits.dynamodbStreamMs);

export const streamArn = (
  scope: Scope,
  { tableName, label }: Pick<StreamRow, 'tableName' | 'label'>,
): string => arnOf(scope, 'dynamodb', `table/${tableName}/stream/${label}`);

export const shardIdOf = ({ startedMs, streamId }: StreamRow): string =>
  `shardId-${String(startedMs).padStart(20, '0')}-${streamId.slice(0, 8)}`;

/** Begins a stream; the caller puts what is returned into the table's row. */
export async function beginStream(
  rows: Transaction,
  scope: Scope,
  of: Pick<TableRow, 'name' | 'keySchema'>,
  {
    viewType,
    streamId,
    now,
  }: { readonly viewType: ViewType; readonly streamId: string; readonly now: number },
): Promise<TableStream> {
  const label = new Date(now).toISOString().replace('Z', '');
  const stream: TableStream = { label, streamId, viewType };
  const row: StreamRow = { ...stream, tableName: of.name, keySchema: of.keySchema, startedMs: now };
  await rows.put(streams, scope, streamKey(of.name, label), row);
  return stream;
}

export async function endStream(rows: Transaction, scope: Scope, of: TableRow, now: number): Promise<void> {
  if (of.stream === undefined) return;
  const key = streamKey(of.name, of.stream.label);
  const row = await rows.get(streams, scope, key);
  if (row) await rows.put(streams, scope, key, { ...row, endedMs: now });
}

/** Forgets streams that ended more than a day ago. */
export async function expireStreams(
  store: { readonly transaction: <T>(work: (rows: Transaction) => Promise<T>) => Promise<T> } & Pick<
    Reader,
    'listAll'
  >,
  now: number,
): Promise<void> {
  for (const { key, row, scope } of await store.listAll(streams)) {
    if (row.endedMs === undefined || row.endedMs > now - limits.dynamodbStreamMs) continue;
    await store.transaction(async (rows) => {
      await rows.delete(streams, scope, key);
      await rows.deleteRange(streamRecords, scope, recordPrefix(row));
    });
  }
}
