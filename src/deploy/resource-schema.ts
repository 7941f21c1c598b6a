/**
 * AWS's resource schemas as data: one file a service in `schemas/` (written by `scripts/schemas/generate.ts`, which
 * also says how to read a property's text), read when a template first names the service.
 */
import { readFile } from 'node:fs/promises';

export interface ResourceSchema {
  readonly type: string;
  readonly properties: Readonly<Record<string, PropertySchema>>;
  readonly attributes: readonly string[];
  /** The properties that identify the resource. */
  readonly identifier: readonly string[];
  readonly tags?: { readonly property: string; readonly form: 'standard' | 'map' };
}

export interface PropertySchema {
  readonly types: readonly ValueType[];
  readonly required: boolean;
  readonly replaces: 'never' | 'always' | 'maybe';
}

export type ValueType =
  | { readonly kind: 'string' | 'number' | 'integer' | 'boolean' | 'json' | 'date' | 'tag' }
  | { readonly kind: 'list' | 'map'; readonly element: ValueType }
  | {
      readonly kind: 'structure';
      readonly name: string;
      readonly properties: () => Readonly<Record<string, PropertySchema>>;
    };

interface SchemaFile {
  readonly types: Readonly<
    Record<
      string,
      {
        readonly p: Record<string, string>;
        readonly a: string[];
        readonly id: string[];
        readonly tags?: string;
      }
    >
  >;
  readonly structures: Readonly<Record<string, { readonly p: Record<string, string> }>>;
}

const files = new Map<string, Promise<SchemaFile | undefined>>();
const schemas = new Map<string, ResourceSchema>();

/** Undefined for a type that AWS's schemas here do not hold. */
export async function loadSchema(type: string): Promise<ResourceSchema | undefined> {
  const known = schemas.get(type);
  if (known) return known;
  const file = await schemaFile(type.split('::')[1] ?? '');
  const entry = file?.types[type];
  if (file === undefined || entry === undefined) return undefined;
  const [property, form] = entry.tags?.split(' ') ?? [];
  const schema: ResourceSchema = {
    type,
    properties: propertiesOf(entry.p, file),
    attributes: entry.a,
    identifier: entry.id,
    ...(property !== undefined && { tags: { property, form: form === 'map' ? 'map' : 'standard' } }),
  };
  schemas.set(type, schema);
  return schema;
}

function schemaFile(service: string): Promise<SchemaFile | undefined> {
  const known = files.get(service);
  if (known) return known;
  const reading = readSchemaFile(service);
  files.set(service, reading);
  return reading;
}

async function readSchemaFile(service: string): Promise<SchemaFile | undefined> {
  if (!/^\w+$/.test(service)) return undefined;
  try {
    return JSON.parse(await readFile(new URL(`./schemas/${service}.json`, import.meta.url), 'utf8'));
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
    throw thrown;
  }
}

function propertiesOf(texts: Record<string, string>, file: SchemaFile): Record<string, PropertySchema> {
  const properties: Record<string, PropertySchema> = {};
  for (const [name, text] of Object.entries(texts)) properties[name] = propertyOf(text, file);
  return properties;
}

function propertyOf(text: string, file: SchemaFile): PropertySchema {
  const [, types = '', flags = ''] = /^(.*?)([!*?]*)$/.exec(text) ?? [];
  return {
    types: types.split('|').map((type) => typeOf(type, file)),
    required: flags.includes('!'),
    replaces: flags.includes('*') ? 'always' : flags.includes('?') ? 'maybe' : 'never',
  };
}

const KINDS = {
  s: 'string',
  n: 'number',
  i: 'integer',
  b: 'boolean',
  j: 'json',
  d: 'date',
  t: 'tag',
} as const;

function typeOf(text: string, file: SchemaFile): ValueType {
  if (text.startsWith('[]')) return { kind: 'list', element: typeOf(text.slice(2), file) };
  if (text.startsWith('{}')) return { kind: 'map', element: typeOf(text.slice(2), file) };
  if (text.startsWith('#')) return structureOf(text.slice(1), file);
  const kind = Object.entries(KINDS).find(([letter]) => letter === text)?.[1];
  return { kind: kind ?? 'json' };
}

function structureOf(name: string, file: SchemaFile): ValueType {
  let properties: Record<string, PropertySchema> | undefined;
  return {
    kind: 'structure',
    name: name.slice(name.indexOf('.') + 1),
    // Structures may hold themselves: their properties are read when somebody looks inside.
    properties: () => {
      properties ??= propertiesOf(file.structures[name]?.p ?? {}, file);
      return properties;
    },
  };
}
