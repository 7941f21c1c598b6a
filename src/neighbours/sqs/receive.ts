/** ReceiveMessage, with long polling. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
import type { Message, ReceiveMessageRequest, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, invalidValue } from './fault.ts';
import { attributesMd5, showAttribute, wantedAttributes } from './message-attributes.ts';
import { hiddenPrefix, lines, messageKey, readState, visibleMsOfLine } from './message-row.ts';
import { type FoundQueue, isFifo, secondsOf } from './queue-row.ts';
import { writeReceipt } from './receipt.ts';
import type { SqsRoom } from './room.ts';
import { createAttempts } from './receive-attempts.ts';
import { take, type Taken } from './take.ts';

const SYSTEM_ATTRIBUTES = new Set([
  'All',
  'SenderId',
  'SentTimestamp',
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'SequenceNumber',
  'MessageDeduplicationId',
  'MessageGroupId',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
]);

interface Received {
  readonly queue: FoundQueue;
  readonly taken: readonly Taken[];
  readonly woken: readonly string[];
  /** When a hidden message becomes visible, for those who wait. */
  readonly nextVisibleMs: number | undefined;
}

export const receiveOperations = (room: SqsRoom) => {
  const attempts = createAttempts(room);

  async function receive(rows: Transaction, input: ReceiveMessageRequest, call: Call): Promise<Received> {
    const queue = await room.open(rows, input.QueueUrl, { ...call, action: 'ReceiveMessage' });
    const wanted = {
      most: input.MaxNumberOfMessages ?? 1,
      visibilitySeconds: input.VisibilityTimeout ?? secondsOf(queue, 'VisibilityTimeout'),
    };
    const attempt = input.ReceiveRequestAttemptId;
    const again = attempt && isFifo(queue) ? await attempts.repeat(rows, queue, attempt, wanted) : undefined;
    if (again) return { queue, taken: again, woken: [], nextVisibleMs: undefined };
    await checkInFlight(room, rows, queue);
    const { taken, woken } = await take(room, rows, queue, wanted);
    const [hidden] = await rows.list(lines, queue.scope, { prefix: hiddenPrefix(queue), limit: 1 });
    if (attempt && isFifo(queue)) attempts.remember(queue, attempt, taken);
    return { queue, taken, woken, nextVisibleMs: hidden && visibleMsOfLine(queue, hidden.key) };
  }

  return {
    async ReceiveMessage(input: ReceiveMessageRequest, call: Call): Promise<ReceiveMessageResult> {
      checkInput(input);
      let deadlineMs: number | undefined;
      for (;;) {
        // A client that has gone would take messages with it.
        if (call.signal.aborted) return {};
        const found = await room.store.transaction((rows) => receive(rows, input, call));
        const { queueId } = found.queue.row;
        for (const woken of found.woken) room.waiting.wake(woken, limits.sqsBatchEntries);
        const { length } = found.taken;
        if (length > 0) {
          room.receivesSinceCount.set(queueId, (room.receivesSinceCount.get(queueId) ?? 0) + length);
          // More may be there for the next who waits.
          room.waiting.wake(queueId, 1);
          return { Messages: found.taken.map((each) => show(found.queue, each, input)) };
        }
        const waitSeconds = input.WaitTimeSeconds ?? secondsOf(found.queue, 'ReceiveMessageWaitTimeSeconds');
        deadlineMs ??= Date.now() + waitSeconds * 1000;
        const leftMs = deadlineMs - Date.now();
        if (leftMs <= 0 || room.waiting.isStopped) return {};
        const untilVisible = found.nextVisibleMs === undefined ? leftMs : found.nextVisibleMs - room.now();
        await room.waiting.wait(queueId, Math.max(1, Math.min(leftMs, untilVisible)), call.signal);
        if (call.signal.aborted) room.waiting.wake(queueId, 1);
      }
    },
  };
};

function checkInput(input: ReceiveMessageRequest): void {
  const { MaxNumberOfMessages: most, WaitTimeSeconds: wait, VisibilityTimeout: hidden } = input;
  if (most !== undefined && (most < 1 || most > 10))
    throw invalidValue(most, 'MaxNumberOfMessages', 'Must be between 1 and 10, if provided.');
  if (wait !== undefined && (wait < 0 || wait > 20))
    throw invalidValue(wait, 'WaitTimeSeconds', 'Must be >= 0 and <= 20, if provided.');
  if (hidden !== undefined && (hidden < 0 || hidden > 43_200))
    throw invalidValue(hidden, 'VisibilityTimeout', 'Must be between 0 and 43200, if provided.');
  for (const name of wantedSystemAttributes(input))
    if (!SYSTEM_ATTRIBUTES.has(name)) throw new Fault('InvalidAttributeName', `Unknown Attribute ${name}.`);
  if (input.ReceiveRequestAttemptId !== undefined && !/^[!-~]{1,128}$/.test(input.ReceiveRequestAttemptId))
    throw invalidParameter(
      'ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length.',
    );
}

const wantedSystemAttributes = (input: ReceiveMessageRequest): readonly string[] => [
  ...(input.AttributeNames ?? []),
  ...(input.MessageSystemAttributeNames ?? []),
];

/** Standard queues refuse to hand out more than 120,000 messages at a time; FIFO queues then answer nothing. */
async function checkInFlight(room: SqsRoom, rows: Transaction, queue: FoundQueue): Promise<void> {
  const { queueId } = queue.row;
  // Counted exactly only when so many were received since the last count that the limit may be near.
  if ((room.receivesSinceCount.get(queueId) ?? 0) < limits.sqsInFlight) return;
  const hidden = await rows.list(lines, queue.scope, { prefix: hiddenPrefix(queue) });
  let inFlight = 0;
  for (const { key } of hidden) {
    const place = key.slice(key.lastIndexOf('/') + 1);
    const state = await readState(rows, queue.scope, messageKey(queue, place));
    if (state.receives > 0 && state.visibleMs > room.now()) inFlight++;
  }
  room.receivesSinceCount.set(queueId, inFlight);
  if (inFlight >= limits.sqsInFlight && !isFifo(queue))
    throw new Fault(
      'OverLimit',
      'Too many messages in flight: 120000 messages were received and not deleted.',
      {
        status: 403,
      },
    );
}

function show(queue: FoundQueue, taken: Taken, input: ReceiveMessageRequest): Message {
  const { message, state, place } = taken;
  const attributes = wantedAttributes(message.attributes, input.MessageAttributeNames);
  const md5 = attributesMd5(attributes);
  const system = systemAttributes(taken, new Set(wantedSystemAttributes(input)));
  return {
    MessageId: message.id,
    ReceiptHandle: writeReceipt(queue, { place, mark: state.receipt ?? '' }),
    MD5OfBody: message.bodyMd5,
    Body: message.body,
    ...(Object.keys(system).length > 0 ? { Attributes: system } : {}),
    ...(md5 === undefined
      ? {}
      : {
          MD5OfMessageAttributes: md5,
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [name, showAttribute(value)]),
          ),
        }),
  };
}

function systemAttributes({ message, state }: Taken, wanted: ReadonlySet<string>): Record<string, string> {
  const all: Readonly<Record<string, string | undefined>> = {
    SenderId: message.senderId,
    ApproximateFirstReceiveTimestamp: String(state.firstReceivedMs ?? 0),
    ApproximateReceiveCount: String(state.receives + (message.receivesBefore ?? 0)),
    SentTimestamp: String(message.sentMs),
    SequenceNumber: message.sequenceNumber,
    MessageDeduplicationId: message.deduplicationId,
    MessageGroupId: message.groupId,
    AWSTraceHeader: message.traceHeader,
    DeadLetterQueueSourceArn: message.deadLetterSource,
  };
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(all))
    if (value !== undefined && (wanted.has('All') || wanted.has(name))) shown[name] = value;
  return shown;
}
