/** Days and periods of usage, in UTC. */
import type { Quota } from '../../gateway/config.ts';

export const DAY_MS = 86_400_000;
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const startOfNextDay = (ms: number): number => (Math.floor(ms / DAY_MS) + 1) * DAY_MS;

/**
 * The first day of the period that holds `ms`. Weeks begin on Sunday, plus the offset; months on the first, plus it.
 * The API's reference calls the offset requests taken off the first period, but the service takes 0 to 6 for weeks and
 * 0 to 27 for months only, which are days.
 */
export function periodOf(ms: number, quota: Quota): string {
  const date = new Date(ms - quota.offset * DAY_MS);
  if (quota.period === 'DAY') return dayOf(ms);
  if (quota.period === 'WEEK') return dayOf(ms - date.getUTCDay() * DAY_MS);
  return dayOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1 + quota.offset));
}
