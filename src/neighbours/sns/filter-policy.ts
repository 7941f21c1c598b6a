/** Filter policies of subscriptions: what is checked when they are set, and whether a message passes. */
import { limits } from '../../base/limits.ts';
import { compileEventPattern, type EventPattern } from '../../lang/event-pattern/compile.ts';
import { invalidReason } from './fault.ts';
import type { StoredAttribute } from './message.ts';

const PATTERNS_KEPT = 1000;
const known = new Map<string, EventPattern>();

function compiled(policy: string): EventPattern {
  const found = known.get(policy);
  if (found) return found;
  const pattern = compileEventPattern(policy);
  if (known.size >= PATTERNS_KEPT) known.clear();
  known.set(policy, pattern);
  return pattern;
}

/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html. Throws InvalidParameter. */
export function checkFilterPolicy(text: string, scope: string): void {
  if (Buffer.byteLength(text) > limits.snsFilterPolicyBytes)
    throw invalidReason('FilterPolicy', 'FilterPolicy: Filter policy is too large');
  const policy = parse(text);
  if (policy === undefined) throw invalidReason('FilterPolicy', 'FilterPolicy: failed to parse JSON.');
  // A policy of no field lets everything through.
  if (Object.keys(policy).length === 0) return;
  try {
    compileEventPattern(policy);
  } catch (error) {
    throw invalidReason(
      'FilterPolicy',
      `FilterPolicy: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const sizes = sizesOf(policy);
  const isNested = Object.entries(policy).some(([name, value]) => name !== '$or' && !Array.isArray(value));
  if (scope === 'MessageAttributes' && isNested)
    throw invalidReason(
      'FilterPolicy',
      'FilterPolicy: Filter policy scope MessageAttributes does not support nested filter policy',
    );
  if (sizes.length > limits.snsFilterPolicyKeys)
    throw invalidReason('FilterPolicy', 'FilterPolicy: Filter policy can not have more than 5 keys');
  if (sizes.reduce((product, size) => product * size, 1) > limits.snsFilterPolicyCombinations)
    throw invalidReason('FilterPolicy', 'FilterPolicy: Filter policy is too complex');
}

/** How many values stand at each field; a deeper one counts as often as it is deep. */
function sizesOf(policy: object, depth = 1): number[] {
  return Object.entries(policy).flatMap(([name, value]: [string, unknown]) => {
    if (name === '$or' && Array.isArray(value))
      return value.flatMap((each) => (isRecord(each) ? sizesOf(each, depth) : []));
    if (Array.isArray(value)) return [value.length * depth];
    return isRecord(value) ? sizesOf(value, depth + 1) : [];
  });
}

export interface Filtered {
  readonly attributes: Readonly<Record<string, StoredAttribute>>;
  readonly text: string;
}

/** Whether a subscription wants a message. A body that is no JSON passes no policy on the body. */
export function passesFilter(attributes: Readonly<Record<string, string>>, message: Filtered): boolean {
  const policy = attributes['FilterPolicy'];
  if (policy === undefined || policy === '{}') return true;
  const onBody = attributes['FilterPolicyScope'] === 'MessageBody';
  const event = onBody ? parse(message.text) : attributeEvent(message.attributes);
  return event !== undefined && compiled(policy)(event);
}

/** Numbers count as numbers, lists as their elements; bytes can only be there or not. */
function attributeEvent(attributes: Filtered['attributes']): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { type, value }]) => {
      if (type.startsWith('Number')) return [name, Number(value)];
      if (type.startsWith('String.Array')) return [name, parseList(value) ?? value];
      return [name, type.startsWith('Binary') ? true : value];
    }),
  );
}

function parseList(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
