/** StartLiveTail: events as they are stored, every half second at most, until the client goes or three hours are over. */
import type {
  LiveTailSessionLogEvent,
  StartLiveTailRequest,
  StartLiveTailResponse,
  StartLiveTailResponseStream,
} from '@aws-sdk/client-cloudwatch-logs';
import { parseArn } from '../../base/arn.ts';
import { randomText } from '../../base/ids.ts';
import type { Call } from '../../wire/service.ts';
import type { Batch } from './event-buffer.ts';
import { invalidParameter } from './fault.ts';
import { compileFilterPattern, type FilterPattern } from './filter-pattern.ts';
import { logGroupArn, nameOfIdentifier, needGroup } from './log-group-access.ts';
import type { LogsRoom } from './ports.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html */
const EVENTS_AN_UPDATE = 500;
const UPDATE_EVERY_MS = 1_000;
const SESSION_MS = 3 * 3_600_000;

export const liveTailOperations = (room: LogsRoom) => ({
  StartLiveTail: async (input: StartLiveTailRequest, call: Call): Promise<StartLiveTailResponse> => {
    const identifiers = input.logGroupIdentifiers ?? [];
    if (identifiers.some((one) => parseArn(one) === undefined))
      throw invalidParameter('Log groups must be identified by their ARNs.');
    const groups = identifiers.map((one) => nameOfIdentifier(one, call.scope));
    const pattern = compileFilterPattern(input.logEventFilterPattern);
    await room.buffer.flush();
    for (const group of groups) await needGroup(room.store, call.scope, group);
    return { responseStream: session(room, call, { input, groups, pattern }) };
  },
});

interface Tail {
  readonly input: StartLiveTailRequest;
  readonly groups: readonly string[];
  readonly pattern: FilterPattern;
}

async function* session(room: LogsRoom, call: Call, tail: Tail): AsyncGenerator<StartLiveTailResponseStream> {
  const { input } = tail;
  let waiting: LiveTailSessionLogEvent[] = [];
  let sampled = false;
  const end = room.buffer.listen((batches) => {
    for (const event of batches.flatMap((batch) => chosen(batch, call, tail))) {
      if (waiting.length < EVENTS_AN_UPDATE) waiting.push(event);
      else sampled = true;
    }
  });
  try {
    const requestId = call.requestId;
    const sessionId = randomText(32, '0123456789abcdef', room.random);
    yield {
      sessionStart: {
        requestId,
        sessionId,
        logGroupIdentifiers: input.logGroupIdentifiers,
        logStreamNames: input.logStreamNames ?? [],
        logStreamNamePrefixes: input.logStreamNamePrefixes ?? [],
        logEventFilterPattern: input.logEventFilterPattern ?? '',
      },
    };
    const until = room.now() + SESSION_MS;
    while (!call.signal.aborted && room.now() < until) {
      await pause(UPDATE_EVERY_MS, call.signal);
      const sessionResults = waiting;
      yield { sessionUpdate: { sessionMetadata: { sampled }, sessionResults } };
      waiting = [];
      sampled = false;
    }
  } finally {
    end();
  }
}

function chosen(batch: Batch, call: Call, { input, groups, pattern }: Tail): LiveTailSessionLogEvent[] {
  const { scope, group, stream, ingestionTime } = batch;
  if (scope.account !== call.scope.account || scope.region !== call.scope.region || !groups.includes(group))
    return [];
  if (input.logStreamNames?.length && !input.logStreamNames.includes(stream)) return [];
  if (
    input.logStreamNamePrefixes?.length &&
    !input.logStreamNamePrefixes.some((prefix) => stream.startsWith(prefix))
  )
    return [];
  return batch.events
    .filter(({ message }) => pattern.matches(message))
    .map(({ timestamp, message }) => ({
      logGroupIdentifier: logGroupArn(scope, group).split(':').slice(4).join(':').replace(':log-group:', ':'),
      logStreamName: stream,
      timestamp,
      message,
      ingestionTime,
    }));
}

/** Resolves after so long, or when the client goes. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done);
  });
}
