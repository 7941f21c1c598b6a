/**
 * Intrinsic functions of JSONPath state machines: `States.Format('Hello {}', $.name)`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
import { compileRead, type Environment, type Read } from './environment.ts';
import { INTRINSICS } from './intrinsic-functions.ts';
import { StateError } from './state-error.ts';

export const looksLikeIntrinsic = (text: string): boolean => text.startsWith('States.');

/** Compiles a call with its nested calls. Throws SyntaxError saying what is wrong with the text. */
export function compileIntrinsic(text: string): Read {
  const reader = new CallReader(text);
  const call = reader.call(0);
  reader.end();
  return call;
}

/** AWS allows ten calls inside of one another. */
const MOST_NESTED = 10;

class CallReader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  call(depth: number): Read {
    if (depth > MOST_NESTED) this.fail();
    const name = this.take(/States\.([A-Za-z0-9]+)/y)?.[1] ?? this.fail();
    const run = Object.hasOwn(INTRINSICS, name) ? INTRINSICS[name] : undefined;
    if (run === undefined) return this.fail();
    this.blanks();
    this.expect('(');
    const given: Read[] = [];
    this.blanks();
    while (this.text[this.at] !== ')') {
      if (given.length > 0) this.expect(',');
      this.blanks();
      given.push(this.argument(depth));
      this.blanks();
    }
    this.expect(')');
    return (environment) => {
      try {
        return run(given.map((read) => read(environment)));
      } catch (thrown) {
        if (thrown instanceof StateError) throw thrown;
        throw new StateError(
          'States.IntrinsicFailure',
          thrown instanceof Error ? thrown.message : String(thrown),
        );
      }
    };
  }

  end(): void {
    this.blanks();
    if (this.at < this.text.length) this.fail();
  }

  private argument(depth: number): Read {
    const { text, at } = this;
    if (text.startsWith('States.', at)) return this.call(depth + 1);
    if (text[at] === "'") return constant(this.string());
    if (text[at] === '$') return this.path();
    const word = this.take(/-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null/y)?.[0];
    return word === undefined ? this.fail() : constant(JSON.parse(word) as unknown);
  }

  private string(): string {
    const body = this.take(/'((?:[^'\\]|\\.)*)'/y)?.[1] ?? this.fail();
    // Braces stay escaped: States.Format tells them from its places.
    return body.replace(/\\([^{}])/g, '$1');
  }

  /** Up to the comma or parenthesis that belongs to the call, past brackets and quotes of the path itself. */
  private path(): Read {
    const start = this.at;
    let depth = 0;
    for (; this.at < this.text.length; this.at++) {
      const char = this.text[this.at];
      if (char === "'" || char === '"') {
        this.at = this.text.indexOf(char, this.at + 1);
        if (this.at < 0) this.fail();
      } else if (char === '[' || char === '(') depth++;
      else if (depth > 0 && (char === ']' || char === ')')) depth--;
      else if (depth === 0 && (char === ',' || char === ')')) break;
    }
    const text = this.text.slice(start, this.at).trim();
    const read = compileRead(text);
    return (environment: Environment) => {
      const value = read(environment);
      if (value === undefined)
        throw new StateError(
          'States.IntrinsicFailure',
          `The JsonPath argument for the field '${text}' could not be found in the input '${JSON.stringify(environment.input)}'`,
        );
      return value;
    };
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match !== null) this.at = pattern.lastIndex;
    return match;
  }

  private blanks(): void {
    this.take(/\s*/y);
  }

  private expect(char: string): void {
    if (this.text[this.at] !== char) this.fail();
    this.at++;
  }

  private fail(): never {
    throw new SyntaxError(`Invalid Intrinsic Function call: ${this.text}`);
  }
}

const constant =
  (value: unknown): Read =>
  () =>
    value;
