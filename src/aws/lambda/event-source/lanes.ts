/**
 * How many batches of one queue are under way: five at first, one more whenever all are busy and the queue still fills
 * batches. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
export interface Lanes {
  /** Resolves when another batch may begin. */
  free(): Promise<void>;
  run(work: () => Promise<void>): void;
  /** The queue gave a full batch: it may hold more than the lanes can take. */
  pressed(): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
}

const FIRST = 5;

export function createLanes(most: number): Lanes {
  const running = new Set<Promise<void>>();
  let limit = Math.min(FIRST, most);
  let wake: (() => void) | undefined;
  return {
    free: () =>
      running.size < limit
        ? Promise.resolve()
        : new Promise((resolve) => {
            wake = resolve;
          }),
    run(work) {
      const one = work().finally(() => {
        running.delete(one);
        wake?.();
        wake = undefined;
      });
      running.add(one);
    },
    pressed() {
      if (running.size >= limit - 1 && limit < most) limit += 1;
    },
    async idle() {
      await Promise.all(running);
    },
  };
}
