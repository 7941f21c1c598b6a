/** Alarms, read, switched and deleted: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
import type {
  CompositeAlarm,
  DeleteAlarmsInput,
  DescribeAlarmsForMetricInput,
  DescribeAlarmsForMetricOutput,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  DisableAlarmActionsInput,
  EnableAlarmActionsInput,
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  MetricAlarm,
  SetAlarmStateInput,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-cloudwatch';
import { parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import {
  type AlarmRow,
  alarms,
  type CompositeAlarmRow,
  type MetricAlarmRow,
  needAlarm,
} from './alarm-row.ts';
import type { AlarmEvaluator } from './evaluate-alarms.ts';
import { invalidValue, notFound, validation } from './faults.ts';
import type { CloudWatchPorts } from './ports.ts';
import { parseRule } from './composite-rule.ts';
import { checkedTags, tagRecord } from './tag-set.ts';

export const alarmOperations = (ports: CloudWatchPorts, evaluator: AlarmEvaluator) => ({
  async DescribeAlarms(input: DescribeAlarmsInput, { scope }: Call): Promise<DescribeAlarmsOutput> {
    const entries = (await ports.store.list(alarms, scope)).map(({ row }) => row);
    const found = entries.filter((row) => isAskedFor(row, input, entries));
    const start =
      input.NextToken === undefined ? 0 : Number(Buffer.from(input.NextToken, 'base64').toString());
    if (!Number.isInteger(start) || start < 0) throw invalidValue('The next token is invalid.');
    const end = start + (input.MaxRecords ?? 50);
    const page = found.slice(start, end);
    return {
      MetricAlarms: page.flatMap((row) => (row.kind === 'metric' ? [showMetricAlarm(row)] : [])),
      CompositeAlarms: page.flatMap((row) => (row.kind === 'composite' ? [showComposite(row)] : [])),
      ...(found.length > end ? { NextToken: Buffer.from(String(end)).toString('base64') } : {}),
    };
  },

  async DescribeAlarmsForMetric(
    input: DescribeAlarmsForMetricInput,
    { scope }: Call,
  ): Promise<DescribeAlarmsForMetricOutput> {
    const rows = (await ports.store.list(alarms, scope)).map(({ row }) => row);
    const asked = JSON.stringify(sortedDimensions(input.Dimensions));
    const found = rows.filter(
      (row): row is MetricAlarmRow =>
        row.kind === 'metric' &&
        row.settings.MetricName === input.MetricName &&
        row.settings.Namespace === input.Namespace &&
        JSON.stringify(sortedDimensions(row.settings.Dimensions)) === asked &&
        (input.Period === undefined || row.settings.Period === input.Period) &&
        (input.Statistic === undefined || row.settings.Statistic === input.Statistic) &&
        (input.ExtendedStatistic === undefined ||
          row.settings.ExtendedStatistic === input.ExtendedStatistic) &&
        (input.Unit === undefined || row.settings.Unit === input.Unit),
    );
    return { MetricAlarms: found.map(showMetricAlarm) };
  },

  /** All of them or none. */
  async DeleteAlarms({ AlarmNames = [] }: DeleteAlarmsInput, { scope }: Call) {
    await ports.store.transaction(async (rows) => {
      const all = (await rows.list(alarms, scope)).map(({ row }) => row);
      const missing = AlarmNames.filter((name) => !all.some((row) => row.name === name));
      if (missing.length > 0) throw notFound(`Alarms not found: ${missing.join(', ')}`);
      for (const name of AlarmNames) {
        const by = all.find((row) => !AlarmNames.includes(row.name) && rule(row).includes(name));
        if (by !== undefined)
          throw validation(`Cannot delete ${name} as there are composite alarms depending on it: ${by.name}`);
        await rows.delete(alarms, scope, name);
      }
    });
    return {};
  },

  EnableAlarmActions: ({ AlarmNames = [] }: EnableAlarmActionsInput, { scope }: Call) =>
    switchActions(ports, scope, AlarmNames, true),

  DisableAlarmActions: ({ AlarmNames = [] }: DisableAlarmActionsInput, { scope }: Call) =>
    switchActions(ports, scope, AlarmNames, false),

  /** For a while: the next evaluation says again what is. */
  async SetAlarmState(input: SetAlarmStateInput, { scope }: Call) {
    const {
      AlarmName: name = '',
      StateValue: value = 'OK',
      StateReason: reason = '',
      StateReasonData: data,
    } = input;
    if (data !== undefined && !isJson(data)) throw invalidValue('StateReasonData must be JSON.');
    await needAlarm(ports.store, scope, name);
    await evaluator.setState(scope, name, { value, reason, data });
    return {};
  },

  async TagResource({ ResourceARN = '', Tags }: TagResourceInput, { scope }: Call) {
    await changeTags(ports, scope, ResourceARN, (tags) => ({ ...tags, ...tagRecord(Tags) }));
    return {};
  },

  async UntagResource({ ResourceARN = '', TagKeys = [] }: UntagResourceInput, { scope }: Call) {
    await changeTags(ports, scope, ResourceARN, (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))),
    );
    return {};
  },

  async ListTagsForResource(
    { ResourceARN = '' }: ListTagsForResourceInput,
    { scope }: Call,
  ): Promise<ListTagsForResourceOutput> {
    const { tags } = await alarmByArn(ports.store, scope, ResourceARN);
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  },
});

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const rule = (row: AlarmRow): readonly string[] =>
  row.kind === 'composite' ? parseRule(row.settings.AlarmRule ?? '').names : [];

/** Metric alarms alone, unless composite ones are asked for. */
function isAskedFor(row: AlarmRow, input: DescribeAlarmsInput, all: readonly AlarmRow[]): boolean {
  const types = input.AlarmTypes ?? ['MetricAlarm'];
  const parent = all.find(({ name }) => name === input.ChildrenOfAlarmName);
  return (
    (input.ChildrenOfAlarmName !== undefined ||
      input.ParentsOfAlarmName !== undefined ||
      types.includes(row.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm')) &&
    (input.AlarmNames === undefined || input.AlarmNames.includes(row.name)) &&
    (input.AlarmNamePrefix === undefined || row.name.startsWith(input.AlarmNamePrefix)) &&
    (input.StateValue === undefined || row.state.value === input.StateValue) &&
    (input.ActionPrefix === undefined ||
      everyAction(row).some((action) => action.startsWith(input.ActionPrefix ?? ''))) &&
    (input.ChildrenOfAlarmName === undefined || (parent !== undefined && rule(parent).includes(row.name))) &&
    (input.ParentsOfAlarmName === undefined || rule(row).includes(input.ParentsOfAlarmName))
  );
}

const everyAction = ({ settings }: AlarmRow): readonly string[] => [
  ...(settings.AlarmActions ?? []),
  ...(settings.OKActions ?? []),
  ...(settings.InsufficientDataActions ?? []),
];

const sortedDimensions = (dimensions: MetricAlarm['Dimensions'] = []): string[] =>
  dimensions.map(({ Name, Value }) => `${Name}=${Value}`).toSorted();

function showMetricAlarm(row: MetricAlarmRow): MetricAlarm {
  const { settings } = row;
  return {
    ...common(row),
    ...settings,
    OKActions: settings.OKActions ?? [],
    AlarmActions: settings.AlarmActions ?? [],
    InsufficientDataActions: settings.InsufficientDataActions ?? [],
    ...(settings.Metrics?.length ? {} : { Dimensions: settings.Dimensions ?? [] }),
  };
}

function showComposite(row: CompositeAlarmRow): CompositeAlarm {
  const { settings } = row;
  return {
    ...common(row),
    ...settings,
    OKActions: settings.OKActions ?? [],
    AlarmActions: settings.AlarmActions ?? [],
    InsufficientDataActions: settings.InsufficientDataActions ?? [],
  };
}

const common = ({ name, arn, state, configuredAt }: AlarmRow) => ({
  AlarmName: name,
  AlarmArn: arn,
  AlarmConfigurationUpdatedTimestamp: new Date(configuredAt),
  StateValue: state.value,
  StateReason: state.reason,
  ...(state.data === undefined ? {} : { StateReasonData: state.data }),
  StateUpdatedTimestamp: new Date(state.updatedAt),
  StateTransitionedTimestamp: new Date(state.changedAt),
});

async function switchActions(
  ports: CloudWatchPorts,
  scope: Scope,
  names: readonly string[],
  ActionsEnabled: boolean,
) {
  await ports.store.transaction(async (rows) => {
    for (const name of names) {
      const row = await rows.get(alarms, scope, name);
      if (row?.kind === 'metric')
        await rows.put(alarms, scope, name, { ...row, settings: { ...row.settings, ActionsEnabled } });
      if (row?.kind === 'composite')
        await rows.put(alarms, scope, name, { ...row, settings: { ...row.settings, ActionsEnabled } });
    }
  });
  return {};
}

async function alarmByArn(rows: Pick<Reader, 'get'>, scope: Scope, arn: string): Promise<AlarmRow> {
  const name = /^alarm:(.+)$/.exec(parseArn(arn)?.resource ?? '')?.[1];
  const row = name === undefined ? undefined : await rows.get(alarms, scope, name);
  if (row?.arn !== arn || row === undefined) throw notFound(`${arn} does not exist`);
  return row;
}

async function changeTags(
  ports: CloudWatchPorts,
  scope: Scope,
  arn: string,
  change: (tags: AlarmRow['tags']) => Record<string, string>,
): Promise<void> {
  await ports.store.transaction(async (rows) => {
    const row = await alarmByArn(rows, scope, arn);
    await rows.put(alarms, scope, row.name, { ...row, tags: checkedTags(change(row.tags)) });
  });
}
