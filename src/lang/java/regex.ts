import { JavaException } from './value.ts';

/**
 * Java's regular expressions as JavaScript's: `\Q..\E`, inline flags at the front, `\A`, `\z`, POSIX classes and `\h`
 * are translated; possessive quantifiers, atomic groups, class intersections and flags further in are refused by name
 * (PatternSyntaxException), since JavaScript would read them as something else.
 */
export function javaRegex(pattern: string, flags: string): RegExp {
  const key = `${flags}/${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = compile(pattern, flags);
  if (cache.size >= CACHE_ENTRIES) cache.clear();
  cache.set(key, made);
  return made;
}

const CACHE_ENTRIES = 256;
const cache = new Map<string, RegExp>();

const CLASSES: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '!-\\/:-@\\[-`\\{-~',
  Graph: '!-~',
  Print: ' -~',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\x0B\\f\\r',
};

function compile(pattern: string, flags: string): RegExp {
  const inline = /^\(\?([imsux]+)\)/.exec(pattern);
  const body = inline === null ? pattern : pattern.slice(inline[0].length);
  const wanted = new Set(flags + (inline?.[1] ?? '').replace('u', ''));
  if (wanted.delete('x')) refuse('comments flag x', pattern);
  try {
    const { source, unicode } = translate(body, pattern);
    if (unicode) wanted.add('u');
    return new RegExp(source, [...wanted].join(''));
  } catch (error) {
    if (error instanceof JavaException) throw error;
    throw new JavaException('PatternSyntaxException', `not a regular expression: ${pattern}`);
  }
}

const refuse = (what: string, pattern: string): never => {
  throw new JavaException('PatternSyntaxException', `${what} is not supported in ${pattern}`);
};

function translate(body: string, pattern: string): { source: string; unicode: boolean } {
  let source = '';
  let inClass = 0;
  let unicode = false;
  for (let i = 0; i < body.length; i++) {
    const two = body.slice(i, i + 2);
    const char = body.charAt(i);
    if (two === '\\Q') {
      const end = body.indexOf('\\E', i);
      const literal = body.slice(i + 2, end < 0 ? undefined : end);
      source += literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
      i = end < 0 ? body.length : end + 1;
    } else if (char === '\\') {
      const named = /^\\([pP])\{(?:Is)?(\w+)\}/.exec(body.slice(i));
      if (named !== null) {
        const [text, sign, name = ''] = named;
        const set = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
        if (set === undefined) {
          unicode = true;
          source += `\\${sign}{${name}}`;
        } else if (sign === 'P' && inClass > 0) refuse(text, pattern);
        else source += inClass > 0 ? set : `[${sign === 'P' ? '^' : ''}${set}]`;
        i += text.length - 1;
      } else {
        source += escape(two, inClass > 0);
        i++;
      }
    } else if (inClass > 0) {
      if (two === '&&' || char === '[') refuse('a class inside a class', pattern);
      if (char === ']') inClass--;
      source += char;
    } else if (char === '[') {
      inClass++;
      source += char;
      // In Java a bracket that closes at once is a literal one, as in []abc].
      const first = /^\[\^?\]/.exec(body.slice(i));
      if (first !== null) {
        source += `${first[0].slice(1, -1)}\\]`;
        i += first[0].length - 1;
      }
    } else {
      if (/^\(\?(?:>|[imsux-]+[:)])/.test(body.slice(i))) refuse('an atomic group or inner flags', pattern);
      if (/^[*+?}]\+/.test(two)) refuse('a possessive quantifier', pattern);
      source += char;
    }
  }
  return { source, unicode };
}

function escape(two: string, inClass: boolean): string {
  if (two === '\\h') return inClass ? ' \\t\\xA0' : '[ \\t\\xA0]';
  if (two === '\\A' && !inClass) return '^';
  if (two === '\\z' && !inClass) return '$';
  if (two === '\\Z' && !inClass) return '(?=\\n?$)';
  if (two === '\\e') return '\\x1B';
  if (two === '\\a') return '\\x07';
  if (two === '\\R' && !inClass) return '(?:\\r\\n|[\\n\\x0B\\f\\r\\x85\\u2028\\u2029])';
  return two;
}

/** A Java replacement: `$1` and `${name}` are groups, a backslash takes the next character as it is. */
export function expandReplacement(replacement: string, match: RegExpMatchArray): string {
  if (!/[$\\]/.test(replacement)) return replacement;
  return replacement.replace(/\\([\s\S]?)|\$(?:(\d+)|\{(\w+)\})?/g, (text, literal, digits, name) => {
    if (text.startsWith('\\')) return literal || illegal('character to be escaped is missing');
    if (name !== undefined) return match.groups?.[name] ?? illegal(`No group with name {${name}}`);
    if (digits === undefined) return illegal('Illegal group reference');
    return group(digits, match);
  });
}

/** Java takes as many digits as still name a group. */
function group(digits: string, match: RegExpMatchArray): string {
  let taken = 1;
  if (Number(digits.charAt(0)) >= match.length)
    throw new JavaException('IndexOutOfBoundsException', `No group ${digits.charAt(0)}`);
  while (taken < digits.length && Number(digits.slice(0, taken + 1)) < match.length) taken++;
  return (match[Number(digits.slice(0, taken))] ?? '') + digits.slice(taken);
}

const illegal = (message: string): never => {
  throw new JavaException('IllegalArgumentException', message);
};

/** String.split: a limit of 0 drops empty strings at the end, a negative one keeps them, a positive one stops there. */
export function javaSplit(text: string, pattern: string, limit: number): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const match of text.matchAll(javaRegex(pattern, 'g'))) {
    if (limit > 0 && parts.length === limit - 1) break;
    const end = match.index + match[0].length;
    // A match of no width at the front makes no empty string, and one at the end makes none either.
    if (match[0] === '' && (match.index === 0 || match.index === text.length)) continue;
    parts.push(text.slice(from, match.index));
    from = end;
  }
  if (parts.length === 0) return [text];
  parts.push(text.slice(from));
  if (limit === 0) while (parts.at(-1) === '') parts.pop();
  return parts;
}
