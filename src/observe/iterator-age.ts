/** IteratorAge: how old the last record of a batch was when its function had been run. Same page as the other metrics. */
import { limits } from '../base/limits.ts';
import type { Scope } from '../base/scope.ts';
import type { MetricBuffer, Recorder } from './metric-buffer.ts';

export type ObserveIteratorAge = (scope: Scope, functionName: string, ageMs: number) => void;

export function createIteratorAges(buffer: MetricBuffer, now: () => number): ObserveIteratorAge {
  const known = new Map<string, Recorder>();
  return (scope, functionName, ageMs) => {
    const key = `${scope.account}/${scope.region}/${functionName}`;
    let recorder = known.get(key);
    if (recorder === undefined) {
      if (known.size >= limits.metricSeries) known.clear();
      recorder = buffer.recorder({
        scope,
        namespace: 'AWS/Lambda',
        metricName: 'IteratorAge',
        dimensions: [['FunctionName', functionName]],
        unit: 'Milliseconds',
      });
      known.set(key, recorder);
    }
    recorder.add(Math.max(0, ageMs), now());
  };
}
