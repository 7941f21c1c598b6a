/**
 * The AWS::LanguageExtensions transform: Fn::ForEach is unrolled here; Fn::Length, Fn::ToJsonString, defaults of
 * Fn::FindInMap and functions in deletion policies are worked out with all other functions.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-languageextensions.html
 */
import { limits } from '../base/limits.ts';
import { createEnvironment, type Environment } from './environment.ts';
import { evaluate } from './intrinsics.ts';
import { invalid } from './invalid.ts';
import { intrinsicOf, isObject, type Json, type JsonObject, type Template } from './template.ts';
import type { TransformRequest } from './transforms.ts';

export function expandLanguageExtensions({ template, parameters, stack }: TransformRequest): Template {
  if (!JSON.stringify(template).includes('Fn::ForEach')) return template;
  // Conditions may themselves be made by a loop, so they are not asked here.
  const environment = createEnvironment({ template, parameters, stack, exports: [], conditions: {} });
  const budget = { bytes: limits.templateProcessedBytes };
  return expand(template as unknown as Json, { environment, budget }) as unknown as Template; // same sections, unrolled
}

interface Loops {
  readonly environment: Environment;
  readonly budget: { bytes: number };
}

function expand(value: Json, loops: Loops): Json {
  if (Array.isArray(value)) return value.map((item) => expand(item, loops));
  if (!isObject(value)) return value;
  const members: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    if (!key.startsWith('Fn::ForEach')) members[key] = expand(member, loops);
    else
      for (const [name, made] of Object.entries(unroll(key, member, loops))) {
        if (Object.hasOwn(members, name) || Object.hasOwn(value, name))
          throw invalid(`Transform AWS::LanguageExtensions failed with: ${key} makes ${name} twice`);
        members[name] = made;
      }
  }
  return members;
}

function unroll(key: string, argument: Json, loops: Loops): JsonObject {
  const wrong = `Transform AWS::LanguageExtensions failed with: ${key} layout is incorrect`;
  if (!Array.isArray(argument) || argument.length !== 3) throw invalid(wrong);
  const [identifier, collection, body] = argument;
  if (typeof identifier !== 'string' || !isObject(body)) throw invalid(wrong);
  const items = evaluate(collection ?? null, loops.environment);
  if (!Array.isArray(items) || items.some((item) => isObject(item) || Array.isArray(item)))
    throw invalid(wrong);
  const made: JsonObject = {};
  for (const item of items) {
    spend(loops, body);
    const one = expand(replace(body, identifier, String(item)), loops);
    Object.assign(made, one);
  }
  return made;
}

function spend({ budget }: Loops, body: JsonObject): void {
  budget.bytes -= JSON.stringify(body).length;
  if (budget.bytes < 0)
    throw invalid('Transform AWS::LanguageExtensions failed with: the template becomes too large');
}

/** `${Name}` and `{ Ref: Name }` become the item; `&{Name}` the item without what is not a letter or digit. */
function replace(value: Json, identifier: string, item: string): Json {
  if (typeof value === 'string') return replaceText(value, identifier, item);
  if (Array.isArray(value)) return value.map((one) => replace(one, identifier, item));
  if (!isObject(value)) return value;
  const intrinsic = intrinsicOf(value);
  if (intrinsic?.name === 'Ref' && intrinsic.argument === identifier) return item;
  const members: JsonObject = {};
  for (const [key, member] of Object.entries(value))
    members[replaceText(key, identifier, item)] = replace(member, identifier, item);
  return members;
}

const replaceText = (text: string, identifier: string, item: string): string =>
  text
    .replaceAll(`\${${identifier}}`, item)
    .replaceAll(`&{${identifier}}`, item.replace(/[^A-Za-z0-9]/g, ''));
