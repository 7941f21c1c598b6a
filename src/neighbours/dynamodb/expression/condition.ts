/** Condition, filter and key-condition expressions: parsed once a request, evaluated an item at a time. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { compare, equal, type Item, tagged, typeOf } from '../attribute-value.ts';
import type { Comparator, Condition, Operand } from './ast.ts';
import type { Placeholders } from './names-and-values.ts';
import { parsePath, readPath } from './path.ts';
import { TokenReader } from './tokens.ts';

const COMPARATORS: readonly Comparator[] = ['=', '<>', '<', '<=', '>', '>='];
const TYPES = ['S', 'N', 'B', 'SS', 'NS', 'BS', 'M', 'L', 'NULL', 'BOOL'];
const FUNCTIONS = [
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
];
const MAX_IN_CHOICES = 100;

export function parseCondition(label: string, source: string, placeholders: Placeholders): Condition {
  const reader = new TokenReader(label, source);
  const condition = parseOr(reader, placeholders);
  reader.expectEnd();
  return condition;
}

function parseOr(reader: TokenReader, placeholders: Placeholders): Condition {
  let left = parseAnd(reader, placeholders);
  while (reader.take('OR')) left = { kind: 'or', left, right: parseAnd(reader, placeholders) };
  return left;
}

function parseAnd(reader: TokenReader, placeholders: Placeholders): Condition {
  let left = parseNot(reader, placeholders);
  while (reader.take('AND')) left = { kind: 'and', left, right: parseNot(reader, placeholders) };
  return left;
}

function parseNot(reader: TokenReader, placeholders: Placeholders): Condition {
  if (reader.take('NOT')) return { kind: 'not', condition: parseNot(reader, placeholders) };
  if (reader.is('(')) {
    reader.next();
    const inner = parseOr(reader, placeholders);
    reader.expect(')');
    return inner;
  }
  if (reader.peek().kind === 'word' && reader.is('(', 1) && !reader.is('size'))
    return parseFunction(reader, placeholders);
  return parseComparison(reader, placeholders);
}

function parseComparison(reader: TokenReader, placeholders: Placeholders): Condition {
  const left = parseOperand(reader, placeholders);
  if (reader.take('BETWEEN')) {
    const low = parseOperand(reader, placeholders);
    reader.expect('AND');
    return checkBounds(reader, {
      kind: 'between',
      operand: left,
      low,
      high: parseOperand(reader, placeholders),
    });
  }
  if (reader.take('IN'))
    return { kind: 'in', operand: left, choices: parseArguments(reader, placeholders, MAX_IN_CHOICES) };
  const comparator = COMPARATORS.find((symbol) => reader.is(symbol));
  if (!comparator) throw reader.syntaxError();
  reader.next();
  return { kind: 'compare', comparator, left, right: parseOperand(reader, placeholders) };
}

function checkBounds(reader: TokenReader, between: Extract<Condition, { kind: 'between' }>): Condition {
  const { low, high } = between;
  if (low.kind !== 'value' || high.kind !== 'value') return between;
  const order = compare(low.value, high.value);
  const operands = `lower bound operand: AttributeValue: {${printValue(low.value)}}, upper bound operand: AttributeValue: {${printValue(high.value)}}`;
  if (order === undefined)
    throw reader.fault(
      `The BETWEEN operator requires same data type for lower and upper bounds; ${operands}`,
    );
  if (order > 0)
    throw reader.fault(
      `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${operands}`,
    );
  return between;
}

const printValue = (value: AttributeValue): string => {
  const [type, held] = tagged(value);
  return `${type}:${held instanceof Uint8Array ? Buffer.from(held).toString('base64') : String(held)}`;
};

function parseOperand(reader: TokenReader, placeholders: Placeholders): Operand {
  const token = reader.peek();
  if (token.kind === 'value') {
    reader.next();
    return { kind: 'value', value: placeholders.value(token.text, reader.label), placeholder: token.text };
  }
  if (token.kind === 'word' && reader.is('(', 1)) {
    if (!FUNCTIONS.includes(token.text)) throw reader.fault(`Invalid function name; function: ${token.text}`);
    if (token.text !== 'size') {
      throw reader.fault(
        `The function is not allowed to be used this way in an expression; function: ${token.text}`,
      );
    }
    reader.next();
    reader.expect('(');
    const path = parsePath(reader, placeholders);
    reader.expect(')');
    return { kind: 'size', path };
  }
  return { kind: 'path', path: parsePath(reader, placeholders) };
}

function parseArguments(reader: TokenReader, placeholders: Placeholders, most: number): Operand[] {
  reader.expect('(');
  const operands = [parseOperand(reader, placeholders)];
  while (reader.take(',')) operands.push(parseOperand(reader, placeholders));
  reader.expect(')');
  if (operands.length > most)
    throw reader.fault(
      `The IN operator is provided with too many operands; number of operands: ${operands.length}`,
    );
  return operands;
}

function parseFunction(reader: TokenReader, placeholders: Placeholders): Condition {
  const name = reader.next().text;
  if (!FUNCTIONS.includes(name)) throw reader.fault(`Invalid function name; function: ${name}`);
  const operands = parseArguments(reader, placeholders, MAX_IN_CHOICES);
  const wanted = name === 'attribute_exists' || name === 'attribute_not_exists' ? 1 : 2;
  const [left, right] = operands;
  if (operands.length !== wanted || !left) {
    throw reader.fault(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }
  switch (name) {
    case 'attribute_exists':
    case 'attribute_not_exists':
      return {
        kind: name === 'attribute_exists' ? 'exists' : 'not-exists',
        path: pathOnly(reader, name, left),
      };
    case 'attribute_type':
      return { kind: 'type', path: pathOnly(reader, name, left), type: typeOperand(reader, right) };
    default:
      return {
        kind: name === 'begins_with' ? 'begins-with' : 'contains',
        left,
        right: matchOperand(reader, name, right),
      };
  }
}

function pathOnly(reader: TokenReader, name: string, operand: Operand) {
  if (operand.kind === 'path') return operand.path;
  throw reader.fault(`Operator or function requires a document path; operator or function: ${name}`);
}

function typeOperand(reader: TokenReader, operand: Operand | undefined): Operand {
  if (operand?.kind !== 'value' || operand.value.S === undefined) {
    throw reader.fault(
      'Incorrect operand type for operator or function; operator or function: attribute_type, operand type: ' +
        (operand?.kind === 'value' ? typeOf(operand.value) : 'M'),
    );
  }
  if (!TYPES.includes(operand.value.S)) {
    throw reader.fault(
      `Invalid attribute type name found; type: ${operand.value.S}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
    );
  }
  return operand;
}

function matchOperand(reader: TokenReader, name: string, operand: Operand | undefined): Operand {
  if (!operand) throw reader.syntaxError();
  if (
    name === 'begins_with' &&
    operand.kind === 'value' &&
    operand.value.S === undefined &&
    operand.value.B === undefined
  ) {
    throw reader.fault(
      `Incorrect operand type for operator or function; operator or function: begins_with, operand type: ${typeOf(operand.value)}`,
    );
  }
  return operand;
}

/** Whether the item meets the condition; an attribute that is not there meets no comparison. */
export function holds(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item) && holds(condition.right, item);
    case 'or':
      return holds(condition.left, item) || holds(condition.right, item);
    case 'not':
      return !holds(condition.condition, item);
    case 'exists':
      return readPath(item, condition.path) !== undefined;
    case 'not-exists':
      return readPath(item, condition.path) === undefined;
    case 'type': {
      const value = readPath(item, condition.path);
      return value !== undefined && typeOf(value) === resolve(condition.type, item)?.S;
    }
    case 'compare':
      return compared(condition.comparator, resolve(condition.left, item), resolve(condition.right, item));
    case 'between': {
      const value = resolve(condition.operand, item);
      return (
        compared('>=', value, resolve(condition.low, item)) &&
        compared('<=', value, resolve(condition.high, item))
      );
    }
    case 'in': {
      const value = resolve(condition.operand, item);
      return condition.choices.some((choice) => compared('=', value, resolve(choice, item)));
    }
    case 'begins-with':
      return beginsWith(resolve(condition.left, item), resolve(condition.right, item));
    case 'contains':
      return contains(resolve(condition.left, item), resolve(condition.right, item));
    default:
      return condition satisfies never;
  }
}

function resolve(operand: Operand, item: Item): AttributeValue | undefined {
  if (operand.kind === 'value') return operand.value;
  const value = readPath(item, operand.path);
  if (operand.kind === 'path') return value;
  const size = value && sizeOf(value);
  return size === undefined ? undefined : { N: String(size) };
}

function sizeOf(value: AttributeValue): number | undefined {
  const [type, held] = tagged(value);
  switch (type) {
    case 'S':
      return Buffer.byteLength(held);
    case 'B':
      return held.byteLength;
    case 'M':
      return Object.keys(held).length;
    case 'N':
    case 'BOOL':
    case 'NULL':
      return undefined;
    default:
      return held.length;
  }
}

function compared(comparator: Comparator, left?: AttributeValue, right?: AttributeValue): boolean {
  if (!left || !right) return false;
  if (comparator === '=') return equal(left, right);
  if (comparator === '<>') return !equal(left, right);
  const order = compare(left, right);
  if (order === undefined) return false;
  if (comparator === '<') return order < 0;
  if (comparator === '<=') return order <= 0;
  return comparator === '>' ? order > 0 : order >= 0;
}

export function beginsWith(value?: AttributeValue, prefix?: AttributeValue): boolean {
  if (value?.S !== undefined && prefix?.S !== undefined) return value.S.startsWith(prefix.S);
  if (!value?.B || !prefix?.B) return false;
  return Buffer.compare(value.B.subarray(0, prefix.B.byteLength), prefix.B) === 0;
}

function contains(value?: AttributeValue, sought?: AttributeValue): boolean {
  if (!value || !sought) return false;
  if (value.S !== undefined) return sought.S !== undefined && value.S.includes(sought.S);
  if (value.B) return sought.B !== undefined && Buffer.from(value.B).includes(Buffer.from(sought.B));
  const elements: AttributeValue[] =
    value.L ??
    value.SS?.map((S) => ({ S })) ??
    value.NS?.map((N) => ({ N })) ??
    value.BS?.map((B) => ({ B })) ??
    [];
  return elements.some((element) => equal(element, sought));
}
