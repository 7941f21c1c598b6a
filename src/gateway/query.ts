/** Query strings, split but not decoded until someone asks. */

export interface QueryParameter {
  readonly rawName: string;
  readonly rawValue: string;
  readonly name: string;
  readonly value: string;
}

const NONE: readonly QueryParameter[] = [];

/**
 * In order, duplicates kept. `separators` are what splits parameters: REST APIs also split at `;`
 * (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html).
 */
export function parseQuery(rawQuery: string, separators: RegExp | '&' = '&'): readonly QueryParameter[] {
  if (rawQuery === '') return NONE;
  const parameters: QueryParameter[] = [];
  for (const piece of rawQuery.split(separators)) {
    if (piece === '') continue;
    const equals = piece.indexOf('=');
    const rawName = equals === -1 ? piece : piece.slice(0, equals);
    const rawValue = equals === -1 ? '' : piece.slice(equals + 1);
    parameters.push({ rawName, rawValue, name: decodeFormText(rawName), value: decodeFormText(rawValue) });
  }
  return parameters;
}

/** Percent-decoding with `+` as a space; what does not decode stays as it is. */
function decodeFormText(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  return decodePercent(text.replaceAll('+', ' '));
}

/** Percent-decoding; what does not decode stays as it is. */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The last value by name and every value by name, as events carry them; null when there are none. */
export function groupQuery(parameters: readonly QueryParameter[]): Map<string, string[]> | null {
  if (parameters.length === 0) return null;
  const groups = new Map<string, string[]>();
  for (const { name, value } of parameters) {
    const values = groups.get(name);
    if (values === undefined) groups.set(name, [value]);
    else values.push(value);
  }
  return groups;
}
