import { VtlError } from './error.ts';

/** A place in a source and the small steps both parsers take. */
export class Scanner {
  at = 0;
  readonly source: string;
  /** Of a string literal's template: the template it stands in and where, for messages. */
  private readonly origin: { readonly source: string; readonly at: number } | null;

  constructor(source: string, origin: { readonly source: string; readonly at: number } | null = null) {
    this.source = source;
    this.origin = origin;
  }

  get atEnd(): boolean {
    return this.at >= this.source.length;
  }

  /** The offset that messages about this place should name. */
  place(at = this.at): number {
    return this.origin === null ? at : this.origin.at;
  }

  get outermost(): string {
    return this.origin === null ? this.source : this.origin.source;
  }

  char(ahead = 0): string {
    return this.source.charAt(this.at + ahead);
  }

  looksAt(text: string): boolean {
    return this.source.startsWith(text, this.at);
  }

  /** Past `text`, when it is there. */
  take(text: string): boolean {
    if (!this.looksAt(text)) return false;
    this.at += text.length;
    return true;
  }

  /** What a sticky pattern matches here, and past it. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  blanks(): void {
    this.match(/[ \t\r\n]*/y);
  }

  expect(text: string): void {
    if (!this.take(text)) this.unexpected(`"${text}"`);
  }

  unexpected(wanted: string): never {
    const found = this.atEnd ? 'the end of the template' : `"${this.source.slice(this.at, this.at + 10)}"`;
    return this.fail(`Encountered ${found}, was expecting ${wanted}`);
  }

  fail(reason: string, at = this.at): never {
    throw new VtlError(reason, this.outermost, this.place(at));
  }
}
