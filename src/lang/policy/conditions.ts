/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
import { compileBlock, parseAddress } from './address.ts';
import { PolicyError, SYNTAX_ERROR, type Condition } from './document.ts';
import { compileArnPattern, compilePattern, type Matcher, type Variables } from './pattern.ts';

/** The values a key has in a request, by its name in lower case; undefined when the key is not there. */
export type ContextValues = (key: string) => readonly string[] | undefined;

export type ConditionTest = (values: ContextValues, variables: Variables) => boolean;

/** Makes, of one value in the policy, a test of one value in the request. */
type CompileValue = (value: string, variables: boolean) => Matcher;

interface Operator {
  readonly negated: boolean;
  readonly compile: CompileValue;
}

const text =
  (wildcards: boolean, ignoreCase: boolean): CompileValue =>
  (value, variables) =>
    compilePattern(value, { wildcards, variables, ignoreCase });

const arn: CompileValue = (value, variables) => compileArnPattern(value, { wildcards: true, variables });

/** Values that do not parse compare to nothing. */
const parsed =
  (
    parse: (text: string) => number | undefined,
    compare: (request: number, policy: number) => boolean,
  ): CompileValue =>
  (value) => {
    const policy = parse(value);
    return (given) => {
      const request = parse(given);
      return policy !== undefined && request !== undefined && compare(request, policy);
    };
  };

const parseNumber = (value: string): number | undefined =>
  /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value) ? Number(value) : undefined;

/** ISO 8601 in any precision, or seconds since 1970. Milliseconds. */
export function parseDate(value: string): number | undefined {
  if (/^-?\d+$/.test(value) && !/^\d{4}$/.test(value)) return Number(value) * 1000;
  if (
    !/^\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?)?)?$/i.test(value)
  )
    return undefined;
  const zoned = /T.*(?:Z|[+-]\d{2}:?\d{2})$/i.test(value) || !/T/i.test(value);
  const time = Date.parse(zoned ? value.toUpperCase() : `${value.toUpperCase()}Z`);
  return Number.isNaN(time) ? undefined : time;
}

const numeric = (compare: (request: number, policy: number) => boolean): CompileValue =>
  parsed(parseNumber, compare);
const date = (compare: (request: number, policy: number) => boolean): CompileValue =>
  parsed(parseDate, compare);

const bool: CompileValue = (value, variables) =>
  compilePattern(value, { wildcards: false, variables, ignoreCase: true });

const binary: CompileValue = (value) => (given) => given === value;

const address: CompileValue = (value) => {
  const isIn = compileBlock(value);
  return (given) => {
    const parsedAddress = parseAddress(given);
    return isIn !== undefined && parsedAddress !== undefined && isIn(parsedAddress);
  };
};

const is = (compile: CompileValue): Operator => ({ negated: false, compile });
const isNot = (compile: CompileValue): Operator => ({ negated: true, compile });

const equal = (a: number, b: number): boolean => a === b;
const less = (a: number, b: number): boolean => a < b;
const atMost = (a: number, b: number): boolean => a <= b;
const more = (a: number, b: number): boolean => a > b;
const atLeast = (a: number, b: number): boolean => a >= b;

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', is(text(false, false))],
  ['StringNotEquals', isNot(text(false, false))],
  ['StringEqualsIgnoreCase', is(text(false, true))],
  ['StringNotEqualsIgnoreCase', isNot(text(false, true))],
  ['StringLike', is(text(true, false))],
  ['StringNotLike', isNot(text(true, false))],
  ['NumericEquals', is(numeric(equal))],
  ['NumericNotEquals', isNot(numeric(equal))],
  ['NumericLessThan', is(numeric(less))],
  ['NumericLessThanEquals', is(numeric(atMost))],
  ['NumericGreaterThan', is(numeric(more))],
  ['NumericGreaterThanEquals', is(numeric(atLeast))],
  ['DateEquals', is(date(equal))],
  ['DateNotEquals', isNot(date(equal))],
  ['DateLessThan', is(date(less))],
  ['DateLessThanEquals', is(date(atMost))],
  ['DateGreaterThan', is(date(more))],
  ['DateGreaterThanEquals', is(date(atLeast))],
  ['Bool', is(bool)],
  ['BinaryEquals', is(binary)],
  ['IpAddress', is(address)],
  ['NotIpAddress', isNot(address)],
  ['ArnEquals', is(arn)],
  ['ArnLike', is(arn)],
  ['ArnNotEquals', isNot(arn)],
  ['ArnNotLike', isNot(arn)],
]);

const NAME = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/i;

const byLowerName = new Map([...OPERATORS].map(([name, operator]) => [name.toLowerCase(), operator]));

/** Throws PolicyError when there is no such operator. */
export function compileCondition(condition: Condition, variables: boolean): ConditionTest {
  const [, set = '', name = '', ifExists] = NAME.exec(condition.operator) ?? [];
  const key = condition.key.toLowerCase();
  if (name.toLowerCase() === 'null') return compileNull(key, condition.values);
  const operator = byLowerName.get(name.toLowerCase());
  if (operator === undefined) throw new PolicyError(SYNTAX_ERROR);
  const matchers = condition.values.map((value) => operator.compile(value, variables));
  const holds = quantify(set.toLowerCase(), operator.negated, matchers);
  const absent =
    ifExists !== undefined || set.toLowerCase() === 'forallvalues' || (operator.negated && set === '');
  return (values, resolve) => {
    const given = values(key);
    return given === undefined || given.length === 0 ? absent : holds(given, resolve);
  };
}

/** One value of the request against those of the policy: any of them, or with a negated operator none of them. */
function quantify(
  set: string,
  negated: boolean,
  matchers: readonly Matcher[],
): (given: readonly string[], variables: Variables) => boolean {
  const fits = (value: string, variables: Variables): boolean =>
    matchers.some((matches) => matches(value, variables)) !== negated;
  // Without a set operator a negated test has to hold for every value, any other for one.
  if (set === 'forallvalues' || (set === '' && negated))
    return (given, variables) => given.every((value) => fits(value, variables));
  return (given, variables) => given.some((value) => fits(value, variables));
}

/** `true`: the key must be missing; `false`: it must be there. */
function compileNull(key: string, expected: readonly string[]): ConditionTest {
  const wanted = new Set(expected.map((value) => value.toLowerCase() === 'true'));
  return (values) => {
    const given = values(key);
    return wanted.has(given === undefined || given.length === 0);
  };
}
