/** Log streams. */
import type {
  CreateLogStreamRequest,
  DeleteLogStreamRequest,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
  LogStream,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { alreadyExists, invalidParameter } from './fault.ts';
import { logGroupArn, needGroup, needStream, readGroupName } from './log-group-access.ts';
import { pageOf } from './paging.ts';
import type { LogsRoom } from './ports.ts';
import { chunks, type LogStreamRow, logStreams, spans } from './rows.ts';

export const logStreamOperations = (room: LogsRoom) => ({
  CreateLogStream: async (input: CreateLogStreamRequest, call: Call) => {
    const { logGroupName: group = '', logStreamName: name = '' } = input;
    if (!/^[^:*]{1,512}$/.test(name))
      throw invalidParameter(
        `1 validation error detected: Value '${name}' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*`,
      );
    await room.buffer.flush();
    await room.store.transaction(async (rows) => {
      await needGroup(rows, call.scope, group);
      if (await rows.get(logStreams, call.scope, `${group}:${name}`)) throw alreadyExists('log stream');
      await rows.put(logStreams, call.scope, `${group}:${name}`, { name, creationTime: room.now() });
    });
    return {};
  },

  DeleteLogStream: async (input: DeleteLogStreamRequest, call: Call) => {
    const { logGroupName: group = '', logStreamName: stream = '' } = input;
    await room.buffer.flush();
    await room.store.transaction(async (rows) => {
      await needStream(rows, call.scope, { group, stream });
      await removeStream(rows, call.scope, group, stream);
    });
    return {};
  },

  DescribeLogStreams: async (
    input: DescribeLogStreamsRequest,
    call: Call,
  ): Promise<DescribeLogStreamsResponse> => {
    const group = readGroupName(input, call.scope);
    const { logStreamNamePrefix: namePrefix, orderBy = 'LogStreamName', descending = false } = input;
    if (orderBy === 'LastEventTime' && namePrefix !== undefined)
      throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
    await room.buffer.flush();
    const all = await room.store.read(async (rows) => {
      await needGroup(rows, call.scope, group);
      return rows.list(logStreams, call.scope, { prefix: `${group}:${namePrefix ?? ''}` });
    });
    const streams = all.map(({ row }) => row);
    if (orderBy === 'LastEventTime')
      streams.sort((one, other) => (one.lastEventTimestamp ?? 0) - (other.lastEventTimestamp ?? 0));
    if (descending) streams.reverse();
    const page = pageOf(streams, input);
    return {
      logStreams: page.items.map((row) => shown(call.scope, group, row)),
      ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
    };
  },
});

/** With its events and their index. */
async function removeStream(rows: Transaction, scope: Scope, group: string, stream: string): Promise<void> {
  const prefix = `${group}:${stream}:`;
  const indexed = new Set(
    (await rows.list(chunks, scope, { prefix })).map(({ key }) => key.slice(prefix.length).split(':')[0]),
  );
  for (const span of indexed) await rows.delete(spans, scope, `${group}:${span}:${stream}`);
  await rows.deleteRange(chunks, scope, prefix);
  await rows.delete(logStreams, scope, `${group}:${stream}`);
}

/** Streams' own storedBytes are always 0: AWS stopped counting them in 2019. */
const shown = (scope: Scope, group: string, row: LogStreamRow): LogStream => ({
  logStreamName: row.name,
  creationTime: row.creationTime,
  ...(row.firstEventTimestamp !== undefined && {
    firstEventTimestamp: row.firstEventTimestamp,
    lastEventTimestamp: row.lastEventTimestamp,
    lastIngestionTime: row.lastIngestionTime,
    uploadSequenceToken: SEQUENCE_TOKEN,
  }),
  arn: `${logGroupArn(scope, group)}:log-stream:${row.name}`,
  storedBytes: 0,
});

/** Sequence tokens are no longer checked, yet still handed out: old clients ask for them. */
export const SEQUENCE_TOKEN = '49039859602103318462034958160224321423156982411867930258';
