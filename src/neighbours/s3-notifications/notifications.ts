/**
 * What happens in buckets, told to queues, topics, functions and the default bus: kept before the change is
 * acknowledged, tried again when it was not taken. https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
 */
import type { PutEventsResponse } from '@aws-sdk/client-eventbridge';
import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import { parseArn } from '../../base/arn.ts';
import { Fault, reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Invoke } from '../../base/ports.ts';
import { table, type Transaction } from '../../store/store.ts';
import type { ServicePorts } from '../../wire/service.ts';
import { isFinalFault } from '../kit/final-fault.ts';
import { type Begun, createOutbox, type OutboxRow } from '../kit/outbox.ts';
import { retryDelayMs } from '../kit/patience.ts';
import { urlOfQueue } from '../kit/queue-url.ts';
import { serviceCaller } from '../kit/resource-access.ts';
import { createRising } from '../kit/rising.ts';
import { type Destination, destinationsOf, strangeEvent, wants } from './configuration.ts';
import { busEntry, type Change, recordOf, testEvent } from './event.ts';

interface TellingRow extends OutboxRow {
  readonly bucket: Change['bucket'];
  readonly to: Pick<Destination, 'kind' | 'arn'> | 'bus';
  readonly text: string;
  readonly attempts: number;
}

const tellings = table<TellingRow>('s3.notifications');
const PRINCIPAL = 's3.amazonaws.com';
const MOST_ATTEMPTS = 20;

interface NotificationPorts extends Pick<ServicePorts, 'store' | 'now' | 'log' | 'call'> {
  readonly invoke: Invoke;
}

export function createNotifications(ports: NotificationPorts) {
  const { store, now, log } = ports;
  const nextSequencer = createRising(now);
  const outbox = createOutbox<TellingRow>({
    table: tellings,
    store,
    now,
    log,
    laneOf: ({ to }) => ({ name: to === 'bus' ? 'bus' : to.arn, atOnce: limits.s3NotificationsAtOnce }),
    attempt: async (row) => {
      const attempts = row.attempts + 1;
      try {
        await tell(ports, row);
        return undefined;
      } catch (thrown) {
        const dueMs = now() + retryDelayMs(attempts, Math.random());
        if (!isFinalFault(thrown) && attempts < MOST_ATTEMPTS) return { ...row, attempts, dueMs };
        log('warn', 'a change of a bucket could not be told', {
          bucket: row.bucket.name,
          to: row.to,
          reason: reasonOf(thrown),
        });
        return undefined;
      }
    },
  });

  return {
    async put(rows: Transaction, change: Change & { readonly configuration: NotificationConfiguration }) {
      const { configuration, bucket } = change;
      const sequencer = nextSequencer().toString(16).toUpperCase().padStart(18, '0');
      const scope = { account: bucket.account, region: bucket.region };
      const begun: Begun<TellingRow>[] = [];
      const keep = async (to: TellingRow['to'], text: string): Promise<void> => {
        begun.push(await outbox.put(rows, scope, { dueMs: now(), bucket, to, text, attempts: 0 }));
      };
      for (const destination of destinationsOf(configuration)) {
        if (!wants(destination, change.event, change.key)) continue;
        const record = recordOf(change, { id: destination.id, sequencer, now: now() });
        await keep({ kind: destination.kind, arn: destination.arn }, JSON.stringify({ Records: [record] }));
      }
      if (configuration.EventBridgeConfiguration)
        await keep('bus', JSON.stringify(busEntry(change, sequencer)));
      return begun;
    },

    begin: (told: readonly unknown[]) => outbox.begin(told as readonly Begun<TellingRow>[]), // what `put` returned

    /** AWS sends a test event when a configuration is put, and takes none whose destination refuses it. */
    async check(
      bucket: Change['bucket'],
      configuration: NotificationConfiguration,
      validate: boolean,
    ): Promise<void> {
      const strange = strangeEvent(configuration);
      if (strange !== undefined)
        throw new Fault('NotImplemented', `Bucket notifications of ${strange}: not supported by gatehouse`, {
          status: 501,
        });
      if (!validate) return;
      for (const { kind, arn } of destinationsOf(configuration)) {
        try {
          const text = JSON.stringify(testEvent(bucket.name, now()));
          await tell(ports, { bucket, to: { kind, arn }, text }, 'DryRun');
        } catch (thrown) {
          throw new Fault('InvalidArgument', 'Unable to validate the following destination configurations', {
            status: 400,
            members: { ArgumentName: arn, ArgumentValue: reasonOf(thrown) },
          });
        }
      }
    },
    start: outbox.start,
    stop: outbox.stop,
  };
}

type Telling = Pick<TellingRow, 'bucket' | 'to' | 'text'>;

/** Throws when it was not taken. */
async function tell(
  { call, invoke }: NotificationPorts,
  { bucket, to, text }: Telling,
  type: 'Event' | 'DryRun' = 'Event',
): Promise<void> {
  const bucketArn = `arn:aws:s3:::${bucket.name}`;
  const caller = serviceCaller(PRINCIPAL, bucket.account, bucketArn);
  const own = { account: bucket.account, region: bucket.region };
  if (to === 'bus') {
    const input = { Entries: [JSON.parse(text)] };
    const answer = await call({ service: 'events', operation: 'PutEvents', input, scope: own, caller });
    const { Entries: [first] = [] } = answer as PutEventsResponse; // that operation's output
    if (first?.ErrorCode !== undefined)
      throw new Fault(first.ErrorCode, first.ErrorMessage ?? first.ErrorCode);
    return;
  }
  const arn = parseArn(to.arn);
  if (arn === undefined) throw new Fault('InvalidArgument', `not an ARN: ${to.arn}`);
  const scope = { account: arn.account, region: arn.region };
  switch (to.kind) {
    case 'queue': {
      const input = { QueueUrl: urlOfQueue(arn), MessageBody: text };
      await call({ service: 'sqs', operation: 'SendMessage', input, scope, caller });
      return;
    }
    case 'topic': {
      const input = { TopicArn: to.arn, Message: text, Subject: 'Amazon S3 Notification' };
      await call({ service: 'sns', operation: 'Publish', input, scope, caller });
      return;
    }
    case 'function':
      await invoke({
        functionArn: to.arn,
        type,
        payload: new TextEncoder().encode(text),
        invoker: { servicePrincipal: PRINCIPAL, sourceArn: bucketArn, sourceAccount: bucket.account },
      });
      return;
    default:
      return to.kind satisfies never;
  }
}
