/** What is over is removed: sessions, codes, tokens, revocations. */
import type { Scope } from '../../base/scope.ts';
import type { Table } from '../../store/store.ts';
import type { CognitoPorts } from './ports.ts';
import { authCodes, refreshTokens, revocations, sessions } from './rows.ts';

export const SWEEP_EVERY_MS = 60_000;

export async function sweepExpired({ store, now }: Pick<CognitoPorts, 'store' | 'now'>): Promise<void> {
  const at = now();
  const over: { table: Table<unknown>; scope: Scope; key: string }[] = [];
  for (const table of [sessions, authCodes, refreshTokens, revocations] as const)
    for (const { scope, key, row } of await store.listAll<Ending>(table as Table<Ending>)) // each has one of the two
      if ((row.expiresMs ?? row.untilMs ?? Infinity) <= at) over.push({ table, scope, key });
  if (over.length === 0) return;
  await store.transaction(async (rows) => {
    for (const { table, scope, key } of over) await rows.delete(table, scope, key);
  });
}

interface Ending {
  readonly expiresMs?: number;
  readonly untilMs?: number;
}
