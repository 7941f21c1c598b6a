import { readNumber } from '../java/number.ts';

/**
 * JSON that keeps what JavaScript would lose: 1.0 stays a Double, whole numbers beyond 2^53 become bigints, and an
 * object with keys that JavaScript would reorder ("2" before "b") becomes a Map. Documents with none of these, nearly
 * all, go through the runtime's own parser. Throws SyntaxError.
 */
export function parseJson(text: string): unknown {
  const value = NEEDS_CARE.test(text) ? new JsonReader(text, false).document() : JSON.parse(text);
  return value;
}

/**
 * JSON as API Gateway's own reader takes it: also keys and strings without quotes or in single ones, and a comma too
 * many, as in the mock integration's `{statusCode: 200}`. Throws SyntaxError.
 */
export const parseLenientJson = (text: string): unknown => new JsonReader(text, true).document();

/**
 * A whole number with a point or an exponent, one of 16 digits, or a key of digits only. It may also see such text
 * inside a string: then the careful way is taken for nothing.
 */
const NEEDS_CARE = /(?:^|[:,[\s])-?(?:\d{16}|\d+\.0+(?!\d)|\d[\d.]*[eE])|"\d+"\s*:/;

/** Deeper documents are refused before they can exhaust the stack. */
const MAX_DEPTH = 2_000;

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class JsonReader {
  private at = 0;
  private depth = 0;
  private readonly text: string;
  private readonly lenient: boolean;

  constructor(text: string, lenient: boolean) {
    this.text = text;
    this.lenient = lenient;
  }

  document(): unknown {
    const value = this.value();
    this.blanks();
    if (this.at < this.text.length) this.fail();
    return value;
  }

  private value(): unknown {
    this.blanks();
    const char = this.text[this.at];
    if (char === '{') return this.nested(() => this.object());
    if (char === '[') return this.nested(() => this.array());
    if (char === '"' || (this.lenient && char === "'")) return this.string(char);
    return this.word();
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > MAX_DEPTH) throw new SyntaxError('JSON is nested too deeply');
    const value = read();
    this.depth--;
    return value;
  }

  private object(): object {
    const entries: [string, unknown][] = [];
    let ordered = true;
    this.at++;
    while (!this.closes('}', entries.length > 0)) {
      const key = this.key();
      this.blanks();
      if (this.text[this.at++] !== ':') this.fail(this.at - 1);
      if (INDEX_KEY.test(key)) ordered = false;
      entries.push([key, this.value()]);
    }
    // fromEntries defines members, so that a key named __proto__ is only a key.
    return ordered ? Object.fromEntries(entries) : new Map(entries);
  }

  private array(): unknown[] {
    const items: unknown[] = [];
    this.at++;
    while (!this.closes(']', items.length > 0)) items.push(this.value());
    return items;
  }

  /** At the end of the list? Otherwise past the comma, where one is due. */
  private closes(end: string, commaDue: boolean): boolean {
    this.blanks();
    if (this.text[this.at] === end) return this.at++ >= 0;
    if (!commaDue) return false;
    if (this.text[this.at++] !== ',') this.fail(this.at - 1);
    this.blanks();
    if (!this.lenient || this.text[this.at] !== end) return false;
    return this.at++ >= 0;
  }

  private key(): string {
    this.blanks();
    const char = this.text[this.at];
    if (char === '"' || (this.lenient && char === "'")) return this.string(char);
    if (!this.lenient) return this.fail();
    const bare = this.match(/[^:,{}[\]\s"']+/y);
    return bare ?? this.fail();
  }

  private string(quote: string): string {
    let out = '';
    let from = ++this.at;
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined || (char < ' ' && !this.lenient)) return this.fail();
      if (char === quote) {
        out += this.text.slice(from, this.at++);
        return out;
      }
      if (char === '\\') {
        out += this.text.slice(from, this.at++) + this.escape();
        from = this.at;
      } else this.at++;
    }
  }

  private escape(): string {
    const char = this.text[this.at++] ?? this.fail();
    if (char === 'u') {
      const code = this.match(/[0-9a-fA-F]{4}/y) ?? this.fail();
      return String.fromCharCode(Number.parseInt(code, 16));
    }
    const known = Object.hasOwn(ESCAPES, char) ? ESCAPES[char] : undefined;
    if (known !== undefined) return known;
    return this.lenient ? char : this.fail(this.at - 1);
  }

  private word(): unknown {
    const number = this.match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y);
    if (number !== undefined) return readNumber(number);
    const word = this.match(/(?:true|false|null)\b/y);
    if (word !== undefined) return word === 'null' ? null : word === 'true';
    const bare = this.lenient ? this.match(/[^,{}[\]:"'\s][^,{}[\]:\n\r]*/y) : undefined;
    return bare?.trimEnd() ?? this.fail();
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private blanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.at++;
    }
  }

  private fail(at = this.at): never {
    throw new SyntaxError(
      at >= this.text.length ? 'JSON ends too early' : `JSON is not valid at position ${at}`,
    );
  }
}

/** Keys that JavaScript sorts to the front of an object. */
const INDEX_KEY = /^(?:0|[1-9]\d{0,9})$/;
