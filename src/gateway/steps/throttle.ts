/** Refuses what comes faster than the stage or its method allows. */
import type { Admitted } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import type { Buckets, Rate } from './buckets.ts';

/** Null when there is no limit. A negative rate or burst, AWS's -1, means none. */
export function compileThrottle(
  buckets: Buckets,
  name: string,
  perSecond: number | undefined,
  burst: number | undefined,
): ((call: Admitted) => void) | null {
  if (perSecond === undefined && burst === undefined) return null;
  if ((perSecond ?? 0) < 0 || (burst ?? 0) < 0) return null;
  const rate: Rate = {
    perSecond: perSecond ?? Number.POSITIVE_INFINITY,
    burst: burst ?? Math.max(1, perSecond ?? 1),
  };
  return () => {
    if (!buckets.take(name, rate)) throw new Refusal('THROTTLED', 'Too Many Requests');
  };
}
