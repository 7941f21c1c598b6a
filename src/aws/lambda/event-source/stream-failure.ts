/**
 * Records of a stream that were given up are told of, not sent: where they lie in the stream, and why. Only a bucket
 * also gets what the function was given.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
import { randomUUID } from 'node:crypto';
import { parseArn } from '../../../base/arn.ts';
import { reasonOf } from '../../../base/fault.ts';
import type { InvocationAnswer } from '../../../base/ports.ts';
import { failureKey } from '../failure-key.ts';
import { createSourceCall } from '../source-call.ts';
import { queueUrl } from './sqs-queue.ts';
import type { BatchPorts } from './stream-batch.ts';
import type { StreamRecord } from './stream-source.ts';

export interface FailedBatch {
  readonly records: readonly StreamRecord[];
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  readonly attempts: number;
  readonly answer: InvocationAnswer | undefined;
}

/** Never throws: what cannot be delivered is logged, and the shard goes on. */
export async function tellOfFailure(ports: BatchPorts, failed: FailedBatch): Promise<void> {
  const target = ports.row.settings.onFailureArn;
  if (target === undefined || failed.records.length === 0) return;
  try {
    await send(ports, target, recordOf(ports, failed), failed);
  } catch (thrown) {
    const fields = { stream: ports.row.sourceArn, target, reason: reasonOf(thrown) };
    ports.room.log('error', 'a failed batch could not be told of', fields);
  }
}

function recordOf({ source, shardId, room, functionArn }: BatchPorts, failed: FailedBatch): object {
  const { records, condition, attempts, answer } = failed;
  const first = records[0];
  const last = records.at(-1);
  return {
    requestContext: {
      requestId: answer?.requestId ?? randomUUID(),
      functionArn,
      condition,
      approximateInvokeCount: attempts,
    },
    ...(answer && {
      responseContext: {
        statusCode: 200,
        executedVersion: answer.executedVersion,
        ...(answer.functionError !== undefined && { functionError: answer.functionError }),
      },
    }),
    version: '1.0',
    timestamp: new Date(room.now()).toISOString(),
    [source.batchInfoName]: {
      shardId,
      startSequenceNumber: first?.sequenceNumber,
      endSequenceNumber: last?.sequenceNumber,
      approximateArrivalOfFirstRecord: new Date(first?.arrivedAt ?? 0).toISOString(),
      approximateArrivalOfLastRecord: new Date(last?.arrivedAt ?? 0).toISOString(),
      batchSize: records.length,
      streamArn: source.arn,
    },
  };
}

async function send(
  { room, row, scope, roleArn, shardId }: BatchPorts,
  target: string,
  record: object,
  { records }: FailedBatch,
): Promise<void> {
  const call = createSourceCall(room, {
    arn: target,
    roleArn,
    sessionName: row.functionName,
    fallback: scope,
  });
  const text = JSON.stringify(record);
  switch (parseArn(target)?.service) {
    case 'sqs':
      return call('sqs', 'SendMessage', { QueueUrl: queueUrl(target), MessageBody: text });
    case 'sns':
      return call('sns', 'Publish', { TopicArn: target, Message: text });
    case 's3': {
      const payload = JSON.stringify({ Records: records.map(({ event }) => event) });
      return call('s3', 'PutObject', {
        Bucket: parseArn(target)?.resource,
        Key: `aws/lambda/${row.uuid}/${shardId}/${failureKey(room.now())}`,
        Body: Buffer.from(JSON.stringify({ ...record, payload })),
        ContentType: 'application/json',
      });
    }
    default:
      throw new Error('no such kind of target');
  }
}
