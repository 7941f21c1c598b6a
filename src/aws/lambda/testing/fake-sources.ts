/** For tests of pollers: a queue and a stream of one's own, answering the operations that pollers call. */
import { Fault } from '../../../base/fault.ts';
import type { OperationCall } from '../../../base/ports.ts';

interface FakeMessage {
  readonly id: string;
  readonly body: string;
  receives: number;
  /** Taken, and not given back. */
  hidden: boolean;
}

export const QUEUE = 'arn:aws:sqs:us-east-1:123456789012:jobs';

export function createFakeQueue(visibilitySeconds = 30) {
  const messages: FakeMessage[] = [];
  const waiting: (() => void)[] = [];
  let made = 0;
  const wake = (): void => {
    for (const one of waiting.splice(0)) one();
  };
  const operations: Record<string, (input: never) => unknown> = {
    GetQueueAttributes: () => ({ Attributes: { VisibilityTimeout: String(visibilitySeconds) } }),
    async ReceiveMessage({
      MaxNumberOfMessages,
      WaitTimeSeconds,
    }: {
      MaxNumberOfMessages: number;
      WaitTimeSeconds: number;
    }) {
      const visible = () => messages.filter(({ hidden }) => !hidden).slice(0, MaxNumberOfMessages);
      if (visible().length === 0 && WaitTimeSeconds > 0)
        await new Promise<void>((resolve) => waiting.push(resolve));
      return {
        Messages: visible().map((message) => {
          message.hidden = true;
          message.receives += 1;
          const Attributes = { ApproximateReceiveCount: String(message.receives) };
          return { MessageId: message.id, ReceiptHandle: message.id, Body: message.body, Attributes };
        }),
      };
    },
    DeleteMessageBatch({ Entries }: { Entries: { ReceiptHandle: string }[] }) {
      for (const { ReceiptHandle } of Entries)
        messages.splice(
          messages.findIndex(({ id }) => id === ReceiptHandle),
          1,
        );
      return {};
    },
    ChangeMessageVisibilityBatch({ Entries }: { Entries: { ReceiptHandle: string }[] }) {
      for (const message of messages)
        if (Entries.some(({ ReceiptHandle }) => ReceiptHandle === message.id)) message.hidden = false;
      wake();
      return {};
    },
  };
  return {
    messages,
    send(...bodies: string[]) {
      for (const body of bodies) messages.push({ id: `m${++made}`, body, receives: 0, hidden: false });
      wake();
    },
    /** As after the visibility timeout. */
    reappear() {
      for (const message of messages) message.hidden = false;
      wake();
    },
    /** Ends receives that wait. */
    wake,
    answer: (call: OperationCall): unknown => answerWith(operations, call),
  };
}

export const STREAM = 'arn:aws:kinesis:us-east-1:123456789012:stream/clicks';

export interface FakeRecord {
  readonly key: string;
  readonly data: string;
  readonly at?: number;
}

interface FakeShard {
  readonly records: (FakeRecord & { readonly sequence: string })[];
  readonly parent?: string;
  ended: boolean;
}

export function createFakeStream(now: () => number) {
  const shards = new Map<string, FakeShard>();
  let made = 0;
  const operations: Record<string, (input: never) => unknown> = {
    DescribeStreamSummary: () => ({}),
    ListShards: () => ({
      Shards: [...shards].map(([ShardId, { parent }]) => ({ ShardId, ParentShardId: parent })),
    }),
    GetShardIterator(input: { ShardId: string; StartingSequenceNumber?: string; Timestamp?: Date }) {
      const records = shards.get(input.ShardId)?.records ?? [];
      const after = records.findIndex(({ sequence }) => sequence === input.StartingSequenceNumber);
      const from = input.Timestamp?.getTime();
      const at = from === undefined ? after + 1 : records.filter((record) => (record.at ?? 0) < from).length;
      return { ShardIterator: `${input.ShardId}/${at}` };
    },
    GetRecords({ ShardIterator, Limit }: { ShardIterator: string; Limit: number }) {
      const [id = '', at = '0'] = ShardIterator.split('/');
      const shard = shards.get(id);
      const page = shard?.records.slice(Number(at), Number(at) + Limit) ?? [];
      const end = Number(at) + page.length;
      const isOver = shard?.ended === true && end >= shard.records.length;
      return {
        Records: page.map(({ key, data, sequence, at: time }) => ({
          PartitionKey: key,
          Data: new TextEncoder().encode(data),
          SequenceNumber: sequence,
          ApproximateArrivalTimestamp: new Date(time ?? 0),
        })),
        ...(!isOver && { NextShardIterator: `${id}/${end}` }),
      };
    },
  };
  return {
    shard(id: string, parent?: string) {
      shards.set(id, { records: [], ended: false, ...(parent !== undefined && { parent }) });
    },
    put(id: string, ...records: FakeRecord[]) {
      for (const record of records) {
        const sequence = String(++made).padStart(6, '0');
        shards.get(id)?.records.push({ at: now(), ...record, sequence });
      }
    },
    end(id: string) {
      const shard = shards.get(id);
      if (shard) shard.ended = true;
    },
    answer: (call: OperationCall): unknown => answerWith(operations, call),
  };
}

function answerWith(
  operations: Readonly<Record<string, (input: never) => unknown>>,
  { operation, input }: OperationCall,
): unknown {
  const found = operations[operation];
  if (found === undefined) throw new Fault('UnknownOperationException', operation);
  return found(input as never); // each knows its own input
}
