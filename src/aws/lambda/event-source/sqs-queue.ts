/** The queue of a mapping: messages taken, deleted and given back by the operations of SQS. */
import type { Message, QueueAttributeName, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import { parseArn } from '../../../base/arn.ts';
import type { SourceCall } from '../source-call.ts';

export interface Queue {
  /** At most ten; waits so many seconds for the first. */
  receive(most: number, waitSeconds: number): Promise<Message[]>;
  delete(receiptHandles: readonly string[]): Promise<void>;
  /** Others may have them at once. */
  release(receiptHandles: readonly string[]): Promise<void>;
  attributes(names: readonly QueueAttributeName[]): Promise<Partial<Record<QueueAttributeName, string>>>;
}

const AT_ONCE = 10;

export const queueUrl = (arn: string): string => {
  const queue = parseArn(arn);
  return `https://sqs.${queue?.region}.amazonaws.com/${queue?.account}/${queue?.resource}`;
};

export function createQueue(arn: string, call: SourceCall): Queue {
  const QueueUrl = queueUrl(arn);
  const inTens = async (
    handles: readonly string[],
    work: (entries: { Id: string; ReceiptHandle: string }[]) => Promise<unknown>,
  ): Promise<void> => {
    for (let at = 0; at < handles.length; at += AT_ONCE)
      await work(
        handles.slice(at, at + AT_ONCE).map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle })),
      );
  };
  return {
    async receive(most, waitSeconds) {
      const answer = await call<ReceiveMessageResult>('sqs', 'ReceiveMessage', {
        QueueUrl,
        MaxNumberOfMessages: Math.min(most, AT_ONCE),
        WaitTimeSeconds: waitSeconds,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      });
      return answer.Messages ?? [];
    },
    delete: (handles) =>
      inTens(handles, (Entries) => call('sqs', 'DeleteMessageBatch', { QueueUrl, Entries })),
    release: (handles) =>
      inTens(handles, (entries) =>
        call('sqs', 'ChangeMessageVisibilityBatch', {
          QueueUrl,
          Entries: entries.map((entry) => ({ ...entry, VisibilityTimeout: 0 })),
        }),
      ),
    async attributes(AttributeNames) {
      const answer = await call<{ Attributes?: Partial<Record<QueueAttributeName, string>> }>(
        'sqs',
        'GetQueueAttributes',
        { QueueUrl, AttributeNames },
      );
      return answer.Attributes ?? {};
    },
  };
}
