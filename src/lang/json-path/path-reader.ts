import { JsonPathError } from './syntax.ts';

/** A place in a path's text. */
export class PathReader {
  at = 0;
  inFilter = false;
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  get atEnd(): boolean {
    return this.at >= this.source.length;
  }

  char(): string {
    return this.source.charAt(this.at);
  }

  take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  blanks(): void {
    this.match(/\s*/y);
  }

  /** A string in either kind of quotes, with JSON's escapes. */
  quoted(): string {
    const text = this.match(/'(?:\\[\s\S]|[^'\\])*'|"(?:\\[\s\S]|[^"\\])*"/y);
    if (text === undefined) return this.fail('Property has not been closed - missing closing quote');
    return text.slice(1, -1).replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_all, hex, char) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      return ESCAPES.get(char) ?? char;
    });
  }

  /** A JSON value's text: brackets and quotes closed. */
  balanced(): string {
    const from = this.at;
    let depth = 0;
    while (!this.atEnd) {
      const char = this.char();
      if (char === '"' || char === "'") {
        this.quoted();
        if (depth === 0) break;
        continue;
      }
      if (depth === 0 && /[\s,)\]}]/.test(char)) break;
      if (char === '{' || char === '[') depth++;
      if (char === '}' || char === ']') depth--;
      this.at++;
      if (depth === 0 && (char === '}' || char === ']')) break;
    }
    return this.source.slice(from, this.at);
  }

  fail(reason: string): never {
    throw new JsonPathError(reason, this.source);
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
