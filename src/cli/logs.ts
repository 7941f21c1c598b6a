import type {
  DescribeLogGroupsResponse,
  FilteredLogEvent,
  FilterLogEventsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { setTimeout as wait } from 'node:timers/promises';
import { CliFailure } from './failure.ts';
import { createRemote, type Remote, type RemoteOptions } from './remote.ts';

interface LogsOptions extends RemoteOptions {
  readonly follow?: boolean;
  readonly json?: boolean;
}

const NOTHING: FilterLogEventsResponse = {};
const FOLLOW_EVERY_MS = 300;
/** Events of several environments come in no order of time: so far behind the newest they are looked for. */
const LATE_MS = 10_000;

/** `gatehouse logs <function|api/stage>`: oldest first; with --follow it goes on. */
export async function logs(source: string, options: LogsOptions): Promise<void> {
  const remote = createRemote(options);
  const group = await groupOf(remote, source);
  const seen = new Map<string, number>();
  let newest = 0;
  for (;;) {
    const since = Math.max(0, newest - LATE_MS);
    for (const event of await readAll(remote, group, since, options.follow === true)) {
      const { eventId = '', timestamp = 0 } = event;
      if (seen.has(eventId)) continue;
      seen.set(eventId, timestamp);
      newest = Math.max(newest, timestamp);
      print(event, options.json === true);
    }
    if (!options.follow) return;
    for (const [id, timestamp] of seen) if (timestamp < newest - LATE_MS) seen.delete(id);
    await wait(FOLLOW_EVERY_MS);
  }
}

/** A name with a slash that is no group's own is an API's stage; anything else a function. */
async function groupOf(remote: Remote, source: string): Promise<string> {
  if (source.startsWith('/') || source.startsWith('API-Gateway-Execution-Logs_')) return source;
  if (!source.includes('/')) return `/aws/lambda/${source}`;
  // WebSocket APIs have their groups elsewhere than REST APIs.
  const ofWebSocket = `/aws/apigateway/${source}`;
  const { logGroups = [] } = await remote.call<DescribeLogGroupsResponse>('logs', 'DescribeLogGroups', {
    logGroupNamePrefix: ofWebSocket,
  });
  const found = logGroups.some(({ logGroupName }) => logGroupName === ofWebSocket);
  return found ? ofWebSocket : `API-Gateway-Execution-Logs_${source}`;
}

/** Who follows may begin before there is anything to follow. */
async function readAll(
  remote: Remote,
  logGroupName: string,
  startTime: number,
  waits: boolean,
): Promise<FilteredLogEvent[]> {
  const found: FilteredLogEvent[] = [];
  for (let nextToken: string | undefined, first = true; first || nextToken; first = false) {
    const page = await remote
      .call<FilterLogEventsResponse>('logs', 'FilterLogEvents', { logGroupName, startTime, nextToken })
      .catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
        if (waits) return NOTHING;
        throw new CliFailure(`there is no log group ${logGroupName}: it is made by the first line`);
      });
    found.push(...(page.events ?? []));
    nextToken = page.nextToken;
  }
  return found;
}

function print(event: FilteredLogEvent, asJson: boolean): void {
  const time = new Date(event.timestamp ?? 0).toISOString();
  const message = (event.message ?? '').replace(/\n$/, '');
  process.stdout.write(asJson ? `${JSON.stringify({ ...event, time })}\n` : `${time}  ${message}\n`);
}
