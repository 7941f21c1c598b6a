import type { FilteredLogEvent, FilterLogEventsResponse } from '@aws-sdk/client-cloudwatch-logs';
import { setTimeout as wait } from 'node:timers/promises';
import { createRemote, type Remote, type RemoteOptions } from './remote.ts';

interface LogsOptions extends RemoteOptions {
  readonly follow?: boolean;
  readonly json?: boolean;
}

const FOLLOW_EVERY_MS = 300;

/** `gatehouse logs <function|api/stage>`: oldest first; with --follow it goes on. */
export async function logs(source: string, options: LogsOptions): Promise<void> {
  const remote = createRemote(options);
  const group = groupOf(source);
  const seen = new Set<string>();
  let startTime = 0;
  for (;;) {
    const events = await readAll(remote, group, startTime);
    for (const event of events) {
      if (seen.has(event.eventId ?? '')) continue;
      seen.add(event.eventId ?? '');
      startTime = Math.max(startTime, event.timestamp ?? 0);
      print(event, options.json === true);
    }
    if (!options.follow) return;
    await wait(FOLLOW_EVERY_MS);
  }
}

/** A name with a slash that is no group's own is an API's stage; anything else a function. */
function groupOf(source: string): string {
  if (source.startsWith('/') || source.startsWith('API-Gateway-Execution-Logs_')) return source;
  return source.includes('/') ? `API-Gateway-Execution-Logs_${source}` : `/aws/lambda/${source}`;
}

async function readAll(remote: Remote, logGroupName: string, startTime: number): Promise<FilteredLogEvent[]> {
  const found: FilteredLogEvent[] = [];
  for (let nextToken: string | undefined, first = true; first || nextToken; first = false) {
    const page = await remote.call<FilterLogEventsResponse>('logs', 'FilterLogEvents', {
      logGroupName,
      startTime,
      nextToken,
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
