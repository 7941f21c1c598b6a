/** Shards: made evenly, split, merged, counted anew. https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-resharding.html */
import type {
  ListShardsInput,
  ListShardsOutput,
  MergeShardsInput,
  ShardFilter,
  SplitShardInput,
  UpdateShardCountInput,
  UpdateShardCountOutput,
} from '@aws-sdk/client-kinesis';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { invalidArgument, limitExceeded, noShard } from './fault.ts';
import { trimmedBefore } from './record-row.ts';
import type { KinesisRoom } from './room.ts';
import {
  findStream,
  type FoundStream,
  openShards,
  type ShardRow,
  showShard,
  streamArn,
  type StreamNaming,
  type StreamRow,
  streams,
} from './stream-row.ts';

const HASH_KEYS = 2n ** 128n;
const shardIdOf = (number: number): string => `shardId-${String(number).padStart(12, '0')}`;

interface NewShard {
  readonly from: bigint;
  readonly to: bigint;
  readonly parents?: readonly string[];
}

/** Shards with the next numbers. */
function makeShards(room: KinesisRoom, before: readonly ShardRow[], wanted: readonly NewShard[]): ShardRow[] {
  return wanted.map(({ from, to, parents: [parent, adjacentParent] = [] }, index) => {
    const number = before.length + index;
    return {
      id: shardIdOf(number),
      from: String(from),
      to: String(to),
      ...(parent === undefined ? {} : { parent }),
      ...(adjacentParent === undefined ? {} : { adjacentParent }),
      startSequence: room.nextSequence(number, before.at(-1)?.startSequence),
      openedMs: room.now(),
    };
  });
}

/** Equal parts of all hash keys. */
export const evenShards = (room: KinesisRoom, count: number): ShardRow[] =>
  makeShards(
    room,
    [],
    Array.from({ length: count }, (_, index) => ({
      from: (HASH_KEYS * BigInt(index)) / BigInt(count),
      to: (HASH_KEYS * BigInt(index + 1)) / BigInt(count) - 1n,
    })),
  );

export const shardOperations = (room: KinesisRoom) => {
  const { store } = room;
  const change = <T>(scope: Scope, naming: StreamNaming, edit: (stream: FoundStream) => [StreamRow, T]) =>
    store.transaction(async (rows: Transaction) => {
      const stream = await findStream(rows, scope, naming);
      const [row, answer] = edit(stream);
      await rows.put(streams, stream.scope, row.name, row);
      return answer;
    });

  const close = (shards: readonly ShardRow[], ids: readonly string[]): ShardRow[] =>
    shards.map((shard, number) =>
      ids.includes(shard.id)
        ? { ...shard, endSequence: room.nextSequence(number), closedMs: room.now() }
        : shard,
    );

  return {
    async ListShards(input: ListShardsInput, { scope, caller }: Call): Promise<ListShardsOutput> {
      const token = input.NextToken === undefined ? undefined : readToken(input.NextToken);
      if (token && (input.StreamName !== undefined || input.ExclusiveStartShardId !== undefined))
        throw invalidArgument('NextToken and StreamName cannot be provided together.');
      const stream = await findStream(store, scope, token ? { StreamName: token.stream } : input);
      room.authorize(stream, caller, 'ListShards');
      const after = token?.after ?? input.ExclusiveStartShardId ?? '';
      const matching = stream.row.shards.filter(
        (shard) => shard.id > after && passes(room, stream, shard, input.ShardFilter),
      );
      const limit = Math.min(input.MaxResults ?? limits.kinesisShardsAPage, limits.kinesisShardsAPage);
      const page = matching.slice(0, limit);
      const last = page.at(-1);
      return {
        Shards: page.map(showShard),
        ...(matching.length > limit && last ? { NextToken: writeToken(stream.row.name, last.id) } : {}),
      };
    },

    SplitShard: (input: SplitShardInput, { scope }: Call): Promise<object> =>
      change(scope, input, (stream) => {
        const shard = openShardOf(stream, input.ShardToSplit);
        const at = BigInt(input.NewStartingHashKey ?? '0');
        const [from, to] = [BigInt(shard.from), BigInt(shard.to)];
        if (at <= from || at >= to)
          throw invalidArgument(
            `NewStartingHashKey ${at} used in SplitShard() on shard ${shard.id} in stream ${stream.row.name} under account ${stream.scope.account} is not both greater than one plus the shard's StartingHashKey ${from} and less than the shard's EndingHashKey ${to - 1n}.`,
          );
        checkCount(openShards(stream.row).length + 1);
        const parents = [shard.id];
        const fresh = makeShards(room, stream.row.shards, [
          { from, to: at - 1n, parents },
          { from: at, to, parents },
        ]);
        return [{ ...stream.row, shards: [...close(stream.row.shards, parents), ...fresh] }, {}];
      }),

    MergeShards: (input: MergeShardsInput, { scope }: Call): Promise<object> =>
      change(scope, input, (stream) => {
        const one = openShardOf(stream, input.ShardToMerge);
        const other = openShardOf(stream, input.AdjacentShardToMerge);
        const [low, high] = BigInt(one.from) < BigInt(other.from) ? [one, other] : [other, one];
        if (BigInt(low.to) + 1n !== BigInt(high.from))
          throw invalidArgument(
            `Shards ${one.id} and ${other.id} in stream ${stream.row.name} under account ${stream.scope.account} are not an adjacent pair of shards eligible for merging`,
          );
        const parents = [one.id, other.id];
        const fresh = makeShards(room, stream.row.shards, [
          { from: BigInt(low.from), to: BigInt(high.to), parents },
        ]);
        return [{ ...stream.row, shards: [...close(stream.row.shards, parents), ...fresh] }, {}];
      }),

    UpdateShardCount: (input: UpdateShardCountInput, { scope }: Call): Promise<UpdateShardCountOutput> =>
      change(scope, input, (stream) => {
        const { row } = stream;
        const target = input.TargetShardCount ?? 1;
        const open = openShards(row);
        if (row.mode === 'ON_DEMAND')
          throw new Fault(
            'ValidationException',
            `Request is invalid. Stream ${row.name} under account ${stream.scope.account} is in On-Demand mode.`,
          );
        if (target > open.length * 2 || target * 2 < open.length)
          throw limitExceeded(
            `UpdateShardCount cannot scale ${target > open.length ? 'up over double' : 'down below half'} your current open shard count. Current open shard count: ${open.length} Target shard count: ${target}`,
          );
        checkCount(target);
        const answer = {
          StreamName: row.name,
          CurrentShardCount: open.length,
          TargetShardCount: target,
          StreamARN: streamArn(stream.scope, row.name),
        };
        return [
          target === open.length ? row : { ...row, shards: resharded(room, row, target, close) },
          answer,
        ];
      }),
  };
};

/** New shards of equal size whose parents are those open ones that their ranges meet. */
function resharded(
  room: KinesisRoom,
  row: StreamRow,
  target: number,
  close: (shards: readonly ShardRow[], ids: readonly string[]) => ShardRow[],
): ShardRow[] {
  const open = openShards(row);
  const wanted = Array.from({ length: target }, (_, index): NewShard => {
    const from = (HASH_KEYS * BigInt(index)) / BigInt(target);
    const to = (HASH_KEYS * BigInt(index + 1)) / BigInt(target) - 1n;
    const parents = open
      .filter((shard) => BigInt(shard.from) <= to && from <= BigInt(shard.to))
      .map(({ id }) => id)
      .slice(0, 2);
    return { from, to, parents };
  });
  return [
    ...close(
      row.shards,
      open.map(({ id }) => id),
    ),
    ...makeShards(room, row.shards, wanted),
  ];
}

export function checkCount(count: number): void {
  if (count <= limits.kinesisShards) return;
  throw limitExceeded(
    `This request would exceed the shard limit for the account. Limit: ${limits.kinesisShards}, requested: ${count}.`,
  );
}

function openShardOf({ scope, row }: FoundStream, shardId: string | undefined): ShardRow {
  const shard = row.shards.find(({ id }) => id === shardId);
  if (shard === undefined) throw noShard(shardId ?? '', row.name, scope.account);
  if (shard.endSequence !== undefined)
    throw invalidArgument(
      `Shard ${shard.id} in stream ${row.name} under account ${scope.account} has already been merged or split, and thus is not eligible for merging or splitting.`,
    );
  return shard;
}

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ShardFilter.html */
function passes(
  room: KinesisRoom,
  { row }: FoundStream,
  shard: ShardRow,
  filter: ShardFilter | undefined,
): boolean {
  const atMs = filter?.Timestamp?.getTime() ?? 0;
  const horizon = trimmedBefore(row, room.now());
  const wasOpenAt = (ms: number): boolean =>
    shard.openedMs <= ms && (shard.closedMs ?? Number.POSITIVE_INFINITY) > ms;
  const endsBehind = (ms: number): boolean => (shard.closedMs ?? Number.POSITIVE_INFINITY) >= ms;
  switch (filter?.Type) {
    case undefined:
      return endsBehind(horizon);
    case 'AT_LATEST':
      return shard.closedMs === undefined;
    case 'AT_TRIM_HORIZON':
      return wasOpenAt(Math.max(horizon, row.createdMs));
    case 'FROM_TRIM_HORIZON':
      return endsBehind(horizon);
    case 'AT_TIMESTAMP':
      return wasOpenAt(Math.max(atMs, row.createdMs));
    case 'FROM_TIMESTAMP':
      return endsBehind(atMs);
    case 'AFTER_SHARD_ID':
      return shard.id > (filter.ShardId ?? '');
    default:
      throw invalidArgument(`Invalid ShardFilter type: ${String(filter?.Type)}`);
  }
}

const writeToken = (stream: string, after: string): string =>
  Buffer.from(JSON.stringify([stream, after])).toString('base64');

function readToken(token: string): { readonly stream: string; readonly after: string } {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64').toString());
    if (Array.isArray(value)) return { stream: String(value[0]), after: String(value[1]) };
  } catch {
    // Told below.
  }
  throw invalidArgument('The provided NextToken is invalid.');
}
