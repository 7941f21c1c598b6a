/** Lists in one header: https://smithy.io/2.0/spec/http-bindings.html#httpheader-serialization-rules */

/** Splits at commas outside quotes. Dates in the HTTP form carry a comma of their own. */
export function splitHeaderList(value: string, ofHttpDates: boolean): string[] {
  if (ofHttpDates) return value.match(/[A-Za-z]{3}, [^,]+/g)?.map((date) => date.trim()) ?? [];
  const items: string[] = [];
  const item = /\s*("((?:[^"\\]|\\.)*)"|[^,]*)\s*(,|$)/y;
  while (item.lastIndex < value.length) {
    const found = item.exec(value);
    if (found === null) break;
    items.push(found[2] === undefined ? (found[1] ?? '').trim() : found[2].replace(/\\(["\\])/g, '$1'));
    if (found[3] === '') break;
  }
  return items;
}

export const joinHeaderList = (items: readonly string[], ofHttpDates: boolean): string =>
  items.map((item) => (!ofHttpDates && /[",]/.test(item) ? quoted(item) : item)).join(', ');

const quoted = (item: string): string => `"${item.replace(/["\\]/g, '\\$&')}"`;
