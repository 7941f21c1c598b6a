/** Step 10: what changed in a resource, and whether that replaces it, by AWS's schema. */
import type { PropertySchema, ResourceSchema } from './resource-schema.ts';
import { isObject, type Json, type JsonObject } from './template.ts';

export interface PropertyDifference {
  readonly name: string;
  readonly replaces: PropertySchema['replaces'];
}

export function differences(
  before: JsonObject,
  after: JsonObject,
  schema: ResourceSchema | undefined,
): PropertyDifference[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => !sameJson(before[name], after[name]))
    .map((name) => ({ name, replaces: replacesBy(before[name], after[name], schema?.properties[name]) }));
}

/** A structure that changes replaces the resource when a member that changed does. */
function replacesBy(
  before: Json | undefined,
  after: Json | undefined,
  schema: PropertySchema | undefined,
): PropertySchema['replaces'] {
  if (schema === undefined || schema.replaces !== 'never') return schema?.replaces ?? 'never';
  const structure = schema.types.find((type) => type.kind === 'structure');
  if (structure?.kind !== 'structure' || !isObject(before) || !isObject(after)) return 'never';
  const members = structure.properties();
  const verdicts = Object.keys(members)
    .filter((name) => !sameJson(before[name], after[name]))
    .map((name) => replacesBy(before[name], after[name], members[name]));
  return (
    verdicts.find((verdict) => verdict === 'always') ??
    verdicts.find((verdict) => verdict === 'maybe') ??
    'never'
  );
}

/** Equal whatever the order of keys. Text and the number or boolean it spells are the same, as for CloudFormation. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((one, i) => sameJson(one, b[i]));
  if (isObject(a)) {
    if (!isObject(b)) return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => sameJson(a[key], b[key]));
  }
  if (a === undefined || b === undefined || a === null || b === null || typeof b === 'object') return false;
  return String(a) === String(b);
}
