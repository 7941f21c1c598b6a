/** DynamoDB Streams: reading what tables recorded. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html */
import type * as sdk from '@aws-sdk/client-dynamodb-streams';
import type {
  _Record,
  DescribeStreamInput,
  DescribeStreamOutput,
  GetRecordsInput,
  GetRecordsOutput,
  GetShardIteratorInput,
  GetShardIteratorOutput,
  ListStreamsInput,
  ListStreamsOutput,
} from '@aws-sdk/client-dynamodb-streams';
import { parseArn } from '../../base/arn.ts';
import { wholeSecond } from '../../base/clock.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call, Handlers, HandlersOf, ServiceInstance, ServicePorts } from '../../wire/service.ts';
import { fromStored } from './attribute-value.ts';
import {
  recordPrefix,
  sequenceAt,
  sequenceOfRecord,
  shardIdOf,
  streamArn,
  streamKey,
  type StreamRecordRow,
  streamRecords,
  type StreamRow,
  streams,
  trimHorizon,
} from './stream-row.ts';

const RECORDS_A_PAGE = 1000;

export function createDynamoDbStreams({ store, now }: ServicePorts): ServiceInstance {
  const find = async (scope: Scope, arn: string | undefined): Promise<StreamRow> => {
    const [, tableName = '', , label = ''] = parseArn(arn ?? '')?.resource.split('/') ?? [];
    const row = await store.get(streams, scope, streamKey(tableName, label));
    if (row === undefined) throw notFound(`Requested resource not found: Stream: ${arn} not found`);
    return row;
  };

  const handlers = {
    async ListStreams(input: ListStreamsInput, { scope }: Call): Promise<ListStreamsOutput> {
      const limit = input.Limit ?? 100;
      const prefix = input.TableName === undefined ? '' : `${input.TableName}/`;
      const all = await store.list(streams, scope, { prefix });
      const arns = all.map(({ row }) => ({ row, arn: streamArn(scope, row) }));
      const start = arns.findIndex(({ arn }) => arn === input.ExclusiveStartStreamArn) + 1;
      const page = arns.slice(start, start + limit);
      const last = page.at(-1);
      return {
        Streams: page.map(({ row, arn }) => ({
          StreamArn: arn,
          TableName: row.tableName,
          StreamLabel: row.label,
        })),
        ...(arns.length > start + limit && last ? { LastEvaluatedStreamArn: last.arn } : {}),
      };
    },

    async DescribeStream(input: DescribeStreamInput, { scope }: Call): Promise<DescribeStreamOutput> {
      const row = await find(scope, input.StreamArn);
      const ShardId = shardIdOf(row);
      const shard = {
        ShardId,
        SequenceNumberRange: {
          StartingSequenceNumber: sequenceAt(row.startedMs),
          ...(row.endedMs === undefined ? {} : { EndingSequenceNumber: sequenceAt(row.endedMs) }),
        },
      };
      const isWanted =
        ShardId > (input.ExclusiveStartShardId ?? '') && input.ShardFilter?.ShardId !== ShardId;
      return {
        StreamDescription: {
          StreamArn: streamArn(scope, row),
          StreamLabel: row.label,
          StreamStatus: row.endedMs === undefined ? 'ENABLED' : 'DISABLED',
          StreamViewType: row.viewType,
          CreationRequestDateTime: wholeSecond(row.startedMs),
          TableName: row.tableName,
          KeySchema: [...row.keySchema],
          Shards: isWanted ? [shard] : [],
        },
      };
    },

    async GetShardIterator(input: GetShardIteratorInput, { scope }: Call): Promise<GetShardIteratorOutput> {
      const row = await find(scope, input.StreamArn);
      if (input.ShardId !== shardIdOf(row))
        throw notFound(`Requested resource not found: Shard does not exist`);
      const after = await startOf(scope, row, input);
      return { ShardIterator: writeIterator(scope, row, after, now()) };
    },

    async GetRecords(input: GetRecordsInput, { scope }: Call): Promise<GetRecordsOutput> {
      const { arn, after } = readIterator(input.ShardIterator, now());
      const row = await find(scope, arn);
      const limit = input.Limit ?? RECORDS_A_PAGE;
      const prefix = recordPrefix(row);
      const horizon = trimHorizon(now());
      const from = prefix + (after > horizon ? after : horizon);
      const found = await store.list(streamRecords, scope, { prefix, after: from, limit: limit + 1 });
      const page: typeof found = [];
      let bytes = 0;
      for (const entry of found.slice(0, limit)) {
        bytes += entry.row.sizeBytes;
        if (page.length > 0 && bytes > limits.dynamodbPageBytes) break;
        page.push(entry);
      }
      const last = page.at(-1);
      const isOver = row.endedMs !== undefined && found.length === page.length;
      return {
        Records: page.map((entry) => show(scope, row, sequenceOfRecord(entry.key), entry.row)),
        ...(isOver
          ? {}
          : {
              NextShardIterator: writeIterator(scope, row, last ? sequenceOfRecord(last.key) : after, now()),
            }),
      };
    },
  } satisfies HandlersOf<typeof sdk>;

  /** The sequence number that reading goes on behind. */
  async function startOf(scope: Scope, row: StreamRow, input: GetShardIteratorInput): Promise<string> {
    switch (input.ShardIteratorType) {
      case 'TRIM_HORIZON':
        return '';
      case 'LATEST': {
        const prefix = recordPrefix(row);
        const [last] = await store.list(streamRecords, scope, { prefix, limit: 1, reverse: true });
        return last ? sequenceOfRecord(last.key) : sequenceAt(row.startedMs);
      }
      default: {
        const sequence = input.SequenceNumber;
        if (sequence === undefined || !/^\d{21}$/.test(sequence)) throw badSequence(sequence);
        if (sequence < trimHorizon(now()))
          throw new Fault(
            'TrimmedDataAccessException',
            'The operation attempted to read past the oldest stream record in a shard.',
          );
        return input.ShardIteratorType === 'AFTER_SEQUENCE_NUMBER'
          ? sequence
          : String(BigInt(sequence) - 1n).padStart(21, '0');
      }
    }
  }

  // Each handler has its own input type; the table above is checked against the SDK's operations.
  return { handlers: handlers as unknown as Handlers };
}

const notFound = (message: string): Fault => new Fault('ResourceNotFoundException', message);
const badSequence = (sequence: string | undefined): Fault =>
  new Fault('ValidationException', `Invalid SequenceNumber: ${sequence}`);

const writeIterator = (scope: Scope, row: StreamRow, after: string, now: number): string =>
  `${streamArn(scope, row)}|1|${Buffer.from(JSON.stringify([after, now])).toString('base64')}`;

function readIterator(iterator: string | undefined, now: number): { arn: string; after: string } {
  const [arn = '', , place = ''] = (iterator ?? '').split('|');
  const [after, madeMs] = parse(place);
  if (now - Number(madeMs) > limits.dynamodbIteratorMs)
    throw new Fault(
      'ExpiredIteratorException',
      'The shard iterator has expired and can no longer be used to retrieve stream records.',
    );
  return { arn, after: String(after) };
}

function parse(place: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(place, 'base64').toString());
    if (Array.isArray(value) && value.length === 2) return value;
  } catch {
    // Told below.
  }
  throw new Fault('ValidationException', 'Invalid ShardIterator: it was not made by GetShardIterator');
}

const show = (scope: Scope, row: StreamRow, sequence: string, record: StreamRecordRow): _Record => ({
  eventID: record.eventId,
  eventName: record.eventName,
  eventVersion: '1.1',
  eventSource: 'aws:dynamodb',
  awsRegion: scope.region,
  dynamodb: {
    ApproximateCreationDateTime: new Date(record.atMs),
    Keys: { ...fromStored(record.keys) },
    ...(record.newImage ? { NewImage: { ...fromStored(record.newImage) } } : {}),
    ...(record.oldImage ? { OldImage: { ...fromStored(record.oldImage) } } : {}),
    SequenceNumber: sequence,
    SizeBytes: record.sizeBytes,
    StreamViewType: row.viewType,
  },
  ...(record.expired ? { userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } } : {}),
});
