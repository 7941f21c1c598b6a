/**
 * Metric math, read: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 * From what binds least to what binds most: OR, AND, comparisons, sums, products, powers, signs.
 */
import { validation } from '../faults.ts';

export type Node =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'id'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'call'; readonly name: string; readonly given: readonly Node[] }
  | { readonly kind: 'minus'; readonly of: Node }
  | { readonly kind: 'operation'; readonly operator: string; readonly left: Node; readonly right: Node };

const TOKEN =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|'([^']*)'|"([^"]*)"|(<=|>=|==|!=|&&|\|\||[-+*/^<>(),[\]]))/y;

type Token =
  | { readonly kind: 'number' | 'word' | 'text' | 'mark'; readonly text: string }
  | { readonly kind: 'end'; readonly text: '' };

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const source = text.trim();
  TOKEN.lastIndex = 0;
  for (let at = 0; at < source.length; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(source);
    if (found === null) throw invalidExpression(text, `unexpected "${source.slice(at, at + 10).trim()}"`);
    const [, number, word, single, double, mark] = found;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
    else tokens.push({ kind: 'text', text: single ?? double ?? '' });
  }
  return [...tokens, { kind: 'end', text: '' }];
}

const invalidExpression = (expression: string, why: string): Error =>
  validation(`Invalid metrics expression syntax: ${expression}: ${why}`);

/** Throws ValidationError. */
export function parseExpression(text: string): Node {
  const parser = new Parser(text);
  const node = parser.binary(0);
  parser.expectEnd();
  return node;
}

const LEVELS: readonly (readonly string[])[] = [
  ['OR', '||'],
  ['AND', '&&'],
  ['==', '!=', '<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/'],
];
const SAME: Readonly<Record<string, string>> = { '||': 'OR', '&&': 'AND' };

/** One walk over the tokens. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: 'end', text: '' };
  }

  #take(...marks: readonly string[]): string | undefined {
    const { kind, text } = this.#next;
    const word = kind === 'word' ? text.toUpperCase() : text;
    if ((kind !== 'mark' && kind !== 'word') || !marks.includes(word)) return undefined;
    this.#at++;
    return word;
  }

  #expect(mark: string): void {
    if (this.#take(mark) === undefined) throw invalidExpression(this.#text, `"${mark}" is missing`);
  }

  expectEnd(): void {
    if (this.#next.kind !== 'end') throw invalidExpression(this.#text, `unexpected "${this.#next.text}"`);
  }

  binary(level: number): Node {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#power();
    let left = this.binary(level + 1);
    for (let found = this.#take(...operators); found !== undefined; found = this.#take(...operators))
      left = { kind: 'operation', operator: SAME[found] ?? found, left, right: this.binary(level + 1) };
    return left;
  }

  #power(): Node {
    const left = this.#signed();
    if (this.#take('^') === undefined) return left;
    return { kind: 'operation', operator: '^', left, right: this.#power() };
  }

  #signed(): Node {
    return this.#take('-') === undefined ? this.#primary() : { kind: 'minus', of: this.#signed() };
  }

  #primary(): Node {
    if (this.#take('(') !== undefined) {
      const inner = this.binary(0);
      this.#expect(')');
      return inner;
    }
    if (this.#take('[') !== undefined) return { kind: 'list', items: this.#listUntil(']') };
    const { kind, text } = this.#next;
    this.#at++;
    if (kind === 'number') return { kind, value: Number(text) };
    if (kind === 'text') return { kind, value: text };
    if (kind !== 'word')
      throw invalidExpression(this.#text, text === '' ? 'it ends too early' : `unexpected "${text}"`);
    if (this.#take('(') === undefined) return { kind: 'id', name: text };
    return { kind: 'call', name: text.toUpperCase(), given: this.#listUntil(')') };
  }

  #listUntil(mark: string): Node[] {
    const items: Node[] = [];
    if (this.#take(mark) !== undefined) return items;
    do items.push(this.binary(0));
    while (this.#take(',') !== undefined);
    this.#expect(mark);
    return items;
  }
}

/** Every id that an expression names. */
export function idsIn(node: Node): string[] {
  switch (node.kind) {
    case 'id':
      return [node.name];
    case 'list':
      return node.items.flatMap(idsIn);
    case 'call':
      return node.given.flatMap(idsIn);
    case 'minus':
      return idsIn(node.of);
    case 'operation':
      return [...idsIn(node.left), ...idsIn(node.right)];
    default:
      return [];
  }
}
