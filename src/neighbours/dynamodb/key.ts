/** Keys of items as text whose byte order is DynamoDB's order, and the checks of keys that come from outside. */
import type { AttributeValue, KeySchemaElement } from '@aws-sdk/client-dynamodb';
import { Fault } from '../../base/fault.ts';
import { type Item, own, tagged, typeOf } from './attribute-value.ts';
import { sortableNumber } from './number.ts';
import type { IndexRow, TableRow } from './table-row.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_HASH_KEY_BYTES = 2048;
const MAX_RANGE_KEY_BYTES = 1024;

const END = '\u0001';
const ESCAPED: Readonly<Record<string, string>> = {
  '\u0000': '\u0002\u0003',
  '\u0001': '\u0002\u0004',
  '\u0002': '\u0002\u0005',
};

const invalid = (message: string): Fault => new Fault('ValidationException', message);

/** Without the closing mark, so that it also serves as a prefix. Throws for values of other types than S, N, B. */
export function sortable(value: AttributeValue): string {
  const [type, held] = tagged(value);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these three characters are what must be escaped
  if (type === 'S')
    return /[\u0000-\u0002]/.test(held)
      ? held.replace(/[\u0000-\u0002]/g, (mark) => ESCAPED[mark] ?? mark)
      : held;
  if (type === 'N') return sortableNumber(held);
  if (type === 'B') return Buffer.from(held).toString('hex');
  throw invalid('One or more parameter values were invalid: Type mismatch for key');
}

export const closed = (value: AttributeValue): string => sortable(value) + END;

export const hashName = (schema: readonly KeySchemaElement[]): string => nameOf(schema, 'HASH') ?? '';
export const rangeName = (schema: readonly KeySchemaElement[]): string | undefined => nameOf(schema, 'RANGE');

const nameOf = (schema: readonly KeySchemaElement[], type: string): string | undefined =>
  schema.find((element) => element.KeyType === type)?.AttributeName;

export const keyNames = (schema: readonly KeySchemaElement[]): string[] =>
  [hashName(schema), rangeName(schema)].filter((name) => name !== undefined);

/** Where the table's items begin: `{tableId}` and END, then hash and range. */
export const itemPrefix = (table: TableRow): string => table.tableId + END;
export const indexPrefix = (table: TableRow, index: IndexRow): string =>
  `${table.tableId}${END}${index.name}${END}`;

/** The row key of an item whose key attributes are known to be there. */
export function primaryKey(table: TableRow, item: Item): string {
  return itemPrefix(table) + closedKeys(table.keySchema, item);
}

/** The row key of an item in an index: its index keys, then its primary ones; undefined when it is not in the index. */
export function indexKey(table: TableRow, index: IndexRow, item: Item): string | undefined {
  const isThere = keyNames(index.keySchema).every((name) => own(item, name) !== undefined);
  return isThere
    ? indexPrefix(table, index) + closedKeys(index.keySchema, item) + closedKeys(table.keySchema, item)
    : undefined;
}

function closedKeys(schema: readonly KeySchemaElement[], item: Item): string {
  let text = '';
  for (const name of keyNames(schema)) {
    const value = own(item, name);
    if (value) text += closed(value);
  }
  return text;
}

/** Of a whole item that is put: every key attribute is there, of its type, not empty, not too long. */
export function checkItemKeys(table: TableRow, item: Item): void {
  for (const name of keyNames(table.keySchema)) {
    const value = own(item, name);
    if (!value)
      throw invalid(`One or more parameter values were invalid: Missing the key ${name} in the item`);
    checkKeyValue(table, name, value, 'item');
  }
  for (const index of table.indexes) {
    for (const name of keyNames(index.keySchema)) {
      const value = own(item, name);
      if (value) checkIndexValue(table, index, name, value);
    }
  }
}

/** Of a `Key` parameter: exactly the key attributes. */
export function checkKey(table: TableRow, key: Item | undefined): Item {
  const names = keyNames(table.keySchema);
  if (!key || Object.keys(key).length !== names.length || names.some((name) => !own(key, name))) {
    throw invalid('The provided key element does not match the schema');
  }
  for (const name of names) {
    const value = own(key, name);
    if (value) checkKeyValue(table, name, value, 'key');
  }
  return key;
}

function checkKeyValue(table: TableRow, name: string, value: AttributeValue, of: 'item' | 'key'): void {
  const expected = attributeType(table, name);
  const actual = typeOf(value);
  if (actual !== expected) {
    if (of === 'key') throw invalid('The provided key element does not match the schema');
    throw invalid(
      `One or more parameter values were invalid: Type mismatch for key ${name} expected: ${expected} actual: ${actual}`,
    );
  }
  checkLength(name, value, name === hashName(table.keySchema));
}

function checkIndexValue(table: TableRow, index: IndexRow, name: string, value: AttributeValue): void {
  const expected = attributeType(table, name);
  const actual = typeOf(value);
  if (actual === expected) return checkEmptyIndexKey(index, name, value);
  throw invalid(
    `One or more parameter values were invalid: Type mismatch for Index Key ${name} Expected: ${expected} Actual: ${actual} IndexName: ${index.name}`,
  );
}

function checkEmptyIndexKey(index: IndexRow, name: string, value: AttributeValue): void {
  if (value.S !== '' && value.B?.byteLength !== 0) return;
  throw invalid(
    `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty ${value.S === '' ? 'string' : 'binary'} value. IndexName: ${index.name}, IndexKey: ${name}`,
  );
}

function checkLength(name: string, value: AttributeValue, isHash: boolean): void {
  const bytes = value.S === undefined ? (value.B?.byteLength ?? 1) : Buffer.byteLength(value.S);
  if (bytes === 0) {
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${value.S === '' ? 'string' : 'binary'} value. Key: ${name}`,
    );
  }
  const limit = isHash ? MAX_HASH_KEY_BYTES : MAX_RANGE_KEY_BYTES;
  if (bytes <= limit) return;
  const which = isHash
    ? `hashkey has exceeded the maximum size limit of ${limit} bytes`
    : `the RangeKey has exceeded the maximum size limit of ${limit} bytes`;
  throw invalid(`One or more parameter values were invalid: Size of ${which}`);
}

const attributeType = (table: TableRow, name: string): string | undefined =>
  table.attributes.find((attribute) => attribute.AttributeName === name)?.AttributeType;

export function pickKeys(
  item: Item,
  ...schemas: readonly (readonly KeySchemaElement[])[]
): Record<string, AttributeValue> {
  const picked: Record<string, AttributeValue> = {};
  for (const name of schemas.flatMap((schema) => keyNames(schema))) {
    const value = own(item, name);
    if (value) picked[name] = value;
  }
  return picked;
}
