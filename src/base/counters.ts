/**
 * Token buckets, refilled at the rate and as large as the burst, behind a port: in memory where there is one node; a
 * cluster hands nodes leases of tokens, so that no request waits for another machine.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
 */
import type { Now } from './clock.ts';
import { limits } from './limits.ts';

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

export interface Counters {
  /** Takes one token from the bucket of that name; false when it is empty. The rate may change from call to call. */
  take(bucket: string, rate: Rate): boolean | Promise<boolean>;
}

interface Bucket {
  tokens: number;
  filledAt: number;
  /** When it is full again if nobody takes any more: from then on it says nothing that an absent one does not. */
  fullAt: number;
}

/** One node's: exact, because nothing else takes from it. */
export function createMemoryCounters(now: Now): Counters {
  const buckets = new Map<string, Bucket>();
  let sweepAt: number = limits.throttleBucketsKept;
  return {
    take(name, rate) {
      const at = now();
      let bucket = buckets.get(name);
      if (bucket === undefined) {
        if (buckets.size >= sweepAt) {
          dropFull(buckets, at);
          sweepAt = Math.max(limits.throttleBucketsKept, 2 * buckets.size);
        }
        bucket = { tokens: rate.burst, filledAt: at, fullAt: at };
        buckets.set(name, bucket);
      }
      // A clock that is set back refills nothing and empties nothing.
      const passedMs = Math.max(0, at - bucket.filledAt);
      const refilled = bucket.tokens + (passedMs * rate.perSecond) / 1000;
      bucket.tokens = Math.min(rate.burst, refilled);
      bucket.filledAt = at;
      const taken = bucket.tokens >= 1;
      if (taken) bucket.tokens -= 1;
      bucket.fullAt = at + ((rate.burst - bucket.tokens) * 1000) / rate.perSecond;
      return taken;
    },
  };
}

/** Full buckets can be made anew; when all are in use, memory grows with them, and the next look comes later. */
function dropFull(buckets: Map<string, Bucket>, at: number): void {
  for (const [name, bucket] of buckets) if (bucket.fullAt <= at) buckets.delete(name);
}
