import type { PutCompositeAlarmInput, PutMetricAlarmInput, StateValue } from '@aws-sdk/client-cloudwatch';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { notFound } from './faults.ts';

interface AlarmBase {
  readonly name: string;
  readonly arn: string;
  readonly state: AlarmState;
  /** Milliseconds since 1970. */
  readonly configuredAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  /** JSON. */
  readonly data?: string | undefined;
  readonly updatedAt: number;
  /** When the value last became another. */
  readonly changedAt: number;
}

export interface MetricAlarmRow extends AlarmBase {
  readonly kind: 'metric';
  readonly settings: Omit<PutMetricAlarmInput, 'Tags' | 'AlarmName'>;
}

export interface CompositeAlarmRow extends AlarmBase {
  readonly kind: 'composite';
  readonly settings: Omit<PutCompositeAlarmInput, 'Tags' | 'AlarmName'>;
}

export type AlarmRow = MetricAlarmRow | CompositeAlarmRow;

/** Key: the alarm's name. */
export const alarms = table<AlarmRow>('cloudwatch.alarms');

export interface PendingAction {
  readonly alarm: AlarmRow;
  readonly before: StateValue;
  readonly action: string;
}
/** Actions of state changes that were written down and not yet carried out. Key: `{time}/{random}`. */
export const pendingActions = table<PendingAction>('cloudwatch.pending-actions');

export interface HistoryRow {
  readonly name: string;
  readonly kind: AlarmRow['kind'];
  readonly at: number;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
  readonly data: string;
}
/** Key: `{name}/{time}/{random}`. */
export const alarmHistory = table<HistoryRow>('cloudwatch.alarm-history');

export async function needAlarm(rows: Pick<Reader, 'get'>, scope: Scope, name: string): Promise<AlarmRow> {
  const row = await rows.get(alarms, scope, name);
  if (row === undefined) throw notFound(`Alarm not found: ${name}`);
  return row;
}

export function actionsOf({ settings, state }: AlarmRow): readonly string[] {
  switch (state.value) {
    case 'ALARM':
      return settings.AlarmActions ?? [];
    case 'OK':
      return settings.OKActions ?? [];
    default:
      return settings.InsufficientDataActions ?? [];
  }
}
