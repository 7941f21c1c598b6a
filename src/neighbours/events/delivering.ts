/** From a rule to its targets: kept before PutEvents answers, tried again, and given to the dead-letter queue in the end. */
import type { Target } from '@aws-sdk/client-eventbridge';
import { parseArn } from '../../base/arn.ts';
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { table, type Transaction } from '../../store/store.ts';
import { codeOf, isFinalFault } from '../kit/final-fault.ts';
import { type Begun, createOutbox, type OutboxRow } from '../kit/outbox.ts';
import { patienceOf, retryDelayMs } from '../kit/patience.ts';
import { urlOfQueue } from '../kit/queue-url.ts';
import { serviceCaller } from '../kit/resource-access.ts';
import { ruleArn, type RuleRow } from './bus-row.ts';
import type { BusEvent } from './event.ts';
import { inputFor } from './input.ts';
import type { EventsRoom } from './room.ts';
import { sendToTarget } from './send.ts';

export interface DeliveryRow extends OutboxRow {
  readonly ruleArn: string;
  readonly target: Target;
  /** What the target gets. */
  readonly text: string;
  /** Passed on whole to other buses. */
  readonly event: BusEvent;
  readonly attempts: number;
  readonly acceptedMs: number;
}

const deliveries = table<DeliveryRow>('events.deliveries');

export interface Delivering {
  /** Within the transaction of the cause; what is returned goes to `begin` after it. */
  put(rows: Transaction, scope: Scope, rule: RuleRow, event: BusEvent): Promise<Begun<DeliveryRow>[]>;
  begin(entries: readonly Begun<DeliveryRow>[]): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createDelivering(room: EventsRoom): Delivering {
  const outbox = createOutbox<DeliveryRow>({
    table: deliveries,
    store: room.store,
    now: room.now,
    log: room.log,
    laneOf: ({ target }) => ({ name: target.Arn ?? '', atOnce: limits.eventDeliveriesAtOnce }),
    attempt: (row, scope) => attempt(room, row, scope),
  });
  return {
    ...outbox,
    async put(rows, scope, rule, event) {
      const begun: Begun<DeliveryRow>[] = [];
      const now = room.now();
      const arn = ruleArn(scope, rule);
      for (const target of rule.targets)
        begun.push(
          await outbox.put(rows, scope, {
            dueMs: now,
            ruleArn: arn,
            target,
            text: inputFor(target, event, { ruleArn: arn, ruleName: rule.name }, now),
            event,
            attempts: 0,
            acceptedMs: now,
          }),
        );
      return begun;
    },
  };
}

async function attempt(room: EventsRoom, row: DeliveryRow, scope: Scope): Promise<DeliveryRow | undefined> {
  const attempts = row.attempts + 1;
  try {
    await sendToTarget(room, scope, row);
    return undefined;
  } catch (thrown) {
    const { mostRetries, mostAgeMs } = patienceOf(row.target.RetryPolicy);
    const dueMs = room.now() + retryDelayMs(attempts, Math.random());
    const isOld = dueMs - row.acceptedMs > mostAgeMs;
    if (!isFinalFault(thrown) && attempts <= mostRetries && !isOld) return { ...row, attempts, dueMs };
    const condition = isFinalFault(thrown)
      ? undefined
      : isOld
        ? 'MaximumEventAgeInSeconds'
        : 'MaximumRetryAttempts';
    await giveUp(room, scope, { row, attempts, thrown, condition });
    return undefined;
  }
}

interface GivenUp {
  readonly row: DeliveryRow;
  readonly attempts: number;
  readonly thrown: unknown;
  readonly condition: string | undefined;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
async function giveUp(
  room: EventsRoom,
  scope: Scope,
  { row, attempts, thrown, condition }: GivenUp,
): Promise<void> {
  const { target } = row;
  const fields = { rule: row.ruleArn, target: target.Arn, attempts, reason: reasonOf(thrown) };
  room.log('warn', 'an event could not be delivered to a target', fields);
  const queue = parseArn(target.DeadLetterConfig?.Arn ?? '');
  if (queue === undefined) return;
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  try {
    await room.call({
      service: 'sqs',
      operation: 'SendMessage',
      input: {
        QueueUrl: urlOfQueue(queue),
        MessageBody: JSON.stringify(row.event),
        MessageAttributes: {
          RULE_ARN: text(row.ruleArn),
          TARGET_ARN: text(target.Arn ?? ''),
          ERROR_CODE: text(codeOf(thrown)),
          ERROR_MESSAGE: text(reasonOf(thrown).slice(0, 1024) || 'unknown'),
          RETRY_ATTEMPTS: { DataType: 'Number', StringValue: String(attempts - 1) },
          ...(condition === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: text(condition) }),
        },
      },
      scope: { account: queue.account, region: queue.region },
      caller: serviceCaller('events.amazonaws.com', scope.account, row.ruleArn),
    });
  } catch (error) {
    room.log('error', 'an event could not be given to its dead-letter queue', {
      ...fields,
      reason: reasonOf(error),
    });
  }
}
