/** PutEvents: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
import { randomUUID } from 'node:crypto';
import type {
  PutEventsRequest,
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge';
import { isFault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Caller } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import type { Begun } from '../kit/outbox.ts';
import { findBus, type FoundBus, type RuleRow, rules } from './bus-row.ts';
import type { Delivering, DeliveryRow } from './delivering.ts';
import { type BusEvent, entryBytes, eventOf } from './event.ts';
import { invalid } from './fault.ts';
import type { EventsRoom } from './room.ts';
import { patternOf } from './rule.ts';

export function putEventsOperations(room: EventsRoom, delivering: Delivering) {
  const fits = createMatching();

  async function put(
    rows: Transaction,
    entry: PutEventsRequestEntry,
    { scope, caller }: { readonly scope: Scope; readonly caller: Caller },
    begun: Begun<DeliveryRow>[],
  ): Promise<PutEventsResultEntry> {
    const refused = refusalOf(entry, caller);
    if (refused) return refused;
    const id = randomUUID();
    const bus = await busOf(rows, scope, entry.EventBusName);
    // AWS takes events for buses that are not there, and nobody hears of them.
    if (bus === undefined) {
      room.log('warn', 'an event was sent to a bus that is not there', { bus: entry.EventBusName });
      return { EventId: id };
    }
    try {
      room.authorize(bus, caller, 'PutEvents');
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      return { ErrorCode: thrown.code, ErrorMessage: thrown.message };
    }
    // Whose event it is stays with it, whichever bus takes it.
    const event = eventOf(entry, { id, scope: { ...scope, region: bus.scope.region }, now: room.now() });
    await fanOut(rows, bus, event, begun);
    return { EventId: id };
  }

  async function fanOut(rows: Transaction, bus: FoundBus, event: BusEvent, begun: Begun<DeliveryRow>[]) {
    for (const { row } of await rows.list(rules, bus.scope, { prefix: `${bus.name}/` }))
      if (row.state !== 'DISABLED' && fits(row, event))
        begun.push(...(await delivering.put(rows, bus.scope, row, event)));
  }

  return {
    async PutEvents(input: PutEventsRequest, { scope, caller }: Call): Promise<PutEventsResponse> {
      if (input.EndpointId !== undefined)
        throw invalid('EndpointId (global endpoints): not supported by gatehouse');
      const entries = input.Entries ?? [];
      const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
      if (bytes > limits.eventEntryBytes)
        throw invalid(`Total size of the entries in the request is over the limit.`);
      const begun: Begun<DeliveryRow>[] = [];
      const Entries = await room.store.transaction(async (rows) => {
        const results: PutEventsResultEntry[] = [];
        for (const entry of entries) results.push(await put(rows, entry, { scope, caller }, begun));
        return results;
      });
      delivering.begin(begun);
      return { FailedEntryCount: Entries.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries };
    },
  };
}

async function busOf(
  rows: Transaction,
  scope: Scope,
  name: string | undefined,
): Promise<FoundBus | undefined> {
  try {
    return await findBus(rows, scope, name);
  } catch (thrown) {
    if (isFault(thrown) && thrown.code === 'ResourceNotFoundException') return undefined;
    throw thrown;
  }
}

function refusalOf(entry: PutEventsRequestEntry, caller: Caller): PutEventsResultEntry | undefined {
  for (const name of ['Source', 'DetailType', 'Detail'] as const)
    if (!entry[name])
      return {
        ErrorCode: 'InvalidArgument',
        ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
      };
  // AWS's own services may, and rules that pass an event on to another bus.
  if (entry.Source?.startsWith('aws.') && caller.kind !== 'service' && caller.kind !== 'assumed-role')
    return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  if (!isJsonObject(entry.Detail ?? ''))
    return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  return undefined;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const PATTERNS_KEPT = 2000;

/** Patterns are compiled once each. */
function createMatching(): (rule: RuleRow, event: BusEvent) => boolean {
  const known = new Map<string, (event: unknown) => boolean>();
  return ({ pattern }, event) => {
    if (pattern === undefined) return false;
    let fits = known.get(pattern);
    if (fits === undefined) {
      fits = patternOf(pattern);
      if (known.size >= PATTERNS_KEPT) known.clear();
      known.set(pattern, fits);
    }
    return fits(event);
  };
}
