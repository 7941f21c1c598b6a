/** A stream, whichever service has it: its shards, and their records in order. */
import type {
  GetRecordsOutput as KinesisRecords,
  GetShardIteratorOutput,
  ListShardsOutput,
  _Record as KinesisRecord,
} from '@aws-sdk/client-kinesis';
import type { DescribeStreamOutput, GetRecordsOutput, _Record } from '@aws-sdk/client-dynamodb-streams';
import { parseArn } from '../../../base/arn.ts';
import { parsedOrText } from './filter.ts';
import type { MappingRow } from './rows.ts';
import type { SourceCall } from '../source-call.ts';
import { plainAttributes } from './stream-attributes.ts';

export interface Shard {
  readonly id: string;
  readonly parents: readonly string[];
}

export interface StreamRecord {
  readonly sequenceNumber: string;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
  /** Records of one key keep their order even where a shard is worked on in parallel. */
  readonly key: string;
  /** As the function gets it. */
  readonly event: object;
  /** As filters see it. */
  filtered(): Record<string, unknown>;
}

export interface Page {
  readonly records: readonly StreamRecord[];
  /** Undefined when the shard has ended. */
  readonly next: string | undefined;
}

export interface StreamSource {
  /** `KinesisBatchInfo` or `DDBStreamBatchInfo`, in records of failed batches. */
  readonly batchInfoName: string;
  readonly arn: string;
  shards(): Promise<Shard[]>;
  /** Behind this record, or where the mapping begins. */
  iterator(shardId: string, after: string | undefined): Promise<string>;
  read(shardId: string, iterator: string, most: number): Promise<Page>;
  /** Older records are none of the mapping's. */
  readonly since: number;
}

export const createStreamSource = (row: MappingRow, roleArn: string, call: SourceCall): StreamSource =>
  row.kind === 'kinesis' ? kinesisSource(row, roleArn, call) : dynamoSource(row, call);

const SECOND = 1000;

function kinesisSource(row: MappingRow, roleArn: string, call: SourceCall): StreamSource {
  // A consumer's ARN has its stream's in it.
  const StreamARN = row.sourceArn.replace(/\/consumer\/.*$/, '');
  return {
    batchInfoName: 'KinesisBatchInfo',
    arn: row.sourceArn,
    since: 0,
    async shards() {
      const found: Shard[] = [];
      let NextToken: string | undefined;
      do {
        const page: ListShardsOutput = await call(
          'kinesis',
          'ListShards',
          NextToken === undefined ? { StreamARN } : { NextToken },
        );
        for (const shard of page.Shards ?? [])
          found.push({
            id: shard.ShardId ?? '',
            parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter((id) => id !== undefined),
          });
        NextToken = page.NextToken;
      } while (NextToken !== undefined);
      return found;
    },
    async iterator(ShardId, after) {
      const answer = await call<GetShardIteratorOutput>('kinesis', 'GetShardIterator', {
        StreamARN,
        ShardId,
        ...(after === undefined ? kinesisStart(row) : position(after)),
      });
      return answer.ShardIterator ?? '';
    },
    async read(shardId, ShardIterator, Limit) {
      const page = await call<KinesisRecords>('kinesis', 'GetRecords', { ShardIterator, Limit, StreamARN });
      const records = (page.Records ?? []).map((record) => kinesisRecord(record, shardId, row, roleArn));
      return { records, next: page.NextShardIterator ?? undefined };
    },
  };
}

const position = (after: string) => ({
  ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
  StartingSequenceNumber: after,
});

/** LATEST is the moment the mapping was made: what comes between that and the first look is not lost. */
function kinesisStart({ startingPosition, startingTimestamp, createdAt }: MappingRow): object {
  if (startingPosition === 'TRIM_HORIZON') return { ShardIteratorType: 'TRIM_HORIZON' };
  const at = startingPosition === 'AT_TIMESTAMP' ? (startingTimestamp ?? createdAt) : createdAt;
  return { ShardIteratorType: 'AT_TIMESTAMP', Timestamp: new Date(at) };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html#services-kinesis-event-example */
function kinesisRecord(
  record: KinesisRecord,
  shardId: string,
  row: MappingRow,
  roleArn: string,
): StreamRecord {
  const data = Buffer.from(record.Data ?? new Uint8Array());
  const arrivedAt = record.ApproximateArrivalTimestamp?.getTime() ?? 0;
  const kinesis = {
    kinesisSchemaVersion: '1.0',
    partitionKey: record.PartitionKey ?? '',
    sequenceNumber: record.SequenceNumber ?? '',
    data: data.toString('base64'),
    approximateArrivalTimestamp: arrivedAt / SECOND,
  };
  const event = {
    kinesis,
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${kinesis.sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    invokeIdentityArn: roleArn,
    awsRegion: parseArn(row.sourceArn)?.region ?? '',
    eventSourceARN: row.sourceArn,
  };
  return {
    sequenceNumber: kinesis.sequenceNumber,
    arrivedAt,
    key: kinesis.partitionKey,
    event,
    // Filters name the data beside the metadata: https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
    filtered: () => ({ ...event, ...kinesis, kinesis, data: parsedOrText(data.toString('utf8')) }),
  };
}

function dynamoSource(row: MappingRow, call: SourceCall): StreamSource {
  const StreamArn = row.sourceArn;
  // Records carry whole seconds: one made in the second of the mapping's creation belongs to it.
  const since = row.startingPosition === 'TRIM_HORIZON' ? 0 : Math.floor(row.createdAt / SECOND) * SECOND;
  return {
    batchInfoName: 'DDBStreamBatchInfo',
    arn: row.sourceArn,
    since,
    async shards() {
      const found: Shard[] = [];
      let last: string | undefined;
      do {
        const page: DescribeStreamOutput = await call('dynamodbstreams', 'DescribeStream', {
          StreamArn,
          ...(last !== undefined && { ExclusiveStartShardId: last }),
        });
        for (const { ShardId = '', ParentShardId } of page.StreamDescription?.Shards ?? [])
          found.push({ id: ShardId, parents: ParentShardId === undefined ? [] : [ParentShardId] });
        last = page.StreamDescription?.LastEvaluatedShardId;
      } while (last !== undefined);
      return found;
    },
    async iterator(ShardId, after) {
      const from =
        after === undefined
          ? { ShardIteratorType: 'TRIM_HORIZON' }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after };
      const answer = await call<GetShardIteratorOutput>('dynamodbstreams', 'GetShardIterator', {
        StreamArn,
        ShardId,
        ...from,
      });
      return answer.ShardIterator ?? '';
    },
    async read(_, ShardIterator, most) {
      const page = await call<GetRecordsOutput>('dynamodbstreams', 'GetRecords', {
        ShardIterator,
        Limit: Math.min(most, 1000),
      });
      const records = (page.Records ?? []).map((record) => dynamoRecord(record, row));
      return { records, next: page.NextShardIterator ?? undefined };
    },
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html#services-dynamodb-eventsourcemapping */
function dynamoRecord(record: _Record, row: MappingRow): StreamRecord {
  const { dynamodb = {} } = record;
  const arrivedAt = dynamodb.ApproximateCreationDateTime?.getTime() ?? 0;
  const keys = plainAttributes(dynamodb.Keys ?? {});
  const event = {
    eventID: record.eventID,
    eventName: record.eventName,
    eventVersion: record.eventVersion ?? '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: parseArn(row.sourceArn)?.region ?? '',
    dynamodb: {
      ApproximateCreationDateTime: arrivedAt / SECOND,
      Keys: keys,
      ...(dynamodb.NewImage && { NewImage: plainAttributes(dynamodb.NewImage) }),
      ...(dynamodb.OldImage && { OldImage: plainAttributes(dynamodb.OldImage) }),
      SequenceNumber: dynamodb.SequenceNumber,
      SizeBytes: dynamodb.SizeBytes,
      StreamViewType: dynamodb.StreamViewType,
    },
    ...(record.userIdentity && {
      userIdentity: { type: record.userIdentity.Type, principalId: record.userIdentity.PrincipalId },
    }),
    eventSourceARN: row.sourceArn,
  };
  return {
    sequenceNumber: dynamodb.SequenceNumber ?? '',
    arrivedAt,
    key: JSON.stringify(keys),
    event,
    filtered: () => event,
  };
}
