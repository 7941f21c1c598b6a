/**
 * Event patterns, as EventBridge, SNS's filter policies and Lambda's filters know them, compiled once.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-content-based-filtering.html
 */
import { compileLeaf, type LeafTest } from './leaf.ts';
import { isRecord, PatternError, type JsonRecord } from './pattern-error.ts';

/** Whether an event (parsed JSON) fits. */
export type EventPattern = (event: unknown) => boolean;

const MOST_DEPTH = 100;

/** Takes a pattern as text or parsed JSON. Throws PatternError with AWS's reason. */
export function compileEventPattern(pattern: unknown): EventPattern {
  const parsed = typeof pattern === 'string' ? parse(pattern) : pattern;
  if (!isRecord(parsed)) throw new PatternError('Filter is not an object');
  if (Object.keys(parsed).length === 0) throw new PatternError('Empty objects are not allowed');
  const test = compileObject(parsed, 0);
  return (event) => isRecord(event) && test(event);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PatternError('Filter is not valid JSON');
  }
}

/** Tests the object that stands at a place; absent ones are tested too, for what must not be there. */
type ObjectTest = (value: JsonRecord) => boolean;

/** Every member must fit; of `$or`, one of its patterns. */
function compileObject(pattern: JsonRecord, depth: number): ObjectTest {
  if (depth > MOST_DEPTH) throw new PatternError('Pattern is nested too deeply');
  const tests = Object.entries(pattern).map(([name, value]): ObjectTest => {
    if (name === '$or' && isAlternatives(value)) return compileOr(value, depth);
    if (Array.isArray(value)) return compileField(name, value);
    if (isRecord(value)) return compileNested(name, value, depth);
    throw new PatternError(`"${name}" must be an object or an array`);
  });
  return (event) => tests.every((test) => test(event));
}

/** `$or` with anything but two or more objects that name fields is a field like any other. */
const isAlternatives = (value: unknown): value is readonly JsonRecord[] =>
  Array.isArray(value) &&
  value.length >= 2 &&
  value.every((each) => isRecord(each) && Object.values(each).every((member) => typeof member === 'object'));

function compileOr(alternatives: readonly JsonRecord[], depth: number): ObjectTest {
  const tests = alternatives.map((each) => compileObject(each, depth + 1));
  return (event) => tests.some((test) => test(event));
}

function compileField(name: string, values: readonly unknown[]): ObjectTest {
  if (values.length === 0) throw new PatternError('Empty arrays are not allowed');
  const tests = values.map((value) => compileLeaf(value));
  return (event) => fits(Object.hasOwn(event, name) ? event[name] : undefined, tests);
}

/** Of an array, any element may fit. What is an object or absent is there only for `exists: false`. */
function fits(value: unknown, tests: readonly LeafTest[]): boolean {
  const found = Array.isArray(value)
    ? value.flat(Number.POSITIVE_INFINITY)
    : value === undefined
      ? []
      : [value];
  const leaves = found.filter((each) => !isRecord(each));
  if (leaves.length === 0) return tests.some((test) => test.absent);
  return tests.some((test) => !test.absent && leaves.some((leaf) => test.fits(leaf)));
}

/** Of an array of objects, one and the same must fit as a whole. */
function compileNested(name: string, pattern: JsonRecord, depth: number): ObjectTest {
  if (Object.keys(pattern).length === 0) throw new PatternError('Empty objects are not allowed');
  const test = compileObject(pattern, depth + 1);
  return (event) => {
    const value = Object.hasOwn(event, name) ? event[name] : undefined;
    if (Array.isArray(value)) {
      const objects = value.filter(isRecord);
      return objects.length > 0 ? objects.some(test) : test({});
    }
    return test(isRecord(value) ? value : {});
  };
}
