/** Lines of steps beside one another: branches of a Parallel, items of a Map. */
import { StateError } from '../../lang/states/state-error.ts';
import type { Line } from './journal.ts';

export interface Branches {
  /**
   * Runs all, `atOnce` at a time; rejects with the first failure, after which the others do nothing more. `onFailure`
   * runs before that. The parent goes on behind the last event of any of them.
   */
  all<T>(
    work: (line: Line, index: number) => Promise<T>,
    onFailure: () => Promise<void>,
    atOnce?: number,
  ): Promise<T[]>;
}

export function abortable(parent: Line, key: string, count: number): Branches {
  const controller = new AbortController();
  const stopWithParent = (): void => controller.abort(parent.signal.reason);
  const lines = Array.from(
    { length: count },
    (_, index): Line => ({
      path: `${parent.path}/${key}.${index}`,
      previous: parent.previous,
      signal: controller.signal,
    }),
  );
  return {
    async all(work, onFailure, atOnce = count) {
      if (parent.signal.aborted) stopWithParent();
      parent.signal.addEventListener('abort', stopWithParent, { once: true });
      const results: Awaited<ReturnType<typeof work>>[] = [];
      let next = 0;
      let failure: { readonly thrown: unknown } | undefined;
      const worker = async (): Promise<void> => {
        while (next < count && failure === undefined) {
          const index = next++;
          const line = lines[index];
          if (line === undefined) return;
          try {
            results[index] = await work(line, index);
          } catch (thrown) {
            // Only the first counts; what the others throw is that they were ended.
            failure ??= { thrown };
            controller.abort(new StateError('States.Runtime', 'another branch failed', true));
          }
        }
      };
      try {
        await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
        parent.previous = Math.max(parent.previous, ...lines.map(({ previous }) => previous));
        if (failure === undefined) return results;
        parent.signal.throwIfAborted();
        await onFailure();
        throw failure.thrown;
      } finally {
        parent.signal.removeEventListener('abort', stopWithParent);
      }
    },
  };
}
