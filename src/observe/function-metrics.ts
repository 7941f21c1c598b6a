/** Lambda's metrics: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
import { limits } from '../base/limits.ts';
import type { MetricBuffer, Recorder } from './metric-buffer.ts';
import type { InvocationFacts, ObserveInvocation } from './watch.ts';

interface Recorders {
  readonly invocations: Recorder;
  readonly errors: Recorder;
  readonly duration: Recorder;
  readonly throttles: Recorder;
  readonly concurrency: Recorder;
}

/** A function's own, and those of all functions of the account. Calls that were refused may name anything: not counted. */
export function createFunctionMetrics(buffer: MetricBuffer, now: () => number): ObserveInvocation {
  const known = new Map<string, readonly Recorders[]>();
  return (facts) => {
    if (facts.result === 'refused') return;
    const { scope, functionName } = facts;
    const key = `${scope.account}/${scope.region}/${functionName}`;
    let places = known.get(key);
    if (places === undefined) {
      if (known.size >= limits.metricSeries) known.clear();
      places = [recordersOf(buffer, facts, [['FunctionName', functionName]]), recordersOf(buffer, facts, [])];
      known.set(key, places);
    }
    const at = now();
    const [own, all] = places;
    if (own !== undefined) record(own, facts, facts.concurrency, at);
    if (all !== undefined) record(all, facts, facts.accountConcurrency, at);
  };
}

function recordersOf(
  buffer: MetricBuffer,
  { scope }: InvocationFacts,
  dimensions: readonly (readonly [string, string])[],
): Recorders {
  const metric = (metricName: string, unit: string): Recorder =>
    buffer.recorder({ scope, namespace: 'AWS/Lambda', metricName, dimensions, unit });
  return {
    invocations: metric('Invocations', 'Count'),
    errors: metric('Errors', 'Count'),
    duration: metric('Duration', 'Milliseconds'),
    throttles: metric('Throttles', 'Count'),
    concurrency: metric('ConcurrentExecutions', 'Count'),
  };
}

/** A throttled call is no invocation. */
function record(
  place: Recorders,
  { result, durationMs }: InvocationFacts,
  concurrency: number,
  at: number,
): void {
  place.throttles.add(result === 'throttled' ? 1 : 0, at);
  if (result === 'throttled') return;
  place.invocations.add(1, at);
  place.errors.add(result === 'error' ? 1 : 0, at);
  place.duration.add(Math.round(durationMs * 100) / 100, at);
  place.concurrency.add(concurrency, at);
}
