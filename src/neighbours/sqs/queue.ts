/** Queues: making, finding, describing, changing, emptying, deleting. */
import { randomUUID } from 'node:crypto';
import type {
  CreateQueueRequest,
  CreateQueueResult,
  DeleteQueueRequest,
  GetQueueAttributesRequest,
  GetQueueAttributesResult,
  GetQueueUrlRequest,
  GetQueueUrlResult,
  ListDeadLetterSourceQueuesRequest,
  ListDeadLetterSourceQueuesResult,
  ListQueuesRequest,
  ListQueuesResult,
  ListQueueTagsRequest,
  ListQueueTagsResult,
  PurgeQueueRequest,
  SetQueueAttributesRequest,
  TagQueueRequest,
  UntagQueueRequest,
} from '@aws-sdk/client-sqs';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { countMessages } from './counts.ts';
import { deduplications } from './deduplication.ts';
import { invalidParameter, missingParameter, unknownAttribute } from './fault.ts';
import { groups } from './line.ts';
import { lines, messages, queuePrefix, states } from './message-row.ts';
import { allowsSource, type Attributes, mergeAttributes, redrivePolicyOf } from './queue-attributes.ts';
import {
  type FoundQueue,
  isFifo,
  NUMERIC_DEFAULTS,
  placeOfArn,
  type QueueRow,
  queueArn,
  queues,
  queueUrl,
} from './queue-row.ts';
import type { SqsRoom } from './room.ts';

const NAME = /^[\w-]{1,80}$/;
const FIFO_NAME = /^[\w-]{1,75}\.fifo$/;
const PURGE_PAUSE_MS = 60_000;

export const queueOperations = (room: SqsRoom) => {
  const { store, now } = room;

  const edit = (
    url: string | undefined,
    call: Call,
    action: string,
    change: (queue: FoundQueue) => Partial<QueueRow>,
  ) =>
    store.transaction(async (rows) => {
      const queue = await room.open(rows, url, { ...call, action });
      const row = { ...queue.row, ...change(queue) };
      await checkDeadLetterQueue(rows, { ...queue, row });
      await rows.put(queues, queue.scope, queue.name, row);
      return {};
    });

  return {
    async CreateQueue(input: CreateQueueRequest, call: Call): Promise<CreateQueueResult> {
      const name = input.QueueName ?? '';
      if (name === '') throw missingParameter('QueueName');
      const fifo = input.Attributes?.FifoQueue === 'true';
      if (!(fifo ? FIFO_NAME : NAME).test(name)) throw badName(fifo);
      const place = { scope: call.scope, name };
      const attributes = mergeAttributes(place, {}, input.Attributes ?? {});
      const { tags = {} } = input;
      checkTags(tags);
      await store.transaction(async (rows) => {
        const found = await rows.get(queues, call.scope, name);
        if (found) return checkSame(found, attributes, input.Attributes ?? {});
        const row = { name, queueId: randomUUID(), createdMs: now(), modifiedMs: now(), attributes, tags };
        await checkDeadLetterQueue(rows, { ...place, row });
        await rows.put(queues, call.scope, name, row);
      });
      return { QueueUrl: queueUrl(call.endpoint, place) };
    },

    async GetQueueUrl(input: GetQueueUrlRequest, call: Call): Promise<GetQueueUrlResult> {
      if (!input.QueueName) throw missingParameter('QueueName');
      const account = input.QueueOwnerAWSAccountId ?? call.scope.account;
      const url = `/${account}/${input.QueueName}`;
      const queue = await room.open(store, url, { ...call, action: 'GetQueueUrl' });
      return { QueueUrl: queueUrl(call.endpoint, queue) };
    },

    async ListQueues(input: ListQueuesRequest, call: Call): Promise<ListQueuesResult> {
      const prefix = input.QueueNamePrefix ?? '';
      const found = await store.list(queues, call.scope, { prefix });
      const urls = found.map(({ key }) => queueUrl(call.endpoint, { scope: call.scope, name: key }));
      const { page, NextToken } = pageOf(urls, input);
      return { ...(page.length > 0 ? { QueueUrls: page } : {}), ...(NextToken ? { NextToken } : {}) };
    },

    async ListDeadLetterSourceQueues(
      input: ListDeadLetterSourceQueuesRequest,
      call: Call,
    ): Promise<ListDeadLetterSourceQueuesResult> {
      const queue = await room.open(store, input.QueueUrl, { ...call, action: 'ListDeadLetterSourceQueues' });
      const sources = await sourcesOf(room, queue);
      const { page, NextToken } = pageOf(
        sources.map((source) => queueUrl(call.endpoint, source)),
        input,
      );
      return { queueUrls: page, ...(NextToken ? { NextToken } : {}) };
    },

    async GetQueueAttributes(
      input: GetQueueAttributesRequest,
      call: Call,
    ): Promise<GetQueueAttributesResult> {
      return store.read(async (rows) => {
        const queue = await room.open(rows, input.QueueUrl, { ...call, action: 'GetQueueAttributes' });
        const wanted = new Set<string>(input.AttributeNames ?? []);
        for (const name of wanted) if (!READABLE.has(name)) throw unknownAttribute(name);
        const isWanted = (name: string): boolean => wanted.has('All') || wanted.has(name);
        const counts = [...COUNTS].some(isWanted) ? await countMessages(rows, queue, now()) : {};
        const all: Attributes = { ...describe(queue), ...counts };
        const shown = Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name)));
        return Object.keys(shown).length > 0 ? { Attributes: shown } : {};
      });
    },

    SetQueueAttributes: (input: SetQueueAttributesRequest, call: Call): Promise<object> =>
      edit(input.QueueUrl, call, 'SetQueueAttributes', (queue) => ({
        attributes: mergeAttributes(queue, queue.row.attributes, givenWithoutFifo(queue, input.Attributes)),
        modifiedMs: now(),
      })),

    TagQueue: (input: TagQueueRequest, call: Call): Promise<object> =>
      edit(input.QueueUrl, call, 'TagQueue', ({ row }) => {
        const tags = { ...row.tags, ...input.Tags };
        checkTags(tags);
        return { tags };
      }),

    UntagQueue: (input: UntagQueueRequest, call: Call): Promise<object> =>
      edit(input.QueueUrl, call, 'UntagQueue', ({ row }) => ({
        tags: Object.fromEntries(Object.entries(row.tags).filter(([key]) => !input.TagKeys?.includes(key))),
      })),

    async ListQueueTags(input: ListQueueTagsRequest, call: Call): Promise<ListQueueTagsResult> {
      const { row } = await room.open(store, input.QueueUrl, { ...call, action: 'ListQueueTags' });
      return Object.keys(row.tags).length > 0 ? { Tags: { ...row.tags } } : {};
    },

    async PurgeQueue(input: PurgeQueueRequest, call: Call): Promise<object> {
      await store.transaction(async (rows) => {
        const queue = await room.open(rows, input.QueueUrl, { ...call, action: 'PurgeQueue' });
        const { row } = queue;
        if (row.purgedMs !== undefined && now() - row.purgedMs < PURGE_PAUSE_MS)
          throw new Fault(
            'PurgeQueueInProgress',
            `Only one PurgeQueue operation on ${queue.name} is allowed every 60 seconds.`,
            { status: 403 },
          );
        await rows.put(queues, queue.scope, queue.name, { ...row, purgedMs: now() });
        await deleteMessages(rows, queue);
      });
      return {};
    },

    /** AWS keeps the name for a minute; here it is free at once, which spares those who make a stack anew the wait. */
    async DeleteQueue(input: DeleteQueueRequest, call: Call): Promise<object> {
      const queueId = await store.transaction(async (rows) => {
        const queue = await room.open(rows, input.QueueUrl, { ...call, action: 'DeleteQueue' });
        await rows.delete(queues, queue.scope, queue.name);
        await deleteMessages(rows, queue);
        await deduplications.forget(rows, queue.scope, queuePrefix(queue));
        return queue.row.queueId;
      });
      // Whoever waits there learns that there is no queue any more.
      room.waiting.wake(queueId, Number.POSITIVE_INFINITY);
      room.receivesSinceCount.delete(queueId);
      return {};
    },
  };
};

const badName = (fifo: boolean): Fault =>
  invalidParameter(
    fifo
      ? 'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.'
      : 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.',
  );

/** Terraform sends `FifoQueue` again with every change. */
function givenWithoutFifo(queue: FoundQueue, given: Attributes | undefined): Attributes {
  const { FifoQueue: fifo, ...rest } = given ?? {};
  if (fifo !== undefined && (fifo === 'true') !== isFifo(queue)) throw unknownAttribute('FifoQueue');
  return rest;
}

function checkSame({ attributes, name }: QueueRow, wanted: Attributes, given: Attributes): void {
  for (const key of Object.keys(given)) {
    const before = attributes[key] ?? String(NUMERIC_DEFAULTS[key as keyof typeof NUMERIC_DEFAULTS] ?? ''); // absent in the table: ''
    const after = wanted[key] ?? '';
    if (before !== after)
      throw new Fault(
        'QueueNameExists',
        `A queue already exists with the same name and a different value for attribute ${key}`,
        { members: { name } },
      );
  }
}

/** A dead-letter queue that is there must let this queue use it. One that is not there yet is no error, as on AWS. */
async function checkDeadLetterQueue(rows: Transaction, queue: FoundQueue): Promise<void> {
  const place = placeOfArn(redrivePolicyOf(queue.row.attributes)?.deadLetterTargetArn);
  const dead = place && (await rows.get(queues, place.scope, place.name));
  if (dead && !allowsSource(dead.attributes, queueArn(queue)))
    throw invalidParameter(
      `Value ${queue.row.attributes['RedrivePolicy']} for parameter RedrivePolicy is invalid. Reason: The dead-letter queue's RedriveAllowPolicy does not allow this source queue.`,
    );
}

export async function sourcesOf(room: Pick<SqsRoom, 'store'>, queue: FoundQueue): Promise<FoundQueue[]> {
  const arn = queueArn(queue);
  const all = await room.store.list(queues, queue.scope);
  return all
    .filter(({ row }) => redrivePolicyOf(row.attributes)?.deadLetterTargetArn === arn)
    .map(({ row }) => ({ scope: queue.scope, name: row.name, row }));
}

async function deleteMessages(rows: Transaction, queue: FoundQueue): Promise<void> {
  const prefix = queuePrefix(queue);
  await rows.deleteRange(messages, queue.scope, prefix);
  await rows.deleteRange(states, queue.scope, prefix);
  await rows.deleteRange(lines, queue.scope, prefix);
  await rows.deleteRange(groups, queue.scope, prefix);
}

const COUNTS = new Set([
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
]);
const READABLE = new Set([
  'All',
  'QueueArn',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  ...COUNTS,
  ...Object.keys(NUMERIC_DEFAULTS),
  'Policy',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
]);

function describe(queue: FoundQueue): Attributes {
  const { row } = queue;
  const defaults = Object.fromEntries(
    Object.entries(NUMERIC_DEFAULTS).map(([name, value]) => [name, String(value)]),
  );
  return {
    QueueArn: queueArn(queue),
    CreatedTimestamp: String(Math.floor(row.createdMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(row.modifiedMs / 1000)),
    SqsManagedSseEnabled: row.attributes['KmsMasterKeyId'] === undefined ? 'true' : 'false',
    ...(row.attributes['KmsMasterKeyId'] === undefined ? {} : { KmsDataKeyReusePeriodSeconds: '300' }),
    ...(isFifo(queue)
      ? { ContentBasedDeduplication: 'false', DeduplicationScope: 'queue', FifoThroughputLimit: 'perQueue' }
      : {}),
    ...defaults,
    ...row.attributes,
  };
}

function checkTags(tags: Readonly<Record<string, string>>): void {
  const names = Object.keys(tags);
  if (names.length > limits.sqsTags)
    throw invalidParameter(`Too many tags added for queue: at most ${limits.sqsTags} are allowed.`);
  for (const [key, value] of Object.entries(tags))
    if (key.length < 1 || key.length > 128 || value.length > 256)
      throw invalidParameter(
        'Tag keys must be between 1 and 128 characters in length, tag values at most 256.',
      );
}

interface PageInput {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** Pages only when MaxResults is given; else the first thousand, as AWS does. */
function pageOf(urls: readonly string[], { MaxResults, NextToken }: PageInput) {
  if (MaxResults !== undefined && (MaxResults < 1 || MaxResults > 1000))
    throw invalidParameter(
      `Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between 1 and 1000.`,
    );
  const after = NextToken === undefined ? undefined : Buffer.from(NextToken, 'base64').toString();
  const rest = after === undefined ? urls : urls.filter((url) => nameOf(url) > after);
  const page = rest.slice(0, MaxResults ?? 1000);
  const last = page.at(-1);
  const more = MaxResults !== undefined && rest.length > page.length && last !== undefined;
  return { page: [...page], NextToken: more ? Buffer.from(nameOf(last)).toString('base64') : undefined };
}

const nameOf = (url: string): string => url.slice(url.lastIndexOf('/') + 1);
