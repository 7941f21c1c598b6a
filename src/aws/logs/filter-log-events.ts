/** FilterLogEvents: a group's events, or some of its streams', that match a pattern. */
import type { FilterLogEventsRequest, FilterLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { EVENT_OVERHEAD_BYTES } from './event-buffer.ts';
import { positionText, readEvents, type StoredEvent, timeOf } from './event-reader.ts';
import { invalidParameter } from './fault.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import { needGroup, needStream, readGroupName } from './log-group-access.ts';
import type { LogsRoom } from './ports.ts';

export const filterLogEventsOperations = (room: LogsRoom) => ({
  FilterLogEvents: async (input: FilterLogEventsRequest, call: Call): Promise<FilterLogEventsResponse> => {
    const group = readGroupName(input, call.scope);
    const pattern = compileFilterPattern(input.filterPattern);
    const token = readToken(input.nextToken);
    await room.buffer.flush();
    await checkStreams(room, call, group, input);
    const newestFirst = token?.newestFirst ?? input.startFromHead === false;
    const events: StoredEvent[] = [];
    let bytes = 0;
    let scanned = 0;
    let last: bigint | undefined;
    let complete = true;
    for await (const event of readEvents(room.store, rangeOf(input, call, group, { token, newestFirst }))) {
      if (token && (newestFirst ? event.position >= token.position : event.position <= token.position))
        continue;
      const matches = pattern.matches(event.message);
      const size = matches ? Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES : 0;
      const full =
        events.length >= (input.limit ?? limits.logsEventsAPage) ||
        (events.length > 0 && bytes + size > limits.logsBatchBytes);
      if (full || scanned >= limits.logsEventsScanned) {
        complete = false;
        break;
      }
      scanned++;
      last = event.position;
      if (!matches) continue;
      bytes += size;
      events.push(event);
    }
    return {
      events: events.map(shown),
      searchedLogStreams: [],
      ...(!complete && last !== undefined && { nextToken: writeToken({ newestFirst, position: last }) }),
    };
  },
});

const shown = (event: StoredEvent) => ({
  logStreamName: event.stream,
  timestamp: event.timestamp,
  message: event.message,
  ingestionTime: event.ingestionTime,
  eventId: positionText(event.position),
});

async function checkStreams(
  room: LogsRoom,
  call: Call,
  group: string,
  input: FilterLogEventsRequest,
): Promise<void> {
  const { logStreamNames: names, logStreamNamePrefix: prefix } = input;
  if (names !== undefined && prefix !== undefined)
    throw invalidParameter('LogStream names and LogStream name prefix are mutually exclusive parameters.');
  await room.store.read(async (rows) => {
    await needGroup(rows, call.scope, group);
    for (const stream of names ?? []) await needStream(rows, call.scope, { group, stream });
  });
}

interface Token {
  readonly newestFirst: boolean;
  readonly position: bigint;
}

function rangeOf(
  input: FilterLogEventsRequest,
  call: Call,
  group: string,
  { token, newestFirst }: { readonly token: Token | undefined; readonly newestFirst: boolean },
) {
  const reached = token === undefined ? undefined : timeOf(token.position);
  // Unlike GetLogEvents', this end is part of the range.
  const end = input.endTime === undefined ? Number.MAX_SAFE_INTEGER : input.endTime + 1;
  return {
    scope: call.scope,
    group,
    streams: streamsOf(input),
    from: Math.max(input.startTime ?? 0, newestFirst ? 0 : (reached ?? 0)),
    to: Math.min(end, newestFirst && reached !== undefined ? reached + 1 : Number.MAX_SAFE_INTEGER),
    newestFirst,
  };
}

function streamsOf({ logStreamNames: names, logStreamNamePrefix: prefix }: FilterLogEventsRequest) {
  const [only, second] = names ?? [];
  if (only !== undefined && second === undefined) return only;
  if (names !== undefined && names.length > 0) {
    const wanted = new Set(names);
    return (stream: string) => wanted.has(stream);
  }
  return (stream: string) => prefix === undefined || stream.startsWith(prefix);
}

const writeToken = ({ newestFirst, position }: Token): string =>
  Buffer.from(`${newestFirst ? 'b' : 'f'}${position}`).toString('base64url');

function readToken(text: string | undefined): Token | undefined {
  if (text === undefined) return undefined;
  const [, direction, digits] = /^([fb])(\d{1,56})$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  // Recorded from AWS.
  if (digits === undefined) throw invalidParameter('The specified nextToken is invalid.');
  return { newestFirst: direction === 'b', position: BigInt(digits) };
}
