/** `!Ref Function.Alias`, `!GetAtt Layer.Arn`, `${Api.Stage}`: names that SAM lends out become the ids it made. */
import { isObject, type Json } from '../template.ts';

export function renameReferences(value: Json, names: ReadonlyMap<string, string>): Json {
  if (names.size === 0) return value;
  if (Array.isArray(value)) return value.map((item) => renameReferences(item, names));
  if (!isObject(value)) return value;
  const keys = Object.keys(value);
  const [key] = keys;
  if (keys.length === 1 && key === 'Ref') return { Ref: names.get(String(value.Ref)) ?? value.Ref ?? null };
  if (keys.length === 1 && key === 'Fn::GetAtt')
    return { 'Fn::GetAtt': attribute(value[key] ?? null, names) };
  if (keys.length === 1 && key === 'Fn::Sub') return { 'Fn::Sub': substitution(value[key] ?? null, names) };
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, renameReferences(member, names)]),
  );
}

function attribute(argument: Json, names: ReadonlyMap<string, string>): Json {
  const path =
    typeof argument === 'string' ? argument.split('.') : Array.isArray(argument) ? argument : undefined;
  if (path === undefined || !path.every((part) => typeof part === 'string'))
    return renameReferences(argument, names);
  const steps = path.flatMap((part) => String(part).split('.'));
  return renamed(steps, names) ?? argument;
}

/** The longest beginning that has another name; what is left is the attribute. */
function renamed(steps: readonly string[], names: ReadonlyMap<string, string>): string[] | undefined {
  for (let length = Math.min(2, steps.length - 1); length > 0; length -= 1) {
    const id = names.get(steps.slice(0, length).join('.'));
    if (id !== undefined) return [id, steps.slice(length).join('.')];
  }
  return undefined;
}

function substitution(argument: Json, names: ReadonlyMap<string, string>): Json {
  const [text, variables] = Array.isArray(argument) ? argument : [argument];
  if (typeof text !== 'string') return renameReferences(argument, names);
  const own = isObject(variables) ? variables : {};
  const changed = text.replace(/\$\{([^}!][^}]*)\}/g, (whole, name: string) => {
    if (Object.hasOwn(own, name)) return whole;
    const direct = names.get(name);
    if (direct !== undefined) return `\${${direct}}`;
    const parts = renamed(name.split('.'), names);
    return parts === undefined ? whole : `\${${parts.join('.')}}`;
  });
  return Array.isArray(argument) ? [changed, renameReferences(own, names)] : changed;
}
