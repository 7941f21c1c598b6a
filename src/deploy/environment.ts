/** What intrinsic functions look things up in. */
import { partitionOf } from '../base/arn.ts';
import type { ResourceState } from '../base/resource-type.ts';
import type { StackExport, StackIdentity, StackParameter } from '../base/stack-engine.ts';
import { evaluateConditions } from './conditions.ts';
import { invalid } from './invalid.ts';
import { parameterValue } from './parameters.ts';
import { isObject, type Json, type JsonObject, type Template } from './template.ts';

export interface Environment {
  /** Parameters and pseudo parameters. */
  readonly names: Readonly<Record<string, Json>>;
  readonly mappings: Readonly<Record<string, Record<string, JsonObject>>>;
  /** The value of a condition; throws when there is none of that name. */
  condition(name: string): boolean;
  /** A resource that exists; undefined when it is not made yet. */
  resource(logicalId: string): ResourceState | undefined;
  /** Whether the template holds such a resource, with its condition true. */
  hasResource(logicalId: string): boolean;
  exported(name: string): string | undefined;
  /** Called for a name that nothing has. */
  unresolved(name: string): void;
  /** AWS::LanguageExtensions: further functions, and functions where else only names may stand. */
  readonly extended: boolean;
}

export interface EnvironmentRequest {
  readonly template: Template;
  readonly stack: StackIdentity;
  readonly parameters: readonly StackParameter[];
  readonly exports: readonly StackExport[];
  /** Known already, or worked out here when absent. */
  readonly conditions?: Readonly<Record<string, boolean>>;
  readonly resource?: (logicalId: string) => ResourceState | undefined;
}

export function createEnvironment(request: EnvironmentRequest): Environment & {
  readonly conditions: Readonly<Record<string, boolean>>;
} {
  const { template } = request;
  const base = {
    names: { ...pseudoParameters(request.stack), ...parameterNames(request.parameters) },
    mappings: template.Mappings ?? {},
    extended: transformNames(template).includes('AWS::LanguageExtensions'),
    exported: (name: string) => request.exports.find((one) => one.name === name)?.value,
  };
  const conditions = request.conditions ?? evaluateConditions(template, base);
  return {
    ...base,
    conditions,
    condition: (name) => {
      const value = conditions[name];
      if (value === undefined)
        throw invalid(
          `Template format error: Unresolved condition dependency ${name} in the Resources block of the template`,
        );
      return value;
    },
    resource: request.resource ?? (() => undefined),
    hasResource: (id) => isThere(template.Resources[id], conditions),
    unresolved: unresolvedResource,
  };
}

function unresolvedResource(name: string): never {
  throw invalid(
    `Template format error: Unresolved resource dependencies [${name}] in the Resources block of the template`,
  );
}

/** Whether a resource or an output stands, by its condition. */
export const isThere = (
  part: { readonly Condition?: string } | undefined,
  conditions: Readonly<Record<string, boolean>>,
): boolean => part !== undefined && (part.Condition === undefined || conditions[part.Condition] === true);

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
function pseudoParameters({
  scope,
  stackId,
  stackName,
  notificationArns,
}: StackIdentity): Record<string, Json> {
  const partition = partitionOf(scope.region);
  return {
    'AWS::AccountId': scope.account,
    'AWS::NotificationARNs': [...notificationArns],
    'AWS::Partition': partition,
    'AWS::Region': scope.region,
    'AWS::StackId': stackId,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com',
  };
}

function parameterNames(parameters: readonly StackParameter[]): Record<string, Json> {
  return Object.fromEntries(parameters.map((parameter) => [parameter.key, parameterValue(parameter)]));
}

export function transformNames(template: { readonly Transform?: Json }): string[] {
  const list = Array.isArray(template.Transform) ? template.Transform : [template.Transform ?? []].flat();
  return list.map((one) => (isObject(one) ? String(one.Name) : String(one)));
}

/** `Fn::GetAtt` of a resource that exists. */
export function attributeOf(logicalId: string, name: string, state: ResourceState): Json {
  const own = state.attributes?.[name];
  if (own !== undefined) return own as Json; // attributes are JSON: they were stored as such
  let value: unknown = state.attributes;
  for (const step of name.split('.'))
    value = typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined;
  if (value === undefined)
    throw invalid(
      `Template error: resource ${logicalId} does not support attribute type ${name} in Fn::GetAtt`,
    );
  return value as Json; // as above
}
