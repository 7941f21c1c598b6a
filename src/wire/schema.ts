/**
 * The SDK v3 clients' static schemas (`dist-es/schemas/schemas_0.js`), read into shapes that codecs compile.
 * A static schema is a number (a simple type, or a list or map of one), `'unit'`, a pair of a schema and its
 * member traits, a function that gives one, or an array `[tag, namespace, name, traits, ...]`; see
 * `@smithy/core/schema`, NormalizedSchema.
 */
export type RawSchema = number | string | readonly unknown[] | (() => RawSchema);

/** What `schemas_0.js` exports: `PutItem$`, `ResourceNotFoundException$`, `errorTypeRegistries`, ... */
export type SchemaModule = Readonly<Record<string, unknown>>;

/** Smithy traits by the SDK's names, as far as the wire reads them. */
export interface Traits {
  readonly httpLabel?: 1;
  readonly httpPayload?: 1;
  readonly httpResponseCode?: 1;
  readonly httpQueryParams?: 1;
  readonly idempotencyToken?: 1;
  readonly hostLabel?: 1;
  readonly sensitive?: 1;
  readonly httpHeader?: string;
  readonly httpQuery?: string;
  readonly httpPrefixHeaders?: string;
  /** `[method, uri template, status]`. */
  readonly http?: readonly [string, string, number];
  readonly jsonName?: string;
  readonly xmlName?: string;
  readonly xmlFlattened?: 1;
  readonly xmlAttribute?: 1;
  /** `[prefix, uri]`. */
  readonly xmlNamespace?: readonly [string, string] | string;
  readonly ec2QueryName?: string;
  readonly mediaType?: string;
  readonly streaming?: 1;
  readonly sparse?: 1;
  readonly eventPayload?: 1;
  readonly eventHeader?: 1;
  readonly error?: 'client' | 'server';
  readonly httpError?: number;
  /** `[code on the wire, status]`. */
  readonly awsQueryError?: readonly [string, number];
}

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

export interface Member {
  readonly name: string;
  /** The member's own traits; those of its target are on the target. */
  readonly traits: Traits;
  readonly required: boolean;
  /** Resolved at first use: shapes may contain themselves. */
  readonly target: Shape;
}

export interface ScalarShape {
  readonly kind: 'string' | 'boolean' | 'number' | 'bigInteger' | 'bigDecimal' | 'document' | 'unit' | 'blob';
  readonly traits: Traits;
}
export interface TimestampShape {
  readonly kind: 'timestamp';
  readonly traits: Traits;
  /** Absent: the protocol's default for the place it stands in. */
  readonly format?: TimestampFormat;
}
export interface ListShape {
  readonly kind: 'list';
  readonly traits: Traits;
  readonly member: Member;
}
export interface MapShape {
  readonly kind: 'map';
  readonly traits: Traits;
  readonly key: Member;
  readonly value: Member;
}
export interface StructureShape {
  readonly kind: 'structure';
  readonly name: string;
  readonly traits: Traits;
  readonly members: readonly Member[];
  readonly union: boolean;
}
export type Shape = ScalarShape | TimestampShape | ListShape | MapShape | StructureShape;

export interface OperationSchema {
  readonly name: string;
  readonly traits: Traits;
  readonly input: Shape;
  readonly output: Shape;
}

/** The operations a schema module declares, by name. Their shapes are read only when asked for. */
export function operationsOf(module: SchemaModule): ReadonlyMap<string, OperationSchema> {
  const operations = new Map<string, OperationSchema>();
  for (const raw of staticSchemas(module, 9)) {
    const [, , name, traits, input, output] = raw as unknown as RawOperation; // tag 9 has this layout
    operations.set(name, {
      name,
      traits: readTraits(traits),
      get input() {
        return shapeOf(input);
      },
      get output() {
        return shapeOf(output);
      },
    });
  }
  return operations;
}

type RawOperation = readonly [9, string, string, unknown, RawSchema, RawSchema];

/** Every error shape a service declares, by shape name; the client's own base class is none of them. */
export function errorsOf(module: SchemaModule): ReadonlyMap<string, StructureShape> {
  const errors = new Map<string, StructureShape>();
  for (const raw of staticSchemas(module, -3)) {
    if (String(raw[1]).startsWith('smithy.ts.sdk.synthetic')) continue;
    const shape = shapeOf(raw);
    if (shape.kind === 'structure') errors.set(shape.name, shape);
  }
  return errors;
}

function* staticSchemas(module: SchemaModule, tag: number): Generator<readonly unknown[]> {
  for (const [name, raw] of Object.entries(module))
    if (name.endsWith('$') && isStatic(raw) && raw[0] === tag) yield raw;
}

const isStatic = (raw: unknown): raw is readonly unknown[] => Array.isArray(raw);

const SCALARS: Readonly<Record<number, ScalarShape | TimestampShape>> = {
  0: { kind: 'string', traits: {} },
  1: { kind: 'number', traits: {} },
  2: { kind: 'boolean', traits: {} },
  4: { kind: 'timestamp', traits: {} },
  5: { kind: 'timestamp', traits: {}, format: 'date-time' },
  6: { kind: 'timestamp', traits: {}, format: 'http-date' },
  7: { kind: 'timestamp', traits: {}, format: 'epoch-seconds' },
  15: { kind: 'document', traits: {} },
  17: { kind: 'bigInteger', traits: {} },
  19: { kind: 'bigDecimal', traits: {} },
  21: { kind: 'blob', traits: {} },
  42: { kind: 'blob', traits: { streaming: 1 } },
};
const UNIT: ScalarShape = { kind: 'unit', traits: {} };
const LIST_OF = 64;
const MAP_OF = 128;

const shapes = new Map<unknown, Shape>();

/** The shape of a static schema; the same object each time, so that codecs can cache by it. */
function shapeOf(raw: RawSchema): Shape {
  let schema = raw;
  while (typeof schema === 'function') schema = schema();
  const known = shapes.get(schema);
  if (known !== undefined) return known;
  const shape = readShape(schema);
  shapes.set(schema, shape);
  return shape;
}

function readShape(schema: number | string | readonly unknown[]): Shape {
  if (typeof schema === 'number') return readSimple(schema);
  if (typeof schema === 'string') return UNIT;
  const [tag, , name, traits] = schema;
  const own = readTraits(traits);
  switch (tag) {
    case 0:
      return { ...shapeOf(schema[4] as RawSchema), traits: own }; // simple type with traits of its own
    case 1:
      return { kind: 'list', traits: own, member: member('member', schema[4]) };
    case 2:
      return { kind: 'map', traits: own, key: member('key', schema[4]), value: member('value', schema[5]) };
    default:
      return readStructure(String(name), own, schema);
  }
}

function readSimple(code: number): Shape {
  if (code >= MAP_OF)
    return { kind: 'map', traits: {}, key: member('key', 0), value: member('value', code - MAP_OF) };
  if (code >= LIST_OF) return { kind: 'list', traits: {}, member: member('member', code - LIST_OF) };
  const scalar = SCALARS[code];
  if (scalar === undefined) throw new Error(`unknown simple schema ${code}`);
  return scalar;
}

function readStructure(name: string, traits: Traits, schema: readonly unknown[]): StructureShape {
  const names = schema[4] as readonly string[]; // tags 3, -3 and 4 have this layout
  const targets = schema[5] as readonly unknown[];
  const required = typeof schema[6] === 'number' ? schema[6] : 0;
  return {
    kind: 'structure',
    name,
    traits,
    members: names.map((memberName, index) => member(memberName, targets[index], index < required)),
    union: schema[0] === 4,
  };
}

function member(name: string, raw: unknown, required = false): Member {
  let schema = raw;
  let traits: Traits = {};
  while (Array.isArray(schema) && schema.length === 2) {
    traits = { ...readTraits(schema[1]), ...traits };
    schema = schema[0];
  }
  let target: Shape | undefined;
  return {
    name,
    traits,
    required,
    get target() {
      target ??= shapeOf(schema as RawSchema); // what is left of a member pair is a schema
      return target;
    },
  };
}

const TRAIT_BITS = [
  'httpLabel',
  'idempotent',
  'idempotencyToken',
  'sensitive',
  'httpPayload',
  'httpResponseCode',
  'httpQueryParams',
] as const;

/** Traits are an object, or a number whose bits stand for the traits that carry no value. */
function readTraits(raw: unknown): Traits {
  if (typeof raw === 'object' && raw !== null) return raw;
  const bits = typeof raw === 'number' ? raw : 0;
  return Object.fromEntries(TRAIT_BITS.filter((_, bit) => (bits >> bit) & 1).map((trait) => [trait, 1]));
}
