/** `util.time`. Formats are those of Java's DateTimeFormatter, as far as AppSync's page shows them. */

const pad = (value: number, length = 2): string => String(Math.abs(value)).padStart(length, '0');

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
  readonly offsetMinutes: number;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

export function formatTime(ms: number, pattern: string, zone: string): string {
  const parts = partsIn(ms, zone);
  return pattern.replace(/'((?:[^']|'')*)'|([A-Za-z])\2*/g, (token, quoted: string | undefined) => {
    if (quoted !== undefined) return quoted === '' ? "'" : quoted.replace(/''/g, "'");
    return shown(token, parts, ms, zone);
  });
}

function shown(token: string, parts: Parts, ms: number, zone: string): string {
  const { length } = token;
  switch (token[0]) {
    case 'y':
    case 'u':
      return length === 2 ? pad(parts.year % 100) : pad(parts.year, length);
    case 'M':
    case 'L': {
      const name = MONTHS[parts.month - 1] ?? '';
      return length > 3 ? name : length === 3 ? name.slice(0, 3) : pad(parts.month, length);
    }
    case 'd':
      return pad(parts.day, length);
    case 'E': {
      const name = DAYS[parts.weekday] ?? '';
      return length > 3 ? name : name.slice(0, 3);
    }
    case 'H':
      return pad(parts.hour, length);
    case 'h':
      return pad(parts.hour % 12 || 12, length);
    case 'm':
      return pad(parts.minute, length);
    case 's':
      return pad(parts.second, length);
    case 'S':
      return pad(((ms % 1000) + 1000) % 1000, 3)
        .padEnd(length, '0')
        .slice(0, length);
    case 'a':
      return parts.hour < 12 ? 'AM' : 'PM';
    case 'Z':
      return offsetText(parts.offsetMinutes, length >= 5 ? ':' : '');
    case 'X':
      return parts.offsetMinutes === 0 ? 'Z' : offsetText(parts.offsetMinutes, length >= 3 ? ':' : '');
    case 'x':
      return offsetText(parts.offsetMinutes, length >= 3 ? ':' : '');
    case 'z':
    case 'V':
      return zone;
    default:
      throw new Error(`Unknown pattern letter: ${token[0]}`);
  }
}

function offsetText(minutes: number, separator: string): string {
  return `${minutes < 0 ? '-' : '+'}${pad(Math.trunc(minutes / 60))}${separator}${pad(minutes % 60)}`;
}

function partsIn(ms: number, zone: string): Parts {
  const offsetMinutes = offsetOf(ms, zone);
  const local = new Date(ms + offsetMinutes * 60_000);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    weekday: local.getUTCDay(),
    offsetMinutes,
  };
}

/** Minutes east of Greenwich. Throws for a zone nobody knows. */
function offsetOf(ms: number, zone: string): number {
  const fixed = /^(?:UTC|GMT)?([-+])(\d{1,2}):?(\d{2})?$/.exec(zone);
  if (fixed !== null) {
    const [, sign, hours, minutes = '0'] = fixed;
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  }
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
  return name === 'GMT' ? 0 : offsetOf(ms, name.slice(3));
}

/** The moment a text means by a pattern; a text without a zone stands in `zone`. Throws when it does not fit. */
export function parseTime(text: string, pattern: string, zone = 'UTC'): number {
  const fields: string[] = [];
  const source = pattern.replace(
    /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']/g,
    (token, quoted: string | undefined) => {
      if (quoted !== undefined) return escape(quoted);
      if (!/^[A-Za-z]/.test(token)) return escape(token);
      fields.push(token[0] ?? '');
      return READS[token[0] ?? ''] ?? fail(`Unknown pattern letter: ${token[0]}`);
    },
  );
  const match = new RegExp(`^${source}$`).exec(text);
  if (match === null) return fail(`Text '${text}' could not be parsed`);
  const value = (letter: string): string | undefined => {
    const index = fields.indexOf(letter);
    return index < 0 ? undefined : match[index + 1];
  };
  const month = value('M') ?? '1';
  const monthNumber = /^\d+$/.test(month)
    ? Number(month)
    : MONTHS.findIndex((name) => name.startsWith(month)) + 1;
  const hour = Number(value('H') ?? value('h') ?? 0) % (value('a') === undefined ? 24 : 12);
  const local = Date.UTC(
    Number(value('y') ?? value('u') ?? 1970),
    monthNumber - 1,
    Number(value('d') ?? 1),
    hour + (value('a') === 'PM' ? 12 : 0),
    Number(value('m') ?? 0),
    Number(value('s') ?? 0),
    Number((value('S') ?? '0').padEnd(3, '0').slice(0, 3)),
  );
  const offset = value('Z') ?? value('X') ?? value('x');
  if (offset === 'Z') return local;
  return local - offsetOf(local, offset ?? zone) * 60_000;
}

const READS: Readonly<Record<string, string>> = {
  y: '(\\d{2,4})',
  u: '(\\d{2,4})',
  M: '(\\d{1,2}|[A-Z][a-z]+)',
  d: '(\\d{1,2})',
  H: '(\\d{1,2})',
  h: '(\\d{1,2})',
  m: '(\\d{1,2})',
  s: '(\\d{1,2})',
  S: '(\\d{1,9})',
  a: '(AM|PM)',
  E: '([A-Z][a-z]+)',
  Z: '([-+]\\d{2}:?\\d{2})',
  X: '(Z|[-+]\\d{2}:?\\d{0,2})',
  x: '([-+]\\d{2}:?\\d{0,2})',
};

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function fail(message: string): never {
  throw new Error(message);
}
