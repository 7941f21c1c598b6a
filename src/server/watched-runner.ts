/** A function runner whose runs are told to a watcher: every way to a function ends here. */
import { isFault } from '../base/fault.ts';
import type { FunctionConfig, FunctionRunner } from '../functions/config.ts';
import type { InvocationResult } from '../observe/server-metrics.ts';
import type { ObserveInvocation } from '../observe/watch.ts';

export function watchedRunner(runner: FunctionRunner, observe: ObserveInvocation): FunctionRunner {
  const running = new Map<string, number>();
  const change = (arn: string, by: number): number => {
    const now = (running.get(arn) ?? 0) + by;
    if (now === 0) running.delete(arn);
    else running.set(arn, now);
    return now;
  };
  return {
    ...runner,
    async run(config, request) {
      const place = `${config.scope.account}/${config.scope.region}`;
      const concurrency = change(config.functionArn, 1);
      const accountConcurrency = change(place, 1);
      const startedAt = performance.now();
      const tell = (result: InvocationResult, durationMs: number): void =>
        observe({
          ...namesOf(config),
          traceId: request.traceId,
          result,
          durationMs,
          concurrency,
          accountConcurrency,
        });
      try {
        const answer = await runner.run(config, request);
        tell(answer.functionError === undefined ? 'ok' : 'error', answer.durationMs);
        return answer;
      } catch (thrown) {
        const throttled = isFault(thrown) && thrown.code === 'TooManyRequestsException';
        tell(throttled ? 'throttled' : 'refused', performance.now() - startedAt);
        throw thrown;
      } finally {
        change(config.functionArn, -1);
        change(place, -1);
      }
    },
  };
}

const namesOf = ({ scope, functionName, functionArn }: FunctionConfig) => ({
  scope,
  functionName,
  functionArn,
});
