/** Comparing one value with what a pattern says: numbers, words with `*`, quoted text and `%regular expressions%`. */
import { invalidPattern, type Scanner } from './filter-scanner.ts';

/** Undefined stands for a value that is not there. */
export type Test = (value: unknown) => boolean;

const OPERATORS = ['!=', '<=', '>=', '=', '<', '>'] as const;
type Operator = (typeof OPERATORS)[number];

export const readOperator = (scanner: Scanner): Operator | undefined =>
  OPERATORS.find((operator) => scanner.take(operator));

/** What follows an operator: `"text"`, `%regex%`, a number, or a word that ends at a space or one of `ends`. */
export function readComparison(scanner: Scanner, operator: Operator, word: RegExp): Test {
  const expression = scanner.match(/%[^%]*%/);
  if (expression !== undefined) return equality(operator, compileExpression(expression.slice(1, -1)));
  const quoted = scanner.match(/"(?:[^"\\]|\\[^])*"/);
  if (quoted !== undefined) return compareText(operator, quoted.slice(1, -1).replace(/\\([^])/g, '$1'));
  const bare = scanner.match(word);
  if (bare === undefined) throw invalidPattern();
  const number = Number(bare);
  return Number.isNaN(number) ? compareText(operator, bare) : compareNumber(operator, number, bare);
}

function compareNumber(operator: Operator, expected: number, text: string): Test {
  const compare = NUMERIC[operator];
  return (value) => {
    const given =
      typeof value === 'number'
        ? value
        : typeof value === 'string' && value !== ''
          ? Number(value)
          : Number.NaN;
    if (!Number.isNaN(given)) return compare(given, expected);
    // Text is never equal to a number and cannot be ordered with one.
    return operator === '!=' && value !== undefined && String(value) !== text;
  };
}

const NUMERIC: Record<Operator, (given: number, expected: number) => boolean> = {
  '=': (given, expected) => given === expected,
  '!=': (given, expected) => given !== expected,
  '<': (given, expected) => given < expected,
  '<=': (given, expected) => given <= expected,
  '>': (given, expected) => given > expected,
  '>=': (given, expected) => given >= expected,
};

/** Text is compared by `=` and `!=` alone; `*` stands for any run of characters. */
function compareText(operator: Operator, expected: string): Test {
  if (!expected.includes('*')) return equality(operator, (text) => text === expected);
  const parts = expected.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('[^]*')}$`);
  return equality(operator, (text) => pattern.test(text));
}

function equality(operator: Operator, equal: (text: string) => boolean): Test {
  if (operator !== '=' && operator !== '!=') throw invalidPattern();
  const wanted = operator === '=';
  return (value) => {
    if (value === undefined || value === null || typeof value === 'object') return false;
    return equal(String(value)) === wanted;
  };
}

/** Only so much of a message is searched by regular expressions: those without groups still grow with the square. */
const MAX_SEARCHED_CHARACTERS = 64 * 1024;

/** The characters AWS allows: no groups, nothing outside ASCII. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html */
export function compileExpression(source: string): (text: string) => boolean {
  if (!/^(?:[A-Za-z0-9_#=@/;,\-\s^$?[\]{}|*+.:]|\\.)+$/.test(source)) throw invalidPattern();
  try {
    const expression = new RegExp(source);
    return (text) => expression.test(text.slice(0, MAX_SEARCHED_CHARACTERS));
  } catch {
    throw invalidPattern();
  }
}
