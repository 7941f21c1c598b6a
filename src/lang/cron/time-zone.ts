/** From the wall clock of a time zone to moments. */
export interface WallTime {
  readonly year: number;
  /** 1 is January. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
}

export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
}

export function wallTimeOf(ms: number, zone: string): WallTime {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(ms)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, hour, minute, second };
}

const asUtc = ({ year, month, day, hour, minute, second }: WallTime): number =>
  Date.UTC(year, month - 1, day, hour, minute, second);

/** Undefined when the clock is put forward over that time; the first of two when it is put back. */
export function momentOf(wall: WallTime, zone: string): number | undefined {
  const wanted = asUtc(wall);
  const offsets = [wanted - 86_400_000, wanted + 86_400_000].map((ms) => asUtc(wallTimeOf(ms, zone)) - ms);
  const moments = offsets
    .map((offset) => wanted - offset)
    .filter((ms) => asUtc(wallTimeOf(ms, zone)) === wanted);
  return moments.length === 0 ? undefined : Math.min(...moments);
}
