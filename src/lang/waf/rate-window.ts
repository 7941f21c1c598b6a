/** Counts by key over a sliding window, in slices, with an end to how many keys are remembered. */

const SLICES = 30;

interface Counter {
  readonly slices: Map<number, number>;
  total: number;
}

export interface RateWindow {
  /** How many there were within the window, this one included. */
  count(key: string, nowMs: number): number;
  /** The keys that have more than so many. */
  above(limit: number, nowMs: number): string[];
}

/** The key that was quiet longest is forgotten when there are more than `mostKeys`. */
export function createRateWindow(windowSeconds: number, mostKeys: number): RateWindow {
  const sliceMs = (windowSeconds * 1000) / SLICES;
  const counters = new Map<string, Counter>();
  const settle = (counter: Counter, slice: number): void => {
    for (const [at, count] of counter.slices) {
      if (at > slice - SLICES) break;
      counter.slices.delete(at);
      counter.total -= count;
    }
  };
  return {
    count(key, nowMs) {
      const slice = Math.floor(nowMs / sliceMs);
      const counter = counters.get(key) ?? { slices: new Map<number, number>(), total: 0 };
      settle(counter, slice);
      counter.slices.set(slice, (counter.slices.get(slice) ?? 0) + 1);
      counter.total++;
      counters.delete(key);
      counters.set(key, counter);
      if (counters.size > mostKeys) counters.delete(counters.keys().next().value ?? '');
      return counter.total;
    },
    above(limit, nowMs) {
      const slice = Math.floor(nowMs / sliceMs);
      const found: string[] = [];
      for (const [key, counter] of counters) {
        settle(counter, slice);
        if (counter.total > limit) found.push(key);
        else if (counter.total === 0) counters.delete(key);
      }
      return found;
    },
  };
}
