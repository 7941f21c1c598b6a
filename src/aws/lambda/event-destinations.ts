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
import { roleCaller } from './event-source/source-call.ts';
import type { FunctionReference } from './function-reference.ts';
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
  if (destination) await deliver(room, finished, destination, recordFor(room, finished, destination));
  if (outcome.kind === 'success') return;
  const row = await room.store.get(functions, reference.scope, reference.name);
  const deadLetter = row?.configuration.DeadLetterConfig?.TargetArn;
  if (deadLetter) await deliver(room, finished, deadLetter, deadLetterFor(finished, deadLetter));
}

/** The function's role delivers: its rights count where IAM is enforced. */
async function deliver(
  room: LambdaRoom,
  finished: FinishedEvent,
  target: string,
  delivery: Delivery | undefined,
): Promise<void> {
  const { scope, name } = finished.reference;
  try {
    if (delivery === undefined) throw new Error('no such kind of target');
    const row = await room.store.get(functions, scope, name);
    const caller = roleCaller(row?.configuration.Role ?? '', name, scope.account);
    await room.call({
      ...delivery,
      scope: scopeOf(target, scope),
      caller,
      calledVia: 'lambda.amazonaws.com',
    });
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
  return send(target, record, { finished, attributes: undefined });
}

/** The event itself, and why it failed as attributes. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-dlq */
function deadLetterFor(finished: FinishedEvent, target: string): Delivery | undefined {
  const { row, outcome } = finished;
  const message = errorMessageOf(outcome.answer);
  const attributes = {
    RequestID: { DataType: 'String', StringValue: row.requestId },
    ErrorCode: { DataType: 'Number', StringValue: outcome.answer === undefined ? '429' : '200' },
    ...(message !== undefined && {
      ErrorMessage: { DataType: 'String', StringValue: message.slice(0, 1024) },
    }),
  };
  return send(target, row.payload, { finished, attributes });
}

interface Sending {
  readonly finished: FinishedEvent;
  readonly attributes: Readonly<Record<string, unknown>> | undefined;
}

function send(target: string, body: string, { finished, attributes }: Sending): Delivery | undefined {
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

/** The target's own region and account; a bucket's ARN has neither. */
function scopeOf(target: string, fallback: FunctionReference['scope']): FunctionReference['scope'] {
  const arn = parseArn(target);
  return arn?.region && arn.account ? { account: arn.account, region: arn.region } : fallback;
}

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
