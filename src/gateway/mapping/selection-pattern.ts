/**
 * Selection patterns and validation expressions: Java regular expressions that must match the whole of a status, an
 * error message or a token. They are matched in linear time, so that no text makes one slow.
 */
import { RE2JS } from 're2js';
import { configurationError } from '../refusal.ts';

/** Java's inline flags in front, possessive quantifiers and `\Q..\E` are brought to the engines' spelling. */
export function compileSelection(pattern: string): (selection: string) => boolean {
  const inline = /^\(\?([ismux]+)\)/.exec(pattern);
  const source = javaToJavaScript(inline === null ? pattern : pattern.slice(inline[0].length));
  const flags = [...new Set(inline?.[1] ?? '')].filter((flag) => 'ism'.includes(flag)).join('');
  return linear(source, flags) ?? backtracking(source, flags, pattern);
}

/** Null for what only an engine that goes back can match: lookaround and back references. */
function linear(source: string, flags: string): ((text: string) => boolean) | null {
  try {
    const expression = RE2JS.compile(`${flags === '' ? '' : `(?${flags})`}(?:${source})`);
    return (text) => expression.matches(text);
  } catch {
    return null;
  }
}

/** A repeated group that repeats or chooses inside takes exponential time on the right text. */
const EXPLODES = /\((?:[^()\\]|\\.)*(?:[+*|]|\{\d+,)(?:[^()\\]|\\.)*\)\s*(?:[+*]|\{\d+,)/;

function backtracking(source: string, flags: string, pattern: string): (text: string) => boolean {
  if (EXPLODES.test(source))
    throw configurationError(
      `Invalid selection pattern: ${pattern}: lookaround beside nested repetition is not supported by gatehouse`,
    );
  try {
    const expression = new RegExp(`^(?:${source})$`, flags);
    return (selection) => expression.test(selection);
  } catch {
    throw configurationError(`Invalid selection pattern: ${pattern}`);
  }
}

const javaToJavaScript = (pattern: string): string =>
  pattern
    .replace(/\\Q([\s\S]*?)(?:\\E|$)/g, (_whole, literal: string) =>
      literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'),
    )
    .replace(/([*+?}])\+/g, '$1')
    .replace(/\\A/g, '^')
    .replace(/\\[zZ]/g, '$');
