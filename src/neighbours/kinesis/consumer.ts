/** Consumers of enhanced fan-out. */
import type {
  DeregisterStreamConsumerInput,
  DescribeStreamConsumerInput,
  DescribeStreamConsumerOutput,
  ListStreamConsumersInput,
  ListStreamConsumersOutput,
  RegisterStreamConsumerInput,
  RegisterStreamConsumerOutput,
} from '@aws-sdk/client-kinesis';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { inUse, invalidArgument, limitExceeded } from './fault.ts';
import type { KinesisRoom } from './room.ts';
import {
  consumerArn,
  type ConsumerRow,
  consumers,
  findStream,
  type FoundStream,
  streamArn,
} from './stream-row.ts';

export const consumerOperations = ({ store, now }: KinesisRoom) => ({
  async RegisterStreamConsumer(
    input: RegisterStreamConsumerInput,
    { scope }: Call,
  ): Promise<RegisterStreamConsumerOutput> {
    const row: ConsumerRow = { name: input.ConsumerName ?? '', createdMs: now(), tags: input.Tags ?? {} };
    const stream = await store.transaction(async (rows) => {
      const found = await findStream(rows, scope, input);
      const all = await rows.list(consumers, found.scope, { prefix: `${found.row.name}/` });
      if (all.some((other) => other.row.name === row.name))
        throw inUse(`Consumer ${row.name} of stream ${found.row.name} already exists.`);
      if (all.length >= limits.kinesisConsumers)
        throw limitExceeded(`A stream has at most ${limits.kinesisConsumers} consumers.`);
      await rows.put(consumers, found.scope, `${found.row.name}/${row.name}`, row);
      return found;
    });
    return { Consumer: { ...show(stream, row), ConsumerStatus: 'CREATING' } };
  },

  async DeregisterStreamConsumer(input: DeregisterStreamConsumerInput, { scope }: Call): Promise<object> {
    const { stream, consumer } = await named(store, scope, input);
    await store.transaction((rows) =>
      rows.delete(consumers, stream.scope, `${stream.row.name}/${consumer.name}`),
    );
    return {};
  },

  async DescribeStreamConsumer(
    input: DescribeStreamConsumerInput,
    { scope }: Call,
  ): Promise<DescribeStreamConsumerOutput> {
    const { stream, consumer } = await named(store, scope, input);
    return {
      ConsumerDescription: { ...show(stream, consumer), StreamARN: streamArn(stream.scope, stream.row.name) },
    };
  },

  async ListStreamConsumers(
    input: ListStreamConsumersInput,
    { scope }: Call,
  ): Promise<ListStreamConsumersOutput> {
    const stream = await findStream(store, scope, { StreamARN: input.StreamARN });
    const prefix = `${stream.row.name}/`;
    const limit = input.MaxResults ?? 100;
    const after = input.NextToken === undefined ? {} : { after: prefix + input.NextToken };
    const found = await store.list(consumers, stream.scope, { prefix, limit: limit + 1, ...after });
    const page = found.slice(0, limit);
    const last = page.at(-1);
    return {
      Consumers: page.map(({ row }) => show(stream, row)),
      ...(found.length > limit && last ? { NextToken: last.row.name } : {}),
    };
  },
});

const show = ({ scope, row }: FoundStream, consumer: ConsumerRow) => ({
  ConsumerName: consumer.name,
  ConsumerARN: consumerArn(scope, row.name, consumer),
  ConsumerStatus: 'ACTIVE' as const,
  ConsumerCreationTimestamp: new Date(consumer.createdMs),
});

interface Found {
  readonly stream: FoundStream;
  readonly consumer: ConsumerRow;
}

interface Named {
  readonly StreamARN?: string | undefined;
  readonly ConsumerName?: string | undefined;
  readonly ConsumerARN?: string | undefined;
}

async function named(rows: Pick<Reader, 'get'>, scope: Scope, input: Named): Promise<Found> {
  if (input.ConsumerARN !== undefined) return consumerOfArn(rows, scope, input.ConsumerARN);
  if (input.StreamARN === undefined || input.ConsumerName === undefined)
    throw invalidArgument('Either ConsumerARN or both StreamARN and ConsumerName must be provided.');
  const stream = await findStream(rows, scope, { StreamARN: input.StreamARN });
  const consumer = await rows.get(consumers, stream.scope, `${stream.row.name}/${input.ConsumerName}`);
  if (consumer === undefined) throw noConsumer(stream, input.ConsumerName);
  return { stream, consumer };
}

const noConsumer = ({ scope, row }: FoundStream, name: string): Fault =>
  new Fault(
    'ResourceNotFoundException',
    `Consumer ${name}, of stream ${streamArn(scope, row.name)} under account ${scope.account} not found.`,
  );

/** `arn:...:stream/NAME/consumer/CONSUMER:SECONDS`. */
export async function consumerOfArn(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  arn: string | undefined,
): Promise<Found> {
  const [, streamOnly, name] = /^(arn:[^/]*:stream\/[^/]+)\/consumer\/([^:]+):\d+$/.exec(arn ?? '') ?? [];
  if (streamOnly === undefined || name === undefined) throw invalidArgument(`Invalid consumer ARN: ${arn}`);
  const stream = await findStream(rows, scope, { StreamARN: streamOnly });
  const consumer = await rows.get(consumers, stream.scope, `${stream.row.name}/${name}`);
  if (consumer === undefined || consumerArn(stream.scope, stream.row.name, consumer) !== arn)
    throw noConsumer(stream, name);
  return { stream, consumer };
}
