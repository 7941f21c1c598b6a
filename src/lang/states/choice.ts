/**
 * Choice rules of JSONPath state machines, compiled to functions.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
 */
import { compileRead, type Environment, type Read } from './environment.ts';
import { isObject } from './reference-path.ts';
import { StateError } from './state-error.ts';

export type Test = (environment: Environment) => boolean;

type Compare = (value: unknown, wanted: unknown) => boolean;

const text = (one: unknown, other: unknown): one is string =>
  typeof one === 'string' && typeof other === 'string';
const number = (one: unknown, other: unknown): one is number =>
  typeof one === 'number' && typeof other === 'number';

const moment = (value: unknown): number =>
  typeof value === 'string' && TIMESTAMP.test(value) ? Date.parse(value) : Number.NaN;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$/;

/** By the operator's name without `Path`. */
const COMPARE: Readonly<Record<string, Compare>> = {
  StringEquals: (one, other) => text(one, other) && one === other,
  StringLessThan: (one, other) => text(one, other) && one < (other as string), // `text` looked at both
  StringGreaterThan: (one, other) => text(one, other) && one > (other as string),
  StringLessThanEquals: (one, other) => text(one, other) && one <= (other as string),
  StringGreaterThanEquals: (one, other) => text(one, other) && one >= (other as string),
  NumericEquals: (one, other) => number(one, other) && one === other,
  NumericLessThan: (one, other) => number(one, other) && one < (other as number), // `number` looked at both
  NumericGreaterThan: (one, other) => number(one, other) && one > (other as number),
  NumericLessThanEquals: (one, other) => number(one, other) && one <= (other as number),
  NumericGreaterThanEquals: (one, other) => number(one, other) && one >= (other as number),
  BooleanEquals: (one, other) => typeof one === 'boolean' && one === other,
  TimestampEquals: (one, other) => moment(one) === moment(other),
  TimestampLessThan: (one, other) => moment(one) < moment(other),
  TimestampGreaterThan: (one, other) => moment(one) > moment(other),
  TimestampLessThanEquals: (one, other) => moment(one) <= moment(other),
  TimestampGreaterThanEquals: (one, other) => moment(one) >= moment(other),
};

/** Operators that ask what a value is, not how it compares. */
const IS: Readonly<Record<string, (value: unknown) => boolean>> = {
  IsNull: (value) => value === null,
  IsString: (value) => typeof value === 'string',
  IsNumeric: (value) => typeof value === 'number',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => !Number.isNaN(moment(value)),
};

const isOperator = (name: string): boolean =>
  name === 'StringMatches' ||
  name === 'IsPresent' ||
  Object.hasOwn(IS, name) ||
  Object.hasOwn(COMPARE, name) ||
  (name.endsWith('Path') && Object.hasOwn(COMPARE, name.slice(0, -4)));

/** A rule as written, without `Next`. Throws SyntaxError or JsonPathError for one that is malformed. */
export function compileRule(rule: Readonly<Record<string, unknown>>): Test {
  const { And, Or, Not } = rule;
  if (Array.isArray(And)) {
    const tests = And.map(compileNested);
    return (environment) => tests.every((test) => test(environment));
  }
  if (Array.isArray(Or)) {
    const tests = Or.map(compileNested);
    return (environment) => tests.some((test) => test(environment));
  }
  if (Not !== undefined) {
    const test = compileNested(Not);
    return (environment) => !test(environment);
  }
  return compileComparison(rule);
}

function compileNested(rule: unknown): Test {
  if (!isObject(rule)) throw new SyntaxError('a rule must be an object');
  return compileRule(rule);
}

function compileComparison(rule: Readonly<Record<string, unknown>>): Test {
  const { Variable } = rule;
  const operators = Object.keys(rule).filter(isOperator);
  const [operator] = operators;
  if (typeof Variable !== 'string' || operator === undefined || operators.length > 1)
    throw new SyntaxError('a rule needs a Variable and exactly one operator');
  const read = compileRead(Variable);
  const wanted = rule[operator];
  if (operator === 'IsPresent') return (environment) => (read(environment) !== undefined) === wanted;
  const value = present(read, Variable);
  const is = IS[operator];
  if (is !== undefined) return (environment) => is(value(environment)) === wanted;
  if (operator === 'StringMatches') return compileMatches(value, wanted);
  if (!operator.endsWith('Path')) {
    const compare = COMPARE[operator];
    return (environment) => compare?.(value(environment), wanted) === true;
  }
  if (typeof wanted !== 'string') throw new SyntaxError(`the value of ${operator} must be a path`);
  const compare = COMPARE[operator.slice(0, -4)];
  const other = present(compileRead(wanted), wanted);
  return (environment) => compare?.(value(environment), other(environment)) === true;
}

/** `*` stands for any characters; `\\*` and `\\\\` for themselves. */
function compileMatches(value: Read, wanted: unknown): Test {
  if (typeof wanted !== 'string') throw new SyntaxError('the value of StringMatches must be a text');
  const parts = (wanted.match(/\\[*\\]|\*|[^*\\]+|\\/g) ?? []).map((part) =>
    part === '*' ? undefined : part.replace(/^\\([*\\])$/, '$1'),
  );
  return (environment) => {
    const found = value(environment);
    return typeof found === 'string' && matchesParts(found, parts);
  };
}

/** Linear in the text for each part: no pattern can make it explode. */
function matchesParts(found: string, parts: readonly (string | undefined)[]): boolean {
  const runs: string[] = [''];
  for (const part of parts) {
    if (part === undefined) runs.push('');
    else runs[runs.length - 1] += part;
  }
  const [first = '', ...rest] = runs;
  if (!found.startsWith(first)) return false;
  const last = rest.pop();
  if (last === undefined) return found === first;
  let at = first.length;
  for (const run of rest) {
    const next = found.indexOf(run, at);
    if (next < 0) return false;
    at = next + run.length;
  }
  return found.length - last.length >= at && found.endsWith(last);
}

const present =
  (read: Read, path: string): Read =>
  (environment) => {
    const value = read(environment);
    if (value === undefined)
      throw new StateError(
        'States.Runtime',
        `Invalid path '${path}': The choice state's condition path references an invalid value.`,
      );
    return value;
  };
