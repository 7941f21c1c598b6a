/**
 * Intrinsic functions. `evaluate` replaces every function whose arguments are known; what refers to resources that
 * do not exist yet stays as it is written, so that the same function serves validation, comparison and execution.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
 */
import type { Fault } from '../base/fault.ts';
import { cidrBlocks } from './cidr.ts';
import { attributeOf, type Environment } from './environment.ts';
import { invalid } from './invalid.ts';
import { attributePath } from './read.ts';
import { intrinsicOf, isObject, type Json, type JsonObject } from './template.ts';
import { availabilityZones } from './zones.ts';

/** `AWS::NoValue`: compared by identity, removed with the property or list entry it stands for. */
export const NO_VALUE: JsonObject = Object.freeze({});

export function evaluate(value: Json, environment: Environment): Json {
  if (Array.isArray(value)) return value.map((item) => evaluate(item, environment)).filter(isPresent);
  if (!isObject(value)) return value;
  const intrinsic = intrinsicOf(value);
  if (intrinsic === undefined) return evaluateMembers(value, environment);
  const compute = FUNCTIONS[intrinsic.name];
  if (compute === undefined) throw unknownFunction(intrinsic.name);
  return compute(intrinsic.argument, environment);
}

const unknownFunction = (name: string): Fault =>
  invalid(
    `Template error: Encountered unsupported function: ${name} Supported functions are: [Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, Fn::Cidr]`,
  );

function evaluateMembers(value: JsonObject, environment: Environment): JsonObject {
  const members: JsonObject = {};
  for (const [key, member] of Object.entries(value)) {
    const evaluated = evaluate(member, environment);
    if (isPresent(evaluated)) members[key] = evaluated;
  }
  return members;
}

const isPresent = (value: Json): boolean => value !== NO_VALUE;

/** True when a reference is left somewhere inside. */
export function isPending(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(isPending);
  if (!isObject(value) || value === NO_VALUE) return false;
  return intrinsicOf(value) !== undefined || Object.values(value).some(isPending);
}

type Compute = (argument: Json, environment: Environment) => Json;

const FUNCTIONS: Readonly<Record<string, Compute>> = {
  Ref: reference,
  'Fn::GetAtt': attribute,
  'Fn::Sub': substitute,
  'Fn::Join': join,
  'Fn::Select': select,
  'Fn::Split': split,
  'Fn::If': choose,
  'Fn::Base64': base64,
  'Fn::Cidr': cidr,
  'Fn::FindInMap': findInMap,
  'Fn::GetAZs': zones,
  'Fn::ImportValue': importValue,
  'Fn::Length': length,
  'Fn::ToJsonString': toJsonString,
  'Fn::Equals': (argument, environment) => {
    const [left, right] = pair(
      argument,
      'Template error: every Fn::Equals object requires a list of 2 string parameters.',
    );
    const a = evaluate(left, environment);
    const b = evaluate(right, environment);
    return isPending(a) || isPending(b) ? { 'Fn::Equals': [a, b] } : sameText(a, b);
  },
  'Fn::And': (argument, environment) => booleans('Fn::And', argument, environment).every(Boolean),
  'Fn::Or': (argument, environment) => booleans('Fn::Or', argument, environment).some(Boolean),
  'Fn::Not': (argument, environment) => {
    if (!Array.isArray(argument) || argument.length !== 1)
      throw invalid('Template error: every Fn::Not object requires one boolean parameter.');
    return !conditionValue(argument[0] ?? false, environment);
  },
  'Fn::Contains': (argument, environment) => {
    const [list, item] = pair(argument, 'Template error: every Fn::Contains object requires two parameters.');
    return asList(evaluate(list, environment)).some((one) => sameText(one, evaluate(item, environment)));
  },
  'Fn::EachMemberEquals': (argument, environment) => {
    const [list, item] = pair(
      argument,
      'Template error: every Fn::EachMemberEquals object requires two parameters.',
    );
    return asList(evaluate(list, environment)).every((one) => sameText(one, evaluate(item, environment)));
  },
  'Fn::EachMemberIn': (argument, environment) => {
    const [list, among] = pair(
      argument,
      'Template error: every Fn::EachMemberIn object requires two parameters.',
    );
    const allowed = asList(evaluate(among, environment));
    return asList(evaluate(list, environment)).every((one) => allowed.some((other) => sameText(one, other)));
  },
};

function reference(argument: Json, environment: Environment): Json {
  const name = environment.extended ? evaluate(argument, environment) : argument;
  if (typeof name !== 'string')
    throw invalid('Template error: every Ref object must have a single String value.');
  if (name === 'AWS::NoValue') return NO_VALUE;
  const known = environment.names[name];
  if (known !== undefined) return known;
  const resource = environment.resource(name);
  if (resource !== undefined) return resource.ref ?? resource.physicalId;
  if (!environment.hasResource(name)) environment.unresolved(name);
  return { Ref: name };
}

const GET_ATT =
  'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute';

function attribute(argument: Json, environment: Environment): Json {
  const path = attributePath(argument);
  if (!Array.isArray(path) || path.length !== 2) throw invalid(GET_ATT);
  const [id, name] = path.map((part) => evaluate(part, environment));
  if (typeof id !== 'string' || typeof name !== 'string' || id === '' || name === '') throw invalid(GET_ATT);
  const state = environment.resource(id);
  if (state !== undefined) return attributeOf(id, name, state);
  if (!environment.hasResource(id))
    throw invalid(`Template error: instance of Fn::GetAtt references undefined resource ${id}`);
  return { 'Fn::GetAtt': [id, name] };
}

const SUB =
  "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string";

function substitute(argument: Json, environment: Environment): Json {
  const [text, given] = Array.isArray(argument) ? argument : [argument, {}];
  if (typeof text !== 'string' || !isObject(given ?? {}) || (Array.isArray(argument) && argument.length > 2))
    throw invalid(SUB);
  const left: JsonObject = {};
  const variables = isObject(given) ? given : {};
  const replaced = text.replace(/\$\{([^}]*)\}/g, (whole, name: string) => {
    if (name.startsWith('!')) return whole;
    const value = variableValue(name.trim(), variables, environment);
    if (!isPending(value)) return scalarText(value, name).replaceAll('${', '${!');
    if (Object.hasOwn(variables, name.trim())) left[name.trim()] = value;
    return whole;
  });
  if (/\$\{[^!}][^}]*\}/.test(replaced))
    return { 'Fn::Sub': Object.keys(left).length > 0 ? [replaced, left] : replaced };
  return replaced.replaceAll('${!', '${');
}

function variableValue(name: string, variables: JsonObject, environment: Environment): Json {
  const own = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (own !== undefined) return evaluate(own, environment);
  if (name.includes('.')) return attribute(name, environment);
  return reference(name, environment);
}

function scalarText(value: Json, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw invalid(`Template error: variable ${name} in Fn::Sub expression does not resolve to a string`);
}

const JOIN =
  'Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.';

function join(argument: Json, environment: Environment): Json {
  const [delimiterArgument, listArgument] = pair(argument, JOIN);
  const delimiter = evaluate(delimiterArgument, environment);
  const list = evaluate(listArgument, environment);
  if (isPending(list) || isPending(delimiter)) return { 'Fn::Join': [delimiter, list] };
  if (typeof delimiter !== 'string' || !Array.isArray(list)) throw invalid(JOIN);
  return list
    .map((item) => {
      if (isObject(item) || Array.isArray(item) || item === null) throw invalid(JOIN);
      return String(item);
    })
    .join(delimiter);
}

function select(argument: Json, environment: Environment): Json {
  const [indexArgument, listArgument] = pair(
    argument,
    'Template error: Fn::Select requires a list argument with two elements: an integer index and a list',
  );
  const index = evaluate(indexArgument, environment);
  const list = evaluate(listArgument, environment);
  if (!Array.isArray(list)) {
    if (isPending(list)) return { 'Fn::Select': [index, list] };
    throw invalid(
      'Template error: Fn::Select requires a list argument with two elements: an integer index and a list',
    );
  }
  const item = list[Number(index)];
  if (item === undefined)
    throw invalid(`Template error: Fn::Select cannot select nonexistent value at index ${index}`);
  return item;
}

const SPLIT =
  'Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.';

function split(argument: Json, environment: Environment): Json {
  const [delimiterArgument, textArgument] = pair(argument, SPLIT);
  const delimiter = evaluate(delimiterArgument, environment);
  const text = evaluate(textArgument, environment);
  if (isPending(text)) return { 'Fn::Split': [delimiter, text] };
  if (typeof delimiter !== 'string' || delimiter === '' || typeof text !== 'string') throw invalid(SPLIT);
  return text.split(delimiter);
}

function choose(argument: Json, environment: Environment): Json {
  if (!Array.isArray(argument) || argument.length !== 3)
    throw invalid('Template error: Fn::If requires a list argument with three elements');
  const [condition, whenTrue = null, whenFalse = null] = argument;
  if (typeof condition !== 'string')
    throw invalid('Template error: Fn::If requires a list argument with the first element being a condition');
  return evaluate(environment.condition(condition) ? whenTrue : whenFalse, environment);
}

function base64(argument: Json, environment: Environment): Json {
  const text = evaluate(argument, environment);
  if (isPending(text)) return { 'Fn::Base64': text };
  if (typeof text !== 'string')
    throw invalid('Template error: every Fn::Base64 object must have a String-typed value.');
  return Buffer.from(text).toString('base64');
}

function cidr(argument: Json, environment: Environment): Json {
  if (!Array.isArray(argument) || argument.length < 2 || argument.length > 3)
    throw invalid(
      'Template error: every Fn::Cidr object requires two or three parameters: ipBlock, count, cidrBits',
    );
  const parts = argument.map((part) => evaluate(part, environment));
  if (isPending(parts)) return { 'Fn::Cidr': parts };
  return cidrBlocks(
    String(parts[0]),
    Number(parts[1]),
    parts[2] === undefined ? undefined : Number(parts[2]),
  );
}

function findInMap(argument: Json, environment: Environment): Json {
  if (!Array.isArray(argument) || argument.length < 3 || argument.length > (environment.extended ? 4 : 3))
    throw invalid(
      'Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value',
    );
  const [map, top, second, options] = argument.map((part, index) =>
    index < 3 ? evaluate(part, environment) : part,
  );
  if (isPending([map ?? null, top ?? null, second ?? null])) return { 'Fn::FindInMap': argument };
  const found = environment.mappings[String(map)]?.[String(top)]?.[String(second)];
  if (found !== undefined) return found;
  if (isObject(options) && options.DefaultValue !== undefined)
    return evaluate(options.DefaultValue, environment);
  throw invalid(`Template error: Unable to get mapping for ${map}::${top}::${second}`);
}

function zones(argument: Json, environment: Environment): Json {
  const region = evaluate(argument, environment);
  const own = environment.names['AWS::Region'];
  return availabilityZones(String(region === '' || region === NO_VALUE || region === null ? own : region));
}

function importValue(argument: Json, environment: Environment): Json {
  const name = evaluate(argument, environment);
  if (isPending(name))
    throw invalid(
      'Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs',
    );
  const value = environment.exported(String(name));
  if (value === undefined) throw invalid(`No export named ${String(name)} found.`);
  return value;
}

function length(argument: Json, environment: Environment): Json {
  if (!environment.extended) throw unknownFunction('Fn::Length');
  const list = evaluate(argument, environment);
  if (Array.isArray(list)) return list.length;
  if (isPending(list)) return { 'Fn::Length': list };
  throw invalid(
    'Template error: Fn::Length expects a list of elements or an intrinsic function returning a list of elements',
  );
}

function toJsonString(argument: Json, environment: Environment): Json {
  if (!environment.extended) throw unknownFunction('Fn::ToJsonString');
  const value = evaluate(argument, environment);
  return isPending(value) ? { 'Fn::ToJsonString': value } : JSON.stringify(value);
}

/** A member of Fn::And, Fn::Or, Fn::Not: a condition by name, a function, or a boolean. */
export function conditionValue(value: Json, environment: Environment): boolean {
  if (isObject(value) && typeof value.Condition === 'string' && Object.keys(value).length === 1)
    return environment.condition(value.Condition);
  const evaluated = evaluate(value, environment);
  if (typeof evaluated === 'boolean') return evaluated;
  if (evaluated === 'true' || evaluated === 'false') return evaluated === 'true';
  throw invalid('Template format error: Every Condition member must be a string.');
}

function booleans(name: string, argument: Json, environment: Environment): boolean[] {
  if (!Array.isArray(argument) || argument.length < 2 || argument.length > 10)
    throw invalid(
      `Template error: every ${name} object requires a list of at least 2 and at most 10 boolean parameters.`,
    );
  return argument.map((one) => conditionValue(one, environment));
}

function pair(argument: Json, message: string): [Json, Json] {
  if (!Array.isArray(argument) || argument.length !== 2) throw invalid(message);
  return [argument[0] ?? null, argument[1] ?? null];
}

const asList = (value: Json): Json[] => (Array.isArray(value) ? value : [value]);

const sameText = (a: Json, b: Json): boolean =>
  isObject(a) || Array.isArray(a) ? JSON.stringify(a) === JSON.stringify(b) : String(a) === String(b);
