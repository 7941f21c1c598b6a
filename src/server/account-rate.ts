/** `GATEHOUSE_ACCOUNT_THROTTLE`: what an account may call in a region, where AWS's own numbers are not wanted. */
import type { Rate } from '../base/counters.ts';

export const ACCOUNT_THROTTLE_VARIABLE = 'GATEHOUSE_ACCOUNT_THROTTLE';

/** `20000,10000` (rate, burst), `off`, or nothing: then AWS's numbers hold. Throws an Error for anything else. */
export function accountRateOf(setting: string | undefined): (() => Rate | null) | undefined {
  if (setting === undefined || setting === '') return undefined;
  if (setting === 'off') return () => null;
  const [, rate, burst] = /^(\d+(?:\.\d+)?),(\d+)$/.exec(setting) ?? [];
  if (rate === undefined || burst === undefined)
    throw new Error(`${ACCOUNT_THROTTLE_VARIABLE} must be a rate and a burst, "20000,10000", or "off"`);
  return () => ({ perSecond: Number(rate), burst: Number(burst) });
}
