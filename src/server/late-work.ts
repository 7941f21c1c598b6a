/** Work that may wait: asked for often, done once in a while, and not at all when nobody asked. */
export interface LateWork {
  later(): void;
  /** Nothing happens any more; what was still to be done is done now, or left. */
  end(isToBeDone: boolean): Promise<void>;
}

export function createLateWork(delayMs: number, work: () => Promise<void>): LateWork {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let underway: Promise<void> = Promise.resolve();
  let ended = false;
  const begin = (): void => {
    timer = undefined;
    // The work says itself what went wrong.
    underway = work().catch(() => undefined);
  };
  return {
    later() {
      if (ended || timer !== undefined) return;
      timer = setTimeout(begin, delayMs);
      timer.unref?.();
    },
    async end(isToBeDone) {
      ended = true;
      const waits = timer !== undefined;
      clearTimeout(timer);
      await underway;
      if (waits && isToBeDone) begin();
      await underway;
    },
  };
}
