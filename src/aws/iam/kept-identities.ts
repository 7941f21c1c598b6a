/**
 * Keys and policies kept in memory for those who ask at every request. A change on this node is seen at once; one of
 * another node, after `limits.iamKeptMs`.
 */
import type { Now } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import type { FindAccessKey, PrincipalPolicies } from '../../base/ports.ts';
import type { Handler, Handlers } from '../../wire/service.ts';

interface Kept<T> {
  readonly value: T;
  readonly until: number;
}

export interface KeptIdentities {
  readonly findAccessKey: FindAccessKey;
  readonly principalPolicies: PrincipalPolicies;
  /** The operations, of which those that change anything have it asked for anew. */
  forgetting<Operations extends Handlers>(operations: Operations): Operations;
}

export function createKeptIdentities(
  asked: Pick<KeptIdentities, 'findAccessKey' | 'principalPolicies'>,
  now: Now,
): KeptIdentities {
  let generation = 0;
  const caches: Map<string, unknown>[] = [];
  const keep = <Asked, T>(ask: (asked: Asked) => Promise<T>, nameOf: (asked: Asked) => string) => {
    const kept = new Map<string, Kept<T>>();
    caches.push(kept);
    return async (what: Asked): Promise<T> => {
      const name = nameOf(what);
      const known = kept.get(name);
      if (known !== undefined && known.until > now()) return known.value;
      const before = generation;
      const value = await ask(what);
      // Strangers' keys are not kept: anyone can send as many as they like.
      if (value !== undefined && before === generation) {
        if (kept.size >= limits.iamIdentitiesKept) kept.delete(kept.keys().next().value ?? '');
        kept.set(name, { value, until: now() + limits.iamKeptMs });
      }
      return value;
    };
  };
  const forget = (): void => {
    generation++;
    for (const cache of caches) cache.clear();
  };
  return {
    findAccessKey: keep(asked.findAccessKey, (id) => id),
    principalPolicies: keep(asked.principalPolicies, (caller) => `${caller.accessKeyId} ${caller.arn}`),
    forgetting: (operations) => {
      const changing = Object.entries(operations).filter(([name]) => !READING.test(name));
      const wrapped = changing.map(([name, handler]) => [name, forgettingAfter(handler, forget)]);
      return { ...operations, ...Object.fromEntries(wrapped) };
    },
  };
}

const READING = /^(Get|List|Simulate|Generate)/;

const forgettingAfter =
  (handler: Handler, forget: () => void): Handler =>
  async (input, call) => {
    try {
      return await handler(input, call);
    } finally {
      forget();
    }
  };
