/** What an authorizer said, kept for its time to live; the oldest go first when there are too many. */
import { limits } from '../../base/limits.ts';
import type { Now } from '../../base/clock.ts';
import type { ClientRequest } from '../client-request.ts';
import { ClientGone } from '../deadline.ts';

export interface VerdictCache<Verdict> {
  /** Asks once however many wait for the same answer. A failure is not kept. */
  get(key: string, ask: () => Promise<Verdict>): Promise<Verdict>;
}

interface Kept<Verdict> {
  readonly verdict: Promise<Verdict>;
  readonly until: number;
}

/** Null when nothing is to be kept. */
export function createVerdictCache<Verdict>(now: Now, ttlSeconds: number): VerdictCache<Verdict> | null {
  if (ttlSeconds <= 0) return null;
  const kept = new Map<string, Kept<Verdict>>();
  return {
    get(key, ask) {
      const known = kept.get(key);
      if (known !== undefined && known.until > now()) return known.verdict;
      const verdict = ask();
      const entry = { verdict, until: now() + ttlSeconds * 1000 };
      kept.delete(key);
      kept.set(key, entry);
      if (kept.size > limits.authorizerVerdictsKept) kept.delete(kept.keys().next().value ?? '');
      verdict.catch(() => (kept.get(key) === entry ? kept.delete(key) : undefined));
      return verdict;
    },
  };
}

/**
 * Asks the cache for a call. The one who asked first may leave before the answer is there; those who waited with it
 * and are still here ask again.
 */
export async function recall<Verdict>(
  cache: VerdictCache<Verdict> | null,
  key: string,
  request: ClientRequest,
  ask: () => Promise<Verdict>,
): Promise<Verdict> {
  if (cache === null) return ask();
  try {
    return await cache.get(key, ask);
  } catch (thrown) {
    if (!(thrown instanceof ClientGone) || request.gone) throw thrown;
    return recall(cache, key, request, ask);
  }
}
