/** Which resources a value refers to: by Ref, Fn::GetAtt and Fn::Sub. */
import { intrinsicOf, isObject, type Json } from './template.ts';

export interface Reference {
  readonly logicalId: string;
  /** Set for Fn::GetAtt. */
  readonly attribute?: string;
  /** Keys and indexes from the value's root. */
  readonly path: readonly (string | number)[];
}

export function referencesIn(value: Json, path: readonly (string | number)[] = []): Reference[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => referencesIn(item, [...path, index]));
  if (!isObject(value)) return [];
  const intrinsic = intrinsicOf(value);
  if (intrinsic?.name === 'Ref') return [{ logicalId: String(intrinsic.argument), path }];
  if (intrinsic?.name === 'Fn::GetAtt') return attributeReference(intrinsic.argument, path);
  if (intrinsic?.name === 'Fn::Sub') return subReferences(intrinsic.argument, path);
  return Object.entries(value).flatMap(([key, member]) => referencesIn(member, [...path, key]));
}

function attributeReference(argument: Json, path: Reference['path']): Reference[] {
  if (typeof argument === 'string') {
    const [logicalId = '', ...rest] = argument.split('.');
    return [{ logicalId, attribute: rest.join('.'), path }];
  }
  if (!Array.isArray(argument)) return [];
  const [logicalId, attribute] = argument;
  return [
    {
      logicalId: String(logicalId),
      ...(typeof attribute === 'string' && { attribute }),
      path,
    },
  ];
}

function subReferences(argument: Json, path: Reference['path']): Reference[] {
  const [text, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const own = isObject(variables) ? variables : {};
  const found = referencesIn(own, [...path, 'Fn::Sub', 1]);
  for (const [, name = ''] of String(text).matchAll(/\$\{([^}!][^}]*)\}/g)) {
    if (Object.hasOwn(own, name.trim())) continue;
    found.push(...attributeOrReference(name.trim(), path));
  }
  return found;
}

const attributeOrReference = (name: string, path: Reference['path']): Reference[] =>
  name.includes('.') ? attributeReference(name, path) : [{ logicalId: name, path }];
