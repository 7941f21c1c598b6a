/** Update expressions: SET, REMOVE, ADD, DELETE, each read from the item as it was before. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Fault } from '../../../base/fault.ts';
import { define, equal, type Item, own, typeOf } from '../attribute-value.ts';
import { addNumbers } from '../number.ts';
import type { DocumentPath, Update, UpdateValue } from './ast.ts';
import type { Placeholders } from './names-and-values.ts';
import { parsePath, readPath, refuseOverlap } from './path.ts';
import { TokenReader } from './tokens.ts';

const LABEL = 'UpdateExpression';
const invalid = (message: string): Fault => new Fault('ValidationException', message);

interface Clauses {
  set: { path: DocumentPath; value: UpdateValue }[];
  remove: DocumentPath[];
  add: { path: DocumentPath; value: AttributeValue }[];
  delete: { path: DocumentPath; value: AttributeValue }[];
}

export function parseUpdate(source: string, placeholders: Placeholders): Update {
  const reader = new TokenReader(LABEL, source);
  const clauses: Clauses = { set: [], remove: [], add: [], delete: [] };
  const seen = new Set<string>();
  while (reader.peek().kind !== 'end') {
    const keyword = reader.next();
    const name = keyword.text.toUpperCase();
    if (keyword.kind !== 'word' || !['SET', 'REMOVE', 'ADD', 'DELETE'].includes(name))
      throw reader.syntaxError(keyword);
    if (seen.has(name))
      throw reader.fault(`The "${name}" section can only be used once in an update expression;`);
    seen.add(name);
    do parseAction(name, reader, placeholders, clauses);
    while (reader.take(','));
  }
  refuseOverlap(touchedPaths(clauses), reader);
  return clauses;
}

/** Every path that the update writes. */
export const touchedPaths = (update: Update): DocumentPath[] => [
  ...update.set.map((action) => action.path),
  ...update.remove,
  ...update.add.map((action) => action.path),
  ...update.delete.map((action) => action.path),
];

function parseAction(name: string, reader: TokenReader, placeholders: Placeholders, clauses: Clauses): void {
  const path = parsePath(reader, placeholders);
  if (name === 'REMOVE') {
    clauses.remove.push(path);
  } else if (name === 'SET') {
    reader.expect('=');
    clauses.set.push({ path, value: parseSum(reader, placeholders) });
  } else {
    const token = reader.next();
    if (token.kind !== 'value') throw reader.syntaxError(token);
    const value = placeholders.value(token.text, LABEL);
    const allowed = name === 'ADD' ? ['N', 'SS', 'NS', 'BS'] : ['SS', 'NS', 'BS'];
    if (!allowed.includes(typeOf(value))) {
      throw reader.fault(
        `Incorrect operand type for operator or function; operator: ${name}, operand type: ${typeWord(value)}, typeSet: ALLOWED_FOR_${name}_OPERAND`,
      );
    }
    (name === 'ADD' ? clauses.add : clauses.delete).push({ path, value });
  }
}

function typeWord(value: AttributeValue): string {
  const words = {
    S: 'STRING',
    N: 'NUMBER',
    B: 'BINARY',
    M: 'MAP',
    L: 'LIST',
    NULL: 'NULL',
    BOOL: 'BOOLEAN',
    SS: 'STRING_SET',
    NS: 'NUMBER_SET',
    BS: 'BINARY_SET',
  };
  return words[typeOf(value)];
}

function parseSum(reader: TokenReader, placeholders: Placeholders): UpdateValue {
  const left = parseTerm(reader, placeholders);
  const kind = reader.take('+') ? 'plus' : reader.take('-') ? 'minus' : undefined;
  return kind ? { kind, left, right: parseTerm(reader, placeholders) } : left;
}

function parseTerm(reader: TokenReader, placeholders: Placeholders): UpdateValue {
  const token = reader.peek();
  if (reader.take('(')) {
    const inner = parseSum(reader, placeholders);
    reader.expect(')');
    return inner;
  }
  if (token.kind === 'value') {
    reader.next();
    return { kind: 'value', value: placeholders.value(token.text, LABEL), placeholder: token.text };
  }
  if (token.kind === 'word' && reader.is('(', 1)) return parseFunction(reader, placeholders);
  return { kind: 'path', path: parsePath(reader, placeholders) };
}

function parseFunction(reader: TokenReader, placeholders: Placeholders): UpdateValue {
  const name = reader.next().text;
  if (name !== 'if_not_exists' && name !== 'list_append')
    throw reader.fault(`Invalid function name; function: ${name}`);
  reader.expect('(');
  const left = parseSum(reader, placeholders);
  reader.expect(',');
  const right = parseSum(reader, placeholders);
  reader.expect(')');
  if (name === 'list_append') return { kind: 'list-append', left, right };
  if (left.kind !== 'path')
    throw reader.fault('Operator or function requires a document path; operator or function: if_not_exists');
  return { kind: 'if-not-exists', path: left.path, otherwise: right };
}

/** The item after the update. Throws ValidationException where an operand has the wrong type or a path leads nowhere. */
export function applyUpdate(update: Update, item: Item): Item {
  const updated = structuredClone(item) as Record<string, AttributeValue>; // a fresh copy may be written
  for (const { path, value } of update.set) writePath(updated, path, evaluate(value, item));
  for (const { path, value } of update.add) writePath(updated, path, added(readPath(item, path), value));
  for (const { path, value } of update.delete) {
    const left = without(readPath(item, path), value);
    if (left) writePath(updated, path, left);
    else removePath(updated, path);
  }
  // From the end, so that removing one element of a list does not move the next to be removed.
  for (const path of [...update.remove].sort(byLastIndexDown)) removePath(updated, path);
  return updated;
}

function byLastIndexDown(left: DocumentPath, right: DocumentPath): number {
  const [a, b] = [left.at(-1), right.at(-1)];
  return typeof a === 'number' && typeof b === 'number' ? b - a : 0;
}

function evaluate(value: UpdateValue, item: Item): AttributeValue {
  switch (value.kind) {
    case 'value':
      return value.value;
    case 'path':
    case 'size': {
      const found = readPath(item, value.path);
      if (found) return found;
      throw invalid('The provided expression refers to an attribute that does not exist in the item');
    }
    case 'if-not-exists':
      return readPath(item, value.path) ?? evaluate(value.otherwise, item);
    case 'list-append': {
      const [left, right] = [evaluate(value.left, item), evaluate(value.right, item)];
      if (left.L && right.L) return { L: [...left.L, ...right.L] };
      throw invalid('An operand in the update expression has an incorrect data type');
    }
    case 'plus':
    case 'minus': {
      const [left, right] = [evaluate(value.left, item), evaluate(value.right, item)];
      if (left.N === undefined || right.N === undefined)
        throw invalid('An operand in the update expression has an incorrect data type');
      return { N: addNumbers(left.N, right.N, value.kind === 'plus' ? 1n : -1n) };
    }
    default:
      return value satisfies never;
  }
}

function added(current: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (!current) return value;
  if (current.N !== undefined && value.N !== undefined) return { N: addNumbers(current.N, value.N) };
  if (current.SS && value.SS) return { SS: [...new Set([...current.SS, ...value.SS])] };
  if (current.NS && value.NS) return { NS: [...new Set([...current.NS, ...value.NS])] };
  if (current.BS && value.BS)
    return { BS: [...current.BS, ...value.BS.filter((B) => !holdsBytes(current.BS ?? [], B))] };
  throw invalid('An operand in the update expression has an incorrect data type');
}

/** What is left of a set; undefined when nothing is, since an empty set is no value. */
function without(current: AttributeValue | undefined, value: AttributeValue): AttributeValue | undefined {
  if (!current) return undefined;
  if (current.SS && value.SS)
    return nonEmpty(
      'SS',
      current.SS.filter((text) => !value.SS?.includes(text)),
    );
  if (current.NS && value.NS)
    return nonEmpty(
      'NS',
      current.NS.filter((text) => !value.NS?.includes(text)),
    );
  if (current.BS && value.BS)
    return nonEmpty(
      'BS',
      current.BS.filter((bytes) => !holdsBytes(value.BS ?? [], bytes)),
    );
  throw invalid('An operand in the update expression has an incorrect data type');
}

const holdsBytes = (set: readonly Uint8Array[], bytes: Uint8Array): boolean =>
  set.some((B) => equal({ B }, { B: bytes }));

/** The tag fits the elements: both come from the same set. */
const nonEmpty = (tag: 'SS' | 'NS' | 'BS', left: unknown[]): AttributeValue | undefined =>
  left.length > 0 ? ({ [tag]: left } as unknown as AttributeValue) : undefined; // see above

const noWay = (): Fault =>
  invalid('The document path provided in the update expression is invalid for update');

function writePath(item: Record<string, AttributeValue>, path: DocumentPath, value: AttributeValue): void {
  const container = containerOf(item, path);
  const last = path.at(-1);
  if (typeof last === 'number') {
    if (!container?.L) throw noWay();
    // Past its end a list is appended to, whatever the index.
    container.L[Math.min(last, container.L.length)] = value;
  } else {
    if (!container?.M || last === undefined) throw noWay();
    define(container.M, last, value);
  }
}

function removePath(item: Record<string, AttributeValue>, path: DocumentPath): void {
  const container = containerOf(item, path);
  const last = path.at(-1);
  if (typeof last === 'number') {
    if (!container?.L) throw noWay();
    if (last < container.L.length) container.L.splice(last, 1);
  } else {
    if (!container?.M || last === undefined) throw noWay();
    delete container.M[last];
  }
}

function containerOf(item: Record<string, AttributeValue>, path: DocumentPath): AttributeValue | undefined {
  let container: AttributeValue | undefined = { M: item };
  for (const part of path.slice(0, -1)) {
    container = typeof part === 'number' ? container?.L?.[part] : own(container?.M ?? {}, part);
  }
  return container;
}
