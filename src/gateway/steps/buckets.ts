/**
 * Token buckets: refilled at the rate, as large as the burst.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
 */
import type { Now } from '../../base/clock.ts';

export interface Buckets {
  /** Takes one token from the bucket of that name; false when it is empty. */
  take(name: string, rate: Rate): boolean;
}

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** In memory: one node's. Buckets are few, one a throttled method. */
export function createBuckets(now: Now): Buckets {
  const buckets = new Map<string, Bucket>();
  return {
    take(name, rate) {
      const at = now();
      const bucket = buckets.get(name) ?? { tokens: rate.burst, filledAt: at };
      bucket.tokens = Math.min(rate.burst, bucket.tokens + ((at - bucket.filledAt) * rate.perSecond) / 1000);
      bucket.filledAt = at;
      buckets.set(name, bucket);
      if (bucket.tokens < 1) return false;
      bucket.tokens -= 1;
      return true;
    },
  };
}
