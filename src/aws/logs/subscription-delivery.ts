/**
 * Delivers what subscriptions ask for: after events are stored, those that match go to the function, gzipped and in
 * base64, as asynchronous invocations. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Invocation } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { Batch } from './event-buffer.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import { logGroupArn } from './log-group-access.ts';
import type { LogsRoom } from './ports.ts';
import { type SubscriptionFilterRow, subscriptionFilters } from './rows.ts';

const compress = promisify(gzip);

/** Begins delivering. Returns what ends it once what was begun is delivered. */
export function startDelivery(room: LogsRoom): () => Promise<void> {
  const running = new Set<Promise<void>>();
  const end = room.buffer.listen((batches) => {
    if (running.size >= limits.logsDeliveriesAtOnce) {
      room.log('warn', 'log events were not delivered to their subscribers: too many deliveries wait');
      return;
    }
    const work = deliverAll(room, batches).catch((thrown: unknown) => {
      room.log('error', 'log events could not be delivered to their subscribers', {
        reason: reasonOf(thrown),
      });
    });
    running.add(work);
    void work.then(() => running.delete(work));
  });
  return async () => {
    end();
    await Promise.all(running);
  };
}

async function deliverAll(room: LogsRoom, batches: readonly Batch[]): Promise<void> {
  const known = new Map<string, Promise<SubscriptionFilterRow[]>>();
  for (const batch of batches) {
    const { scope, group } = batch;
    const key = `${scope.account}/${scope.region}/${group}`;
    const filters = known.get(key) ?? filtersOf(room, scope, group);
    known.set(key, filters);
    for (const filter of await filters) await deliver(room, batch, filter);
  }
}

async function filtersOf(room: LogsRoom, scope: Scope, group: string): Promise<SubscriptionFilterRow[]> {
  return (await room.store.list(subscriptionFilters, scope, { prefix: `${group}:` })).map(({ row }) => row);
}

async function deliver(room: LogsRoom, batch: Batch, filter: SubscriptionFilterRow): Promise<void> {
  const pattern = compileFilterPattern(filter.filterPattern);
  const matching = batch.events.filter(({ message }) => pattern.matches(message));
  if (matching.length === 0) return;
  for (const part of partsOf(batch, matching)) {
    try {
      await send(room, batch.scope, batch.group, {
        filter,
        data: messageOf(batch, filter, part),
        type: 'Event',
      });
    } catch (thrown) {
      const fields = { group: batch.group, filter: filter.filterName, reason: reasonOf(thrown) };
      room.log('error', 'log events could not be delivered to their subscriber', fields);
    }
  }
}

type Part = readonly { readonly id: string; readonly timestamp: number; readonly message: string }[];

/** So many events that an invocation's payload holds them even when nothing compresses. */
function partsOf(batch: Batch, events: Batch['events']): Part[] {
  const parts: Part[number][][] = [];
  let room = 0;
  events.forEach(({ timestamp, message }, index) => {
    const size = message.length * 2 + 100;
    if (size > room) {
      parts.push([]);
      room = limits.lambdaAsynchronousPayloadBytes / 2;
    }
    room -= size;
    const id = `${timestamp}${String(batch.ingestionTime).padStart(13, '0')}${String(index).padStart(30, '0')}`;
    parts.at(-1)?.push({ id, timestamp, message });
  });
  return parts;
}

const messageOf = (batch: Batch, filter: SubscriptionFilterRow, logEvents: Part): object => ({
  messageType: 'DATA_MESSAGE',
  owner: batch.scope.account,
  logGroup: batch.group,
  logStream: batch.stream,
  subscriptionFilters: [filter.filterName],
  logEvents,
});

/** AWS asks the function the same way when a filter is put. */
export async function mayDeliver(
  room: LogsRoom,
  scope: Scope,
  group: string,
  destinationArn: string,
): Promise<boolean> {
  const filter = { filterName: '', destinationArn };
  try {
    await send(room, scope, group, { filter, data: {}, type: 'DryRun' });
    return true;
  } catch {
    return false;
  }
}

interface Sending {
  readonly filter: Pick<SubscriptionFilterRow, 'filterName' | 'destinationArn'>;
  readonly data: object;
  readonly type: Invocation['type'];
}

/** Permissions may name the service with or without its region. */
async function send(
  room: LogsRoom,
  scope: Scope,
  group: string,
  { filter, data, type }: Sending,
): Promise<void> {
  if (room.invoke === undefined) throw new Error('no functions can be invoked from here');
  const zipped = await compress(JSON.stringify(data));
  const payload = new TextEncoder().encode(JSON.stringify({ awslogs: { data: zipped.toString('base64') } }));
  const sourceArn = `${logGroupArn(scope, group)}:*`;
  const invocation = { functionArn: filter.destinationArn, type, payload };
  try {
    await room.invoke({ ...invocation, invoker: { servicePrincipal: 'logs.amazonaws.com', sourceArn } });
  } catch {
    const servicePrincipal = `logs.${scope.region}.amazonaws.com`;
    await room.invoke({ ...invocation, invoker: { servicePrincipal, sourceArn } });
  }
}
