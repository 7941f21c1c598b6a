/** Streams: making, describing, changing, deleting. States settle at once. */
import { randomUUID } from 'node:crypto';
import type {
  CreateStreamInput,
  DecreaseStreamRetentionPeriodInput,
  DeleteStreamInput,
  DescribeAccountSettingsOutput,
  DescribeLimitsOutput,
  DescribeStreamInput,
  DescribeStreamOutput,
  DescribeStreamSummaryInput,
  DescribeStreamSummaryOutput,
  DisableEnhancedMonitoringInput,
  EnableEnhancedMonitoringInput,
  EnhancedMonitoringOutput,
  IncreaseStreamRetentionPeriodInput,
  ListStreamsInput,
  ListStreamsOutput,
  StartStreamEncryptionInput,
  StopStreamEncryptionInput,
  UpdateMaxRecordSizeInput,
  UpdateStreamModeInput,
} from '@aws-sdk/client-kinesis';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { inUse, invalidArgument } from './fault.ts';
import { records } from './record-row.ts';
import type { KinesisRoom } from './room.ts';
import { checkCount, evenShards } from './shards.ts';
import {
  consumers,
  findStream,
  type FoundStream,
  openShards,
  showShard,
  streamArn,
  type StreamNaming,
  type StreamRow,
  streams,
  summaryOf,
} from './stream-row.ts';

const ON_DEMAND_SHARDS = 4;
const ALL_METRICS = [
  'IncomingBytes',
  'IncomingRecords',
  'OutgoingBytes',
  'OutgoingRecords',
  'WriteProvisionedThroughputExceeded',
  'ReadProvisionedThroughputExceeded',
  'IteratorAgeMilliseconds',
];

export const streamOperations = (room: KinesisRoom) => {
  const { store, now } = room;
  const change = (scope: Scope, naming: StreamNaming, edit: (stream: FoundStream) => Partial<StreamRow>) =>
    store.transaction(async (rows) => {
      const stream = await findStream(rows, scope, naming);
      const row = { ...stream.row, ...edit(stream) };
      await rows.put(streams, stream.scope, row.name, row);
      return { before: stream, after: { ...stream, row } };
    });

  const monitor = async (
    input: EnableEnhancedMonitoringInput | DisableEnhancedMonitoringInput,
    scope: Scope,
    edit: (current: readonly string[], wanted: readonly string[]) => readonly string[],
  ): Promise<EnhancedMonitoringOutput> => {
    const given = input.ShardLevelMetrics ?? [];
    const wanted = given.includes('ALL') ? ALL_METRICS : given;
    const { before, after } = await change(scope, input, ({ row }) => ({
      metrics: edit(row.metrics, wanted),
    }));
    return {
      StreamName: after.row.name,
      StreamARN: streamArn(after.scope, after.row.name),
      CurrentShardLevelMetrics: [...before.row.metrics] as [], // of the model's list, as given
      DesiredShardLevelMetrics: [...after.row.metrics] as [],
    };
  };

  return {
    async CreateStream(input: CreateStreamInput, { scope }: Call): Promise<object> {
      const name = input.StreamName ?? '';
      const mode = input.StreamModeDetails?.StreamMode ?? 'PROVISIONED';
      if (mode === 'ON_DEMAND' && input.ShardCount !== undefined)
        throw invalidArgument('ShardCount is not allowed in ON_DEMAND mode.');
      if (mode === 'PROVISIONED' && input.ShardCount === undefined)
        throw invalidArgument('ShardCount is required in PROVISIONED mode.');
      if (input.WarmThroughputMiBps !== undefined)
        throw invalidArgument('WarmThroughputMiBps: not supported by gatehouse');
      const count = input.ShardCount ?? ON_DEMAND_SHARDS;
      checkCount(count);
      await store.transaction(async (rows) => {
        if (await rows.get(streams, scope, name))
          throw inUse(`Stream ${name} under account ${scope.account} already exists.`);
        const row: StreamRow = {
          name,
          streamId: randomUUID(),
          createdMs: now(),
          mode,
          retentionHours: 24,
          shards: evenShards(room, count),
          metrics: [],
          maxRecordKib: input.MaxRecordSizeInKiB ?? limits.kinesisRecordKib,
          tags: input.Tags ?? {},
        };
        await rows.put(streams, scope, name, row);
      });
      return {};
    },

    async DeleteStream(input: DeleteStreamInput, { scope }: Call): Promise<object> {
      await store.transaction(async (rows) => {
        const stream = await findStream(rows, scope, input);
        const prefix = `${stream.row.name}/`;
        if (input.EnforceConsumerDeletion !== true) {
          const [first] = await rows.list(consumers, stream.scope, { prefix, limit: 1 });
          if (first)
            throw inUse(
              `Stream ${stream.row.name} under account ${stream.scope.account} has registered consumers. Deregister them or set EnforceConsumerDeletion.`,
            );
        }
        await rows.delete(streams, stream.scope, stream.row.name);
        await rows.deleteRange(consumers, stream.scope, prefix);
        await rows.deleteRange(records, stream.scope, `${stream.row.streamId}/`);
      });
      return {};
    },

    async DescribeStream(input: DescribeStreamInput, { scope }: Call): Promise<DescribeStreamOutput> {
      const stream = await findStream(store, scope, input);
      const behind = stream.row.shards.filter(({ id }) => id > (input.ExclusiveStartShardId ?? ''));
      const page = behind.slice(0, input.Limit ?? 100);
      return {
        StreamDescription: {
          ...summaryOf(stream),
          Shards: page.map(showShard),
          HasMoreShards: behind.length > page.length,
        },
      };
    },

    async DescribeStreamSummary(
      input: DescribeStreamSummaryInput,
      { scope }: Call,
    ): Promise<DescribeStreamSummaryOutput> {
      const stream = await findStream(store, scope, input);
      const all = await store.list(consumers, stream.scope, { prefix: `${stream.row.name}/` });
      return {
        StreamDescriptionSummary: {
          ...summaryOf(stream),
          OpenShardCount: openShards(stream.row).length,
          ConsumerCount: all.length,
        },
      };
    },

    async ListStreams(input: ListStreamsInput, { scope }: Call): Promise<ListStreamsOutput> {
      const limit = input.Limit ?? 100;
      const start = input.NextToken ?? input.ExclusiveStartStreamName;
      const found = await store.list(streams, scope, {
        limit: limit + 1,
        ...(start ? { after: start } : {}),
      });
      const page = found.slice(0, limit).map(({ row }) => row);
      const last = page.at(-1);
      const more = found.length > limit;
      return {
        StreamNames: page.map(({ name }) => name),
        StreamSummaries: page.map((row) => summaryOf({ scope, row })),
        HasMoreStreams: more,
        ...(more && last ? { NextToken: last.name } : {}),
      };
    },

    async IncreaseStreamRetentionPeriod(
      input: IncreaseStreamRetentionPeriodInput,
      { scope }: Call,
    ): Promise<object> {
      const hours = checkHours(input.RetentionPeriodHours);
      await change(scope, input, ({ row }) => {
        if (hours < row.retentionHours)
          throw invalidArgument(
            `Requested retention period (${hours} hours) for stream ${row.name} can not be shorter than existing retention period (${row.retentionHours} hours). Use DecreaseRetentionPeriod API.`,
          );
        return { retentionHours: hours };
      });
      return {};
    },

    async DecreaseStreamRetentionPeriod(
      input: DecreaseStreamRetentionPeriodInput,
      { scope }: Call,
    ): Promise<object> {
      const hours = checkHours(input.RetentionPeriodHours);
      await change(scope, input, ({ row }) => {
        if (hours > row.retentionHours)
          throw invalidArgument(
            `Requested retention period (${hours} hours) for stream ${row.name} can not be longer than existing retention period (${row.retentionHours} hours). Use IncreaseRetentionPeriod API.`,
          );
        return { retentionHours: hours };
      });
      return {};
    },

    async UpdateStreamMode(input: UpdateStreamModeInput, { scope }: Call): Promise<object> {
      const mode = input.StreamModeDetails?.StreamMode ?? 'PROVISIONED';
      await change(scope, { StreamARN: input.StreamARN }, () => ({ mode }));
      return {};
    },

    async UpdateMaxRecordSize(input: UpdateMaxRecordSizeInput, { scope }: Call): Promise<object> {
      const kib = input.MaxRecordSizeInKiB ?? limits.kinesisRecordKib;
      await change(scope, { StreamARN: input.StreamARN }, () => ({ maxRecordKib: kib }));
      return {};
    },

    /** Recorded: everything lies unencrypted in the server's own data folder. */
    async StartStreamEncryption(input: StartStreamEncryptionInput, { scope }: Call): Promise<object> {
      await change(scope, input, () => ({ keyId: input.KeyId ?? '' }));
      return {};
    },

    async StopStreamEncryption(input: StopStreamEncryptionInput, { scope }: Call): Promise<object> {
      await store.transaction(async (rows) => {
        const stream = await findStream(rows, scope, input);
        const { keyId: _, ...row } = stream.row;
        await rows.put(streams, stream.scope, row.name, row);
      });
      return {};
    },

    EnableEnhancedMonitoring: (input: EnableEnhancedMonitoringInput, { scope }: Call) =>
      monitor(input, scope, (current, wanted) => [...new Set([...current, ...wanted])]),

    DisableEnhancedMonitoring: (input: DisableEnhancedMonitoringInput, { scope }: Call) =>
      monitor(input, scope, (current, wanted) => current.filter((metric) => !wanted.includes(metric))),

    async DescribeLimits(_input: object, { scope }: Call): Promise<DescribeLimitsOutput> {
      const all = await store.list(streams, scope);
      const onDemand = all.filter(({ row }) => row.mode === 'ON_DEMAND').length;
      return {
        ShardLimit: limits.kinesisShards,
        OpenShardCount: all.reduce((sum, { row }) => sum + openShards(row).length, 0),
        OnDemandStreamCount: onDemand,
        OnDemandStreamCountLimit: 50,
      };
    },

    async DescribeAccountSettings(): Promise<DescribeAccountSettingsOutput> {
      return { MinimumThroughputBillingCommitment: { Status: 'DISABLED' } };
    },
  };
};

function checkHours(hours: number | undefined): number {
  if (hours !== undefined && hours >= 24 && hours <= 8760) return hours;
  throw invalidArgument(
    `Minimum allowed retention period is 24 hours. Maximum allowed retention period is 8760 hours. Requested retention period (${hours} hours) is out of range.`,
  );
}
