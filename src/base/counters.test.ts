/** Token buckets against the clock: what they let through over time is exactly the burst and the rate. */
import { expect, test } from 'bun:test';
import { createMemoryCounters, type Rate } from './counters.ts';

function served(rate: Rate, attemptsPerMs: number, forMs: number): number {
  let now = 1_000_000;
  const counters = createMemoryCounters(() => now);
  let taken = 0;
  for (let ms = 0; ms < forMs; ms++) {
    for (let i = 0; i < attemptsPerMs; i++) if (counters.take('a', rate) === true) taken++;
    now++;
  }
  return taken;
}

const rows: readonly [rate: Rate, attemptsPerMs: number, forMs: number, expected: number][] = [
  [{ perSecond: 10_000, burst: 5000 }, 30, 2000, 5000 + 19_990],
  [{ perSecond: 10_000, burst: 5000 }, 6000, 1, 5000],
  [{ perSecond: 10_000, burst: 5000 }, 10, 1000, 10_000],
  [{ perSecond: 1, burst: 1 }, 1, 10_000, 10],
  [{ perSecond: 0.5, burst: 2 }, 1, 10_000, 6],
  [{ perSecond: 3, burst: 1 }, 1, 10_001, 30],
  [{ perSecond: 0, burst: 0 }, 1, 1000, 0],
];
for (const [rate, attempts, forMs, expected] of rows)
  test(`${rate.perSecond}/s with a burst of ${rate.burst}, ${attempts} a millisecond for ${forMs} ms`, () =>
    expect(served(rate, attempts, forMs)).toBe(expected));

test('a clock set back neither fills nor empties', () => {
  let now = 10_000;
  const counters = createMemoryCounters(() => now);
  const rate = { perSecond: 1000, burst: 2 };
  expect([counters.take('a', rate), counters.take('a', rate), counters.take('a', rate)]).toEqual([
    true,
    true,
    false,
  ]);
  now = 0;
  expect(counters.take('a', rate)).toBe(false);
  now = 1;
  expect(counters.take('a', rate)).toBe(true);
});

test('buckets do not share tokens, and ten thousand names are no trouble', () => {
  let now = 0;
  const counters = createMemoryCounters(() => now);
  const rate = { perSecond: 1, burst: 1 };
  for (let i = 0; i < 120_000; i++) {
    now += 10;
    expect(counters.take(`key ${i}`, rate)).toBe(true);
  }
  expect(counters.take('key 119999', rate)).toBe(false);
});
