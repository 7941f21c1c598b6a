/** An expression's tokens, and a reader that walks them and words syntax errors as DynamoDB does. */
import { Fault } from '../../../base/fault.ts';

export interface Token {
  readonly kind: 'word' | 'name' | 'value' | 'number' | 'symbol' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const TOKEN =
  /\s*(?:(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|([A-Za-z_][A-Za-z0-9_]*)|(\d+)|(<>|<=|>=|[=<>()[\],.+-]))/y;

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_EXPRESSION_BYTES = 4096;

export class TokenReader {
  readonly label: string;
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  /** `label` names the expression in errors: `ConditionExpression`. */
  constructor(label: string, source: string) {
    this.label = label;
    this.#source = source;
    if (source.trim() === '') throw this.fault('The expression can not be empty;');
    if (Buffer.byteLength(source) > MAX_EXPRESSION_BYTES) {
      throw this.fault(
        `Expression size has exceeded the maximum allowed size; expression size: ${Buffer.byteLength(source)}`,
      );
    }
    this.#tokens = this.#split();
  }

  peek(ahead = 0): Token {
    const last = this.#tokens.length - 1;
    return this.#tokens[Math.min(this.#at + ahead, last)] ?? { kind: 'end', text: '', start: 0, end: 0 };
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** Takes the token when it is this symbol or, in any case, this word. */
  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.#at++;
    return true;
  }

  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return (
      (token.kind === 'symbol' || token.kind === 'word') && token.text.toUpperCase() === text.toUpperCase()
    );
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.syntaxError();
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.syntaxError();
  }

  syntaxError(token: Token = this.peek()): Fault {
    const text = token.kind === 'end' ? '<EOF>' : token.text;
    const index = this.#tokens.indexOf(token);
    const before = this.#tokens[index - 1] ?? token;
    const after = this.#tokens[index + 1] ?? token;
    const near = this.#source.slice(before.start, after.end);
    return this.fault(`Syntax error; token: "${text}", near: "${near}"`);
  }

  fault(message: string): Fault {
    return new Fault('ValidationException', `Invalid ${this.label}: ${message}`);
  }

  #split(): Token[] {
    const tokens: Token[] = [];
    const KINDS = ['name', 'value', 'word', 'number', 'symbol'] as const;
    const source = this.#source.trimEnd();
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < source.length) {
      const start = TOKEN.lastIndex;
      const match = TOKEN.exec(source);
      if (!match) throw this.#strange(source, start);
      const group = match.slice(1).findIndex((text) => text !== undefined);
      const text = match[group + 1] ?? '';
      tokens.push({
        kind: KINDS[group] ?? 'symbol',
        text,
        start: TOKEN.lastIndex - text.length,
        end: TOKEN.lastIndex,
      });
    }
    return [...tokens, { kind: 'end', text: '', start: source.length, end: source.length }];
  }

  #strange(source: string, from: number): Fault {
    const start = from + (/^\s*/.exec(source.slice(from))?.[0].length ?? 0);
    return this.fault(
      `Syntax error; token: "${source[start]}", near: "${source.slice(Math.max(0, start - 1), start + 2)}"`,
    );
  }
}
