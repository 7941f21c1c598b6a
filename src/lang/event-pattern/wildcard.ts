/** `wildcard`: `*` stands for any characters, `\*` and `\\` for themselves. */
import { PatternError } from './pattern-error.ts';

export function compileWildcard(operand: unknown): (value: unknown) => boolean {
  if (typeof operand !== 'string') throw new PatternError('wildcard match pattern must be a string');
  const parts = partsOf(operand);
  return (value) => typeof value === 'string' && holds(value, parts);
}

/** The texts between the stars. */
function partsOf(pattern: string): string[] {
  const parts = [''];
  let last = '';
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '\\') {
      const next = pattern.charAt(++at);
      if (next !== '*' && next !== '\\') throw new PatternError(`Invalid escape character at pos ${at - 1}`);
      parts.push((parts.pop() ?? '') + next);
    } else if (character === '*') {
      if (last === '*') throw new PatternError(`Consecutive wildcard characters at pos ${at - 1}`);
      parts.push('');
    } else parts.push((parts.pop() ?? '') + character);
    last = character === '*' ? '*' : '';
  }
  return parts;
}

/** First and last are anchored, those between are found one behind the other: no backtracking. */
function holds(value: string, parts: readonly string[]): boolean {
  const first = parts[0] ?? '';
  if (parts.length === 1) return value === first;
  const last = parts.at(-1) ?? '';
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  let at = first.length;
  const end = value.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = value.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= end;
}
