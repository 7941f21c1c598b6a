/**
 * Alarms are looked at every minute (every ten seconds where a period is that short), and at once when they or their
 * metrics change. A new state and what is to be done about it are written down together, then done: a server that stops
 * in between goes on where it was.
 */
import type { MetricDataQuery, StateValue } from '@aws-sdk/client-cloudwatch';
import { reasonOf } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import { randomText } from '../../base/ids.ts';
import { addHistory } from './alarm-history.ts';
import {
  actionsOf,
  type AlarmRow,
  alarms,
  type AlarmState,
  type CompositeAlarmRow,
  type MetricAlarmRow,
  pendingActions,
} from './alarm-row.ts';
import { carryOut } from './alarm-action.ts';
import { PERIODS_BEYOND, verdictOf } from './alarm-verdict.ts';
import { parseRule } from './composite-rule.ts';
import { createQuery } from './get-metric-data.ts';
import { seriesOf } from './math/value.ts';
import type { CloudWatchPorts } from './ports.ts';
import { absorb } from './put-metric-data.ts';

export interface NewState {
  readonly value: StateValue;
  readonly reason: string;
  readonly data?: string | undefined;
}

export interface AlarmEvaluator {
  /** Looks at every alarm now. Never rejects. */
  evaluateAll(): Promise<void>;
  /** Looks at one alarm and at the composite alarms above it. */
  evaluateOne(scope: Scope, name: string): Promise<void>;
  setState(scope: Scope, name: string, state: NewState): Promise<void>;
  /** Carries out what was written down before. */
  resume(): Promise<void>;
}

export function createAlarmEvaluator(ports: CloudWatchPorts): AlarmEvaluator {
  const setState = async (scope: Scope, name: string, state: NewState): Promise<void> => {
    const changed = await ports.store.transaction((rows) => writeState(ports, rows, scope, name, state));
    if (!changed) return;
    await resume();
    await evaluateComposites(scope, name);
  };

  const evaluateOne = async (scope: Scope, name: string): Promise<void> => {
    const row = await ports.store.get(alarms, scope, name);
    if (row === undefined) return;
    const next =
      row.kind === 'metric' ? await metricState(ports, scope, row) : await compositeState(ports, scope, row);
    if (next !== undefined) await setState(scope, name, next);
  };

  const evaluateComposites = async (scope: Scope, child: string): Promise<void> => {
    for (const { row } of await ports.store.list(alarms, scope))
      if (row.kind === 'composite' && parseRule(row.settings.AlarmRule ?? '').names.includes(child))
        await evaluateOne(scope, row.name);
  };

  /** One at a time and in order; what fails is told and not tried again, as AWS does. */
  let resuming: Promise<void> = Promise.resolve();
  const resume = (): Promise<void> => {
    resuming = resuming.then(async () => {
      for (const { key, row, scope } of await ports.store.listAll(pendingActions)) {
        const failure = await carryOut(ports, scope, row).then(
          () => undefined,
          (error: unknown) => reasonOf(error),
        );
        if (failure !== undefined)
          ports.log('warn', 'an alarm action failed', {
            alarm: row.alarm.name,
            action: row.action,
            reason: failure,
          });
        await ports.store.transaction(async (rows) => {
          await rows.delete(pendingActions, scope, key);
          const did = failure === undefined ? 'Successfully executed' : 'Failed to execute';
          await addHistory(rows, scope, row.alarm, {
            at: ports.now(),
            type: 'Action',
            summary: `${did} action ${row.action}`,
            data: JSON.stringify({
              actionState: failure === undefined ? 'Succeeded' : 'Failed',
              error: failure ?? null,
            }),
          });
        });
      }
    });
    return resuming;
  };

  return {
    setState,
    resume,
    async evaluateOne(scope, name) {
      await absorb(ports, ports.drain());
      await evaluateOne(scope, name);
    },
    async evaluateAll() {
      try {
        await absorb(ports, ports.drain());
        for (const { row, scope } of await ports.store.listAll(alarms))
          await evaluateOne(scope, row.name).catch((error: unknown) =>
            ports.log('error', 'an alarm could not be evaluated', {
              alarm: row.name,
              reason: reasonOf(error),
            }),
          );
        await resume();
      } catch (error) {
        ports.log('error', 'alarms could not be evaluated', { reason: reasonOf(error) });
      }
    },
  };
}

/** True when the value is another than before: its actions are then written down, too. */
async function writeState(
  ports: CloudWatchPorts,
  rows: Transaction,
  scope: Scope,
  name: string,
  next: NewState,
): Promise<boolean> {
  const row = await rows.get(alarms, scope, name);
  if (row === undefined) return false;
  const nowMs = ports.now();
  const changed = row.state.value !== next.value;
  if (!changed && row.state.reason === next.reason) return false;
  const state: AlarmState = { ...next, updatedAt: nowMs, changedAt: changed ? nowMs : row.state.changedAt };
  const after: AlarmRow = { ...row, state };
  await rows.put(alarms, scope, name, after);
  if (!changed) return false;
  await addHistory(rows, scope, after, {
    at: nowMs,
    type: 'StateUpdate',
    summary: `Alarm updated from ${row.state.value} to ${next.value}`,
    data: JSON.stringify({ version: '1.0', oldState: stateData(row.state), newState: stateData(state) }),
  });
  if (after.settings.ActionsEnabled === false) return true;
  for (const action of actionsOf(after)) {
    const key = `${String(nowMs).padStart(14, '0')}/${randomText(12, 'abcdefghijklmnopqrstuvwxyz')}`;
    await rows.put(pendingActions, scope, key, { alarm: after, before: row.state.value, action });
  }
  return true;
}

const stateData = ({ value, reason, data }: AlarmState) => ({
  stateValue: value,
  stateReason: reason,
  ...(data === undefined ? {} : { stateReasonData: JSON.parse(data) as unknown }),
});

async function compositeState(
  ports: CloudWatchPorts,
  scope: Scope,
  row: CompositeAlarmRow,
): Promise<NewState | undefined> {
  const rule = parseRule(row.settings.AlarmRule ?? '');
  const states = new Map<string, StateValue>();
  for (const name of rule.names) {
    const child = await ports.store.get(alarms, scope, name);
    if (child !== undefined) states.set(name, child.state.value);
  }
  const value = rule.holds((name) => states.get(name)) ? 'ALARM' : 'OK';
  if (value === row.state.value) return undefined;
  const [first] = rule.names;
  const child = first === undefined ? undefined : await ports.store.get(alarms, scope, first);
  const reason =
    child === undefined
      ? `Alarm Rule evaluated to ${value}`
      : `${child.arn} transitioned to ${child.state.value} at ${new Date(child.state.changedAt).toUTCString()}`;
  return { value, reason };
}

/** Undefined: as it was. */
async function metricState(
  ports: CloudWatchPorts,
  scope: Scope,
  row: MetricAlarmRow,
): Promise<NewState | undefined> {
  const { settings } = row;
  const queries = settings.Metrics?.length ? settings.Metrics : [singleQuery(row)];
  const returned = queries.find(({ ReturnData = true }) => ReturnData)?.Id ?? '';
  const periodSeconds = createQuery(ports, scope, { startMs: 0, endMs: 1 }, queries).periodOf(returned);
  const periodMs = periodSeconds * 1000;
  const periods = settings.EvaluationPeriods ?? 1;
  const endMs = ports.now() - (ports.now() % periodMs);
  const range = { startMs: endMs - (periods + PERIODS_BEYOND) * periodMs, endMs };
  const value = await createQuery(ports, scope, range, queries).valueOf(returned);
  const points = seriesOf(value)[0]?.points ?? new Map<number, number>();
  const verdict = verdictOf(
    {
      operator: settings.ComparisonOperator ?? 'GreaterThanThreshold',
      threshold: settings.Threshold ?? 0,
      evaluationPeriods: periods,
      datapointsToAlarm: settings.DatapointsToAlarm ?? periods,
      treatMissingData: settings.TreatMissingData ?? 'missing',
    },
    [...points].toSorted(([a], [b]) => b - a),
    row.state.value,
  );
  if (verdict.state === row.state.value) return undefined;
  const data = JSON.stringify({
    version: '1.0',
    queryDate: isoDate(ports.now()),
    ...(verdict.datapoints.length > 0 ? { startDate: isoDate(verdict.datapoints.at(-1)?.[0] ?? 0) } : {}),
    ...(settings.Statistic === undefined ? {} : { statistic: settings.Statistic }),
    period: periodSeconds,
    recentDatapoints: verdict.datapoints.map(([, point]) => point).toReversed(),
    threshold: settings.Threshold,
    evaluatedDatapoints: verdict.datapoints.map(([at, point]) => ({ timestamp: isoDate(at), value: point })),
  });
  return { value: verdict.state, reason: verdict.reason, data };
}

const singleQuery = ({ settings }: MetricAlarmRow): MetricDataQuery => ({
  Id: 'm1',
  MetricStat: {
    Metric: {
      Namespace: settings.Namespace,
      MetricName: settings.MetricName,
      Dimensions: settings.Dimensions,
    },
    Period: settings.Period,
    Stat: settings.Statistic ?? settings.ExtendedStatistic,
    Unit: settings.Unit,
  },
});

/** `2026-11-29T08:00:00.000+0000`. */
const isoDate = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');
