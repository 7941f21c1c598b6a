/** Counts running calls: Lambda refuses what is more than a function's reserved or the account's concurrency. */
import { Fault } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { FunctionConfig } from './config.ts';

export interface Concurrency {
  /** Throws `Fault` TooManyRequestsException. Returns how to give the place back. */
  admit(config: FunctionConfig): () => void;
  readonly running: number;
}

type Reason = 'ReservedFunctionConcurrentInvocationLimitExceeded' | 'ConcurrentInvocationLimitExceeded';

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors; the text as recorded from AWS. */
const tooMany = (Reason: Reason): Fault =>
  new Fault('TooManyRequestsException', 'Rate Exceeded.', {
    status: 429,
    members: { Type: 'User', Reason, retryAfterSeconds: '1' },
  });

export function createConcurrency(accountLimit: number = limits.lambdaConcurrentExecutions): Concurrency {
  const running = new Map<string, number>();
  let all = 0;
  const count = (key: string): number => running.get(key) ?? 0;
  const change = (key: string, by: number): void => {
    const next = count(key) + by;
    if (next === 0) running.delete(key);
    else running.set(key, next);
  };
  return {
    get running() {
      return all;
    },
    admit({ functionArn, scope, concurrencyLimit }) {
      const account = `${scope.account}/${scope.region}`;
      if (concurrencyLimit !== undefined && count(functionArn) >= concurrencyLimit)
        throw tooMany('ReservedFunctionConcurrentInvocationLimitExceeded');
      if (count(account) >= accountLimit) throw tooMany('ConcurrentInvocationLimitExceeded');
      change(functionArn, 1);
      change(account, 1);
      all += 1;
      return () => {
        change(functionArn, -1);
        change(account, -1);
        all -= 1;
      };
    },
  };
}
