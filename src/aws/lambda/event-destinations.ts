/**
 * Who hears of an asynchronous invocation's end: the destination of its outcome, and for failures the dead-letter
 * target. What cannot be delivered is logged, as AWS counts it in DestinationDeliveryFailures; the event is over.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
import { parseArn } from '../../base/arn.ts';
import { reasonOf } from '../../base/fault.ts';
import type { OperationCall } from '../../base/ports.ts';
import type { RunAnswer } from '../../functions/config.ts';
import type { KnownFunction } from './catalog.ts';
import { type EventRow, recordedArn } from './event-queue.ts';
import type { FunctionReference } from './function-reference.ts';
import { failureKey } from './failure-key.ts';
import { createSourceCall } from './source-call.ts';
import type { LambdaRoom } from './ports.ts';
import { type EventInvokeRow, functions } from './rows.ts';

export interface FinalOutcome {
  readonly kind: 'success' | 'failure';
  readonly condition: 'Success' | 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';
  readonly attempts: number;
  readonly answer?: RunAnswer;
  readonly version?: string;
}

export interface FinishedEvent {
  readonly row: EventRow;
  readonly reference: FunctionReference;
  readonly known: KnownFunction;
  readonly rules: EventInvokeRow | undefined;
  readonly outcome: FinalOutcome;
}

type Delivery = Pick<OperationCall, 'service' | 'operation' | 'input'>;

export async function deliverOutcome(room: LambdaRoom, finished: FinishedEvent): Promise<void> {
  const { rules, outcome, reference } = finished;
  const config = rules?.destinationConfig;
  const destination =
    outcome.kind === 'success' ? config?.OnSuccess?.Destination : config?.OnFailure?.Destination;
  const row = await room.store.get(functions, reference.scope, reference.name);
  const roleArn = row?.configuration.Role ?? '';
  if (destination)
    await deliver(room, { finished, target: destination, roleArn }, recordFor(room, finished, destination));
  const deadLetter = row?.configuration.DeadLetterConfig?.TargetArn;
  if (outcome.kind === 'success' || !deadLetter) return;
  await deliver(room, { finished, target: deadLetter, roleArn }, deadLetterFor(room, finished, deadLetter));
}

interface Addressed {
  readonly finished: FinishedEvent;
  readonly target: string;
  readonly roleArn: string;
}

/** By the function's role, whose rights count where IAM is enforced. */
async function deliver(
  room: LambdaRoom,
  { finished, target, roleArn }: Addressed,
  delivery: Delivery | undefined,
): Promise<void> {
  const { scope, name } = finished.reference;
  const call = createSourceCall(room, { arn: target, roleArn, sessionName: name, fallback: scope });
  try {
    if (delivery === undefined) throw new Error('no such kind of target');
    await call(delivery.service, delivery.operation, delivery.input);
  } catch (thrown) {
    const fields = { function: name, requestId: finished.row.requestId, target, reason: reasonOf(thrown) };
    room.log('error', 'the outcome of an asynchronous invocation could not be delivered', fields);
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations */
function recordFor(room: LambdaRoom, finished: FinishedEvent, target: string): Delivery | undefined {
  const { row, reference, outcome } = finished;
  const { answer } = outcome;
  const record = JSON.stringify({
    version: '1.0',
    timestamp: new Date(room.now()).toISOString(),
    requestContext: {
      requestId: row.requestId,
      functionArn: recordedArn(reference),
      condition: outcome.condition,
      approximateInvokeCount: outcome.attempts,
    },
    requestPayload: JSON.parse(row.payload) as unknown,
    ...(answer !== undefined && {
      responseContext: {
        statusCode: 200,
        executedVersion: outcome.version,
        ...(answer.functionError !== undefined && { functionError: answer.functionError }),
      },
      responsePayload: valueOf(answer.payload),
    }),
  });
  return send(target, record, { finished, now: room.now(), attributes: undefined });
}

/** The event itself, and why it failed as attributes. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
function deadLetterFor(room: LambdaRoom, finished: FinishedEvent, target: string): Delivery | undefined {
  const { row, outcome } = finished;
  const message = errorMessageOf(outcome.answer);
  const attributes = {
    RequestID: { DataType: 'String', StringValue: row.requestId },
    ErrorCode: { DataType: 'Number', StringValue: outcome.answer === undefined ? '429' : '200' },
    ...(message !== undefined && {
      ErrorMessage: { DataType: 'String', StringValue: message.slice(0, 1024) },
    }),
  };
  return send(target, row.payload, { finished, now: room.now(), attributes });
}

interface Sending {
  readonly now: number;
  readonly finished: FinishedEvent;
  readonly attributes: Readonly<Record<string, unknown>> | undefined;
}

function send(target: string, body: string, { finished, now, attributes }: Sending): Delivery | undefined {
  const arn = parseArn(target);
  switch (arn?.service) {
    case 'sqs': {
      const QueueUrl = `https://sqs.${arn.region}.amazonaws.com/${arn.account}/${arn.resource}`;
      const input = { QueueUrl, MessageBody: body, ...(attributes && { MessageAttributes: attributes }) };
      return { service: 'sqs', operation: 'SendMessage', input };
    }
    case 'sns': {
      const input = { TopicArn: target, Message: body, ...(attributes && { MessageAttributes: attributes }) };
      return { service: 'sns', operation: 'Publish', input };
    }
    case 'lambda': {
      const input = {
        FunctionName: target,
        InvocationType: 'Event',
        Payload: new TextEncoder().encode(body),
      };
      return { service: 'lambda', operation: 'Invoke', input };
    }
    case 'events':
      return {
        service: 'events',
        operation: 'PutEvents',
        input: { Entries: [busEntry(target, body, finished)] },
      };
    case 's3': {
      const input = {
        Bucket: arn.resource,
        Key: `aws/lambda/async/${finished.reference.name}/${failureKey(now)}`,
        Body: Buffer.from(body),
        ContentType: 'application/json',
      };
      return { service: 's3', operation: 'PutObject', input };
    }
    default:
      return undefined;
  }
}

const busEntry = (target: string, record: string, { reference, outcome }: FinishedEvent) => ({
  EventBusName: target,
  Source: 'lambda',
  DetailType: `Lambda Function Invocation Result - ${outcome.kind === 'success' ? 'Success' : 'Failure'}`,
  Detail: record,
  Resources: [target, recordedArn(reference)],
});

function valueOf(payload: Uint8Array): unknown {
  const text = new TextDecoder().decode(payload);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function errorMessageOf(answer: RunAnswer | undefined): string | undefined {
  const value = answer && valueOf(answer.payload);
  if (typeof value !== 'object' || value === null || !('errorMessage' in value)) return undefined;
  return String(value.errorMessage);
}
