/** Alarms are made and changed: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
import type {
  MetricDataQuery,
  PutCompositeAlarmInput,
  PutMetricAlarmInput,
} from '@aws-sdk/client-cloudwatch';
import { arnOf, parseArn } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { addHistory } from './alarm-history.ts';
import { type AlarmRow, alarms, type AlarmState } from './alarm-row.ts';
import { parseRule } from './composite-rule.ts';
import { invalidCombination, invalidValue, limitExceeded, missingParameter, validation } from './faults.ts';
import { checkQueries } from './get-metric-data.ts';
import type { CloudWatchPorts } from './ports.ts';
import { statisticOf } from './statistic.ts';
import { tagRecord } from './tag-set.ts';

export const putAlarmOperations = (
  ports: CloudWatchPorts,
  changed: (scope: Scope, name: string) => void,
) => ({
  async PutMetricAlarm({ AlarmName: name = '', Tags, ...settings }: PutMetricAlarmInput, { scope }: Call) {
    checkMetricAlarm(settings);
    checkActions(settings);
    const usual = { ActionsEnabled: true, TreatMissingData: 'missing', ...settings };
    await put(ports, scope, { name, tags: tagRecord(Tags) }, (base) => ({
      ...base,
      kind: 'metric',
      settings: usual,
    }));
    changed(scope, name);
    return {};
  },

  async PutCompositeAlarm(
    { AlarmName: name = '', Tags, ...settings }: PutCompositeAlarmInput,
    { scope }: Call,
  ) {
    const named = parseRule(settings.AlarmRule ?? '').names;
    checkActions(settings);
    for (const name of [
      'ActionsSuppressor',
      'ActionsSuppressorWaitPeriod',
      'ActionsSuppressorExtensionPeriod',
    ] as const)
      if (settings[name] !== undefined) throw invalidValue(`${name}: not supported by gatehouse`);
    if (named.includes(name)) throw validation(`The alarm rule of ${name} names the alarm itself.`);
    for (const other of named)
      if ((await ports.store.get(alarms, scope, other)) === undefined)
        throw validation(
          `Could not save the composite alarm as alarms [${other}] in the alarm rule do not exist`,
        );
    const usual = { ActionsEnabled: true, ...settings };
    await put(ports, scope, { name, tags: tagRecord(Tags) }, (base) => ({
      ...base,
      kind: 'composite',
      settings: usual,
    }));
    changed(scope, name);
    return {};
  },
});

type Base = Omit<AlarmRow, 'kind' | 'settings'>;

/** A change keeps the state and the tags. */
async function put(
  ports: CloudWatchPorts,
  scope: Scope,
  { name, tags }: Pick<AlarmRow, 'name' | 'tags'>,
  rowOf: (base: Base) => AlarmRow,
): Promise<void> {
  const nowMs = ports.now();
  await ports.store.transaction(async (rows) => {
    const before = await rows.get(alarms, scope, name);
    if (before === undefined) await checkRoom(rows, scope);
    const fresh: AlarmState = {
      value: 'INSUFFICIENT_DATA',
      reason: 'Unchecked: Initial alarm creation',
      updatedAt: nowMs,
      changedAt: nowMs,
    };
    const row = rowOf({
      name,
      arn: arnOf(scope, 'cloudwatch', `alarm:${name}`),
      state: before?.state ?? fresh,
      configuredAt: nowMs,
      tags: before?.tags ?? tags,
    });
    if (before !== undefined && before.kind !== row.kind)
      throw validation(`An alarm of another type with the name ${name} already exists.`);
    await rows.put(alarms, scope, name, row);
    await addHistory(rows, scope, row, {
      at: nowMs,
      type: 'ConfigurationUpdate',
      summary: `Alarm "${name}" ${before === undefined ? 'created' : 'updated'}`,
      data: JSON.stringify({
        version: '1.0',
        type: before === undefined ? 'Create' : 'Update',
        updatedAlarm: row.settings,
      }),
    });
  });
}

async function checkRoom(rows: Transaction, scope: Scope): Promise<void> {
  if ((await rows.list(alarms, scope)).length >= limits.metricAlarms)
    throw limitExceeded(`The maximum number of alarms (${limits.metricAlarms}) has been reached.`);
}

type MetricAlarm = Omit<PutMetricAlarmInput, 'AlarmName' | 'Tags'>;

function checkMetricAlarm(settings: MetricAlarm): void {
  refuseUnsupported(settings);
  const {
    EvaluationPeriods: periods,
    DatapointsToAlarm,
    ComparisonOperator,
    Threshold,
    TreatMissingData,
  } = settings;
  if (periods === undefined) throw missingParameter('The parameter EvaluationPeriods is required.');
  if (ComparisonOperator === undefined)
    throw missingParameter('The parameter ComparisonOperator is required.');
  if (Threshold === undefined) throw missingParameter('The parameter Threshold is required.');
  if (DatapointsToAlarm !== undefined && DatapointsToAlarm > periods)
    throw validation('DatapointsToAlarm must be less than or equal to EvaluationPeriods.');
  if (
    TreatMissingData !== undefined &&
    !['breaching', 'notBreaching', 'ignore', 'missing'].includes(TreatMissingData)
  )
    throw validation(
      `Option ${TreatMissingData} is not supported for TreatMissingData parameter. Supported options: [breaching, notBreaching, ignore, missing].`,
    );
  if (settings.Metrics?.length) checkMath(settings, settings.Metrics);
  else checkSingle(settings);
  const period = settings.Period ?? 60;
  if (period * periods > (period >= 3600 ? 7 : 1) * 86_400)
    throw validation(
      'Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).',
    );
}

const ANOMALIES: readonly string[] = [
  'GreaterThanUpperThreshold',
  'LessThanLowerThreshold',
  'LessThanLowerOrGreaterThanUpperThreshold',
];

function refuseUnsupported(settings: MetricAlarm): void {
  if (settings.ThresholdMetricId !== undefined || ANOMALIES.includes(settings.ComparisonOperator ?? ''))
    throw invalidValue('ThresholdMetricId (anomaly detection): not supported by gatehouse');
  const given = new Map(Object.entries(settings));
  for (const name of ['EvaluationCriteria', 'EvaluationInterval', 'EvaluationWindow', 'WarmUpConfiguration'])
    if (given.get(name) !== undefined) throw invalidValue(`${name}: not supported by gatehouse`);
}

function checkSingle({ MetricName, Namespace, Statistic, ExtendedStatistic, Period }: MetricAlarm): void {
  if (!MetricName || !Namespace)
    throw missingParameter('MetricName and Namespace, or Metrics, must be specified.');
  if (Period === undefined) throw missingParameter('The parameter Period is required.');
  if ((Statistic === undefined) === (ExtendedStatistic === undefined))
    throw invalidCombination(
      'Exactly one of the parameters Statistic and ExtendedStatistic must be specified.',
    );
  if (statisticOf(Statistic ?? ExtendedStatistic ?? '') === undefined)
    throw validation(
      `The value ${Statistic ?? ExtendedStatistic} for parameter ExtendedStatistic is not supported.`,
    );
  if (![10, 20, 30].includes(Period) && Period % 60 !== 0)
    throw validation('Period must be 10, 20, 30 or a multiple of 60.');
}

function checkMath(
  { MetricName, Namespace, Statistic, Period }: MetricAlarm,
  metrics: readonly MetricDataQuery[],
): void {
  if (MetricName ?? Namespace ?? Statistic ?? Period)
    throw invalidCombination(
      'Metrics cannot be specified together with MetricName, Namespace, Statistic or Period.',
    );
  checkQueries(metrics);
  if (metrics.filter(({ ReturnData = true }) => ReturnData).length !== 1)
    throw validation(
      'Exactly two elements of the metrics list should return data, or one for a static threshold.',
    );
}

interface Actions {
  readonly AlarmActions?: readonly string[] | undefined;
  readonly OKActions?: readonly string[] | undefined;
  readonly InsufficientDataActions?: readonly string[] | undefined;
}

/** Topics and functions. What else AWS does by alarm (EC2, Auto Scaling, Systems Manager) is refused, not forgotten. */
function checkActions({ AlarmActions = [], OKActions = [], InsufficientDataActions = [] }: Actions): void {
  for (const actions of [AlarmActions, OKActions, InsufficientDataActions]) {
    if (actions.length > limits.metricAlarmActions)
      throw validation(`An alarm can have at most ${limits.metricAlarmActions} actions for a state.`);
    for (const action of actions) {
      const service = parseArn(action)?.service;
      if (service === undefined) throw validation(`Invalid arn syntax: ${action}`);
      if (service !== 'sns' && service !== 'lambda')
        throw validation(`Alarm action ${action}: not supported by gatehouse`);
    }
  }
}
