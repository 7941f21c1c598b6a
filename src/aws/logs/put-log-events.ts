/** PutLogEvents: a batch in order of time, not too old, not from the future. */
import type {
  PutLogEventsRequest,
  PutLogEventsResponse,
  RejectedLogEventsInfo,
} from '@aws-sdk/client-cloudwatch-logs';
import { limits } from '../../base/limits.ts';
import type { LogEvent } from '../../base/ports.ts';
import type { Call } from '../../wire/service.ts';
import { EVENT_OVERHEAD_BYTES } from './event-buffer.ts';
import { invalidParameter } from './fault.ts';
import { needGroup, needStream } from './log-group-access.ts';
import { SEQUENCE_TOKEN } from './log-stream.ts';
import type { LogsRoom } from './ports.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const putLogEventsOperations = (room: LogsRoom) => ({
  PutLogEvents: async (input: PutLogEventsRequest, call: Call): Promise<PutLogEventsResponse> => {
    const { logGroupName: group = '', logStreamName: stream = '' } = input;
    const events = (input.logEvents ?? []).map(
      ({ timestamp = 0, message = '' }): LogEvent => ({ timestamp, message }),
    );
    checkBatch(events);
    await room.buffer.flush();
    const { retentionInDays } = await room.store.read(async (rows) => {
      await needStream(rows, call.scope, { group, stream });
      return needGroup(rows, call.scope, group);
    });
    const { accepted, rejected } = sort(events, room.now(), retentionInDays);
    if (accepted.length > 0) {
      room.buffer.write(call.scope, group, stream, accepted);
      await room.buffer.flush();
    }
    return {
      nextSequenceToken: SEQUENCE_TOKEN,
      ...(rejected !== undefined && { rejectedLogEventsInfo: rejected }),
      // Entities are not kept: said as AWS says it for groups that cannot have them.
      ...(input.entity !== undefined && {
        rejectedEntityInfo: { errorType: 'UnsupportedLogGroupType' as const },
      }),
    };
  },
});

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
function checkBatch(events: readonly LogEvent[]): void {
  let size = 0;
  let previous = 0;
  for (const { timestamp, message } of events) {
    const bytes = Buffer.byteLength(message) + EVENT_OVERHEAD_BYTES;
    if (bytes > limits.logsEventBytes)
      throw invalidParameter(`Log event too large: ${bytes} bytes exceeds limit of ${limits.logsEventBytes}`);
    size += bytes;
    // Recorded from AWS.
    if (timestamp < previous)
      throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
    previous = timestamp;
  }
  if (size > limits.logsBatchBytes)
    throw invalidParameter(`Upload too large: ${size} bytes exceeds limit of ${limits.logsBatchBytes}`);
  const first = events[0];
  if (first !== undefined && previous - first.timestamp > DAY_MS)
    throw invalidParameter(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
}

/** Older than 14 days or than the group keeps, or more than 2 hours ahead: left out, and told by their places. */
function sort(events: readonly LogEvent[], now: number, retentionInDays: number | undefined) {
  const tooOld = countUntil(events, now - 14 * DAY_MS);
  const expired = retentionInDays === undefined ? 0 : countUntil(events, now - retentionInDays * DAY_MS);
  const newest = now + 2 * HOUR_MS;
  const tooNew = events.findIndex(({ timestamp }) => timestamp > newest);
  const accepted = events.slice(Math.max(tooOld, expired), tooNew < 0 ? undefined : tooNew);
  const rejected: RejectedLogEventsInfo = {
    ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
    ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
    ...(expired > tooOld && { expiredLogEventEndIndex: expired }),
  };
  return { accepted, rejected: Object.keys(rejected).length > 0 ? rejected : undefined };
}

function countUntil(events: readonly LogEvent[], oldest: number): number {
  const first = events.findIndex(({ timestamp }) => timestamp >= oldest);
  return first < 0 ? events.length : first;
}
