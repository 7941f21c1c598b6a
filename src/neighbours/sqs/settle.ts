/** What is done with a received message: DeleteMessage, ChangeMessageVisibility, and their batches. */
import type {
  ChangeMessageVisibilityBatchRequest,
  ChangeMessageVisibilityBatchResult,
  ChangeMessageVisibilityRequest,
  DeleteMessageBatchRequest,
  DeleteMessageBatchResult,
  DeleteMessageRequest,
} from '@aws-sdk/client-sqs';
import { Fault } from '../../base/fault.ts';
import type { Call } from '../../wire/service.ts';
import { checkBatch, runBatch } from './batch.ts';
import { invalidParameter, invalidValue, missingParameter } from './fault.ts';
import { dequeue, moveInLine, refreshGroup } from './line.ts';
import { messageKey, messages, readState, states } from './message-row.ts';
import { type FoundQueue, isFifo } from './queue-row.ts';
import { readReceipt } from './receipt.ts';
import type { Rows, SqsRoom } from './room.ts';

const MOST_SECONDS = 43_200;

export const settleOperations = (room: SqsRoom) => {
  /** Runs one change and wakes who waits for what it may have let go. */
  const change = async <T>(
    url: string | undefined,
    call: Call,
    action: string,
    work: (rows: Rows, queue: FoundQueue) => Promise<T>,
  ): Promise<T> => {
    let queueId = '';
    const result = await room.store.transaction(async (rows) => {
      const queue = await room.open(rows, url, { ...call, action });
      queueId = queue.row.queueId;
      return work(rows, queue);
    });
    room.waiting.wake(queueId, 1);
    return result;
  };

  return {
    async DeleteMessage(input: DeleteMessageRequest, call: Call): Promise<object> {
      await change(input.QueueUrl, call, 'DeleteMessage', (rows, queue) =>
        deleteMessage(room, rows, queue, input.ReceiptHandle),
      );
      return {};
    },

    async DeleteMessageBatch(
      input: DeleteMessageBatchRequest,
      call: Call,
    ): Promise<DeleteMessageBatchResult> {
      const entries = checkBatch('DeleteMessageBatchRequestEntry', input.Entries);
      return change(input.QueueUrl, call, 'DeleteMessage', (rows, queue) =>
        runBatch(entries, async ({ Id, ReceiptHandle }) => {
          await deleteMessage(room, rows, queue, ReceiptHandle);
          return { Id };
        }),
      );
    },

    async ChangeMessageVisibility(input: ChangeMessageVisibilityRequest, call: Call): Promise<object> {
      await change(input.QueueUrl, call, 'ChangeMessageVisibility', (rows, queue) =>
        changeVisibility(room, rows, queue, input),
      );
      return {};
    },

    async ChangeMessageVisibilityBatch(
      input: ChangeMessageVisibilityBatchRequest,
      call: Call,
    ): Promise<ChangeMessageVisibilityBatchResult> {
      const entries = checkBatch('ChangeMessageVisibilityBatchRequestEntry', input.Entries);
      return change(input.QueueUrl, call, 'ChangeMessageVisibility', (rows, queue) =>
        runBatch(entries, async (entry) => {
          await changeVisibility(room, rows, queue, entry);
          return { Id: entry.Id };
        }),
      );
    },
  };
};

/** A standard queue passes over old handles in silence; a FIFO queue says that the message is somebody else's again. */
async function deleteMessage(
  room: SqsRoom,
  rows: Rows,
  queue: FoundQueue,
  handle: string | undefined,
): Promise<void> {
  const { place, mark } = readReceipt(queue, handle);
  const key = messageKey(queue, place);
  const state = await readState(rows, queue.scope, key);
  if (state.receipt === undefined) return;
  const isCurrent = state.receipt === mark;
  if (isFifo(queue) && (!isCurrent || state.visibleMs <= room.now())) throw expired(handle);
  if (isCurrent) await dequeue(rows, queue, place, room.now());
}

const expired = (handle: string | undefined): Fault =>
  invalidValue(handle, 'ReceiptHandle', 'The receipt handle has expired.');

interface Change {
  readonly ReceiptHandle?: string | undefined;
  readonly VisibilityTimeout?: number | undefined;
}

async function changeVisibility(room: SqsRoom, rows: Rows, queue: FoundQueue, input: Change): Promise<void> {
  const { VisibilityTimeout: seconds } = input;
  if (seconds === undefined) throw missingParameter('VisibilityTimeout');
  if (seconds < 0 || seconds > MOST_SECONDS)
    throw invalidValue(
      seconds,
      'VisibilityTimeout',
      'VisibilityTimeout must be an integer between 0 and 43200.',
    );
  const { place, mark } = readReceipt(queue, input.ReceiptHandle);
  const key = messageKey(queue, place);
  const message = await rows.get(messages, queue.scope, key);
  const state = await readState(rows, queue.scope, key);
  const now = room.now();
  if (message === undefined)
    throw invalidValue(
      input.ReceiptHandle,
      'ReceiptHandle',
      'Message does not exist or is not available for visibility timeout change.',
    );
  if (state.receipt !== mark || state.visibleMs <= now) {
    if (isFifo(queue)) throw expired(input.ReceiptHandle);
    throw new Fault('MessageNotInflight', 'The specified message is not in flight.');
  }
  const visibleMs = seconds === 0 ? 0 : now + seconds * 1000;
  // Twelve hours from the first receive: later changes cannot go beyond.
  if (visibleMs > (state.firstReceivedMs ?? now) + MOST_SECONDS * 1000 && state.receives === 1)
    throw invalidParameter(
      `Value ${input.ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds].`,
    );
  await rows.put(states, queue.scope, key, { ...state, visibleMs });
  await moveInLine(rows, queue, place, { fromMs: state.visibleMs, toMs: visibleMs });
  if (isFifo(queue)) await refreshGroup(rows, queue, message.groupId ?? '', now);
}
