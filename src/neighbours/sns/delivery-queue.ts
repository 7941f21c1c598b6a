/** Deliveries to subscriptions: kept before Publish answers, tried again, and given to the dead-letter queue in the end. */
import { isFault, reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { table, type Transaction } from '../../store/store.ts';
import { type Begun, createOutbox, type OutboxRow } from '../kit/outbox.ts';
import { ClientError } from './client-error.ts';
import { deliver, deliverDeadLetter } from './delivery.ts';
import type { PublishedMessage } from './message.ts';
import { askToConfirm } from './confirmation.ts';
import { delayMs, retryPolicyOf } from './retry-policy.ts';
import type { SnsRoom } from './room.ts';
import { deadLetterTargetOf } from './subscription-attributes.ts';
import {
  isFifo,
  subscriptionArn,
  subscriptionKey,
  type SubscriptionRow,
  subscriptions,
  topics,
} from './topic-row.ts';

export interface DeliveryRow extends OutboxRow {
  /** Of the subscription. */
  readonly to: string;
  readonly topic: string;
  readonly attempts: number;
  /** Absent: the endpoint is asked to confirm. */
  readonly message?: PublishedMessage;
}

const deliveries = table<DeliveryRow>('sns.deliveries');

export interface DeliveryQueue {
  /** Within the transaction of the publishing; what is returned goes to `begin` after it. */
  put(
    rows: Transaction,
    scope: Scope,
    to: SubscriptionRow,
    message: PublishedMessage,
  ): Promise<Begun<DeliveryRow>>;
  begin(entries: readonly Begun<DeliveryRow>[]): void;
  askToConfirm(scope: Scope, subscription: SubscriptionRow): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createDeliveryQueue(room: SnsRoom): DeliveryQueue {
  const outbox = createOutbox<DeliveryRow>({
    table: deliveries,
    store: room.store,
    now: room.now,
    log: room.log,
    laneOf: ({ to, message }, scope) => {
      const place = `${scope.account}/${scope.region}/${to}`;
      // A FIFO topic's groups keep their order, each on its own.
      return message !== undefined && isFifo({ name: message.topic })
        ? { name: `${place}/${message.groupId}`, atOnce: 1 }
        : { name: place, atOnce: limits.snsDeliveriesAtOnce };
    },
    attempt: (row, scope) => attempt(room, row, scope),
  });
  return {
    ...outbox,
    put: (rows, scope, to, message) =>
      outbox.put(rows, scope, {
        dueMs: room.now(),
        to: subscriptionKey(to),
        topic: to.topic,
        attempts: 0,
        message,
      }),
    async askToConfirm(scope, subscription) {
      const row = {
        dueMs: room.now(),
        to: subscriptionKey(subscription),
        topic: subscription.topic,
        attempts: 0,
      };
      outbox.begin([await room.store.transaction((rows) => outbox.put(rows, scope, row))]);
    },
  };
}

async function attempt(room: SnsRoom, row: DeliveryRow, scope: Scope): Promise<DeliveryRow | undefined> {
  const subscription = await room.store.get(subscriptions, scope, row.to);
  if (subscription === undefined) return undefined;
  const attempts = row.attempts + 1;
  try {
    if (row.message === undefined) await askToConfirm(room, scope, subscription);
    else await deliver(room, scope, subscription, row.message);
    return undefined;
  } catch (thrown) {
    const topic = await room.store.get(topics, scope, subscription.topic);
    const delay = isFinal(thrown)
      ? undefined
      : delayMs(retryPolicyOf(subscription.protocol, subscription, topic), attempts);
    if (delay !== undefined) return { ...row, attempts, dueMs: room.now() + delay };
    await giveUp(room, scope, subscription, row, reasonOf(thrown));
    return undefined;
  }
}

/** Client errors: the endpoint is not there, or does not want it. Trying again would not help. */
const isFinal = (thrown: unknown): boolean =>
  thrown instanceof ClientError || (isFault(thrown) && FINAL.test(thrown.code));

const FINAL =
  /NotFound|NonExistent|DoesNotExist|AccessDenied|AuthorizationError|InvalidParameter|InvalidMessageContents|TooLarge|KMS|Kms/;

async function giveUp(
  room: SnsRoom,
  scope: Scope,
  subscription: SubscriptionRow,
  { message, attempts }: DeliveryRow,
  reason: string,
): Promise<void> {
  const fields = { subscription: subscriptionArn(scope, subscription), attempts: attempts + 1, reason };
  room.log('warn', 'a message could not be delivered to its subscriber', fields);
  const target = deadLetterTargetOf(subscription.attributes);
  if (message === undefined || target === undefined) return;
  try {
    await deliverDeadLetter(room, scope, { subscription, message, target });
  } catch (thrown) {
    room.log('error', 'a message could not be given to its dead-letter queue', {
      ...fields,
      target,
      reason: reasonOf(thrown),
    });
  }
}
