/** Selection patterns: Java regular expressions that must match the whole of a status or error message. */
import { configurationError } from '../refusal.ts';

/** Java's inline flags in front, possessive quantifiers and `\Q..\E` are brought to JavaScript's spelling. */
export function compileSelection(pattern: string): (selection: string) => boolean {
  const inline = /^\(\?([ismux]+)\)/.exec(pattern);
  const source = javaToJavaScript(inline === null ? pattern : pattern.slice(inline[0].length));
  const flags = [...new Set(inline?.[1] ?? '')].filter((flag) => 'ism'.includes(flag)).join('');
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
