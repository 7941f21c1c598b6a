/**
 * What an alarm makes of its datapoints, missing ones among them.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
import type { ComparisonOperator, StateValue } from '@aws-sdk/client-cloudwatch';

export interface Condition {
  readonly operator: ComparisonOperator;
  readonly threshold: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: string;
}

export interface Verdict {
  readonly state: StateValue;
  /** The datapoints it rests on, the newest first: [timestamp, value]. */
  readonly datapoints: readonly (readonly [number, number])[];
  readonly reason: string;
}

/** Looked back further than the periods asked for, so that a late datapoint does not count as missing. */
export const PERIODS_BEYOND = 2;

const HOLDS: Readonly<
  Record<string, { readonly of: (value: number, threshold: number) => boolean; readonly text: string }>
> = {
  GreaterThanThreshold: { of: (value, threshold) => value > threshold, text: 'greater than' },
  GreaterThanOrEqualToThreshold: {
    of: (value, threshold) => value >= threshold,
    text: 'greater than or equal to',
  },
  LessThanThreshold: { of: (value, threshold) => value < threshold, text: 'less than' },
  LessThanOrEqualToThreshold: { of: (value, threshold) => value <= threshold, text: 'less than or equal to' },
};

/** `recent`: the datapoints of the evaluation range that there are, the newest first. */
export function verdictOf(
  condition: Condition,
  recent: readonly (readonly [number, number])[],
  before: StateValue,
): Verdict {
  const { operator, threshold, evaluationPeriods: periods, datapointsToAlarm: needed } = condition;
  const compare = HOLDS[operator] ?? { of: () => false, text: operator };
  const datapoints = recent.slice(0, periods);
  const missing = periods - datapoints.length;
  const breaching = datapoints.filter(([, value]) => compare.of(value, threshold)).length;
  const state = stateFor({ condition, missing, breaching, known: datapoints.length, before });
  return {
    state,
    datapoints,
    reason: reasonFor(state, { condition, datapoints, missing, breaching, text: compare.text, needed }),
  };
}

interface Counts {
  readonly condition: Condition;
  readonly missing: number;
  readonly breaching: number;
  readonly known: number;
  readonly before: StateValue;
}

function stateFor({ condition, missing, breaching, known, before }: Counts): StateValue {
  const needed = condition.datapointsToAlarm;
  switch (condition.treatMissingData) {
    case 'breaching':
      return breaching + missing >= needed ? 'ALARM' : 'OK';
    case 'notBreaching':
      return breaching >= needed ? 'ALARM' : 'OK';
    case 'ignore':
      if (known === 0) return before;
      if (breaching >= needed) return 'ALARM';
      return breaching === known ? before : 'OK';
    default:
      if (known === 0) return 'INSUFFICIENT_DATA';
      return breaching >= needed || breaching === known ? 'ALARM' : 'OK';
  }
}

interface Told {
  readonly condition: Condition;
  readonly datapoints: Verdict['datapoints'];
  readonly missing: number;
  readonly breaching: number;
  readonly needed: number;
  readonly text: string;
}

function reasonFor(state: StateValue, told: Told): string {
  const { condition, datapoints, missing, breaching, needed, text } = told;
  if (state === 'INSUFFICIENT_DATA' || datapoints.length === 0) {
    const unknown = `${missing} datapoint${missing === 1 ? ' was' : 's were'} unknown.`;
    if (state === 'INSUFFICIENT_DATA') return `Insufficient Data: ${unknown}`;
    return `Threshold Crossed: no datapoints were received for ${missing} period${missing === 1 ? '' : 's'} and ${missing} missing datapoint${missing === 1 ? ' was' : 's were'} treated as [${condition.treatMissingData === 'breaching' ? 'Breaching' : 'NonBreaching'}].`;
  }
  const inAlarm = state === 'ALARM';
  const shown = inAlarm ? breaching : datapoints.length - breaching;
  const list = datapoints.map(([at, value]) => `${decimal(value)} (${shortDate(at)})`).join(', ');
  const of = inAlarm
    ? `${shown} out of the last ${datapoints.length} datapoint${datapoints.length === 1 ? '' : 's'}`
    : `${shown} datapoint${shown === 1 ? '' : 's'}`;
  const verb = shown === 1 ? 'was' : 'were';
  const minimum = inAlarm
    ? ` (minimum ${needed} datapoint${needed === 1 ? '' : 's'} for OK -> ALARM transition)`
    : '';
  return `Threshold Crossed: ${of} [${list}] ${verb} ${inAlarm ? '' : 'not '}${text} the threshold (${decimal(condition.threshold)})${minimum}.`;
}

/** As Java prints doubles: `5.0`. */
const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));

const shortDate = (at: number): string => {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
};
