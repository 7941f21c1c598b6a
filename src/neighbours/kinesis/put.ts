/** PutRecord and PutRecords. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html */
import { createHash } from 'node:crypto';
import type {
  PutRecordInput,
  PutRecordOutput,
  PutRecordsInput,
  PutRecordsOutput,
} from '@aws-sdk/client-kinesis';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { invalidArgument } from './fault.ts';
import { records, sequenceOfKey, shardNumberOf, shardPrefix, trim } from './record-row.ts';
import type { KinesisRoom } from './room.ts';
import { findStream, type FoundStream, openShards, type ShardRow } from './stream-row.ts';

interface Record {
  readonly Data?: Uint8Array | undefined;
  readonly PartitionKey?: string | undefined;
  readonly ExplicitHashKey?: string | undefined;
}

export const putOperations = (room: KinesisRoom) => {
  const put = async (
    rows: Transaction,
    stream: FoundStream,
    record: Record,
    after?: string,
  ): Promise<{ ShardId: string; SequenceNumber: string }> => {
    const now = room.now();
    const shard = shardFor(stream, hashOf(record));
    const prefix = shardPrefix(stream.row, shard.id);
    const [last] = await rows.list(records, stream.scope, { prefix, limit: 1, reverse: true });
    const behind = [last && sequenceOfKey(last.key), after, shard.startSequence].reduce((most, each) =>
      each !== undefined && (most === undefined || each > most) ? each : most,
    );
    const sequence = room.nextSequence(shardNumberOf(shard), behind);
    await trim(rows, stream, shard.id, now);
    await rows.put(records, stream.scope, prefix + sequence, {
      partitionKey: record.PartitionKey ?? '',
      data: Buffer.from(record.Data ?? []).toString('base64'),
      atMs: now,
    });
    return { ShardId: shard.id, SequenceNumber: sequence };
  };

  return {
    async PutRecord(input: PutRecordInput, { scope, caller }: Call): Promise<PutRecordOutput> {
      return room.store.transaction(async (rows) => {
        const stream = await findStream(rows, scope, input);
        room.authorize(stream, caller, 'PutRecord');
        checkSize(stream, input);
        const placed = await put(rows, stream, input, input.SequenceNumberForOrdering);
        return { ...placed, EncryptionType: encryptionOf(stream) };
      });
    },

    /** All of them or, on a fault of one, none: here no shard is ever too busy. */
    async PutRecords(input: PutRecordsInput, { scope, caller }: Call): Promise<PutRecordsOutput> {
      const given = input.Records ?? [];
      const total = given.reduce((sum, record) => sum + sizeOf(record), 0);
      if (total > limits.kinesisPutBytes)
        throw invalidArgument(`Records size exceeds ${limits.kinesisPutBytes / 1024 / 1024} MB limit`);
      return room.store.transaction(async (rows) => {
        const stream = await findStream(rows, scope, input);
        room.authorize(stream, caller, 'PutRecords');
        for (const record of given) checkSize(stream, record);
        const Records = [];
        for (const record of given) Records.push(await put(rows, stream, record));
        return { FailedRecordCount: 0, Records, EncryptionType: encryptionOf(stream) };
      });
    },
  };
};

const encryptionOf = ({ row }: FoundStream) => (row.keyId === undefined ? 'NONE' : 'KMS');

const sizeOf = ({ Data, PartitionKey }: Record): number =>
  (Data?.byteLength ?? 0) + Buffer.byteLength(PartitionKey ?? '');

function checkSize({ row }: FoundStream, record: Record): void {
  if (sizeOf(record) <= row.maxRecordKib * 1024) return;
  throw new Fault(
    'ValidationException',
    `1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to ${row.maxRecordKib * 1024}`,
  );
}

/** MD5 as a number of 128 bits. */
function hashOf({ PartitionKey = '', ExplicitHashKey }: Record): bigint {
  if (ExplicitHashKey !== undefined) {
    const hash = BigInt(ExplicitHashKey);
    if (hash < 2n ** 128n) return hash;
    throw invalidArgument(
      `Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was ${ExplicitHashKey}`,
    );
  }
  return BigInt(`0x${createHash('md5').update(PartitionKey).digest('hex')}`);
}

function shardFor({ row }: FoundStream, hash: bigint): ShardRow {
  const shard = openShards(row).find(({ from, to }) => BigInt(from) <= hash && hash <= BigInt(to));
  // Open shards always cover the whole range.
  if (shard === undefined) throw new Error(`stream ${row.name} has no shard for ${hash}`);
  return shard;
}
