/** Log groups, their retention and protection. */
import type {
  CreateLogGroupRequest,
  DeleteLogGroupRequest,
  DeleteRetentionPolicyRequest,
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  ListLogGroupsRequest,
  ListLogGroupsResponse,
  LogGroup,
  PutLogGroupDeletionProtectionRequest,
  PutRetentionPolicyRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { alreadyExists, invalidParameter, unsupported } from './fault.ts';
import { logGroupArn, nameOfIdentifier, needGroup } from './log-group-access.ts';
import { pageOf } from './paging.ts';
import type { LogsRoom } from './ports.ts';
import {
  chunks,
  type LogGroupRow,
  logGroups,
  logStreams,
  metricFilters,
  spans,
  subscriptionFilters,
} from './rows.ts';
import { checkTags } from './tags.ts';
import { Fault } from '../../base/fault.ts';

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const RETENTION_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const logGroupOperations = (room: LogsRoom) => ({
  CreateLogGroup: async (input: CreateLogGroupRequest, call: Call) => {
    const name = input.logGroupName ?? '';
    checkGroupName(name);
    if (input.kmsKeyId !== undefined) throw unsupported('kmsKeyId');
    if (input.logGroupClass === 'DELIVERY') throw unsupported('logGroupClass DELIVERY');
    checkTags(input.tags ?? {});
    await room.buffer.flush();
    await room.store.transaction(async (rows) => {
      if (await rows.get(logGroups, call.scope, name)) throw alreadyExists('log group');
      await rows.put(logGroups, call.scope, name, {
        name,
        creationTime: room.now(),
        logGroupClass: input.logGroupClass ?? 'STANDARD',
        deletionProtectionEnabled: input.deletionProtectionEnabled ?? false,
        storedBytes: 0,
        tags: input.tags ?? {},
      });
    });
    return {};
  },

  DeleteLogGroup: async (input: DeleteLogGroupRequest, call: Call) => {
    await room.buffer.flush();
    await room.store.transaction(async (rows) => {
      const row = await needGroup(rows, call.scope, input.logGroupName);
      if (row.deletionProtectionEnabled)
        throw new Fault(
          'ValidationException',
          'Log group cannot be deleted while deletion protection is enabled.',
          { status: 400 },
        );
      await rows.delete(logGroups, call.scope, row.name);
      for (const owned of [logStreams, chunks, spans, subscriptionFilters, metricFilters])
        await rows.deleteRange<unknown>(owned, call.scope, `${row.name}:`);
    });
    return {};
  },

  DescribeLogGroups: async (
    input: DescribeLogGroupsRequest,
    call: Call,
  ): Promise<DescribeLogGroupsResponse> => {
    const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = input;
    if (prefix !== undefined && pattern !== undefined)
      throw invalidParameter(
        'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
      );
    await room.buffer.flush();
    const named = input.logGroupIdentifiers?.map((one) => nameOfIdentifier(one, call.scope));
    return room.store.read(async (rows) => {
      const all = await rows.list(logGroups, call.scope, prefix === undefined ? {} : { prefix });
      const found = all
        .map(({ row }) => row)
        .filter((row) => pattern === undefined || row.name.includes(pattern))
        .filter((row) => named === undefined || named.includes(row.name))
        .filter((row) => isOfClass(row, input.logGroupClass));
      const page = pageOf(found, input);
      const logGroups_ = await Promise.all(page.items.map((row) => shown(rows, call.scope, row)));
      return { logGroups: logGroups_, ...(page.nextToken !== undefined && { nextToken: page.nextToken }) };
    });
  },

  ListLogGroups: async (input: ListLogGroupsRequest, call: Call): Promise<ListLogGroupsResponse> => {
    await room.buffer.flush();
    const pattern = input.logGroupNamePattern;
    // `^text` is a prefix, anything else a part of the name.
    const matches = pattern?.startsWith('^')
      ? (name: string) => name.startsWith(pattern.slice(1))
      : (name: string) => pattern === undefined || name.includes(pattern);
    const all = await room.store.list(logGroups, call.scope);
    const found = all
      .map(({ row }) => row)
      .filter((row) => matches(row.name) && isOfClass(row, input.logGroupClass));
    const page = pageOf(found, input);
    return {
      logGroups: page.items.map((row) => ({
        logGroupName: row.name,
        logGroupArn: logGroupArn(call.scope, row.name),
        logGroupClass: row.logGroupClass,
      })),
      ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
    };
  },

  PutRetentionPolicy: async (input: PutRetentionPolicyRequest, call: Call) => {
    const days = input.retentionInDays ?? 0;
    if (!RETENTION_DAYS.includes(days))
      throw invalidParameter(
        `1 validation error detected: Value '${days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${RETENTION_DAYS.join(', ')}]`,
      );
    await changeGroup(room, call.scope, input.logGroupName, (row) => ({ ...row, retentionInDays: days }));
    return {};
  },

  DeleteRetentionPolicy: async (input: DeleteRetentionPolicyRequest, call: Call) => {
    await changeGroup(room, call.scope, input.logGroupName, (row) => {
      const { retentionInDays: _, ...rest } = row;
      return rest;
    });
    return {};
  },

  PutLogGroupDeletionProtection: async (input: PutLogGroupDeletionProtectionRequest, call: Call) => {
    const name = nameOfIdentifier(input.logGroupIdentifier ?? '', call.scope);
    const deletionProtectionEnabled = input.deletionProtectionEnabled ?? false;
    await changeGroup(room, call.scope, name, (row) => ({ ...row, deletionProtectionEnabled }));
    return {};
  },
});

/** Changes a group's row in one transaction. Throws AWS's not-found. */
export async function changeGroup(
  room: LogsRoom,
  scope: Scope,
  name: string | undefined,
  change: (row: LogGroupRow) => LogGroupRow,
): Promise<void> {
  await room.buffer.flush();
  await room.store.transaction(async (rows) => {
    const row = await needGroup(rows, scope, name);
    await rows.put(logGroups, scope, row.name, change(row));
  });
}

function checkGroupName(name: string): void {
  if (name.length > 512)
    // Recorded from AWS.
    throw invalidParameter('Invalid LogGroup or LogStream, both must have length less than or equal to 512.');
  if (!/^[.\-_/#A-Za-z0-9]+$/.test(name))
    throw invalidParameter(
      `1 validation error detected: Value '${name}' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+`,
    );
}

const isOfClass = (row: LogGroupRow, wanted: string | undefined): boolean =>
  wanted === undefined || row.logGroupClass === wanted;

async function shown(rows: Reader, scope: Scope, row: LogGroupRow): Promise<LogGroup> {
  const filters = await rows.list(metricFilters, scope, { prefix: `${row.name}:` });
  const arn = logGroupArn(scope, row.name);
  return {
    logGroupName: row.name,
    creationTime: row.creationTime,
    ...(row.retentionInDays !== undefined && { retentionInDays: row.retentionInDays }),
    metricFilterCount: filters.length,
    arn: `${arn}:*`,
    storedBytes: row.storedBytes,
    logGroupClass: row.logGroupClass,
    logGroupArn: arn,
    deletionProtectionEnabled: row.deletionProtectionEnabled,
  };
}
