/**
 * ReceiveRequestAttemptId: a FIFO receive whose answer was lost is answered again for five minutes, while none of its
 * messages was deleted or shown again. Memory only: after a restart the messages come back with their timeout.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
import { limits } from '../../base/limits.ts';
import type { Transaction } from '../../store/store.ts';
import { moveInLine } from './line.ts';
import { messageKey, readState, states } from './message-row.ts';
import type { FoundQueue } from './queue-row.ts';
import type { SqsRoom } from './room.ts';
import type { Taken, Wanted } from './take.ts';

interface Attempt {
  readonly untilMs: number;
  readonly taken: readonly Taken[];
}

export function createAttempts(room: SqsRoom) {
  const known = new Map<string, Attempt>();
  const keyOf = (queue: FoundQueue, id: string): string => `${queue.row.queueId} ${id}`;
  return {
    remember(queue: FoundQueue, id: string, taken: readonly Taken[]): void {
      if (taken.length === 0) return;
      for (const [key, { untilMs }] of known) {
        if (untilMs > room.now() && known.size < limits.sqsReceiveAttemptsKept) break;
        known.delete(key);
      }
      known.set(keyOf(queue, id), { untilMs: room.now() + limits.sqsDeduplicationMs, taken });
    },

    async repeat(
      rows: Transaction,
      queue: FoundQueue,
      id: string,
      { visibilitySeconds }: Wanted,
    ): Promise<readonly Taken[] | undefined> {
      const attempt = known.get(keyOf(queue, id));
      const now = room.now();
      if (attempt === undefined || attempt.untilMs <= now) return undefined;
      for (const { place, state } of attempt.taken) {
        const current = await readState(rows, queue.scope, messageKey(queue, place));
        if (current.receipt !== state.receipt || current.visibleMs <= now) return undefined;
      }
      for (const { place } of attempt.taken) {
        const key = messageKey(queue, place);
        const current = await readState(rows, queue.scope, key);
        const visibleMs = now + visibilitySeconds * 1000;
        await rows.put(states, queue.scope, key, { ...current, visibleMs });
        await moveInLine(rows, queue, place, { fromMs: current.visibleMs, toMs: visibleMs });
      }
      return attempt.taken;
    },
  };
}
