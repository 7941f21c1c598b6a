/** Java regular expressions, as AWS's models write them, to ours. */

const POSIX: Readonly<Record<string, string>> = {
  Alnum: 'a-zA-Z0-9',
  Alpha: 'a-zA-Z',
  ASCII: '\\x00-\\x7F',
  Blank: ' \\t',
  Digit: '0-9',
  Graph: '\\x21-\\x7E',
  Lower: 'a-z',
  Print: '\\x20-\\x7E',
  Punct: '!-\\/:-@\\[-`{-~',
  Space: '\\s',
  Upper: 'A-Z',
  XDigit: '0-9a-fA-F',
};

/** Must match the whole text, as `String.matches` does. Throws SyntaxError for what cannot be put into our terms. */
export function javaPattern(pattern: string): RegExp {
  const { source, flags } = takeFlags(
    posix(pattern)
      .replace(/\\A/g, '^')
      .replace(/\\[zZ]/g, '$'),
  );
  const whole = `^(?:${source})$`;
  try {
    return new RegExp(whole, `${flags}u`);
  } catch {
    // Patterns with escapes that only Java takes (`[\w-.]`, `\_`) are fine without the Unicode rules.
    if (/\\p\{/.test(source)) throw new SyntaxError(`no equivalent of ${pattern}`);
    return new RegExp(whole, flags);
  }
}

/** `(?i)` and `(?s)` at the start. */
function takeFlags(pattern: string): { source: string; flags: string } {
  const found = /^\(\?([is]+)\)/.exec(pattern);
  return found === null
    ? { source: pattern, flags: '' }
    : { source: pattern.slice(found[0].length), flags: found[1] ?? '' };
}

/** `\p{Print}` is a set of its own in Java; inside brackets its characters join the others. */
function posix(pattern: string): string {
  let inside = false;
  return pattern.replace(/\\p\{([A-Za-z]+)\}|\\.|[[\]]/g, (token, name: string | undefined) => {
    if (token === '[') inside = true;
    else if (token === ']') inside = false;
    const set = name === undefined ? undefined : POSIX[name];
    if (set === undefined) return token;
    return inside ? set : `[${set}]`;
  });
}
