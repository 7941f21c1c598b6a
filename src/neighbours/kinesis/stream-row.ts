/** A stream and its shards as they are kept, and how operations name them. */
import type { StreamDescriptionSummary } from '@aws-sdk/client-kinesis';
import { arnOf, parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { invalidArgument, noStream } from './fault.ts';

export interface ShardRow {
  readonly id: string;
  /** Hash keys from and to, both inclusive, decimal. */
  readonly from: string;
  readonly to: string;
  readonly parent?: string;
  readonly adjacentParent?: string;
  readonly startSequence: string;
  /** Of a closed shard: it takes nothing any more. */
  readonly endSequence?: string;
  readonly openedMs: number;
  readonly closedMs?: number;
}

export interface StreamRow {
  readonly name: string;
  /** Names the records' rows: a stream made again under the same name never sees the old ones. */
  readonly streamId: string;
  readonly createdMs: number;
  readonly mode: 'PROVISIONED' | 'ON_DEMAND';
  readonly retentionHours: number;
  readonly shards: readonly ShardRow[];
  readonly keyId?: string;
  readonly metrics: readonly string[];
  readonly maxRecordKib: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly policy?: string;
}

/** By name. */
export const streams = table<StreamRow>('kinesis.streams');

export interface ConsumerRow {
  readonly name: string;
  readonly createdMs: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly policy?: string;
}

/** By stream name, `/` and consumer name. */
export const consumers = table<ConsumerRow>('kinesis.consumers');

export interface FoundStream {
  readonly scope: Scope;
  readonly row: StreamRow;
}

export const streamArn = (scope: Scope, name: string): string => arnOf(scope, 'kinesis', `stream/${name}`);
export const consumerArn = (scope: Scope, stream: string, { name, createdMs }: ConsumerRow): string =>
  `${streamArn(scope, stream)}/consumer/${name}:${Math.floor(createdMs / 1000)}`;

/** Operations take a name or an ARN; an ARN may be of another account. */
export interface StreamNaming {
  readonly StreamName?: string | undefined;
  readonly StreamARN?: string | undefined;
}

function placeOfStream(
  scope: Scope,
  { StreamName, StreamARN }: StreamNaming,
): { scope: Scope; name: string } {
  if (StreamARN === undefined) {
    if (StreamName === undefined) throw invalidArgument('Either StreamName or StreamARN must be provided.');
    return { scope, name: StreamName };
  }
  const arn = parseArn(StreamARN);
  const name = arn?.resource.split('/')[1];
  if (arn === undefined || name === undefined) throw invalidArgument(`Invalid stream ARN: ${StreamARN}`);
  if (StreamName !== undefined && StreamName !== name)
    throw invalidArgument(`StreamName ${StreamName} is not the name in StreamARN ${StreamARN}.`);
  return { scope: { account: arn.account, region: scope.region }, name };
}

export async function findStream(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  naming: StreamNaming,
): Promise<FoundStream> {
  const place = placeOfStream(scope, naming);
  const row = await rows.get(streams, place.scope, place.name);
  if (row === undefined) throw noStream(place.name, place.scope.account);
  return { scope: place.scope, row };
}

export const openShards = (row: StreamRow): ShardRow[] =>
  row.shards.filter((shard) => shard.endSequence === undefined);

export const showShard = (shard: ShardRow) => ({
  ShardId: shard.id,
  ...(shard.parent === undefined ? {} : { ParentShardId: shard.parent }),
  ...(shard.adjacentParent === undefined ? {} : { AdjacentParentShardId: shard.adjacentParent }),
  HashKeyRange: { StartingHashKey: shard.from, EndingHashKey: shard.to },
  SequenceNumberRange: {
    StartingSequenceNumber: shard.startSequence,
    ...(shard.endSequence === undefined ? {} : { EndingSequenceNumber: shard.endSequence }),
  },
});

export const summaryOf = ({ scope, row }: FoundStream) =>
  ({
    StreamName: row.name,
    StreamARN: streamArn(scope, row.name),
    StreamStatus: 'ACTIVE',
    StreamModeDetails: { StreamMode: row.mode },
    RetentionPeriodHours: row.retentionHours,
    StreamCreationTimestamp: new Date(row.createdMs),
    EnhancedMonitoring: [{ ShardLevelMetrics: [...row.metrics] as [] }], // checked against the model's list when they were set
    EncryptionType: row.keyId === undefined ? 'NONE' : 'KMS',
    ...(row.keyId === undefined ? {} : { KeyId: row.keyId }),
    MaxRecordSizeInKiB: row.maxRecordKib,
  }) satisfies Partial<StreamDescriptionSummary>;
