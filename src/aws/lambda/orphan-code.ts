/**
 * Packages that functions and layers no longer name. They are kept an hour, for whoever is still starting from them,
 * then deleted, unless another row, a version or a function with the layer, names them too.
 */
import { reasonOf } from '../../base/fault.ts';
import { GLOBAL_REGION, type Scope } from '../../base/scope.ts';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import type { LambdaPorts } from './ports.ts';
import { type CodeRow, functions, layerVersions, versions } from './rows.ts';

interface OrphanRow {
  readonly since: number;
}

const EVERYONE: Scope = { account: GLOBAL_REGION, region: GLOBAL_REGION };
/** Keyed by blob id. */
const orphans = table<OrphanRow>('lambda.orphan-code');

const KEPT_MS = 3_600_000;

/** To be called in the transaction that stops naming the code. */
export async function orphan(rows: Transaction, code: CodeRow, now: number): Promise<void> {
  if (code.kind === 'zip') await rows.put(orphans, EVERYONE, code.blobId, { since: now });
}

/** Begins looking once an hour, and now. Returns what ends it. */
export function startCollecting(ports: Pick<LambdaPorts, 'store' | 'now' | 'log'>): () => void {
  const collect = () =>
    collectOrphans(ports).catch((thrown: unknown) =>
      ports.log('error', 'code that is no longer used could not be deleted', { reason: reasonOf(thrown) }),
    );
  void collect();
  const timer = setInterval(() => void collect(), KEPT_MS);
  timer.unref();
  return () => clearInterval(timer);
}

export async function collectOrphans({ store, now }: Pick<LambdaPorts, 'store' | 'now'>): Promise<void> {
  const due = (await store.list(orphans, EVERYONE)).filter(({ row }) => row.since <= now() - KEPT_MS);
  if (due.length === 0) return;
  // Rows first: from then on nothing leads to these blobs, and nothing can name them again.
  const unused = await store.transaction(async (rows) => {
    const used = await usedBlobs(rows);
    for (const { key } of due) await rows.delete(orphans, EVERYONE, key);
    return due.map(({ key }) => key).filter((id) => !used.has(id));
  });
  for (const id of unused) await store.blobs.delete(id);
}

async function usedBlobs(rows: Reader): Promise<Set<string>> {
  const used = new Set<string>();
  const use = (code: CodeRow) => {
    if (code.kind === 'zip') used.add(code.blobId);
  };
  for (const { row } of [...(await rows.listAll(functions)), ...(await rows.listAll(versions))]) {
    use(row.code);
    row.layers.forEach(use);
  }
  for (const { row } of await rows.listAll(layerVersions)) use(row.code);
  return used;
}
