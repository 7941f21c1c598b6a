/**
 * Are a resource's properties what AWS's schema says? Wording as CloudFormation's own property validation:
 * `#/Environment: extraneous key [Variable] is not permitted`. References that are not known yet pass.
 */
import { isPending } from './intrinsics.ts';
import type { PropertySchema, ResourceSchema, ValueType } from './resource-schema.ts';
import { intrinsicOf, isObject, type Json, type JsonObject, type Path } from './template.ts';

export interface PropertyFinding {
  readonly message: string;
  /** From the resource's properties down. */
  readonly path: Path;
}

export function checkProperties(properties: JsonObject, schema: ResourceSchema): PropertyFinding[] {
  return checkMembers(properties, schema.properties, []);
}

function checkMembers(
  members: JsonObject,
  schemas: Readonly<Record<string, PropertySchema>>,
  path: Path,
): PropertyFinding[] {
  const findings: PropertyFinding[] = [];
  for (const [name, schema] of Object.entries(schemas))
    if (schema.required && members[name] === undefined)
      findings.push({ message: `#${pointer(path)}: required key [${name}] not found`, path });
  for (const [name, value] of Object.entries(members)) {
    const schema = schemas[name];
    const inside = [...path, name];
    if (schema === undefined)
      findings.push({
        message: `#${pointer(path)}: extraneous key [${name}] is not permitted`,
        path: inside,
      });
    else findings.push(...checkValue(value, schema.types, inside));
  }
  return findings;
}

function checkValue(value: Json, types: readonly ValueType[], path: Path): PropertyFinding[] {
  if (intrinsicOf(value) !== undefined) return [];
  // What a dynamic reference stands for is known when its resource is made.
  if (typeof value === 'string' && value.includes('{{resolve:')) return [];
  const results = types.map((type) => checkType(value, type, path));
  // Of several ways to be wrong, the one that got furthest tells most.
  return results.find((findings) => findings.length === 0) ?? results.toSorted(byDepth)[0] ?? [];
}

const byDepth = (a: PropertyFinding[], b: PropertyFinding[]): number =>
  (b[0]?.path.length ?? 0) - (a[0]?.path.length ?? 0);

function checkType(value: Json, type: ValueType, path: Path): PropertyFinding[] {
  switch (type.kind) {
    case 'json':
      return [];
    case 'string':
    case 'date':
      return isObject(value) || Array.isArray(value) || value === null ? expected('String', value, path) : [];
    case 'number':
      return isNumeric(value) ? [] : expected('Number', value, path);
    case 'integer':
      return isNumeric(value) && Number.isInteger(Number(value)) ? [] : expected('Integer', value, path);
    case 'boolean':
      return typeof value === 'boolean' || /^(true|false)$/i.test(String(value))
        ? []
        : expected('Boolean', value, path);
    case 'tag':
      return checkTag(value, path);
    case 'list':
      return checkList(value, type.element, path);
    case 'map':
      return checkMap(value, type.element, path);
    case 'structure':
      return isObject(value)
        ? checkMembers(value, type.properties(), path)
        : expected('JSONObject', value, path);
    default:
      return type satisfies never;
  }
}

function checkTag(value: Json, path: Path): PropertyFinding[] {
  if (!isObject(value)) return expected('JSONObject', value, path);
  const findings = ['Key', 'Value']
    .filter((key) => value[key] === undefined)
    .map((key) => ({ message: `#${pointer(path)}: required key [${key}] not found`, path }));
  return [...findings, ...['Key', 'Value'].flatMap((key) => checkText(value[key], [...path, key]))];
}

const checkText = (value: Json | undefined, path: Path): PropertyFinding[] =>
  value === undefined || intrinsicOf(value) ? [] : checkType(value, { kind: 'string' }, path);

function checkList(value: Json, element: ValueType, path: Path): PropertyFinding[] {
  if (!Array.isArray(value)) return expected('JSONArray', value, path);
  return value.flatMap((item, index) => checkValue(item, [element], [...path, index]));
}

function checkMap(value: Json, element: ValueType, path: Path): PropertyFinding[] {
  if (!isObject(value)) return expected('JSONObject', value, path);
  return Object.entries(value).flatMap(([key, item]) => checkValue(item, [element], [...path, key]));
}

const isNumeric = (value: Json): boolean =>
  typeof value === 'number' ||
  (typeof value === 'string' && value.trim() !== '' && (!Number.isNaN(Number(value)) || isDynamic(value)));

const isDynamic = (value: string): boolean => value.includes('{{resolve:');

function expected(wanted: string, value: Json, path: Path): PropertyFinding[] {
  return [{ message: `#${pointer(path)}: expected type: ${wanted}, found: ${kindOf(value)}`, path }];
}

function kindOf(value: Json): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'JSONArray';
  if (isObject(value)) return 'JSONObject';
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'BigDecimal';
  return typeof value === 'boolean' ? 'Boolean' : 'String';
}

const pointer = (path: Path): string => path.map((step) => `/${step}`).join('');

/**
 * Values in the form the schema says: CloudFormation takes `"30"` for a number, `30` for a text, `"true"` for a
 * boolean.
 */
export function coerceProperties(properties: JsonObject, schema: ResourceSchema): JsonObject {
  return coerceMembers(properties, schema.properties);
}

function coerceMembers(members: JsonObject, schemas: Readonly<Record<string, PropertySchema>>): JsonObject {
  const coerced: JsonObject = {};
  for (const [name, value] of Object.entries(members)) {
    const schema = schemas[name];
    coerced[name] = schema === undefined ? value : coerce(value, fitting(value, schema.types));
  }
  return coerced;
}

const fitting = (value: Json, types: readonly ValueType[]): ValueType =>
  types.find((type) => checkType(value, type, []).length === 0) ?? { kind: 'json' };

function coerce(value: Json, type: ValueType): Json {
  if (isPending(value)) return value;
  switch (type.kind) {
    case 'string':
    case 'date':
      return String(value);
    case 'number':
    case 'integer':
      return Number(value);
    case 'boolean':
      return String(value).toLowerCase() === 'true';
    case 'tag':
      return isObject(value) ? { ...value, Key: String(value.Key), Value: String(value.Value) } : value;
    case 'list':
      return Array.isArray(value) ? value.map((item) => coerce(item, type.element)) : value;
    case 'map':
      return isObject(value)
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, coerce(item, type.element)]))
        : value;
    case 'structure':
      return isObject(value) ? coerceMembers(value, type.properties()) : value;
    case 'json':
      return value;
    default:
      return type satisfies never;
  }
}
