/** References and expressions, by the grammar of Velocity 1.7. */
import { readNumber } from '../java/number.ts';
import { parseNodes } from './parse.ts';
import { Scanner } from './scanner.ts';
import type { BinaryOperator, Expression, Reference, Step } from './syntax.ts';

const IDENTIFIER = /[a-zA-Z_][a-zA-Z0-9_-]*/y;
const REFERENCE_AHEAD = /\$!?\{?[a-zA-Z_]/y;

export function referenceIsAhead(scanner: Scanner): boolean {
  REFERENCE_AHEAD.lastIndex = scanner.at;
  return REFERENCE_AHEAD.test(scanner.source);
}

/** From the dollar sign on. */
export function parseReference(scanner: Scanner): Reference {
  const at = scanner.at;
  scanner.expect('$');
  const quiet = scanner.take('!');
  const formal = scanner.take('{');
  const root = scanner.match(IDENTIFIER) ?? scanner.unexpected('a reference');
  const steps = parseSteps(scanner);
  if (formal) scanner.expect('}');
  const literal = scanner.source.slice(at, scanner.at);
  return { root, steps, quiet, literal, at: scanner.place(at) };
}

function parseSteps(scanner: Scanner): Step[] {
  const steps: Step[] = [];
  for (;;) {
    const at = scanner.place();
    if (scanner.char() === '[') steps.push({ kind: 'index', key: parseIndex(scanner), at });
    else if (scanner.char() === '.' && /[a-zA-Z]/.test(scanner.char(1))) {
      scanner.at++;
      const name = scanner.match(IDENTIFIER) ?? scanner.unexpected('a name');
      if (scanner.char() === '(') steps.push({ kind: 'method', name, args: parseArguments(scanner), at });
      else steps.push({ kind: 'property', name });
    } else return steps;
  }
}

function parseIndex(scanner: Scanner): Expression {
  scanner.expect('[');
  scanner.blanks();
  const key = parsePrimary(scanner);
  scanner.blanks();
  scanner.expect(']');
  return key;
}

/** `(a, b)`: Velocity 1.7 takes values here, not sums. */
function parseArguments(scanner: Scanner): Expression[] {
  scanner.expect('(');
  return parseValues(scanner, ')');
}

function parseValues(scanner: Scanner, end: string): Expression[] {
  const values: Expression[] = [];
  scanner.blanks();
  if (scanner.take(end)) return values;
  for (;;) {
    scanner.blanks();
    values.push(parsePrimary(scanner));
    scanner.blanks();
    if (scanner.take(end)) return values;
    if (!scanner.take(',')) scanner.unexpected(`"," or "${end}"`);
  }
}

/** A value: string, number, range, list, map, true, false or a reference. */
export function parsePrimary(scanner: Scanner): Expression {
  const char = scanner.char();
  if (char === '$') return { kind: 'reference', reference: parseReference(scanner) };
  if (char === '"' || char === "'") return parseString(scanner, char);
  if (char === '[') return parseBrackets(scanner);
  if (char === '{') return parseMap(scanner);
  const number = scanner.match(
    /-?(?:\d+\.(?!\.)\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\d+)/y,
  );
  if (number !== undefined) return { kind: 'constant', value: readNumber(number) };
  const word = scanner.match(/(?:true|false)(?![a-zA-Z0-9_-])/y);
  if (word !== undefined) return { kind: 'constant', value: word === 'true' };
  return scanner.unexpected('a value');
}

/**
 * A backslash keeps a quote from closing the string, when another closes it further on, and stays in it; a doubled
 * quote is one. Only in double quotes: `\u0041`, references and directives.
 */
function parseString(scanner: Scanner, quote: string): Expression {
  const at = scanner.at;
  const raw =
    scanner.match(quote === '"' ? /"(?:\\[\s\S]|""|[^"\\])*"/y : /'(?:''|[^'])*'/y) ??
    scanner.match(/"[^"]*"/y) ??
    scanner.fail('The string is not closed');
  const single = raw.slice(1, -1).replaceAll(quote + quote, quote);
  if (quote === "'") return { kind: 'constant', value: single };
  const text = single.replace(/\\u([0-9a-fA-F]{4})/g, (_all, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (!/[$#]/.test(text)) return { kind: 'constant', value: text };
  const inner = new Scanner(text, { source: scanner.outermost, at: scanner.place(at) });
  return { kind: 'interpolation', body: parseNodes(inner) };
}

function parseBrackets(scanner: Scanner): Expression {
  const at = scanner.at;
  scanner.expect('[');
  scanner.blanks();
  if (scanner.take(']')) return { kind: 'list', items: [] };
  const first = parsePrimary(scanner);
  scanner.blanks();
  if (scanner.take('..')) {
    scanner.blanks();
    const to = parsePrimary(scanner);
    scanner.blanks();
    scanner.expect(']');
    return { kind: 'range', from: first, to, at: scanner.place(at) };
  }
  if (scanner.take(']')) return { kind: 'list', items: [first] };
  if (!scanner.take(',')) scanner.unexpected('"," or "]"');
  return { kind: 'list', items: [first, ...parseValues(scanner, ']')] };
}

function parseMap(scanner: Scanner): Expression {
  const entries: [Expression, Expression][] = [];
  scanner.expect('{');
  scanner.blanks();
  if (scanner.take('}')) return { kind: 'map', entries };
  for (;;) {
    scanner.blanks();
    const key = parsePrimary(scanner);
    scanner.blanks();
    scanner.expect(':');
    scanner.blanks();
    entries.push([key, parsePrimary(scanner)]);
    scanner.blanks();
    if (scanner.take('}')) return { kind: 'map', entries };
    if (!scanner.take(',')) scanner.unexpected('"," or "}"');
  }
}

const LEVELS: readonly (readonly [pattern: RegExp, operators: Readonly<Record<string, BinaryOperator>>])[] = [
  [/\|\||or(?![\w@])/y, { '||': 'or', or: 'or' }],
  [/&&|and(?![\w@])/y, { '&&': 'and', and: 'and' }],
  [/==|!=|(?:eq|ne)(?![\w@])/y, { '==': 'eq', '!=': 'ne', eq: 'eq', ne: 'ne' }],
  [
    /<=|>=|<|>|(?:lt|le|gt|ge)(?![\w@])/y,
    { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge', lt: 'lt', le: 'le', gt: 'gt', ge: 'ge' },
  ],
  // A minus with a digit behind it is that number's sign, and two numbers in a row are an error, as in Velocity.
  [/\+|-(?!\.?\d)/y, { '+': 'add', '-': 'subtract' }],
  [/[*/%]/y, { '*': 'multiply', '/': 'divide', '%': 'modulo' }],
];

export function parseExpression(scanner: Scanner, level = 0): Expression {
  const rule = LEVELS[level];
  if (rule === undefined) return parseUnary(scanner);
  const [pattern, operators] = rule;
  scanner.blanks();
  const from = scanner.at;
  let left = parseExpression(scanner, level + 1);
  for (;;) {
    const leftEnd = scanner.at;
    scanner.blanks();
    const at = scanner.place();
    const operator = operators[scanner.match(pattern) ?? ''];
    if (operator === undefined) return left;
    scanner.blanks();
    const rightFrom = scanner.at;
    const right = parseExpression(scanner, level + 1);
    const literals = [
      scanner.source.slice(from, leftEnd).trim(),
      scanner.source.slice(rightFrom, scanner.at).trim(),
    ] as const;
    left = { kind: 'binary', operator, left, right, at, literals };
  }
}

function parseUnary(scanner: Scanner): Expression {
  scanner.blanks();
  if (scanner.match(/!(?!=)|not(?![\w@])/y) !== undefined)
    return { kind: 'not', operand: parseUnary(scanner) };
  if (!scanner.take('(')) return parsePrimary(scanner);
  const inner = parseExpression(scanner);
  scanner.blanks();
  scanner.expect(')');
  return inner;
}
