/** JSON patterns: `{ ($.user.id = 1) && ($.users[0].email = "a@b" || $.error IS TRUE) }`. */
import { readComparison, readOperator, type Test } from './filter-comparison.ts';
import { createScanner, invalidPattern, type Scanner } from './filter-scanner.ts';

type Condition = (document: unknown) => boolean;
type Step = string | number | '*';

/** The values a pattern named, for metric filters: by selector as written. */
export interface JsonPattern {
  matches(message: string): boolean;
  extract(message: string): Record<string, string>;
}

export function compileJsonPattern(text: string): JsonPattern {
  const scanner = createScanner(text);
  const selectors = new Map<string, readonly Step[]>();
  scanner.expect('{');
  const holds = readAlternatives(scanner, selectors);
  scanner.expect('}');
  if (!scanner.done()) throw invalidPattern();
  return {
    matches: (message) => {
      const document = parse(message);
      return document !== undefined && holds(document);
    },
    extract: (message) => {
      const document = parse(message);
      const found = [...selectors].map(([selector, steps]) => [selector, select(document, steps)[0]]);
      return Object.fromEntries(
        found.filter(([, value]) => value !== undefined).map(([selector, value]) => [selector, print(value)]),
      );
    },
  };
}

type Selectors = Map<string, readonly Step[]>;

/** `||` binds weaker than `&&`. */
function readAlternatives(scanner: Scanner, selectors: Selectors): Condition {
  const any = [readConjunction(scanner, selectors)];
  while (scanner.take('||')) any.push(readConjunction(scanner, selectors));
  return (document) => any.some((condition) => condition(document));
}

function readConjunction(scanner: Scanner, selectors: Selectors): Condition {
  const all = [readCondition(scanner, selectors)];
  while (scanner.take('&&')) all.push(readCondition(scanner, selectors));
  return (document) => all.every((condition) => condition(document));
}

/** A number, an address with `*`, or any run of characters that ends no condition. */
const WORD = /[^\s"%&|(){}]+/;

function readCondition(scanner: Scanner, selectors: Selectors): Condition {
  if (scanner.take('(')) {
    const inner = readAlternatives(scanner, selectors);
    scanner.expect(')');
    return inner;
  }
  const selector = scanner.match(/\$(?:\.[^\s.[\]=!<>(){}&|]+|\.?\[[^\]]*\])+/);
  if (selector === undefined) throw invalidPattern();
  const steps = readSteps(selector);
  selectors.set(selector, steps);
  if (scanner.take('IS NULL')) return (document) => select(document, steps).some((value) => value === null);
  if (scanner.take('IS TRUE')) return (document) => select(document, steps).some((value) => value === true);
  if (scanner.take('IS FALSE')) return (document) => select(document, steps).some((value) => value === false);
  if (scanner.take('NOT EXISTS')) return (document) => select(document, steps).length === 0;
  if (scanner.take('EXISTS')) return (document) => select(document, steps).length > 0;
  const operator = readOperator(scanner);
  if (operator === undefined) throw invalidPattern();
  return someValue(readComparison(scanner, operator, WORD), steps);
}

const someValue =
  (test: Test, steps: readonly Step[]): Condition =>
  (document) =>
    select(document, steps).some(test);

/** `$.a.b[0]['c d'][*]` as its steps. */
function readSteps(selector: string): Step[] {
  return [...selector.matchAll(/\.([^.[\]]+)|\[\s*(?:'([^']*)'|"([^"]*)"|(\d+)|(\*))\s*\]/g)].map(
    ([, name, single, double, index]) => {
      if (index !== undefined) return Number(index);
      return name ?? single ?? double ?? '*';
    },
  );
}

function select(document: unknown, steps: readonly Step[]): unknown[] {
  let values = [document];
  for (const step of steps) values = values.flatMap((value) => take(value, step));
  return values;
}

function take(value: unknown, step: Step): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (step === '*') return Object.values(value);
  if (typeof step === 'number') return Array.isArray(value) && step < value.length ? [value[step]] : [];
  return Object.hasOwn(value, step) ? [Reflect.get(value, step)] : [];
}

function parse(message: string): unknown {
  if (!message.trimStart().startsWith('{')) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

const print = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
