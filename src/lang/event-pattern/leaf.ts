/** One entry of a field's list: a value that must be equal, or an object with one operator. */
import { compileAddressRange } from './address-range.ts';
import { compileNumeric } from './numeric.ts';
import { isRecord, PatternError } from './pattern-error.ts';
import { compileWildcard } from './wildcard.ts';

export interface LeafTest {
  readonly fits: (value: unknown) => boolean;
  /** Fits where there is nothing: `{"exists": false}`. */
  readonly absent?: true;
}

export function compileLeaf(entry: unknown): LeafTest {
  if (!isRecord(entry)) return { fits: compileValue(entry) };
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(entry);
  if (more.length > 0) throw new PatternError('Only one key allowed in match expression');
  if (operator === 'exists') return compileExists(operand);
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (compile === undefined) throw new PatternError(`Unrecognized match type ${operator}`);
  return { fits: compile(operand) };
}

type Test = (value: unknown) => boolean;

const OPERATORS: Readonly<Record<string, (operand: unknown) => Test>> = {
  prefix: compileAffix('prefix', (value, text) => value.startsWith(text)),
  suffix: compileAffix('suffix', (value, text) => value.endsWith(text)),
  'equals-ignore-case': compileIgnoreCase,
  'anything-but': compileAnythingBut,
  numeric: compileNumeric,
  cidr: compileAddressRange,
  wildcard: compileWildcard,
};

function compileValue(wanted: unknown): Test {
  if (Array.isArray(wanted) || isRecord(wanted))
    throw new PatternError('Match value must be String, number, true, false, or null');
  return (value) => value === wanted;
}

function compileExists(operand: unknown): LeafTest {
  if (operand === true) return { fits: () => true };
  if (operand === false) return { fits: () => false, absent: true };
  throw new PatternError('exists match pattern must be either true or false.');
}

/** `prefix` and `suffix` take a text, or one whose case does not matter. */
function compileAffix(
  name: string,
  holds: (value: string, text: string) => boolean,
): (operand: unknown) => Test {
  return (operand) => {
    if (isRecord(operand)) {
      const text = operand['equals-ignore-case'];
      if (typeof text !== 'string' || Object.keys(operand).length !== 1)
        throw new PatternError(`${name} match pattern must be a string`);
      const lower = text.toLowerCase();
      return (value) => typeof value === 'string' && holds(value.toLowerCase(), lower);
    }
    if (typeof operand !== 'string') throw new PatternError(`${name} match pattern must be a string`);
    return (value) => typeof value === 'string' && holds(value, operand);
  };
}

function compileIgnoreCase(operand: unknown): Test {
  if (typeof operand !== 'string')
    throw new PatternError('equals-ignore-case match pattern must be a string');
  const lower = operand.toLowerCase();
  return (value) => typeof value === 'string' && value.toLowerCase() === lower;
}

const EXCLUDABLE = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'];

/** Nothing of a list of values, or nothing that another operator fits. */
function compileAnythingBut(operand: unknown): Test {
  if (isRecord(operand)) {
    const [[operator, excluded] = ['', undefined], ...more] = Object.entries(operand);
    if (more.length > 0) throw new PatternError('Only one key allowed in match expression');
    const compile = EXCLUDABLE.includes(operator) ? OPERATORS[operator] : undefined;
    if (compile === undefined) throw new PatternError(`Unsupported anything-but pattern: ${operator}`);
    const list = Array.isArray(excluded) ? excluded : [excluded];
    if (list.length === 0) throw new PatternError('Empty arrays are not allowed');
    const tests = list.map((each) => compile(each));
    return (value) => typeof value === 'string' && !tests.some((test) => test(value));
  }
  const list = Array.isArray(operand) ? operand : [operand];
  if (list.length === 0) throw new PatternError('Empty arrays are not allowed');
  for (const each of list)
    if (typeof each !== 'string' && typeof each !== 'number')
      throw new PatternError('Inside anything but list, start|null|boolean is not supported.');
  return (value) => !list.includes(value);
}
