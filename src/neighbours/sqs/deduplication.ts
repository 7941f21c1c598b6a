/**
 * What a FIFO queue remembers for five minutes, so that the same message sent again is not delivered again.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
 */
import { limits } from '../../base/limits.ts';
import { table, type Transaction } from '../../store/store.ts';
import { queuePrefix, type MessageRow } from './message-row.ts';
import type { FoundQueue } from './queue-row.ts';

interface DeduplicationRow {
  readonly messageId: string;
  readonly sequenceNumber: string;
  readonly expiresMs: number;
}

export const deduplications = table<DeduplicationRow>('sqs.deduplications');
/** Which to forget, the oldest first: each sending forgets a few. */
export const deduplicationTimes = table<{ readonly key: string }>('sqs.deduplication-times');

const FORGOTTEN_AT_ONCE = 4;

export interface Identity {
  readonly deduplicationId: string;
  readonly group: string;
}

const keyOf = (queue: FoundQueue, { deduplicationId, group }: Identity): string => {
  const ofGroup = queue.row.attributes['DeduplicationScope'] === 'messageGroup';
  return `${queuePrefix(queue)}${ofGroup ? `${encodeURIComponent(group)}/` : ''}${deduplicationId}`;
};

export async function wasSent(
  rows: Transaction,
  queue: FoundQueue,
  identity: Identity,
  now: number,
): Promise<DeduplicationRow | undefined> {
  await forget(rows, queue, now);
  const known = await rows.get(deduplications, queue.scope, keyOf(queue, identity));
  return known && known.expiresMs > now ? known : undefined;
}

export async function rememberDeduplication(
  rows: Transaction,
  queue: FoundQueue,
  identity: Identity,
  { id, sentMs, sequenceNumber = '' }: MessageRow,
): Promise<void> {
  const key = keyOf(queue, identity);
  const expiresMs = sentMs + limits.sqsDeduplicationMs;
  await rows.put(deduplications, queue.scope, key, { messageId: id, sequenceNumber, expiresMs });
  await rows.put(deduplicationTimes, queue.scope, `${queuePrefix(queue)}${expiresMs}/${id}`, { key });
}

async function forget(rows: Transaction, queue: FoundQueue, now: number): Promise<void> {
  const { scope } = queue;
  const prefix = queuePrefix(queue);
  const oldest = await rows.list(deduplicationTimes, scope, { prefix, limit: FORGOTTEN_AT_ONCE });
  for (const { key, row } of oldest) {
    if (Number(key.slice(prefix.length).split('/')[0]) > now) return;
    await rows.delete(deduplicationTimes, scope, key);
    // The same id may have been sent again since.
    const known = await rows.get(deduplications, scope, row.key);
    if (known && known.expiresMs <= now) await rows.delete(deduplications, scope, row.key);
  }
}
