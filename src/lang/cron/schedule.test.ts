import { expect, test } from 'bun:test';
import { nextMoment, parseSchedule } from './schedule.ts';

const next = (text: string, after: string, zone = 'UTC'): string | undefined => {
  const schedule = parseSchedule(text);
  if (schedule === undefined) return 'no schedule';
  const afterMs = Date.parse(after);
  const ms = nextMoment(schedule, { afterMs, startMs: Date.parse('2026-01-01T00:00:00Z'), zone });
  return ms === undefined ? undefined : new Date(ms).toISOString().replace(':00.000Z', '');
};

/** Expression, after, zone, expected. */
const ROWS: [string, string, string, string | undefined][] = [
  ['rate(5 minutes)', '2026-01-01T00:00:01Z', 'UTC', '2026-01-01T00:05'],
  ['rate(1 hour)', '2026-01-01T01:00:00Z', 'UTC', '2026-01-01T02:00'],
  ['rate(2 days)', '2026-01-02T00:00:00Z', 'UTC', '2026-01-03T00:00'],
  ['cron(0 10 * * ? *)', '2026-11-20T10:00:00Z', 'UTC', '2026-11-21T10:00'],
  ['cron(15 12 * * ? *)', '2026-11-20T10:00:00Z', 'UTC', '2026-11-20T12:15'],
  ['cron(0 18 ? * MON-FRI *)', '2026-11-20T18:00:00Z', 'UTC', '2026-11-23T18:00'],
  ['cron(0 8 1 * ? *)', '2026-11-20T10:00:00Z', 'UTC', '2026-12-01T08:00'],
  ['cron(0/10 * ? * MON-FRI *)', '2026-11-20T10:01:00Z', 'UTC', '2026-11-20T10:10'],
  ['cron(0,30 9-17 ? * 2-6 *)', '2026-11-20T17:30:00Z', 'UTC', '2026-11-23T09:00'],
  ['cron(0 0 L * ? *)', '2026-02-10T00:00:00Z', 'UTC', '2026-02-28T00:00'],
  ['cron(0 0 L-2 * ? *)', '2026-02-10T00:00:00Z', 'UTC', '2026-02-26T00:00'],
  // The 15th of August 2026 is a Saturday, the 1st of November a Sunday.
  ['cron(0 0 15W 8 ? *)', '2026-08-01T00:00:00Z', 'UTC', '2026-08-14T00:00'],
  ['cron(0 0 1W 8 ? *)', '2026-07-31T00:00:00Z', 'UTC', '2026-08-03T00:00'],
  ['cron(0 0 ? * 6L *)', '2026-11-01T00:00:00Z', 'UTC', '2026-11-27T00:00'],
  ['cron(0 0 ? * TUE#2 *)', '2026-11-01T00:00:00Z', 'UTC', '2026-11-10T00:00'],
  ['cron(0 0 29 2 ? *)', '2026-01-01T00:00:00Z', 'UTC', '2028-02-29T00:00'],
  ['cron(0 0 1 1 ? 2025)', '2026-01-01T00:00:00Z', 'UTC', undefined],
  ['cron(30 9 * * ? *)', '2026-01-05T00:00:00Z', 'America/New_York', '2026-01-05T14:30'],
  ['cron(30 9 * * ? *)', '2026-07-05T00:00:00Z', 'America/New_York', '2026-07-05T13:30'],
  // The clock is put forward at 2:00 on the 8th of March: there is no 2:30, so that day is passed over.
  ['cron(30 2 * * ? *)', '2026-03-08T00:00:00Z', 'America/New_York', '2026-03-09T06:30'],
  // And put back at 2:00 on the 1st of November: 1:30 comes twice, and counts once.
  ['cron(30 1 * * ? *)', '2026-11-01T00:00:00Z', 'America/New_York', '2026-11-01T05:30'],
  ['cron(30 1 * * ? *)', '2026-11-01T05:30:00Z', 'America/New_York', '2026-11-02T06:30'],
  ['at(2026-11-20T13:00:00)', '2026-11-20T00:00:00Z', 'Asia/Tokyo', '2026-11-20T04:00'],
  ['at(2026-11-20T13:00:00)', '2026-11-21T00:00:00Z', 'UTC', undefined],
];
test.each(ROWS)('%s after %s in %s', (text, after, zone, expected) => {
  expect(next(text, after, zone)).toBe(expected as string);
});

const REFUSED = [
  'rate(1 minutes)',
  'rate(5 minute)',
  'rate(0 minutes)',
  'rate(5 weeks)',
  'cron(* * * * * *)',
  'cron(0 10 ? * ? *)',
  'cron(60 10 * * ? *)',
  'cron(0 10 * * ?)',
  'cron(0 10 32 * ? *)',
  'cron(0 10 ? * MON-SUN *)',
  'cron(0 10 ? * MON#6 *)',
  'at(2026-11-20)',
  'every minute',
];
test.each(REFUSED)('%s is no schedule', (text) => {
  expect(parseSchedule(text)).toBeUndefined();
});
