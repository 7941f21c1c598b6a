/**
 * Counts calls: Lambda refuses what is more than a function's reserved or the account's concurrency, and more than ten
 * times that many synchronous calls a second. https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
 */
import { Fault } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { FunctionConfig } from './config.ts';

export interface Concurrency {
  /** Throws `Fault` TooManyRequestsException. Returns how to give the place back. */
  admit(config: FunctionConfig, asynchronous: boolean): () => void;
  readonly running: number;
}

type Reason =
  | 'ReservedFunctionConcurrentInvocationLimitExceeded'
  | 'ReservedFunctionInvocationRateLimitExceeded'
  | 'ConcurrentInvocationLimitExceeded'
  | 'FunctionInvocationRateLimitExceeded';

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors; the text as recorded from AWS. */
const tooMany = (Reason: Reason): Fault =>
  new Fault('TooManyRequestsException', 'Rate Exceeded.', {
    status: 429,
    members: { Type: 'User', Reason, retryAfterSeconds: '1' },
  });

const CALLS_A_SECOND_FOR_EACH = 10;

interface Place {
  running: number;
  /** Calls that may still come at once; fills up over a second. */
  tokens: number;
  filledAt: number;
}

export function createConcurrency(
  accountLimit: number = limits.lambdaConcurrentExecutions,
  now: () => number = () => performance.now(),
): Concurrency {
  const places = new Map<string, Place>();
  let all = 0;
  const placeOf = (key: string, limit: number): Place => {
    const found = places.get(key);
    if (found !== undefined) return found;
    const made = { running: 0, tokens: limit * CALLS_A_SECOND_FOR_EACH, filledAt: now() };
    places.set(key, made);
    return made;
  };
  /** True when one more call fits; takes it. */
  const takeToken = (place: Place, limit: number): boolean => {
    const rate = limit * CALLS_A_SECOND_FOR_EACH;
    const time = now();
    place.tokens = Math.min(rate, place.tokens + ((time - place.filledAt) / 1000) * rate);
    place.filledAt = time;
    if (place.tokens < 1) return false;
    place.tokens -= 1;
    return true;
  };
  return {
    get running() {
      return all;
    },
    admit({ functionArn, scope, concurrencyLimit }, asynchronous) {
      const account = placeOf(`${scope.account}/${scope.region}`, accountLimit);
      const own = concurrencyLimit === undefined ? undefined : placeOf(functionArn, concurrencyLimit);
      if (own !== undefined && concurrencyLimit !== undefined) {
        if (own.running >= concurrencyLimit)
          throw tooMany('ReservedFunctionConcurrentInvocationLimitExceeded');
        if (!asynchronous && !takeToken(own, concurrencyLimit))
          throw tooMany('ReservedFunctionInvocationRateLimitExceeded');
      }
      if (account.running >= accountLimit) throw tooMany('ConcurrentInvocationLimitExceeded');
      if (!asynchronous && !takeToken(account, accountLimit))
        throw tooMany('FunctionInvocationRateLimitExceeded');
      if (own !== undefined) own.running += 1;
      account.running += 1;
      all += 1;
      return () => {
        if (own !== undefined) own.running -= 1;
        account.running -= 1;
        all -= 1;
        if (own !== undefined && own.running === 0 && places.size > MOST_PLACES) places.delete(functionArn);
      };
    },
  };
}

/** Functions whose counts are kept while nobody calls them. */
const MOST_PLACES = 1000;
