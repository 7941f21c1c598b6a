/** One field of a cron expression: `*`, values, ranges, steps and lists of them. */
export interface Field {
  readonly least: number;
  readonly most: number;
  /** The first stands for `least`. */
  readonly names?: readonly string[];
}

/** In order; undefined when the text is none. */
export function parseField(text: string, field: Field): number[] | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const found = parsePart(part, field);
    if (found === undefined) return undefined;
    for (const value of found) values.add(value);
  }
  return [...values].toSorted((one, other) => one - other);
}

function parsePart(part: string, field: Field): number[] | undefined {
  const [rangeText = '', stepText, ...more] = part.split('/');
  if (more.length > 0) return undefined;
  const step = stepText === undefined ? 1 : /^\d+$/.test(stepText) ? Number(stepText) : 0;
  if (step < 1) return undefined;
  const range = parseRange(rangeText, field, stepText !== undefined);
  if (range === undefined) return undefined;
  const [from, to] = range;
  const values: number[] = [];
  for (let value = from; value <= to; value += step) values.push(value);
  return values;
}

/** With a step, a single value goes on to the end. */
function parseRange(text: string, field: Field, stepped: boolean): [number, number] | undefined {
  if (text === '*') return [field.least, field.most];
  const [fromText = '', toText, ...more] = text.split('-');
  const from = parseValue(fromText, field);
  if (from === undefined || more.length > 0) return undefined;
  if (toText === undefined) return [from, stepped ? field.most : from];
  const to = parseValue(toText, field);
  return to === undefined || to < from ? undefined : [from, to];
}

function parseValue(text: string, { least, most, names = [] }: Field): number | undefined {
  const named = names.indexOf(text.toUpperCase());
  if (named !== -1) return least + named;
  if (!/^\d{1,4}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}
