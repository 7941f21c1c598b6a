/**
 * What was done lately, so that the same asked for again is not done again. Each asking forgets a few that are over, so
 * that nothing has to sweep.
 */
import type { Scope } from '../../base/scope.ts';
import { table, type Transaction } from '../../store/store.ts';

interface KeptRow<Done> {
  readonly done: Done;
  readonly untilMs: number;
}

export interface Recently<Done> {
  /** What came of it, when it was done lately. */
  recall(rows: Transaction, scope: Scope, id: string, now: number): Promise<Done | undefined>;
  remember(rows: Transaction, scope: Scope, id: string, done: Done, now: number): Promise<void>;
  /** Forgets everything whose id begins so. */
  forget(rows: Transaction, scope: Scope, prefix: string): Promise<void>;
}

const FORGOTTEN_AT_ONCE = 4;

/** Ids are `owner/what`: each owner's are forgotten by its own asking. */
export function recently<Done>(tableName: string, keptMs: number): Recently<Done> {
  const kept = table<KeptRow<Done>>(tableName);
  const times = table<{ readonly id: string }>(`${tableName}-times`);
  const ownerOf = (id: string): string => id.slice(0, id.indexOf('/') + 1);

  async function forgetOld(rows: Transaction, scope: Scope, owner: string, now: number): Promise<void> {
    for (const { key, row } of await rows.list(times, scope, { prefix: owner, limit: FORGOTTEN_AT_ONCE })) {
      if (Number(key.slice(owner.length).split('/')[0]) > now) return;
      await rows.delete(times, scope, key);
      // The same may have been done again since.
      const known = await rows.get(kept, scope, row.id);
      if (known && known.untilMs <= now) await rows.delete(kept, scope, row.id);
    }
  }

  return {
    async recall(rows, scope, id, now) {
      await forgetOld(rows, scope, ownerOf(id), now);
      const known = await rows.get(kept, scope, id);
      return known && known.untilMs > now ? known.done : undefined;
    },
    async remember(rows, scope, id, done, now) {
      const untilMs = now + keptMs;
      const owner = ownerOf(id);
      await rows.put(kept, scope, id, { done, untilMs });
      await rows.put(times, scope, `${owner}${String(untilMs).padStart(16, '0')}/${id.slice(owner.length)}`, {
        id,
      });
    },
    async forget(rows, scope, prefix) {
      await rows.deleteRange(kept, scope, prefix);
      await rows.deleteRange(times, scope, prefix);
    },
  };
}
