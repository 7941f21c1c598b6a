/** Expiry: what is older than its group keeps goes, looked for once an hour and at start. */
import { reasonOf } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Store } from '../../store/store.ts';
import type { LogsRoom } from './ports.ts';
import { chunks, logGroups, type LogGroupRow, spanOf, spans } from './rows.ts';

const SWEEP_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Spans removed in one transaction: others must not wait long. */
const SPANS_A_TURN = 200;

/** Begins sweeping. Returns what ends it. */
export function startRetention(room: LogsRoom): () => void {
  const sweep = () =>
    sweepExpired(room.store, room.now()).catch((thrown: unknown) =>
      room.log('error', 'expired log events could not be removed', { reason: reasonOf(thrown) }),
    );
  void sweep();
  const timer = setInterval(() => void sweep(), SWEEP_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Removes every span that lies wholly before its group's retention. */
export async function sweepExpired(store: Store, now: number): Promise<void> {
  for (const { row, scope } of await store.listAll(logGroups)) {
    if (row.retentionInDays === undefined) continue;
    const oldest = spanOf(now - row.retentionInDays * DAY_MS);
    while ((await removeSpans(store, scope, row, oldest)) === SPANS_A_TURN);
  }
}

function removeSpans(store: Store, scope: Scope, group: LogGroupRow, oldest: string): Promise<number> {
  const prefix = `${group.name}:`;
  return store.transaction(async (rows) => {
    const first = await rows.list(spans, scope, { prefix, limit: SPANS_A_TURN });
    const old = first.filter(({ key }) => key < `${prefix}${oldest}`);
    for (const { key } of old) {
      const [span, stream] = key.slice(prefix.length).split(':');
      await rows.deleteRange(chunks, scope, `${prefix}${stream}:${span}:`);
      await rows.delete(spans, scope, key);
    }
    return old.length;
  });
}
