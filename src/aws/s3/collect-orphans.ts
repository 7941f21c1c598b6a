/** Deletes blobs that no row names any more. What a killed server left behind is deleted at the next start. */
import type { Store } from '../../store/store.ts';
import { EVERYONE } from './bucket-row.ts';
import { orphans } from './object-rows.ts';

export async function collectOrphans(store: Store): Promise<void> {
  const found = await store.list(orphans, EVERYONE, { limit: 1000 });
  if (found.length === 0) return;
  for (const { key } of found) await store.blobs.delete(key);
  await store.transaction(async (rows) => {
    for (const { key } of found) await rows.delete(orphans, EVERYONE, key);
  });
}
