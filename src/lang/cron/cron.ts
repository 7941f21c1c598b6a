/**
 * Cron expressions of EventBridge: minutes, hours, day of month, month, day of week, year.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
import { type Field, parseField } from './field.ts';

export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  /** Whether a day of the calendar is meant. */
  readonly onDay: (year: number, month: number, day: number) => boolean;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const FIELDS = {
  minutes: { least: 0, most: 59 },
  hours: { least: 0, most: 23 },
  days: { least: 1, most: 31 },
  months: { least: 1, most: 12, names: MONTHS },
  weekdays: { least: 1, most: 7, names: WEEKDAYS },
  years: { least: 1970, most: 2199 },
} satisfies Record<string, Field>;

/** Takes what stands between the parentheses. Undefined when it is none. */
export function parseCron(text: string): Cron | undefined {
  const parts = text.trim().split(/\s+/);
  const [minutesText, hoursText, daysText, monthsText, weekdaysText, yearsText] = parts;
  if (parts.length !== 6 || minutesText === undefined || hoursText === undefined) return undefined;
  if (
    daysText === undefined ||
    monthsText === undefined ||
    weekdaysText === undefined ||
    yearsText === undefined
  )
    return undefined;
  // One of the two days has to be left open.
  if ((daysText === '?') === (weekdaysText === '?')) return undefined;
  const minutes = parseField(minutesText, FIELDS.minutes);
  const hours = parseField(hoursText, FIELDS.hours);
  const months = parseField(monthsText, FIELDS.months);
  const years = parseField(yearsText, FIELDS.years);
  const onDay = daysText === '?' ? parseWeekdays(weekdaysText) : parseDays(daysText);
  if (!minutes || !hours || !months || !years || !onDay) return undefined;
  return { minutes, hours, months: new Set(months), years: new Set(years), onDay };
}

type OnDay = Cron['onDay'];

export const daysInMonth = (year: number, month: number): number =>
  new Date(Date.UTC(year, month, 0)).getUTCDate();
/** 1 is Sunday. */
const weekdayOf = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

function parseDays(text: string): OnDay | undefined {
  if (text === 'L') return (year, month, day) => day === daysInMonth(year, month);
  if (text === 'LW')
    return (year, month, day) => day === nearestWorkday(year, month, daysInMonth(year, month));
  const [, beforeLast] = /^L-(\d{1,2})$/.exec(text) ?? [];
  if (beforeLast !== undefined)
    return (year, month, day) => day === daysInMonth(year, month) - Number(beforeLast);
  const [, near] = /^(\d{1,2})W$/.exec(text) ?? [];
  if (near !== undefined) {
    const wanted = Number(near);
    if (wanted < 1 || wanted > 31) return undefined;
    return (year, month, day) =>
      wanted <= daysInMonth(year, month) && day === nearestWorkday(year, month, wanted);
  }
  const days = parseField(text, FIELDS.days);
  return days && ((_year, _month, day) => days.includes(day));
}

/** Never in another month. */
function nearestWorkday(year: number, month: number, day: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 7) return day > 1 ? day - 1 : day + 2;
  if (weekday === 1) return day < daysInMonth(year, month) ? day + 1 : day - 2;
  return day;
}

function parseWeekdays(text: string): OnDay | undefined {
  const [, nthDay, nth] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  if (nthDay !== undefined) {
    const [wanted] = parseField(nthDay, FIELDS.weekdays) ?? [];
    if (wanted === undefined) return undefined;
    return (year, month, day) => weekdayOf(year, month, day) === wanted && Math.ceil(day / 7) === Number(nth);
  }
  const [, lastDay] = /^(\w+)L$/.exec(text) ?? [];
  if (text === 'L' || lastDay !== undefined) {
    const [wanted] = lastDay === undefined ? [7] : (parseField(lastDay, FIELDS.weekdays) ?? []);
    if (wanted === undefined) return undefined;
    if (text === 'L') return (year, month, day) => weekdayOf(year, month, day) === 7;
    return (year, month, day) => weekdayOf(year, month, day) === wanted && day > daysInMonth(year, month) - 7;
  }
  const weekdays = parseField(text, FIELDS.weekdays);
  return weekdays && ((year, month, day) => weekdays.includes(weekdayOf(year, month, day)));
}
