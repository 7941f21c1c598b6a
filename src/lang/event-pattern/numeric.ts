/** `numeric`: one comparison, or a range of two. */
import { PatternError } from './pattern-error.ts';

type Compare = (value: number, bound: number) => boolean;

const COMPARISONS: Readonly<Record<string, Compare>> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html */
const MOST = 5e9;

export function compileNumeric(operand: unknown): (value: unknown) => boolean {
  if (!Array.isArray(operand)) throw new PatternError('Value of numeric must be an array.');
  if (operand.length !== 2 && operand.length !== 4)
    throw new PatternError(
      operand.length === 0 ? 'Invalid member in numeric match: ]' : 'Too many elements in numeric expression',
    );
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < operand.length; at += 2) {
    const [operator, bound]: unknown[] = operand.slice(at, at + 2);
    const compare =
      typeof operator === 'string' && Object.hasOwn(COMPARISONS, operator)
        ? COMPARISONS[operator]
        : undefined;
    if (compare === undefined)
      throw new PatternError(`Unrecognized numeric range operator: ${String(operator)}`);
    if (typeof bound !== 'number') throw new PatternError(`Value of ${String(operator)} must be numeric`);
    if (Math.abs(bound) > MOST) throw new PatternError(`Value must be between -5.0E9 and 5.0E9, inclusive`);
    tests.push((value) => compare(value, bound));
  }
  if (operand.length === 4) checkRange(operand);
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
}

/** A range goes from below to above. */
function checkRange([lower, low, upper, high]: readonly unknown[]): void {
  const isRange = String(lower).startsWith('>') && String(upper).startsWith('<');
  if (!isRange) throw new PatternError(`Bad numeric range operator: ${String(isRange ? upper : lower)}`);
  if (Number(low) >= Number(high)) throw new PatternError('Bottom must be less than top');
}
