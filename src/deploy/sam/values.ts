/** Small pieces of templates that the SAM transform writes over and over. */
import { createHash } from 'node:crypto';
import { isObject, type Json, type JsonObject } from '../template.ts';

export const ref = (logicalId: string): JsonObject => ({ Ref: logicalId });

export const getAtt = (logicalId: string, attribute: string): JsonObject => ({
  'Fn::GetAtt': [logicalId, attribute],
});

export const sub = (text: string, variables?: JsonObject): JsonObject => ({
  'Fn::Sub': variables === undefined ? text : [text, variables],
});

const NO_VALUE_REF: JsonObject = { Ref: 'AWS::NoValue' };

export const when = (condition: string, value: Json): JsonObject => ({
  'Fn::If': [condition, value, NO_VALUE_REF],
});

/** Ten hex digits that change with the data and nothing else. Keys are sorted, as AWS's transform does. */
export const shortHash = (data: Json): string => longHash(data).slice(0, 10);

export const longHash = (data: Json): string =>
  createHash('sha1')
    .update(typeof data === 'string' ? data : sortedJson(data))
    .digest('hex');

function sortedJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  if (isObject(value)) {
    const members = Object.keys(value)
      .toSorted()
      .map((key) => `${ascii(JSON.stringify(key))}:${sortedJson(value[key] ?? null)}`);
    return `{${members.join(',')}}`;
  }
  return ascii(JSON.stringify(value));
}

const ascii = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/[^\u0000-\u007e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Letters and digits only, at least one. */
export const isAlphanumeric = (text: string): boolean => /^[A-Za-z0-9]+$/.test(text);

/** The object without its undefined members. */
export function present(members: Record<string, Json | undefined>): JsonObject {
  const kept: JsonObject = {};
  for (const [key, value] of Object.entries(members))
    if (value !== undefined && value !== null) kept[key] = value;
  return kept;
}

/** `[{ Key, Value }]` out of SAM's `{ Key: Value }`. */
export const tagList = (tags: JsonObject | undefined): Json[] =>
  Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));

/** Both branches of Fn::If, or the value itself; what is not there at all is left out. */
export function branchesOf(value: Json | undefined): JsonObject[] {
  const branches = isObject(value) && Array.isArray(value['Fn::If']) ? value['Fn::If'].slice(1) : [value];
  return branches.filter((branch): branch is JsonObject => isObject(branch) && branch.Ref !== 'AWS::NoValue');
}
