/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html */
import type {
  AlarmHistoryItem,
  DescribeAlarmHistoryInput,
  DescribeAlarmHistoryOutput,
} from '@aws-sdk/client-cloudwatch';
import { randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { alarmHistory, type AlarmRow, type HistoryRow } from './alarm-row.ts';
import { invalidValue } from './faults.ts';
import type { CloudWatchPorts } from './ports.ts';

const KEPT_MS = 30 * 86_400_000;

/** An alarm's history has so many entries at most: the oldest goes. */
export async function addHistory(
  rows: Transaction,
  scope: Scope,
  { name, kind }: Pick<AlarmRow, 'name' | 'kind'>,
  entry: Omit<HistoryRow, 'name' | 'kind'>,
): Promise<void> {
  const key = `${name}/${String(entry.at).padStart(14, '0')}/${randomText(6, 'abcdefghijklmnopqrstuvwxyz')}`;
  await rows.put(alarmHistory, scope, key, { name, kind, ...entry });
  const kept = await rows.list(alarmHistory, scope, { prefix: `${name}/` });
  for (const { key: old, row } of kept.slice(0, Math.max(0, kept.length - 1)))
    if (row.at < entry.at - KEPT_MS || kept.length > limits.alarmHistoryKept)
      await rows.delete(alarmHistory, scope, old);
    else break;
}

export const alarmHistoryOperations = (ports: CloudWatchPorts) => ({
  async DescribeAlarmHistory(
    input: DescribeAlarmHistoryInput,
    { scope }: Call,
  ): Promise<DescribeAlarmHistoryOutput> {
    const prefix = input.AlarmName === undefined ? {} : { prefix: `${input.AlarmName}/` };
    const entries = (await ports.store.list(alarmHistory, scope, prefix)).map(({ row }) => row);
    const found = entries.filter((row) => isAskedFor(row, input));
    const sign = input.ScanBy === 'TimestampAscending' ? 1 : -1;
    const sorted = found.toSorted((a, b) => sign * (a.at - b.at));
    const start =
      input.NextToken === undefined ? 0 : Number(Buffer.from(input.NextToken, 'base64').toString());
    if (!Number.isInteger(start) || start < 0) throw invalidValue('The next token is invalid.');
    const end = start + (input.MaxRecords ?? 100);
    return {
      AlarmHistoryItems: sorted.slice(start, end).map(show),
      ...(sorted.length > end ? { NextToken: Buffer.from(String(end)).toString('base64') } : {}),
    };
  },
});

function isAskedFor(row: HistoryRow, input: DescribeAlarmHistoryInput): boolean {
  const types = input.AlarmTypes ?? ['MetricAlarm'];
  return (
    types.includes(row.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm') &&
    (input.HistoryItemType === undefined || input.HistoryItemType === row.type) &&
    (input.StartDate === undefined || row.at >= input.StartDate.getTime()) &&
    (input.EndDate === undefined || row.at <= input.EndDate.getTime())
  );
}

const show = (row: HistoryRow): AlarmHistoryItem => ({
  AlarmName: row.name,
  AlarmType: row.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm',
  Timestamp: new Date(row.at),
  HistoryItemType: row.type,
  HistorySummary: row.summary,
  HistoryData: row.data,
});
