/** Holds an input to its model's constraints, in the words of AWS's front ends. */
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { isObject } from '../codecs/record.ts';
import type { ConstraintData, ShapeRule } from './data.ts';
import { javaPattern } from './java-pattern.ts';
import { lowerFirst, type ConstraintKind, type Policy } from './policy.ts';

/** Throws the service's validation Fault. */
export type CheckInput = (operation: string, input: object) => void;

type Check = (value: unknown, path: string, found: Findings) => void;

interface Compiled {
  readonly whole: Check;
  /** Without the constraints on the value itself. */
  readonly inside: Check;
}

const NO_CHECK: Compiled = { whole: () => {}, inside: () => {} };

interface Findings {
  readonly operation: string;
  readonly texts: string[];
  /** Where AWS has a whole text of its own, it is the only one. */
  own: string | undefined;
}

export function compileChecks(data: ConstraintData, policy: Policy): CheckInput {
  const compiled = new Map<string, Compiled>();

  function checkOf(name: string): Compiled {
    let check = compiled.get(name);
    if (check === undefined) {
      const rule = data.shapes[name];
      check = rule === undefined || policy.exempt?.[name] !== undefined ? NO_CHECK : compile(rule);
      compiled.set(name, check);
    }
    return check;
  }

  function compile(rule: ShapeRule): Compiled {
    const own = compileOwn(rule, policy);
    const inside = rule.members === undefined ? compileContainer(rule) : compileStructure(rule, rule.members);
    const whole: Check = (value, path, found) => {
      for (const constraint of own) if (!constraint.holds(value)) add(constraint, value, path, found, rule);
      inside(value, path, found);
    };
    return { whole, inside };
  }

  /** A map's keys and values answer for their own constraints as one, what is inside a value for itself. */
  function compileContainer({ item, key, value }: ShapeRule): Check {
    const keys = key === undefined ? [] : compileOwn(data.shapes[key] ?? {}, policy);
    const values = value === undefined ? [] : compileOwn(data.shapes[value] ?? {}, policy);
    return (given, path, found) => {
      if (item !== undefined && Array.isArray(given))
        for (const [index, one] of given.entries())
          checkOf(item).whole(one, `${path}.${index + 1}.member`, found);
      if (!isObject(given)) return;
      if (keys.length > 0) reportInMap(keys, Object.keys(given), 'Map keys', given, path, found);
      if (values.length > 0) reportInMap(values, Object.values(given), 'Map value', given, path, found);
      if (value !== undefined)
        for (const one of Object.keys(given))
          checkOf(value).inside(given[one], `${path}.${one}.member`, found);
    };
  }

  /** AWS lists members from the last declared to the first (recorded for several services). */
  function compileStructure(rule: ShapeRule, members: Readonly<Record<string, string>>): Check {
    const required = policy.enforced.includes('required') ? new Set(rule.required) : new Set<string>();
    const names = [...new Set([...Object.keys(members), ...required])].toReversed();
    const parts = names.map((name) => ({
      name,
      shown: lowerFirst(name),
      required: required.has(name),
      shape: members[name],
    }));
    return (value, path, found) => {
      if (!isObject(value)) return;
      for (const part of parts) {
        const one = value[part.name];
        const place = path === '' || path.endsWith('.') ? path + part.shown : `${path}.${part.shown}`;
        if (one !== undefined && one !== null) {
          if (part.shape !== undefined) checkOf(part.shape).whole(one, place, found);
        } else if (part.required) add(NOT_NULL, null, place, found, {});
      }
    };
  }

  function reportInMap(
    constraints: readonly Constraint[],
    values: readonly unknown[],
    what: string,
    map: object,
    path: string,
    found: Findings,
  ): void {
    const broken = constraints.find(({ holds }) => !values.every(holds));
    if (broken === undefined) return;
    const all = constraints.map(({ text }) => text).join(', ');
    add({ ...broken, text: `${what} must satisfy constraint: [${all}]` }, map, path, found, {});
  }

  function add(constraint: Constraint, value: unknown, path: string, found: Findings, rule: ShapeRule): void {
    const { kind } = constraint;
    found.own ??= policy.ownText?.({ operation: found.operation, kind, path, pattern: rule.pattern });
    if (found.texts.length >= limits.wireValidationErrors) return;
    const shown = value === null ? ' null' : rule.sensitive === true ? '' : ` '${showValue(value)}'`;
    found.texts.push(`Value${shown} at '${path}' failed to satisfy constraint: ${constraint.text}`);
  }

  return (operation, input) => {
    const shape = Object.hasOwn(data.operations, operation) ? data.operations[operation] : undefined;
    if (shape === undefined) return;
    const found: Findings = { operation, texts: [], own: undefined };
    checkOf(shape).whole(input, policy.pathPrefix?.(operation) ?? '', found);
    const count = found.texts.length;
    if (count === 0) return;
    const list = `${count} validation error${count > 1 ? 's' : ''} detected: ${found.texts.join('; ')}`;
    throw new Fault(policy.code, found.own ?? list, { status: 400 });
  };
}

interface Constraint {
  readonly kind: ConstraintKind;
  readonly text: string;
  readonly holds: (value: unknown) => boolean;
}

const NOT_NULL: Constraint = { kind: 'required', text: 'Member must not be null', holds: () => false };

/** In the order AWS lists them: enumeration, pattern, upper bound, lower bound. */
function compileOwn(rule: ShapeRule, policy: Policy): Constraint[] {
  const constraints: Constraint[] = [];
  const { min, max, least, most } = rule;
  if (rule.enum !== undefined) constraints.push(enumeration(rule.enum));
  if (rule.pattern !== undefined) constraints.push(patternOf(rule.pattern));
  if (max !== undefined)
    constraints.push(
      bound('length', `length less than or equal to ${max}`, (value) => lengthOf(value) <= max),
    );
  if (min !== undefined)
    constraints.push(
      bound('length', `length greater than or equal to ${min}`, (value) => lengthOf(value) >= min),
    );
  const shown = (value: number): string =>
    rule.double && Number.isInteger(value) ? `${value}.0` : `${value}`;
  if (most !== undefined)
    constraints.push(
      bound('range', `value less than or equal to ${shown(most)}`, (value) => Number(value) <= most),
    );
  if (least !== undefined)
    constraints.push(
      bound('range', `value greater than or equal to ${shown(least)}`, (value) => Number(value) >= least),
    );
  return constraints.filter(({ kind }) => policy.enforced.includes(kind));
}

const bound = (kind: ConstraintKind, text: string, holds: Constraint['holds']): Constraint => ({
  kind,
  text: `Member must have ${text}`,
  holds,
});

function enumeration(values: readonly string[]): Constraint {
  const known = new Set<unknown>(values);
  const text = `Member must satisfy enum value set: [${values.join(', ')}]`;
  return { kind: 'enum', text, holds: (value) => known.has(value) };
}

function patternOf(pattern: string): Constraint {
  let compiled: RegExp | undefined;
  return {
    kind: 'pattern',
    text: `Member must satisfy regular expression pattern: ${pattern}`,
    holds: (value) => {
      compiled ??= javaPattern(pattern);
      return typeof value !== 'string' || compiled.test(value);
    },
  };
}

/** Characters as Java counts them, bytes, items or keys. */
function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  return isObject(value) ? Object.keys(value).length : 0;
}

/** As Java prints: `[a, b]` and `{k=v}`; bytes as the buffer they lie in. */
function showValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`;
  if (value instanceof Uint8Array)
    return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  if (value instanceof Date) return value.toISOString();
  if (!isObject(value)) return String(value);
  return `{${Object.entries(value)
    .map(([key, one]) => `${key}=${showValue(one)}`)
    .join(', ')}}`;
}
