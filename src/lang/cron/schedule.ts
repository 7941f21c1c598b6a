/**
 * `rate(5 minutes)`, `cron(0 10 * * ? *)`, `at(2026-11-20T13:00:00)`: when next.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
import { type Cron, daysInMonth, parseCron } from './cron.ts';
import { momentOf, wallTimeOf } from './time-zone.ts';

export type Schedule =
  | { readonly kind: 'rate'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly cron: Cron }
  | { readonly kind: 'at'; readonly wall: string };

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Undefined when the text is no schedule. */
export function parseSchedule(text: string): Schedule | undefined {
  const [, kind, inner = ''] = /^(rate|cron|at)\((.*)\)$/.exec(text.trim()) ?? [];
  switch (kind) {
    case 'rate':
      return parseRate(inner);
    case 'cron': {
      const cron = parseCron(inner);
      return cron && { kind: 'cron', cron };
    }
    case 'at':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(inner) && Number.isFinite(Date.parse(`${inner}Z`))
        ? { kind: 'at', wall: inner }
        : undefined;
    default:
      return undefined;
  }
}

/** One of a unit is singular, more are plural. */
function parseRate(text: string): Schedule | undefined {
  const [, count = '', unit = '', plural] = /^\s*(\d+)\s+(minute|hour|day)(s)?\s*$/.exec(text) ?? [];
  const everyMs = Number(count) * (UNIT_MS[unit] ?? 0);
  if (everyMs === 0 || (Number(count) === 1) === (plural !== undefined)) return undefined;
  return { kind: 'rate', everyMs };
}

export interface Wanted {
  /** Behind this moment. */
  readonly afterMs: number;
  /** A rate counts from here. */
  readonly startMs: number;
  readonly zone: string;
}

/** The next moment; undefined when there is none any more. */
export function nextMoment(schedule: Schedule, { afterMs, startMs, zone }: Wanted): number | undefined {
  switch (schedule.kind) {
    case 'rate': {
      const passed = Math.floor((afterMs - startMs) / schedule.everyMs) + 1;
      return afterMs < startMs ? startMs : startMs + passed * schedule.everyMs;
    }
    case 'at': {
      const ms = momentOfText(schedule.wall, zone);
      return ms !== undefined && ms > afterMs ? ms : undefined;
    }
    case 'cron':
      return nextOfCron(schedule.cron, afterMs, zone);
    default:
      return schedule satisfies never;
  }
}

/** A wall clock's text in its zone. */
function momentOfText(wall: string, zone: string): number | undefined {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = wall.split(/[-T:]/).map(Number);
  return momentOf({ year, month, day, hour, minute, second }, zone);
}

/** Day by day from the day of `afterMs`; months and years that are not meant are passed over. */
function nextOfCron(cron: Cron, afterMs: number, zone: string): number | undefined {
  const start = wallTimeOf(afterMs, zone);
  const lastYear = Math.max(...cron.years);
  let { year, month, day } = start;
  while (year <= lastYear) {
    if (!cron.years.has(year)) {
      [year, month, day] = [year + 1, 1, 1];
    } else if (!cron.months.has(month) || day > daysInMonth(year, month)) {
      day = 1;
      if (++month > 12) [year, month] = [year + 1, 1];
    } else {
      const found = cron.onDay(year, month, day)
        ? firstOfDay(cron, { year, month, day }, afterMs, zone)
        : undefined;
      if (found !== undefined) return found;
      day++;
    }
  }
  return undefined;
}

function firstOfDay(
  cron: Cron,
  date: { readonly year: number; readonly month: number; readonly day: number },
  afterMs: number,
  zone: string,
): number | undefined {
  for (const hour of cron.hours)
    for (const minute of cron.minutes) {
      const ms = momentOf({ ...date, hour, minute, second: 0 }, zone);
      if (ms !== undefined && ms > afterMs) return ms;
    }
  return undefined;
}
