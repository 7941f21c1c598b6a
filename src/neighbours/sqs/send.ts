/** SendMessage and SendMessageBatch. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
import { createHash, randomUUID } from 'node:crypto';
import type {
  SendMessageBatchRequest,
  SendMessageBatchResult,
  SendMessageBatchResultEntry,
  SendMessageRequest,
  SendMessageResult,
} from '@aws-sdk/client-sqs';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { checkBatch, runBatch } from './batch.ts';
import { deduplicationKey, deduplications } from './deduplication.ts';
import { invalidParameter, invalidValue, missingParameter, NOT_FOR_THIS_TYPE } from './fault.ts';
import { enqueue } from './line.ts';
import {
  admitAttributes,
  attributesBytes,
  attributesMd5,
  type StoredAttributes,
} from './message-attributes.ts';
import { groupPrefix, lines, placeOfLine, type MessageRow } from './message-row.ts';
import { type FoundQueue, isFifo, secondsOf } from './queue-row.ts';
import { senderOf } from './sender.ts';
import type { Rows, SqsRoom } from './room.ts';

/** What a single message and an entry of a batch have in common. */
type Message = Omit<SendMessageRequest, 'QueueUrl'>;

export const sendOperations = (room: SqsRoom) => ({
  async SendMessage(input: SendMessageRequest, call: Call): Promise<SendMessageResult> {
    const prepared = prepare(input);
    let queueId = '';
    const sent = await room.store.transaction(async (rows) => {
      const queue = await room.open(rows, input.QueueUrl, { ...call, action: 'SendMessage' });
      queueId = queue.row.queueId;
      checkForQueue(queue, input, prepared);
      return send(room, rows, queue, { input, prepared, call });
    });
    room.waiting.wake(queueId, 1);
    return sent;
  },

  async SendMessageBatch(input: SendMessageBatchRequest, call: Call): Promise<SendMessageBatchResult> {
    const entries = checkBatch('SendMessageBatchRequestEntry', input.Entries);
    checkTotal(entries.reduce((sum, entry) => sum + sizeOf(entry), 0));
    let queueId = '';
    const result = await room.store.transaction(async (rows) => {
      const queue = await room.open(rows, input.QueueUrl, { ...call, action: 'SendMessage' });
      queueId = queue.row.queueId;
      return runBatch(entries, async (entry): Promise<SendMessageBatchResultEntry> => {
        const prepared = prepare(entry);
        checkForQueue(queue, entry, prepared);
        const { MessageId, MD5OfMessageBody, ...more } = await send(room, rows, queue, {
          input: entry,
          prepared,
          call,
        });
        return { Id: entry.Id, MessageId, MD5OfMessageBody, ...more };
      });
    });
    room.waiting.wake(queueId, result.Successful.length);
    return result;
  },
});

interface Prepared {
  readonly attributes: StoredAttributes;
  readonly traceHeader: string | undefined;
  readonly sizeBytes: number;
}

/** What can be told without the queue. */
function prepare(input: Message): Prepared {
  const { MessageBody: body, MessageAttributes: given } = input;
  if (body === undefined || body === '') throw missingParameter('MessageBody');
  if (!isAllowedText(body))
    throw new Fault(
      'InvalidMessageContents',
      'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
    );
  const attributes = admitAttributes(given);
  const traceHeader = traceHeaderOf(input);
  return { attributes, traceHeader, sizeBytes: Buffer.byteLength(body) + attributesBytes(attributes) };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what SQS refuses
const REFUSED_TEXT = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF\uD800-\uDFFF]/u;
const isAllowedText = (text: string): boolean => !REFUSED_TEXT.test(text);

/** The only system attribute a sender may give. */
function traceHeaderOf({ MessageSystemAttributes: given = {} }: Message): string | undefined {
  for (const [name, value] of Object.entries(given)) {
    if (name !== 'AWSTraceHeader')
      throw invalidParameter(
        `Message system attribute name '${name}' is invalid: only AWSTraceHeader is supported.`,
      );
    if (value.DataType !== 'String' || !value.StringValue)
      throw invalidParameter(
        `The message system attribute 'AWSTraceHeader' must contain a non-empty value of type 'String'.`,
      );
  }
  return given.AWSTraceHeader?.StringValue;
}

function sizeOf({ MessageBody: body, MessageAttributes: given }: Message): number {
  let size = Buffer.byteLength(body ?? '');
  for (const [name, value] of Object.entries(given ?? {}))
    size +=
      Buffer.byteLength(name) +
      Buffer.byteLength(value.DataType ?? '') +
      (value.BinaryValue?.byteLength ?? Buffer.byteLength(value.StringValue ?? ''));
  return size;
}

function checkTotal(sizeBytes: number): void {
  if (sizeBytes <= limits.sqsMessageBytes) return;
  throw new Fault(
    'BatchRequestTooLong',
    `Batch requests cannot be longer than ${limits.sqsMessageBytes} bytes. You have sent ${sizeBytes} bytes.`,
  );
}

const ID = /^[!-~]{1,128}$/;

function checkForQueue(queue: FoundQueue, input: Message, { sizeBytes }: Prepared): void {
  const most = secondsOf(queue, 'MaximumMessageSize');
  if (sizeBytes > most)
    throw invalidParameter(
      `One or more parameters are invalid. Reason: Message must be shorter than ${most} bytes.`,
    );
  const { DelaySeconds: delay, MessageGroupId: group, MessageDeduplicationId: deduplication } = input;
  if (delay !== undefined && (delay < 0 || delay > 900))
    throw invalidValue(delay, 'DelaySeconds', 'DelaySeconds must be >= 0 and <= 900.');
  for (const [name, id] of [
    ['MessageGroupId', group],
    ['MessageDeduplicationId', deduplication],
  ] as const)
    if (id !== undefined && !ID.test(id))
      throw invalidValue(
        id,
        name,
        `${name} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
      );
  if (!isFifo(queue)) {
    if (deduplication !== undefined)
      throw invalidValue(deduplication, 'MessageDeduplicationId', NOT_FOR_THIS_TYPE);
    return;
  }
  if (delay !== undefined && delay > 0) throw invalidValue(delay, 'DelaySeconds', NOT_FOR_THIS_TYPE);
  if (group === undefined) throw missingParameter('MessageGroupId');
  if (deduplication === undefined && queue.row.attributes['ContentBasedDeduplication'] !== 'true')
    throw invalidParameter(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
}

interface Sending {
  readonly input: Message;
  readonly prepared: Prepared;
  readonly call: Call;
}

async function send(
  room: SqsRoom,
  rows: Rows,
  queue: FoundQueue,
  { input, prepared, call }: Sending,
): Promise<SendMessageResult> {
  const body = input.MessageBody ?? '';
  const bodyMd5 = createHash('md5').update(body).digest('hex');
  const now = room.now();
  const deduplicationId = isFifo(queue)
    ? (input.MessageDeduplicationId ?? createHash('sha256').update(body).digest('hex'))
    : undefined;
  const sentAs =
    deduplicationId === undefined
      ? undefined
      : deduplicationKey(queue, deduplicationId, input.MessageGroupId ?? '');
  const duplicate =
    sentAs === undefined ? undefined : await deduplications.recall(rows, queue.scope, sentAs, now);
  const md5 = attributesMd5(prepared.attributes);
  const digests = {
    MD5OfMessageBody: bodyMd5,
    ...(md5 === undefined ? {} : { MD5OfMessageAttributes: md5 }),
    ...(prepared.traceHeader === undefined
      ? {}
      : { MD5OfMessageSystemAttributes: traceMd5(prepared.traceHeader) }),
  };
  if (duplicate)
    return { ...digests, MessageId: duplicate.messageId, SequenceNumber: duplicate.sequenceNumber };
  // A request that is traced leaves its trace with the message: Lambda's recursion guard follows it.
  const traceHeader = prepared.traceHeader ?? call.header('x-amzn-trace-id');
  const place = await nextPlaceOf(room, rows, queue, input.MessageGroupId);
  const message: MessageRow = {
    id: randomUUID(),
    body,
    bodyMd5,
    attributes: prepared.attributes,
    ...(md5 === undefined ? {} : { attributesMd5: md5 }),
    ...(traceHeader === undefined ? {} : { traceHeader }),
    sentMs: now,
    senderId: senderOf(call.caller),
    ...(input.MessageGroupId === undefined ? {} : { groupId: input.MessageGroupId }),
    ...(deduplicationId === undefined ? {} : { deduplicationId, sequenceNumber: sequenceNumberOf(place) }),
  };
  const delaySeconds = input.DelaySeconds ?? secondsOf(queue, 'DelaySeconds');
  await enqueue(
    rows,
    queue,
    { place, message, visibleMs: delaySeconds > 0 ? now + delaySeconds * 1000 : 0 },
    now,
  );
  if (sentAs !== undefined) {
    const sent = { messageId: message.id, sequenceNumber: message.sequenceNumber ?? '' };
    await deduplications.remember(rows, queue.scope, sentAs, sent, now);
  }
  return {
    ...digests,
    MessageId: message.id,
    ...(message.sequenceNumber === undefined ? {} : { SequenceNumber: message.sequenceNumber }),
  };
}

/** A group's order must hold even when the clock was set back between two processes. */
export async function nextPlaceOf(
  room: SqsRoom,
  rows: Rows,
  queue: FoundQueue,
  group: string | undefined,
): Promise<string> {
  if (!isFifo(queue)) return room.nextPlace();
  const prefix = groupPrefix(queue, group ?? '');
  const [last] = await rows.list(lines, queue.scope, { prefix, limit: 1, reverse: true });
  return room.nextPlace(last && placeOfLine(last.key));
}

/** 20 digits that rise, as AWS's do. */
export const sequenceNumberOf = (place: string): string => `1886${place.slice(0, 16)}`;

const traceMd5 = (text: string): string => attributesMd5({ AWSTraceHeader: { type: 'String', text } }) ?? '';
