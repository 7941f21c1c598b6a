/**
 * Numbers that rise with the clock: a thousand for each millisecond, one more where that is not enough, never fewer than
 * before. Sequence numbers are made of them, so that a time can be found among them.
 */
export const RISING_DIGITS = 16;

/** The next; behind `after` when it is given, so that an order holds even when the clock was set back. */
export type Rising = (after?: number) => number;

export function createRising(now: () => number): Rising {
  let last = 0;
  return (after = 0) => {
    last = Math.max(now() * 1000, last + 1, after + 1);
    return last;
  };
}

export const risingText = (number: number): string => String(number).padStart(RISING_DIGITS, '0');
/** The first number of that moment. */
export const risingAt = (ms: number): number => Math.max(0, Math.ceil(ms)) * 1000;
