/**
 * The resources of an action by the general reading: each of its types' ARNs, as the input spells it out or as it is
 * put together from the input's members.
 */
import { partitionOf } from '../../base/arn.ts';
import type { AccessAction, AccessData } from './access-data.ts';
import { type AccessCall, type Fields, type Requirement, type ServiceRules, textOf } from './requirement.ts';

/** Makes something whose id nobody knows yet: AWS, too, asks about `vpc/*`. */
const MAKES = /^(Create|Run|Allocate|Import|Register|Request|Copy)/;

/** A type that every call names and this one does not spell out stands for any of it: `vpc/*`. */
export function resourcesOf(
  call: AccessCall,
  action: AccessAction,
  data: AccessData,
  members: ServiceRules['members'] = {},
): Pick<Requirement, 'resources' | 'unresolved'> {
  const named: string[] = [];
  const unnamed: string[] = [];
  for (const name of action.types) {
    const isRequired = name.endsWith('*');
    const type = data.types[isRequired ? name.slice(0, -1) : name];
    if (type === undefined) continue;
    const arns = arnsOf(call, type.arn, members);
    if (arns.length > 0) named.push(...arns);
    else if (isRequired) unnamed.push(fill(call, type.arn, members, '*') ?? '*');
  }
  // Several types where one is named: a function or an alias, a topic or a subscription.
  if (named.length > 0) return { resources: [...new Set(named)] };
  if (unnamed.length === 0) return { resources: ['*'] };
  return { resources: [...new Set(unnamed)], unresolved: !MAKES.test(call.operation) };
}

function arnsOf(call: AccessCall, template: string, members: NonNullable<ServiceRules['members']>): string[] {
  const spelled = spelledOut(call.input, patternOf(template));
  if (spelled.length > 0) return spelled;
  const made = fill(call, template, members);
  return made === undefined ? [] : [made];
}

/** Texts of the input, or of its lists, that are such ARNs. */
function spelledOut(input: Fields, pattern: RegExp): string[] {
  const texts = Object.values(input).flatMap((value) => (Array.isArray(value) ? value : [value]));
  return texts.filter((text): text is string => typeof text === 'string' && pattern.test(text));
}

const VARIABLE = /\$\{(\w+)\}/g;

const patterns = new Map<string, RegExp>();

function patternOf(template: string): RegExp {
  const known = patterns.get(template);
  if (known !== undefined) return known;
  const source = template
    .split(VARIABLE)
    .map((part, index) => {
      if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      if (part === 'Partition') return '[\\w-]+';
      return part === 'Region' || part === 'Account' ? '[\\w-]*' : '.+';
    })
    .join('');
  const pattern = new RegExp(`^${source}$`);
  patterns.set(template, pattern);
  return pattern;
}

function fill(
  { input, scope }: AccessCall,
  template: string,
  members: NonNullable<ServiceRules['members']>,
  otherwise?: string,
): string | undefined {
  let complete = true;
  const arn = template.replace(VARIABLE, (_, name: string) => {
    if (name === 'Partition') return partitionOf(scope.region);
    if (name === 'Region') return scope.region;
    if (name === 'Account') return scope.account;
    const value = memberOf(input, [name, ...(members[name] ?? [])]) ?? otherwise;
    complete &&= value !== undefined;
    return value ?? '';
  });
  return complete ? arn : undefined;
}

function memberOf(input: Fields, names: readonly string[]): string | undefined {
  for (const name of names) {
    const key = Object.keys(input).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
    const value = key === undefined ? undefined : textOf(input[key]);
    if (value !== undefined && !value.startsWith('arn:')) return value;
  }
  return undefined;
}
