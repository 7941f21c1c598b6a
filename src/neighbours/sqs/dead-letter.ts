/** Dead letters: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html */
import type { Reader, Transaction } from '../../store/store.ts';
import { dequeue, enqueue } from './line.ts';
import type { MessageRow } from './message-row.ts';
import { redrivePolicyOf } from './queue-attributes.ts';
import { type FoundQueue, isFifo, placeOfArn, queueArn, queues } from './queue-row.ts';
import type { SqsRoom } from './room.ts';
import { nextPlaceOf, sequenceNumberOf } from './send.ts';

/** Undefined when there is none, or it is gone: then messages go on being received. */
export async function deadLetterQueueOf(
  rows: Pick<Reader, 'get'>,
  queue: FoundQueue,
): Promise<FoundQueue | undefined> {
  const place = placeOfArn(redrivePolicyOf(queue.row.attributes)?.deadLetterTargetArn);
  const row = place && (await rows.get(queues, place.scope, place.name));
  return place && row && { ...place, row };
}

interface DeadLetter {
  readonly queue: FoundQueue;
  readonly dead: FoundQueue;
  readonly place: string;
  readonly message: MessageRow;
  readonly receives: number;
}

/**
 * The message keeps its id; in a standard queue also the time it was sent, and with it when it expires. In a FIFO
 * queue it is enqueued anew.
 */
export async function makeDeadLetter(room: SqsRoom, rows: Transaction, letter: DeadLetter): Promise<void> {
  const { queue, dead, place, message, receives } = letter;
  const now = room.now();
  await dequeue(rows, queue, place, now);
  const next = isFifo(dead) ? await nextPlaceOf(room, rows, dead, message.groupId) : place;
  const moved: MessageRow = {
    ...message,
    deadLetterSource: queueArn(queue),
    receivesBefore: (message.receivesBefore ?? 0) + receives,
    ...(isFifo(dead) ? { sentMs: now, sequenceNumber: sequenceNumberOf(next) } : {}),
  };
  await enqueue(rows, dead, { place: next, message: moved, visibleMs: 0 }, now);
}
