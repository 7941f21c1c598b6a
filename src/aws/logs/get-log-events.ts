/** GetLogEvents: one stream, page by page, in both directions. */
import type { GetLogEventsRequest, GetLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { EVENT_OVERHEAD_BYTES } from './event-buffer.ts';
import { positionText, readEvents, startOf, type StoredEvent, timeOf } from './event-reader.ts';
import { invalidParameter } from './fault.ts';
import { needStream, readGroupName } from './log-group-access.ts';
import type { LogsRoom } from './ports.ts';

export const getLogEventsOperations = (room: LogsRoom) => ({
  GetLogEvents: async (input: GetLogEventsRequest, call: Call): Promise<GetLogEventsResponse> => {
    const group = readGroupName(input, call.scope);
    const stream = input.logStreamName ?? '';
    const token = readToken(input.nextToken);
    await room.buffer.flush();
    await needStream(room.store, call.scope, { group, stream });
    const newestFirst = token === undefined ? input.startFromHead !== true : token.backward;
    const behind = token !== undefined && !token.backward ? token.position : undefined;
    const before = token?.backward ? token.position : undefined;
    const events: StoredEvent[] = [];
    let bytes = 0;
    const range = {
      scope: call.scope,
      group,
      streams: stream,
      from: Math.max(input.startTime ?? 0, behind === undefined ? 0 : timeOf(behind)),
      to: Math.min(
        input.endTime ?? Number.MAX_SAFE_INTEGER,
        before === undefined ? Number.MAX_SAFE_INTEGER : timeOf(before) + 1,
      ),
      newestFirst,
    };
    for await (const event of readEvents(room.store, range)) {
      if (behind !== undefined && event.position <= behind) continue;
      if (before !== undefined && event.position >= before) continue;
      bytes += Buffer.byteLength(event.message) + EVENT_OVERHEAD_BYTES;
      if (events.length > 0 && bytes > limits.logsBatchBytes) break;
      events.push(event);
      if (events.length >= (input.limit ?? limits.logsEventsAPage)) break;
    }
    if (newestFirst) events.reverse();
    return { events: events.map(shown), ...tokens(events, token, input.startTime) };
  },
});

const shown = ({ timestamp, message, ingestionTime }: StoredEvent) => ({ timestamp, message, ingestionTime });

interface Token {
  readonly backward: boolean;
  readonly position: bigint;
}

/** An empty page gives the token back that led to it: clients stop by that. */
function tokens(events: readonly StoredEvent[], token: Token | undefined, startTime: number | undefined) {
  const last = events.at(-1)?.position;
  const first = events[0]?.position;
  const start = startOf(startTime ?? 0);
  const forward = last ?? (token?.backward ? token.position - 1n : token?.position) ?? start;
  const backward = first ?? (token && !token.backward ? token.position + 1n : token?.position) ?? start + 1n;
  return {
    nextForwardToken: `f/${positionText(forward)}/s`,
    nextBackwardToken: `b/${positionText(backward)}/s`,
  };
}

function readToken(text: string | undefined): Token | undefined {
  if (text === undefined) return undefined;
  const [, direction, digits] = /^([fb])\/(\d{56})\/s$/.exec(text) ?? [];
  // Recorded from AWS.
  if (digits === undefined) throw invalidParameter('The specified nextToken is invalid.');
  return { backward: direction === 'b', position: BigInt(digits) };
}
