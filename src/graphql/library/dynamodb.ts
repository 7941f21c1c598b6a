/** Values to and from DynamoDB's typed form. https://docs.aws.amazon.com/appsync/latest/devguide/dynamodb-helpers-in-util-dynamodb-js.html */

export type Typed = Readonly<Record<string, unknown>>;

export function toDynamoDB(value: unknown): Typed {
  if (value === null || value === undefined) return { NULL: null };
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'boolean':
      return { BOOL: value };
    case 'number':
    case 'bigint':
      return { N: Number(value) };
    default:
      if (Array.isArray(value)) return { L: value.map(toDynamoDB) };
      if (isSet(value)) return { [value.__set]: value.list };
      return { M: toMapValues(value) };
  }
}

/** What `toStringSet` and its kin of the module make. */
const isSet = (value: object): value is { readonly __set: string; readonly list: unknown } =>
  '__set' in value;

export const toMapValues = (value: unknown): Record<string, Typed> =>
  Object.fromEntries(entriesOf(value).map(([name, inner]) => [name, toDynamoDB(inner)]));

const entriesOf = (value: unknown): [string, unknown][] =>
  value instanceof Map
    ? [...value].map(([name, inner]) => [String(name), inner])
    : Object.entries((value ?? {}) as object);

/** Typed values as DynamoDB wants them on the wire: numbers as text, NULL as true. */
function toWire(value: unknown): unknown {
  const [kind, inner] = Object.entries((value ?? {}) as object)[0] ?? ['NULL', true];
  switch (kind) {
    case 'N':
      return { N: String(inner) };
    case 'NS':
      return { NS: (inner as readonly unknown[]).map(String) };
    case 'NULL':
      return { NULL: true };
    case 'L':
      return { L: (inner as readonly unknown[]).map(toWire) };
    case 'M':
      return { M: mapWire(inner) };
    case 'B':
      return { B: bytesOf(inner) };
    case 'BS':
      return { BS: (inner as readonly unknown[]).map(bytesOf) };
    default:
      return { [kind]: inner };
  }
}

export const mapWire = (value: unknown): Record<string, unknown> =>
  Object.fromEntries(entriesOf(value).map(([name, inner]) => [name, toWire(inner)]));

const bytesOf = (value: unknown): unknown =>
  typeof value === 'string' ? Buffer.from(value, 'base64') : value;

/** An item as resolvers see it: plain values. */
export function fromWire(value: unknown): unknown {
  const [kind, inner] = Object.entries((value ?? {}) as object)[0] ?? ['NULL', true];
  switch (kind) {
    case 'N':
      return Number(inner);
    case 'NS':
      return (inner as readonly unknown[]).map(Number);
    case 'NULL':
      return null;
    case 'L':
      return (inner as readonly unknown[]).map(fromWire);
    case 'M':
      return mapFromWire(inner);
    case 'B':
      return textOf(inner);
    case 'BS':
      return (inner as readonly unknown[]).map(textOf);
    default:
      return inner;
  }
}

export const mapFromWire = (value: unknown): Record<string, unknown> =>
  Object.fromEntries(entriesOf(value).map(([name, inner]) => [name, fromWire(inner)]));

const textOf = (value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
