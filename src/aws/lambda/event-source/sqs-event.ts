/**
 * Messages of a queue as a function gets them.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
 */
import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import { parseArn } from '../../../base/arn.ts';
import { limits } from '../../../base/limits.ts';
import { parsedOrText } from './filter.ts';

export interface SqsRecord extends Record<string, unknown> {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
}

export function sqsRecord(message: Message, queueArn: string): SqsRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {});
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(attributes.map(([name, value]) => [name, attributeOf(value)])),
    ...(message.MD5OfMessageAttributes !== undefined && {
      md5OfMessageAttributes: message.MD5OfMessageAttributes,
    }),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: parseArn(queueArn)?.region ?? '',
  };
}

function attributeOf({ StringValue, BinaryValue, DataType }: MessageAttributeValue): object {
  return {
    ...(StringValue !== undefined && { stringValue: StringValue }),
    ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString('base64') }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}

/** What filters look at: the body parsed where it is JSON. */
export const filteredForm = (record: SqsRecord): Record<string, unknown> => ({
  ...record,
  body: parsedOrText(record.body),
});

/** Records in as many events as an invocation's payload needs. */
export function eventsOf<One>(
  records: readonly One[],
): { readonly records: One[]; readonly payload: Buffer }[] {
  const parts: { records: One[]; texts: string[]; bytes: number }[] = [];
  for (const record of records) {
    const text = JSON.stringify(record);
    const bytes = Buffer.byteLength(text) + 1;
    let part = parts.at(-1);
    if (part === undefined || part.bytes + bytes > limits.lambdaSynchronousPayloadBytes - ENVELOPE_BYTES)
      parts.push((part = { records: [], texts: [], bytes: 0 }));
    part.records.push(record);
    part.texts.push(text);
    part.bytes += bytes;
  }
  return parts.map((part) => ({
    records: part.records,
    payload: Buffer.from(`{"Records":[${part.texts.join(',')}]}`),
  }));
}

const ENVELOPE_BYTES = 64;
