/** A key condition as a range of row keys: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Fault } from '../../base/fault.ts';
import { compare, type Item, own, typeOf } from './attribute-value.ts';
import type { Comparator, Condition, Operand } from './expression/ast.ts';
import { beginsWith } from './expression/condition.ts';
import { closed, hashName, rangeName, sortable } from './key.ts';
import type { Source } from './query.ts';

export interface KeyRange {
  /** Behind the source's own prefix: every row of the range begins so. */
  readonly prefix: string;
  /** Behind the source's own prefix: no row of the range is before it. */
  readonly from?: string;
  /** Rows are ordered: from here on none belongs to the range any more. */
  readonly isEnd: (item: Item, reverse: boolean) => boolean;
  readonly keep: (item: Item) => boolean;
}

const invalid = (message: string): Fault => new Fault('ValidationException', message);
const label = 'Invalid KeyConditionExpression: ';

interface Bounds {
  readonly low?: AttributeValue;
  readonly high?: AttributeValue;
  readonly prefix?: AttributeValue;
  readonly keep: (value: AttributeValue) => boolean;
}

export function readKeyCondition(condition: Condition, source: Source): KeyRange {
  const parts = conjuncts(condition);
  const [hash, range] = [hashName(source.keySchema), rangeName(source.keySchema)];
  const onHash = parts.filter((part) => nameIn(part) === hash);
  const onRange = parts.filter((part) => range !== undefined && nameIn(part) === range);
  if (parts.length > 2 || onHash.length > 1 || onRange.length > 1) {
    throw invalid(
      parts.length > 2
        ? 'Conditions can be of length 1 or 2 only'
        : `${label}KeyConditionExpressions must only contain one condition per key`,
    );
  }
  const [hashPart] = onHash;
  if (!hashPart) throw invalid(`Query condition missed key schema element: ${hash}`);
  if (onHash.length + onRange.length < parts.length)
    throw invalid(`Query condition missed key schema element: ${range ?? hash}`);
  if (hashPart.kind !== 'compare' || hashPart.comparator !== '=')
    throw invalid('Query key condition not supported');
  const hashValue = checked(
    source,
    hash,
    valueOf(hashPart.right.kind === 'value' ? hashPart.right : hashPart.left),
  );
  const [rangePart] = onRange;
  if (!rangePart || range === undefined)
    return { prefix: closed(hashValue), isEnd: () => false, keep: () => true };
  return withBounds(closed(hashValue), range, boundsOf(rangePart, source, range));
}

function withBounds(hashPrefix: string, name: string, { low, high, prefix, keep }: Bounds): KeyRange {
  return {
    prefix: hashPrefix + (prefix ? sortable(prefix) : ''),
    ...(low ? { from: hashPrefix + sortable(low) } : {}),
    isEnd: (item, reverse) => {
      const value = own(item, name);
      const bound = reverse ? low : high;
      const order = value && bound ? compare(value, bound) : undefined;
      return order !== undefined && (reverse ? order < 0 : order > 0);
    },
    keep: (item) => {
      const value = own(item, name);
      return value !== undefined && keep(value);
    },
  };
}

function boundsOf(part: Condition, source: Source, name: string): Bounds {
  const take = (operand: Operand): AttributeValue => checked(source, name, valueOf(operand));
  if (part.kind === 'between') {
    const [low, high] = [take(part.low), take(part.high)];
    return {
      low,
      high,
      keep: (value) => (compare(value, low) ?? -1) >= 0 && (compare(value, high) ?? 1) <= 0,
    };
  }
  if (part.kind === 'begins-with') {
    const prefix = take(part.right);
    return { prefix, keep: (value) => beginsWith(value, prefix) };
  }
  if (part.kind !== 'compare') throw invalid('Query key condition not supported');
  const isMirrored = part.left.kind === 'value';
  const bound = take(isMirrored ? part.left : part.right);
  const keep = (test: (order: number) => boolean) => (value: AttributeValue) =>
    test(compare(value, bound) ?? Number.NaN);
  switch (isMirrored ? MIRRORED[part.comparator] : part.comparator) {
    case '=':
      return { low: bound, high: bound, keep: keep((order) => order === 0) };
    case '<':
      return { high: bound, keep: keep((order) => order < 0) };
    case '<=':
      return { high: bound, keep: keep((order) => order <= 0) };
    case '>':
      return { low: bound, keep: keep((order) => order > 0) };
    case '>=':
      return { low: bound, keep: keep((order) => order >= 0) };
    default:
      throw invalid('Query key condition not supported');
  }
}

const MIRRORED: Readonly<Record<Comparator, Comparator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function conjuncts(condition: Condition): Condition[] {
  if (condition.kind === 'and') return [...conjuncts(condition.left), ...conjuncts(condition.right)];
  if (condition.kind === 'or') throw invalid(`${label}Invalid operator used in KeyConditionExpression: OR`);
  if (condition.kind === 'not') throw invalid(`${label}Invalid operator used in KeyConditionExpression: NOT`);
  return [condition];
}

/** The attribute that a condition is about. */
function nameIn(condition: Condition): string | undefined {
  switch (condition.kind) {
    case 'compare':
      return pathName(condition.left) ?? pathName(condition.right);
    case 'between':
      return pathName(condition.operand);
    case 'begins-with':
      return pathName(condition.left);
    default:
      throw invalid(
        `${label}Invalid operator used in KeyConditionExpression: ${condition.kind === 'exists' ? 'attribute_exists' : condition.kind}`,
      );
  }
}

const pathName = (operand: Operand): string | undefined =>
  operand.kind === 'path' && operand.path.length === 1 ? operand.path[0] : undefined;

function valueOf(operand: Operand): AttributeValue {
  if (operand.kind === 'value') return operand.value;
  throw invalid(`${label}KeyConditionExpressions must have an attribute value as operand`);
}

function checked(source: Source, name: string, value: AttributeValue): AttributeValue {
  const expected = source.of.attributes.find((attribute) => attribute.AttributeName === name)?.AttributeType;
  if (typeOf(value) === expected) return value;
  throw invalid(
    'One or more parameter values were invalid: Condition parameter type does not match schema type',
  );
}
