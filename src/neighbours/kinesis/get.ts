/** GetShardIterator, GetRecords and SubscribeToShard. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */
import type {
  GetRecordsInput,
  GetRecordsOutput,
  GetShardIteratorInput,
  GetShardIteratorOutput,
  StartingPosition,
  SubscribeToShardEvent,
  SubscribeToShardEventStream,
  SubscribeToShardInput,
  SubscribeToShardOutput,
} from '@aws-sdk/client-kinesis';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { consumerOfArn } from './consumer.ts';
import { invalidArgument, noShard } from './fault.ts';
import { readIterator, type ShardPlace, writeIterator } from './iterator.ts';
import {
  isSequence,
  type RecordRow,
  records,
  sequenceBefore,
  sequenceOfKey,
  shardPrefix,
  showRecord,
  trimmedBefore,
} from './record-row.ts';
import type { KinesisRoom } from './room.ts';
import { findStream, type FoundStream, type ShardRow } from './stream-row.ts';

const SUBSCRIPTION_LOOK_MS = 200;

export const getOperations = (room: KinesisRoom) => ({
  async GetShardIterator(
    input: GetShardIteratorInput,
    { scope, caller }: Call,
  ): Promise<GetShardIteratorOutput> {
    const stream = await findStream(room.store, scope, input);
    room.authorize(stream, caller, 'GetShardIterator');
    const shard = shardOf(stream, input.ShardId ?? '');
    const after = await startOf(room, stream, shard, {
      Type: input.ShardIteratorType,
      SequenceNumber: input.StartingSequenceNumber,
      Timestamp: input.Timestamp,
    });
    return { ShardIterator: writeIterator(placeOf(stream, shard, after), room.now()) };
  },

  async GetRecords(input: GetRecordsInput, { scope, caller }: Call): Promise<GetRecordsOutput> {
    const now = room.now();
    const place = readIterator(input.ShardIterator, now);
    const stream = await findStream(
      room.store,
      { ...scope, account: place.scope.account },
      { StreamName: place.stream },
    );
    room.authorize(stream, caller, 'GetRecords');
    if (stream.row.streamId !== place.streamId) throw invalidArgument('Invalid ShardIterator.');
    const batch = await readShard(room, stream, place, input.Limit ?? limits.kinesisGetRecords);
    return {
      Records: batch.found.map(({ sequence, record }) => showRecord(sequence, record)),
      MillisBehindLatest: batch.behindMs,
      ...(batch.isOver
        ? { ChildShards: childrenOf(stream, place.shardId) }
        : { NextShardIterator: writeIterator({ ...place, after: batch.after }, now) }),
    };
  },

  /** Enhanced fan-out: what comes is pushed for five minutes. */
  async SubscribeToShard(
    input: SubscribeToShardInput,
    { scope, signal, caller }: Call,
  ): Promise<SubscribeToShardOutput> {
    const { stream } = await consumerOfArn(room.store, scope, input.ConsumerARN);
    room.authorize(stream, caller, 'SubscribeToShard');
    const shard = shardOf(stream, input.ShardId ?? '');
    const after = await startOf(room, stream, shard, input.StartingPosition ?? { Type: 'LATEST' });
    const end = AbortSignal.any([signal, room.stopping.signal]);
    return { EventStream: pushed(room, placeOf(stream, shard, after), end) };
  },
});

const placeOf = ({ scope, row }: FoundStream, shard: ShardRow, after: string): ShardPlace => ({
  scope,
  stream: row.name,
  streamId: row.streamId,
  shardId: shard.id,
  after,
});

function shardOf({ scope, row }: FoundStream, shardId: string): ShardRow {
  const shard = row.shards.find(({ id }) => id === shardId);
  if (shard === undefined) throw noShard(shardId, row.name, scope.account);
  return shard;
}

interface Start {
  readonly Type: StartingPosition['Type'] | undefined;
  readonly SequenceNumber?: string | undefined;
  readonly Timestamp?: Date | undefined;
}

/** The sequence number that reading goes on behind. */
async function startOf(
  room: KinesisRoom,
  stream: FoundStream,
  shard: ShardRow,
  start: Start,
): Promise<string> {
  switch (start.Type) {
    case 'TRIM_HORIZON':
      return '';
    case 'LATEST': {
      const prefix = shardPrefix(stream.row, shard.id);
      const [last] = await room.store.list(records, stream.scope, { prefix, limit: 1, reverse: true });
      return last ? sequenceOfKey(last.key) : shard.startSequence;
    }
    case 'AT_TIMESTAMP':
      if (start.Timestamp === undefined)
        throw invalidArgument(
          'Must specify timestamp parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.',
        );
      if (start.Timestamp.getTime() > room.now())
        throw invalidArgument(
          `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${start.Timestamp.getTime()}, currentTimestampInMillis: ${room.now()}`,
        );
      return sequenceBefore(start.Timestamp.getTime());
    case 'AT_SEQUENCE_NUMBER':
    case 'AFTER_SEQUENCE_NUMBER': {
      const sequence = start.SequenceNumber;
      if (sequence === undefined)
        throw invalidArgument(
          `Must either specify (1) AT_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or (3) LATEST.`,
        );
      if (!isSequence(sequence) || (sequence !== '0' && sequence < shard.startSequence))
        throw invalidArgument(
          `StartingSequenceNumber ${sequence} used in GetShardIterator on shard ${shard.id} in stream ${stream.row.name} under account ${stream.scope.account} is invalid.`,
        );
      if (sequence === '0') return '';
      return start.Type === 'AFTER_SEQUENCE_NUMBER' ? sequence : justBefore(sequence);
    }
    default:
      throw invalidArgument(`Invalid ShardIteratorType: ${start.Type}`);
  }
}

const justBefore = (sequence: string): string => String(BigInt(sequence) - 1n).padStart(sequence.length, '0');

interface Batch {
  readonly found: readonly { readonly sequence: string; readonly record: RecordRow }[];
  readonly after: string;
  readonly behindMs: number;
  /** The shard is closed and everything of it read. */
  readonly isOver: boolean;
}

async function readShard(
  room: KinesisRoom,
  stream: FoundStream,
  place: ShardPlace,
  most: number,
): Promise<Batch> {
  const prefix = shardPrefix(stream.row, place.shardId);
  const oldest = trimmedBefore(stream.row, room.now());
  const horizon = sequenceBefore(oldest);
  const after = prefix + (place.after > horizon ? place.after : horizon);
  const listed = await room.store.list(records, stream.scope, { prefix, after, limit: most + 1 });
  const found: { sequence: string; record: RecordRow }[] = [];
  let bytes = 0;
  for (const { key, row } of listed.slice(0, most)) {
    bytes += (row.data.length * 3) / 4;
    if (found.length > 0 && bytes > limits.kinesisGetBytes) break;
    found.push({ sequence: sequenceOfKey(key), record: row });
  }
  const next = listed[found.length];
  const closed = stream.row.shards.find(({ id }) => id === place.shardId)?.endSequence !== undefined;
  return {
    found,
    after: found.at(-1)?.sequence ?? place.after,
    behindMs: next === undefined ? 0 : Math.max(0, room.now() - next.row.atMs),
    isOver: closed && next === undefined,
  };
}

const childrenOf = ({ row }: FoundStream, shardId: string) =>
  row.shards
    .filter(({ parent, adjacentParent }) => parent === shardId || adjacentParent === shardId)
    .map((shard) => ({
      ShardId: shard.id,
      ParentShards: [shard.parent, shard.adjacentParent].filter((id) => id !== undefined),
      HashKeyRange: { StartingHashKey: shard.from, EndingHashKey: shard.to },
    }));

async function* pushed(
  room: KinesisRoom,
  start: ShardPlace,
  end: AbortSignal,
): AsyncGenerator<SubscribeToShardEventStream> {
  const until = Date.now() + limits.kinesisSubscriptionMs;
  let place = start;
  let isFirst = true;
  while (!end.aborted && Date.now() < until) {
    const stream = await findStream(room.store, place.scope, { StreamName: place.stream });
    if (stream.row.streamId !== place.streamId)
      throw new Fault('ResourceNotFoundException', 'The stream was deleted.');
    const batch = await readShard(room, stream, place, limits.kinesisGetRecords);
    place = { ...place, after: batch.after };
    if (batch.found.length > 0 || batch.isOver || isFirst)
      yield { SubscribeToShardEvent: eventOf(stream, place, batch) };
    if (batch.isOver) return;
    isFirst = false;
    if (batch.found.length === 0) await pause(SUBSCRIPTION_LOOK_MS, end);
  }
}

const eventOf = (
  stream: FoundStream,
  { after, shardId }: ShardPlace,
  batch: Batch,
): SubscribeToShardEvent => ({
  Records: batch.found.map(({ sequence, record }) => showRecord(sequence, record)),
  ContinuationSequenceNumber: batch.isOver ? undefined : after || '0',
  MillisBehindLatest: batch.behindMs,
  ...(batch.isOver ? { ChildShards: childrenOf(stream, shardId) } : {}),
});

const pause = (ms: number, end: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      end.removeEventListener('abort', done);
      resolve();
    }
    end.addEventListener('abort', done, { once: true });
  });
