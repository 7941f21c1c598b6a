/**
 * What a FIFO queue remembers for five minutes, so that the same message sent again is not delivered again.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
 */
import { limits } from '../../base/limits.ts';
import { recently } from '../kit/recently.ts';
import { queuePrefix } from './message-row.ts';
import type { FoundQueue } from './queue-row.ts';

interface Sent {
  readonly messageId: string;
  readonly sequenceNumber: string;
}

export const deduplications = recently<Sent>('sqs.deduplications', limits.sqsDeduplicationMs);

/** Within the queue, or within the group when the queue says so. */
export const deduplicationKey = (queue: FoundQueue, deduplicationId: string, group: string): string => {
  const ofGroup = queue.row.attributes['DeduplicationScope'] === 'messageGroup';
  return `${queuePrefix(queue)}${ofGroup ? `${encodeURIComponent(group)}/` : ''}${deduplicationId}`;
};
