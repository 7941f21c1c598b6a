/**
 * Text with the wildcards `*` and `?` and policy variables:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 * Compiled, a wildcard is a character of its own that no text can hold, so that what a variable brings in and `${*}`
 * stay plain text.
 */

/** The single value a policy variable has in a request, by its key in lower case; undefined when it has none or many. */
export type Variables = (key: string) => string | undefined;

export type Matcher = (text: string, variables: Variables) => boolean;

const STAR = '\ue000';
const ANY = '\ue001';
const STAR_CODE = 0xe000;
const ANY_CODE = 0xe001;

/** Text and variables in turn. */
type Part = string | { readonly key: string; readonly otherwise: string | undefined };

export interface PatternOptions {
  /** `*` and `?` are wildcards. */
  readonly wildcards: boolean;
  /** Policies of version 2012-10-17. */
  readonly variables: boolean;
  readonly ignoreCase?: boolean;
}

export function compilePattern(pattern: string, options: PatternOptions): Matcher {
  const parts = partsOf(pattern, options);
  const [only = '', ...more] = parts;
  if (typeof only === 'string' && more.length === 0) {
    const fixed = matcherOf(only);
    return options.ignoreCase ? (text) => fixed(text.toLowerCase()) : fixed;
  }
  return (text, variables) => {
    const resolved = resolve(parts, variables, options.ignoreCase ?? false);
    return resolved !== undefined && glob(resolved, options.ignoreCase ? text.toLowerCase() : text);
  };
}

const TOKEN = /\$\{([^}]*)\}|[*?]/g;

function partsOf(pattern: string, options: PatternOptions): Part[] {
  const fold = (text: string): string => (options.ignoreCase ? text.toLowerCase() : text);
  const parts: Part[] = [''];
  const add = (text: string): void => {
    const last = parts.at(-1);
    if (typeof last === 'string') parts[parts.length - 1] = last + text;
    else parts.push(text);
  };
  let from = 0;
  for (const match of pattern.matchAll(TOKEN)) {
    const [token, name] = match;
    if (name === undefined ? !options.wildcards : !options.variables) continue;
    add(fold(plain(pattern.slice(from, match.index))));
    from = match.index + token.length;
    if (token === '*') add(STAR);
    else if (token === '?') add(ANY);
    else if (name === '*' || name === '?' || name === '$') add(name);
    else parts.push(variableOf(name ?? ''));
  }
  add(fold(plain(pattern.slice(from))));
  return parts.filter((part) => part !== '');
}

/** The keys of the variables in a text, in lower case. */
export const variablesIn = (text: string): string[] =>
  partsOf(text, { wildcards: false, variables: true }).flatMap((part) =>
    typeof part === 'string' ? [] : [part.key],
  );

/** `aws:username` or `aws:PrincipalTag/team, 'none'`. */
function variableOf(name: string): Part {
  const [, key = name, otherwise] = /^\s*([^,]*?)\s*(?:,\s*'([^']*)'\s*)?$/.exec(name) ?? [];
  return { key: key.toLowerCase(), otherwise };
}

const plain = (text: string): string => text.replace(/[\ue000\ue001]/g, '\ufffd');

function resolve(parts: readonly Part[], variables: Variables, ignoreCase: boolean): string | undefined {
  let resolved = '';
  for (const part of parts) {
    if (typeof part === 'string') resolved += part;
    else {
      const value = variables(part.key) ?? part.otherwise;
      if (value === undefined) return undefined;
      resolved += plain(ignoreCase ? value.toLowerCase() : value);
    }
  }
  return resolved;
}

function matcherOf(pattern: string): (text: string) => boolean {
  if (!/[\ue000\ue001]/.test(pattern)) return (text) => text === pattern;
  if (pattern === STAR) return () => true;
  const start = pattern.slice(0, -1);
  if (pattern.endsWith(STAR) && !/[\ue000\ue001]/.test(start)) return (text) => text.startsWith(start);
  return (text) => glob(pattern, text);
}

/** Wildcards by going back to the last star only: no text makes this slow. */
function glob(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let mark = 0;
  while (t < text.length) {
    const code = pattern.charCodeAt(p);
    if (code === STAR_CODE) {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (code === ANY_CODE || code === text.charCodeAt(t))) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern.charCodeAt(p) === STAR_CODE) p++;
  return p === pattern.length;
}

/**
 * An ARN, each of its six parts matched by itself; one with fewer parts is completed by stars, as AWS does. Anything
 * else, `*` for one, is plain text with wildcards.
 */
export function compileArnPattern(pattern: string, options: PatternOptions): Matcher {
  if (!pattern.startsWith('arn:')) return compilePattern(pattern, options);
  const segments = arnSegments(pattern);
  while (segments.length < 6) segments.push('*');
  const text = segments.join(':');
  if (!/[*?]|\$\{/.test(text)) return compilePattern(text, options);
  const front = `${segments.slice(0, 5).join(':')}:`;
  if (!/[*?]|\$\{/.test(front)) {
    // Nearly all: five plain parts and a resource with wildcards.
    const rest = compilePattern(segments[5] ?? '*', options);
    return (arn, variables) => arn.startsWith(front) && rest(arn.slice(front.length), variables);
  }
  const matchers = segments.map((segment) => compilePattern(segment, options));
  return (arn, variables) => {
    const parts = partsOfArn(arn);
    return parts.length === 6 && matchers.every((matches, i) => matches(parts[i] ?? '', variables));
  };
}

/** Many statements are asked about one ARN in a row. */
let lastArn = '';
let lastParts: readonly string[] = [];

function partsOfArn(arn: string): readonly string[] {
  if (arn !== lastArn) {
    lastParts = arnSegments(arn);
    lastArn = arn;
  }
  return lastParts;
}

/** Split at the first five colons outside of variables. */
function arnSegments(text: string): string[] {
  const segments: string[] = [];
  let from = 0;
  let depth = 0;
  for (let i = 0; i < text.length && segments.length < 5; i++) {
    const code = text.charCodeAt(i);
    if (code === 123) depth++;
    else if (code === 125) depth--;
    else if (code === 58 && depth <= 0) {
      segments.push(text.slice(from, i));
      from = i + 1;
    }
  }
  segments.push(text.slice(from));
  return segments;
}
