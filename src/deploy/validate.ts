/**
 * Step 9: everything that can be known to be wrong before anything is made: unknown types and properties, missing
 * ones, wrong values, attributes that do not exist. All findings are reported together, each with its place.
 */
import type { ResourceType } from '../base/resource-type.ts';
import { evaluate } from './intrinsics.ts';
import { invalid } from './invalid.ts';
import type { Plan, PlannedResource } from './plan.ts';
import { checkProperties } from './property-check.ts';
import { type Reference, referencesIn } from './references.ts';
import { loadSchema } from './resource-schema.ts';
import { isObject, lineOf, type Locate } from './template.ts';

/** How a type's implementation is found; `Custom::X` is already known by its general name. */
export type FindResourceType = (type: string) => Promise<ResourceType | undefined>;

export interface ValidateRequest {
  readonly plan: Plan;
  readonly locate: Locate;
  readonly findType: FindResourceType;
}

export async function validate(request: ValidateRequest): Promise<void> {
  const { plan } = request;
  const findings: string[] = [];
  for (const resource of plan.resources.values()) findings.push(...(await checkResource(resource, request)));
  for (const [key, output] of Object.entries(plan.outputs))
    findings.push(...(await checkOutput(key, output, request)));
  if (findings.length > 0) throw invalid(findings.join('\n'));
}

/** What carries out a type: all custom resources are one. */
export const implementedBy = (type: string): string =>
  type.startsWith('Custom::') ? 'AWS::CloudFormation::CustomResource' : type;

async function checkResource(resource: PlannedResource, request: ValidateRequest): Promise<string[]> {
  const { logicalId, type, properties } = resource;
  const { locate, findType, plan } = request;
  const implementation = await findType(implementedBy(type));
  const where = (path: readonly (string | number)[]): string =>
    lineOf(locate, ['Resources', logicalId, ...path]);
  if (implementation === undefined)
    return [`${type} (resource ${logicalId}): not supported by gatehouse; nothing was created${where([])}`];
  const template = plan.template.Resources[logicalId];
  const refused = (['CreationPolicy', 'UpdatePolicy'] as const)
    .filter((attribute) => template?.[attribute] !== undefined)
    .map(
      (attribute) =>
        `${type} (resource ${logicalId}): ${attribute}: not supported by gatehouse; nothing was created${where([attribute])}`,
    );
  const unsupported = (implementation.unsupported ?? [])
    .filter((name) => properties[name] !== undefined)
    .map(
      (name) =>
        `${type} (resource ${logicalId}): property ${name}: not supported by gatehouse; nothing was created${where(['Properties', name])}`,
    );
  return [
    ...refused,
    ...unsupported,
    ...(await checkSchema(resource, request)),
    ...(await checkAttributes(resource, request)),
  ];
}

async function checkSchema(
  { logicalId, type, properties }: PlannedResource,
  { locate }: ValidateRequest,
): Promise<string[]> {
  const custom = implementedBy(type) === 'AWS::CloudFormation::CustomResource';
  const schema = await loadSchema(implementedBy(type));
  if (custom)
    return properties.ServiceToken === undefined
      ? [
          `Properties validation failed for resource ${logicalId} with message:\n#: required key [ServiceToken] not found${lineOf(locate, ['Resources', logicalId])}`,
        ]
      : [];
  if (schema === undefined) return [];
  const findings = checkProperties(properties, schema);
  if (findings.length === 0) return [];
  const lines = findings.map(
    ({ message, path }) => message + lineOf(locate, ['Resources', logicalId, 'Properties', ...path]),
  );
  return [`Properties validation failed for resource ${logicalId} with message:\n${lines.join('\n')}`];
}

async function checkAttributes(resource: PlannedResource, request: ValidateRequest): Promise<string[]> {
  const path = ['Resources', resource.logicalId, 'Properties'];
  return checkReferences(referencesIn(resource.properties), path, request);
}

async function checkReferences(
  references: readonly Reference[],
  path: readonly (string | number)[],
  { plan, locate }: ValidateRequest,
): Promise<string[]> {
  const findings: string[] = [];
  for (const { logicalId, attribute, path: inside } of references) {
    const target = plan.resources.get(logicalId);
    if (attribute === undefined || target === undefined || hasOpenAttributes(target.type)) continue;
    const schema = await loadSchema(target.type);
    if (schema === undefined || schema.attributes.includes(attribute)) continue;
    findings.push(
      `Template error: resource ${logicalId} does not support attribute type ${attribute} in Fn::GetAtt${lineOf(locate, [...path, ...inside])}`,
    );
  }
  return findings;
}

/** Types whose attributes are named by users. */
const hasOpenAttributes = (type: string): boolean =>
  type.startsWith('Custom::') ||
  type === 'AWS::CloudFormation::CustomResource' ||
  type === 'AWS::CloudFormation::Stack' ||
  type === 'AWS::CloudFormation::Macro';

async function checkOutput(key: string, output: unknown, request: ValidateRequest): Promise<string[]> {
  const { plan, locate } = request;
  const where = lineOf(locate, ['Outputs', key]);
  if (!isObject(output) || output.Value === undefined)
    return [
      `Template format error: Output ${key} is malformed: every Outputs member must contain a Value object${where}`,
    ];
  const unresolved = (name: string): never => {
    throw invalid(
      `Template format error: Unresolved resource dependencies [${name}] in the Outputs block of the template${where}`,
    );
  };
  const evaluated = evaluate(output, { ...plan.environment, unresolved });
  return checkReferences(referencesIn(evaluated), ['Outputs', key], request);
}
