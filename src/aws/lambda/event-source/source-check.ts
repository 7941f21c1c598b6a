/** Before a mapping is made or changed: the source must be there, and the function's role able to read it. */
import { isFault } from '../../../base/fault.ts';
import { invalidParameter } from '../fault.ts';
import { createQueue } from './sqs-queue.ts';
import type { SourceCall } from '../source-call.ts';
import type { Source } from './settings.ts';

/** Throws `Fault` in AWS's words. */
export async function checkSource(source: Source, timeoutSeconds: number, call: SourceCall): Promise<void> {
  try {
    switch (source.kind) {
      case 'sqs':
        return await checkQueue(source, timeoutSeconds, call);
      case 'kinesis': {
        const StreamARN = source.arn.replace(/\/consumer\/.*$/, '');
        return void (await call('kinesis', 'DescribeStreamSummary', { StreamARN }));
      }
      case 'dynamodb':
        return void (await call('dynamodbstreams', 'DescribeStream', { StreamArn: source.arn }));
      default:
        return source.kind satisfies never;
    }
  } catch (thrown) {
    throw worded(source, thrown);
  }
}

async function checkQueue({ arn }: Source, timeoutSeconds: number, call: SourceCall): Promise<void> {
  const { VisibilityTimeout = '30' } = await createQueue(arn, call).attributes(['VisibilityTimeout']);
  if (Number(VisibilityTimeout) < timeoutSeconds)
    // Recorded from AWS.
    throw invalidParameter(
      `Invalid request provided: Queue visibility timeout: ${VisibilityTimeout} seconds is less than Function timeout: ${timeoutSeconds} seconds`,
    );
}

const READS = {
  sqs: 'ReceiveMessage on SQS',
  kinesis: 'GetRecords on Kinesis',
  dynamodb: 'DescribeStream on DynamoDB',
};

function worded({ kind, arn }: Source, thrown: unknown): unknown {
  if (!isFault(thrown) || thrown.code === 'InvalidParameterValueException') return thrown;
  if (/AccessDenied/.test(thrown.code))
    return invalidParameter(`The provided execution role does not have permissions to call ${READS[kind]}`);
  if (kind === 'sqs')
    return invalidParameter(
      `Error occurred while ReceiveMessage. SQS Error Code: ${thrown.code}. SQS Error Message: ${thrown.message}`,
    );
  if (thrown.code === 'ResourceNotFoundException') return invalidParameter(`Stream not found: ${arn}`);
  return thrown;
}
