/** What an alarm does: a message to a topic, an event to a function. */
import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { parseArn } from '../../base/arn.ts';
import type { Caller } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { AlarmRow, PendingAction } from './alarm-row.ts';
import type { CloudWatchPorts } from './ports.ts';

/** Rejects when it could not be done. */
export async function carryOut(ports: CloudWatchPorts, scope: Scope, pending: PendingAction): Promise<void> {
  const { action, alarm } = pending;
  const service = parseArn(action)?.service;
  if (service === 'lambda') {
    await ports.invoke({
      functionArn: action,
      type: 'Event',
      payload: Buffer.from(JSON.stringify(lambdaEvent(scope, pending))),
      invoker: { servicePrincipal: 'lambda.alarms.cloudwatch.amazonaws.com', sourceArn: alarm.arn },
    });
    return;
  }
  const region = REGIONS[scope.region] ?? scope.region;
  await ports.call({
    service: 'sns',
    operation: 'Publish',
    input: {
      TopicArn: action,
      Subject: `${alarm.state.value}: "${alarm.name}" in ${region}`.slice(0, 100),
      Message: JSON.stringify(snsMessage(scope, region, pending)),
    },
    scope,
    caller: serviceOf(scope),
  });
}

const serviceOf = ({ account }: Scope): Caller => ({
  kind: 'service',
  account,
  arn: 'cloudwatch.amazonaws.com',
  userId: 'cloudwatch.amazonaws.com',
  accessKeyId: '',
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
function lambdaEvent({ account, region }: Scope, { alarm, before }: PendingAction): object {
  const { state, settings } = alarm;
  return {
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: account,
    time: isoDate(state.updatedAt),
    region,
    alarmData: {
      alarmName: alarm.name,
      state: {
        value: state.value,
        reason: state.reason,
        ...(state.data === undefined ? {} : { reasonData: state.data }),
        timestamp: isoDate(state.updatedAt),
      },
      previousState: { value: before },
      configuration: {
        ...(settings.AlarmDescription === undefined ? {} : { description: settings.AlarmDescription }),
        ...(alarm.kind === 'metric'
          ? { metrics: metricsOf(alarm.settings) }
          : { alarmRule: alarm.settings.AlarmRule }),
      },
    },
  };
}

function metricsOf(settings: Extract<AlarmRow, { kind: 'metric' }>['settings']): object[] {
  if (settings.Metrics?.length)
    return settings.Metrics.map(({ Id, Expression, Label, MetricStat, ReturnData = true }) => ({
      id: Id,
      ...(Expression === undefined ? {} : { expression: Expression, label: Label }),
      ...(MetricStat === undefined
        ? {}
        : {
            metricStat: statOf(
              MetricStat.Metric?.Namespace,
              MetricStat.Metric?.MetricName,
              MetricStat.Metric?.Dimensions,
              MetricStat.Period,
              MetricStat.Stat,
            ),
          }),
      returnData: ReturnData,
    }));
  const { Namespace, MetricName, Dimensions, Period, Statistic, ExtendedStatistic } = settings;
  return [
    {
      id: 'm1',
      metricStat: statOf(Namespace, MetricName, Dimensions, Period, Statistic ?? ExtendedStatistic),
      returnData: true,
    },
  ];
}

const statOf = (
  namespace: string | undefined,
  name: string | undefined,
  dimensions: MetricAlarm['Dimensions'] = [],
  period: number | undefined,
  stat: string | undefined,
) => ({
  metric: {
    namespace,
    name,
    dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])),
  },
  period,
  stat,
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html */
function snsMessage({ account }: Scope, region: string, { alarm, before }: PendingAction): object {
  const { settings, state } = alarm;
  const common = {
    AlarmName: alarm.name,
    AlarmDescription: settings.AlarmDescription ?? null,
    AWSAccountId: account,
    AlarmConfigurationUpdatedTimestamp: isoDate(alarm.configuredAt),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: isoDate(state.updatedAt),
    Region: region,
    AlarmArn: alarm.arn,
    OldStateValue: before,
    OKActions: settings.OKActions ?? [],
    AlarmActions: settings.AlarmActions ?? [],
    InsufficientDataActions: settings.InsufficientDataActions ?? [],
  };
  if (alarm.kind === 'composite') return { ...common, AlarmRule: alarm.settings.AlarmRule };
  const { Metrics, ...single } = alarm.settings;
  return {
    ...common,
    Trigger: {
      ...(Metrics?.length
        ? { Metrics }
        : {
            MetricName: single.MetricName,
            Namespace: single.Namespace,
            StatisticType: single.Statistic === undefined ? 'ExtendedStatistic' : 'Statistic',
            ...(single.Statistic === undefined
              ? { ExtendedStatistic: single.ExtendedStatistic }
              : { Statistic: STATISTICS[single.Statistic] ?? single.Statistic }),
            Unit: single.Unit ?? null,
            Dimensions: (single.Dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name })),
          }),
      Period: single.Period,
      EvaluationPeriods: single.EvaluationPeriods,
      DatapointsToAlarm: single.DatapointsToAlarm,
      ComparisonOperator: single.ComparisonOperator,
      Threshold: single.Threshold,
      TreatMissingData: single.TreatMissingData,
      EvaluateLowSampleCountPercentile: single.EvaluateLowSampleCountPercentile ?? '',
    },
  };
}

const STATISTICS: Readonly<Record<string, string>> = {
  Average: 'AVERAGE',
  Sum: 'SUM',
  Minimum: 'MINIMUM',
  Maximum: 'MAXIMUM',
  SampleCount: 'SAMPLE_COUNT',
};

/** As messages name them. */
const REGIONS: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
  'eu-west-1': 'EU (Ireland)',
  'eu-west-2': 'EU (London)',
  'eu-west-3': 'EU (Paris)',
  'eu-central-1': 'EU (Frankfurt)',
  'eu-north-1': 'EU (Stockholm)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-south-1': 'Asia Pacific (Mumbai)',
  'sa-east-1': 'South America (Sao Paulo)',
  'ca-central-1': 'Canada (Central)',
};

const isoDate = (at: number): string => new Date(at).toISOString().replace('Z', '+0000');
