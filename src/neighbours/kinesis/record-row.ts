/** Records as rows, ordered by stream, shard and sequence number; and sequence numbers themselves. */
import type { _Record } from '@aws-sdk/client-kinesis';
import { table, type Transaction } from '../../store/store.ts';
import { createRising, RISING_DIGITS, risingAt, risingText } from '../kit/rising.ts';
import type { FoundStream, ShardRow, StreamRow } from './stream-row.ts';

export interface RecordRow {
  readonly partitionKey: string;
  /** Base64. */
  readonly data: string;
  readonly atMs: number;
}

export const records = table<RecordRow>('kinesis.records');

export const shardPrefix = ({ streamId }: StreamRow, shardId: string): string => `${streamId}/${shardId}/`;
export const sequenceOfKey = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** 56 digits that rise: `49`, when, and the shard's number. */
export function createSequences(now: () => number): (shardNumber: number, after?: string) => string {
  const next = createRising(now);
  return (shardNumber, after) => sequenceAt(next(after === undefined ? 0 : numberOf(after)), shardNumber);
}

const sequenceAt = (number: number, shardNumber: number): string =>
  `49${risingText(number)}${String(shardNumber).padStart(38, '0')}`;

const numberOf = (sequence: string): number => Number(sequence.slice(2, 2 + RISING_DIGITS));

export const isSequence = (text: string): boolean => /^(0|49\d{54})$/.test(text);

/** The sequence before any of that moment. */
export const sequenceBefore = (atMs: number): string => sequenceAt(risingAt(atMs), 0);

export const shardNumberOf = ({ id }: Pick<ShardRow, 'id'>): number => Number(id.slice('shardId-'.length));

export const showRecord = (sequence: string, row: RecordRow): _Record => ({
  SequenceNumber: sequence,
  ApproximateArrivalTimestamp: new Date(row.atMs),
  Data: new Uint8Array(Buffer.from(row.data, 'base64')),
  PartitionKey: row.partitionKey,
  EncryptionType: 'NONE',
});

const TRIMMED_AT_ONCE = 4;

export const trimmedBefore = ({ retentionHours }: StreamRow, now: number): number =>
  now - retentionHours * 3_600_000;

/** Each put takes a few records out whose time is over, so that nothing has to sweep. */
export async function trim(
  rows: Transaction,
  { scope, row }: FoundStream,
  shardId: string,
  now: number,
): Promise<void> {
  const prefix = shardPrefix(row, shardId);
  for (const { key, row: record } of await rows.list(records, scope, { prefix, limit: TRIMMED_AT_ONCE })) {
    if (record.atMs >= trimmedBefore(row, now)) return;
    await rows.delete(records, scope, key);
  }
}
