/** Publish and PublishBatch. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
import { createHash, randomUUID } from 'node:crypto';
import type {
  BatchResultErrorEntry,
  PublishBatchInput,
  PublishBatchRequestEntry,
  PublishBatchResponse,
  PublishBatchResultEntry,
  PublishInput,
  PublishResponse,
} from '@aws-sdk/client-sns';
import { Fault, isFault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import type { Begun } from '../kit/outbox.ts';
import { recently } from '../kit/recently.ts';
import { createRising, risingText } from '../kit/rising.ts';
import type { DeliveryQueue, DeliveryRow } from './delivery-queue.ts';
import { invalidParameter, invalidReason } from './fault.ts';
import { passesFilter } from './filter-policy.ts';
import { type PublishedMessage, textFor } from './message.ts';
import {
  attributesOf,
  checkFifo,
  checkSize,
  checkSubject,
  type MessageInput,
  sizeOf,
  textsOf,
} from './message-check.ts';
import type { SnsRoom } from './room.ts';
import { findTopic, type FoundTopic, isFifo, subscriptions } from './topic-row.ts';

interface Published {
  readonly id: string;
  readonly sequenceNumber?: string;
}

const published = recently<Published>('sns.deduplications', limits.snsDeduplicationMs);

export const publishOperations = (room: SnsRoom, queue: DeliveryQueue) => {
  const next = createRising(room.now);

  async function publish(
    rows: Transaction,
    topic: FoundTopic,
    input: MessageInput,
    begun: Begun<DeliveryRow>[],
  ): Promise<Published> {
    const fifo = isFifo(topic.row);
    checkSize(input);
    checkSubject(input.Subject);
    checkFifo(input, fifo, topic.row.attributes['ContentBasedDeduplication'] === 'true');
    const texts = textsOf(input);
    const attributes = attributesOf(input.MessageAttributes);
    const deduplicationId = fifo
      ? (input.MessageDeduplicationId ??
        createHash('sha256')
          .update(input.Message ?? '')
          .digest('hex'))
      : undefined;
    const sentAs =
      deduplicationId === undefined ? undefined : deduplicationKey(topic, deduplicationId, input);
    const before =
      sentAs === undefined ? undefined : await published.recall(rows, topic.scope, sentAs, room.now());
    if (before) return before;
    const done: Published = {
      id: randomUUID(),
      ...(fifo ? { sequenceNumber: `1000${risingText(next())}` } : {}),
    };
    const message: PublishedMessage = {
      ...done,
      topic: topic.row.name,
      ...(input.Subject === undefined ? {} : { subject: input.Subject }),
      texts,
      attributes,
      sentMs: room.now(),
      signatureVersion: topic.row.attributes['SignatureVersion'] === '2' ? '2' : '1',
      ...(input.MessageGroupId === undefined ? {} : { groupId: input.MessageGroupId }),
      ...(deduplicationId === undefined ? {} : { deduplicationId }),
    };
    begun.push(...(await fanOut(rows, topic, message)));
    if (sentAs !== undefined) await published.remember(rows, topic.scope, sentAs, done, room.now());
    return done;
  }

  async function fanOut(rows: Transaction, { scope, row }: FoundTopic, message: PublishedMessage) {
    const begun: Begun<DeliveryRow>[] = [];
    for (const { row: to } of await rows.list(subscriptions, scope, { prefix: `${row.name}/` })) {
      const text = textFor(message, to.protocol);
      if (
        to.pendingToken === undefined &&
        passesFilter(to.attributes, { attributes: message.attributes, text })
      )
        begun.push(await queue.put(rows, scope, to, message));
    }
    return begun;
  }

  return {
    async Publish(input: PublishInput, { caller }: Call): Promise<PublishResponse> {
      if (input.PhoneNumber !== undefined) return toPhone(room, input);
      const arn = input.TopicArn ?? input.TargetArn;
      if (arn === undefined)
        throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
      const begun: Begun<DeliveryRow>[] = [];
      const done = await room.store.transaction(async (rows) => {
        const topic = await findTopic(rows, arn);
        room.authorize(topic, caller, 'Publish');
        return publish(rows, topic, input, begun);
      });
      queue.begin(begun);
      return shown(done);
    },

    async PublishBatch(input: PublishBatchInput, { caller }: Call): Promise<PublishBatchResponse> {
      const entries = checkBatch(input.PublishBatchRequestEntries);
      const Successful: PublishBatchResultEntry[] = [];
      const Failed: BatchResultErrorEntry[] = [];
      const begun: Begun<DeliveryRow>[] = [];
      await room.store.transaction(async (rows) => {
        const topic = await findTopic(rows, input.TopicArn);
        room.authorize(topic, caller, 'Publish');
        for (const entry of entries) {
          try {
            Successful.push({ Id: entry.Id, ...shown(await publish(rows, topic, entry, begun)) });
          } catch (thrown) {
            if (!isFault(thrown)) throw thrown;
            Failed.push({ Id: entry.Id, Code: thrown.code, Message: thrown.message, SenderFault: true });
          }
        }
      });
      queue.begin(begun);
      return { Successful, Failed };
    },
  };
};

const shown = ({ id, sequenceNumber }: Published) => ({
  MessageId: id,
  ...(sequenceNumber === undefined ? {} : { SequenceNumber: sequenceNumber }),
});

const deduplicationKey = ({ row }: FoundTopic, id: string, { MessageGroupId = '' }: MessageInput): string => {
  const ofGroup = row.attributes['FifoThroughputScope'] === 'MessageGroup';
  return `${row.topicId}/${ofGroup ? `${encodeURIComponent(MessageGroupId)}/` : ''}${id}`;
};

/** Nothing leaves this machine: it is told, not sent. */
function toPhone(room: SnsRoom, input: PublishInput): PublishResponse {
  if (input.TopicArn !== undefined || input.TargetArn !== undefined)
    throw invalidParameter('Only one of TopicArn, TargetArn or PhoneNumber may be given');
  if (!/^\+\d{5,19}$/.test(input.PhoneNumber ?? ''))
    throw invalidReason('PhoneNumber', `${input.PhoneNumber} is not valid to publish to`);
  if (!input.Message) throw invalidParameter('Empty message');
  const id = randomUUID();
  room.log('info', 'a message would go out by sms', { to: input.PhoneNumber, messageId: id });
  return { MessageId: id };
}

function checkBatch(
  entries: readonly PublishBatchRequestEntry[] | undefined,
): readonly PublishBatchRequestEntry[] {
  if (!entries?.length)
    throw new Fault('EmptyBatchRequest', "The batch request doesn't contain any entries.", { status: 400 });
  if (entries.length > limits.snsBatchEntries)
    throw new Fault(
      'TooManyEntriesInBatchRequest',
      'The batch request contains more entries than permissible.',
      { status: 400 },
    );
  const ids = entries.map(({ Id }) => Id ?? '');
  if (new Set(ids).size < ids.length)
    throw new Fault(
      'BatchEntryIdsNotDistinct',
      'Two or more batch entries in the request have the same Id.',
      { status: 400 },
    );
  if (ids.some((id) => !/^[\w-]{1,80}$/.test(id)))
    throw new Fault(
      'InvalidBatchEntryId',
      "The Id of a batch entry in a batch request doesn't abide by the specification.",
      { status: 400 },
    );
  if (entries.reduce((sum, entry) => sum + sizeOf(entry), 0) > limits.snsMessageBytes)
    throw new Fault(
      'BatchRequestTooLong',
      'The length of all the batch messages put together is more than the limit.',
      { status: 400 },
    );
  return entries;
}
