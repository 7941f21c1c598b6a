/** From a schedule to its target: kept when its time has come, tried again, and given to the dead-letter queue in the end. */
import type { Target } from '@aws-sdk/client-scheduler';
import { parseArn } from '../../base/arn.ts';
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Caller, Invoke } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import { table, type Transaction } from '../../store/store.ts';
import type { ServicePorts } from '../../wire/service.ts';
import { codeOf, isFinalFault } from '../kit/final-fault.ts';
import { type Begun, createOutbox, type OutboxRow } from '../kit/outbox.ts';
import { patienceOf, retryDelayMs } from '../kit/patience.ts';
import { urlOfQueue } from '../kit/queue-url.ts';
import { serviceCaller } from '../kit/resource-access.ts';
import { handOver, roleCaller } from '../kit/target.ts';
import { scheduleArn, type ScheduleRow } from './schedule-row.ts';
import { universalInput, universalOf } from './universal.ts';

export interface Occurrence {
  readonly scheduledMs: number;
  readonly executionId: string;
}

interface DeliveryRow extends OutboxRow, Occurrence {
  readonly scheduleArn: string;
  readonly target: Target;
  readonly attempts: number;
  readonly acceptedMs: number;
}

const deliveries = table<DeliveryRow>('scheduler.deliveries');

export interface SchedulerPorts extends ServicePorts {
  readonly invoke: Invoke;
}

export interface Delivering {
  put(rows: Transaction, scope: Scope, row: ScheduleRow, occurrence: Occurrence): Promise<Begun<DeliveryRow>>;
  begin(entries: readonly Begun<DeliveryRow>[]): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createDelivering(ports: SchedulerPorts): Delivering {
  const outbox = createOutbox<DeliveryRow>({
    table: deliveries,
    store: ports.store,
    now: ports.now,
    log: ports.log,
    laneOf: ({ target }) => ({ name: target.Arn ?? '', atOnce: limits.eventDeliveriesAtOnce }),
    attempt: (row, scope) => attempt(ports, row, scope),
  });
  return {
    ...outbox,
    put: (rows, scope, row, occurrence) =>
      outbox.put(rows, scope, {
        ...occurrence,
        scheduleArn: scheduleArn(scope, row),
        target: row.target,
        attempts: 0,
        acceptedMs: ports.now(),
        dueMs: ports.now(),
      }),
  };
}

async function attempt(
  ports: SchedulerPorts,
  row: DeliveryRow,
  scope: Scope,
): Promise<DeliveryRow | undefined> {
  const attempts = row.attempts + 1;
  try {
    await send(ports, scope, { ...row, attempts });
    return undefined;
  } catch (thrown) {
    const { mostRetries, mostAgeMs } = patienceOf(row.target.RetryPolicy);
    const dueMs = ports.now() + retryDelayMs(attempts, Math.random());
    const isOld = dueMs - row.acceptedMs > mostAgeMs;
    if (!isFinalFault(thrown) && attempts <= mostRetries && !isOld) return { ...row, attempts, dueMs };
    const condition = isFinalFault(thrown)
      ? undefined
      : isOld
        ? 'MaximumEventAgeInSeconds'
        : 'MaximumRetryAttempts';
    await giveUp(ports, scope, { row, attempts, thrown, condition });
    return undefined;
  }
}

/** A schedule acts with its role: the policies of the role decide, not those of the target. */
function callerOf({ target, scheduleArn: arn }: DeliveryRow, scope: Scope): Caller {
  const role = target.RoleArn === undefined ? undefined : roleCaller(target.RoleArn, 'scheduler');
  return role ?? serviceCaller('scheduler.amazonaws.com', scope.account, arn);
}

async function send(ports: SchedulerPorts, scope: Scope, row: DeliveryRow): Promise<void> {
  const { target } = row;
  const universal = universalOf(target.Arn);
  const text = inputOf(row, scope);
  const caller = callerOf(row, scope);
  if (universal !== undefined) {
    await ports.call({ ...universal, input: universalInput(universal, text), scope, caller });
    return;
  }
  const { EventBridgeParameters: event } = target;
  await handOver(ports, {
    arn: target.Arn ?? '',
    text,
    caller,
    scope,
    groupId: target.SqsParameters?.MessageGroupId,
    partitionKey: target.KinesisParameters?.PartitionKey,
    busEvent: event && { Source: event.Source ?? '', DetailType: event.DetailType ?? '' },
  });
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
function inputOf(row: DeliveryRow, scope: Scope): string {
  const { target, scheduledMs, executionId, attempts } = row;
  const time = new Date(scheduledMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
  if (target.Input === undefined)
    return universalOf(target.Arn) === undefined
      ? JSON.stringify({
          version: '0',
          id: executionId,
          'detail-type': 'Scheduled Event',
          source: 'aws.scheduler',
          account: scope.account,
          time,
          region: scope.region,
          resources: [row.scheduleArn],
          detail: '{}',
        })
      : '{}';
  return target.Input.replaceAll('<aws.scheduler.schedule-arn>', row.scheduleArn)
    .replaceAll('<aws.scheduler.scheduled-time>', time)
    .replaceAll('<aws.scheduler.execution-id>', executionId)
    .replaceAll('<aws.scheduler.attempt-number>', String(attempts));
}

interface GivenUp {
  readonly row: DeliveryRow;
  readonly attempts: number;
  readonly thrown: unknown;
  readonly condition: string | undefined;
}

/** https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html */
async function giveUp(
  ports: SchedulerPorts,
  scope: Scope,
  { row, attempts, thrown, condition }: GivenUp,
): Promise<void> {
  const { target } = row;
  const fields = { schedule: row.scheduleArn, target: target.Arn, attempts, reason: reasonOf(thrown) };
  ports.log('warn', 'a schedule could not reach its target', fields);
  const queue = parseArn(target.DeadLetterConfig?.Arn ?? '');
  if (queue === undefined) return;
  const text = (StringValue: string) => ({ DataType: 'String', StringValue });
  try {
    await ports.call({
      service: 'sqs',
      operation: 'SendMessage',
      input: {
        QueueUrl: urlOfQueue(queue),
        MessageBody: inputOf(row, scope),
        MessageAttributes: {
          ERROR_CODE: text(codeOf(thrown)),
          ERROR_MESSAGE: text(reasonOf(thrown).slice(0, 1024) || 'unknown'),
          ...(condition === undefined ? {} : { EXHAUSTED_RETRY_CONDITION: text(condition) }),
          RETRY_ATTEMPTS: text(String(attempts - 1)),
          SCHEDULED_TIME: text(new Date(row.scheduledMs).toISOString()),
          SCHEDULE_ARN: text(row.scheduleArn),
          TARGET_ARN: text(target.Arn ?? ''),
        },
      },
      scope: { account: queue.account, region: queue.region },
      caller: callerOf(row, scope),
    });
  } catch (error) {
    ports.log('error', 'a schedule could not reach its dead-letter queue', {
      ...fields,
      reason: reasonOf(error),
    });
  }
}
