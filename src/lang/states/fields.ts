/** Which fields each type of state may have, in either query language; any other is refused. */
import type { QueryLanguage, StateType } from './definition.ts';

export const FLOW_FIELDS = ['Comment', 'StartAt', 'States', 'QueryLanguage'];
export const COMMON_FIELDS = ['Type', 'Comment', 'QueryLanguage'];

type Fields = Readonly<Record<QueryLanguage | 'both', readonly string[]>>;

const GOES_ON = ['Next', 'End', 'Assign'];
const FAILS = ['Retry', 'Catch'];
const PATHS = ['InputPath', 'OutputPath'];
const RESULTS = ['ResultPath', 'ResultSelector'];

/** https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html and the page of each type */
export const FIELDS: Readonly<Record<StateType, Fields>> = {
  Task: {
    both: [...GOES_ON, ...FAILS, 'Resource', 'TimeoutSeconds', 'HeartbeatSeconds', 'Credentials'],
    JSONPath: [...PATHS, ...RESULTS, 'Parameters', 'TimeoutSecondsPath', 'HeartbeatSecondsPath'],
    JSONata: ['Arguments', 'Output'],
  },
  Pass: {
    both: GOES_ON,
    JSONPath: [...PATHS, 'ResultPath', 'Parameters', 'Result'],
    JSONata: ['Output'],
  },
  Choice: { both: ['Choices', 'Default', 'Assign'], JSONPath: PATHS, JSONata: ['Output'] },
  Wait: {
    both: [...GOES_ON, 'Seconds', 'Timestamp'],
    JSONPath: [...PATHS, 'SecondsPath', 'TimestampPath'],
    JSONata: ['Output'],
  },
  Succeed: { both: [], JSONPath: PATHS, JSONata: ['Output'] },
  Fail: { both: ['Error', 'Cause'], JSONPath: ['ErrorPath', 'CausePath'], JSONata: [] },
  Parallel: {
    both: [...GOES_ON, ...FAILS, 'Branches'],
    JSONPath: [...PATHS, ...RESULTS, 'Parameters'],
    JSONata: ['Arguments', 'Output'],
  },
  Map: {
    both: [
      ...GOES_ON,
      ...FAILS,
      'ItemProcessor',
      'Iterator',
      'ItemSelector',
      'ItemReader',
      'ItemBatcher',
      'ResultWriter',
      'MaxConcurrency',
      'ToleratedFailureCount',
      'ToleratedFailurePercentage',
      'Label',
    ],
    JSONPath: [
      ...PATHS,
      ...RESULTS,
      'ItemsPath',
      'Parameters',
      'MaxConcurrencyPath',
      'ToleratedFailureCountPath',
      'ToleratedFailurePercentagePath',
    ],
    JSONata: ['Items', 'Output'],
  },
};
