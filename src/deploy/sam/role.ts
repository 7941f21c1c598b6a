/** The role that SAM makes for a function or a state machine, and its Policies property. */
import { readFileSync } from 'node:fs';
import { intrinsicOf, isObject, type Json, type JsonObject } from '../template.ts';
import { SamFault } from './faults.ts';
import { make, type Resource, type SamResource } from './serverless.ts';
import { sub } from './values.ts';

export interface RoleRequest {
  readonly resource: SamResource;
  readonly partition: string;
  readonly assumeRolePolicyDocument: Json;
  readonly managedPolicyArns: string[];
  /** Inline policies that SAM adds by itself. */
  readonly policies: Json[];
  readonly tags: Json[];
  readonly attributes: JsonObject;
}

export const assumeRoleBy = (service: string): JsonObject => ({
  Version: '2012-10-17',
  Statement: [{ Action: ['sts:AssumeRole'], Effect: 'Allow', Principal: { Service: [service] } }],
});

export const managedPolicyArn = (partition: string, path: string): string =>
  `arn:${partition}:iam::aws:policy/${path}`;

export function roleOf(request: RoleRequest): Resource {
  const { resource, partition } = request;
  const { logicalId, properties } = resource;
  const arns: Json[] = [...request.managedPolicyArns];
  const inline: Json[] = [...request.policies];
  for (const [index, policy] of policiesOf(properties.Policies).entries()) {
    const name = `${logicalId}RolePolicy${index}`;
    const made = convert(policy, name, resource, partition);
    if (made.kind === 'inline') inline.push(made.policy);
    else if (!arns.some((arn) => JSON.stringify(arn) === JSON.stringify(made.arn))) arns.push(made.arn);
  }
  return make(
    'AWS::IAM::Role',
    {
      AssumeRolePolicyDocument: properties.AssumeRolePolicyDocument ?? request.assumeRolePolicyDocument,
      ManagedPolicyArns: arns,
      ...(inline.length > 0 && { Policies: inline }),
      Path: properties.RolePath,
      PermissionsBoundary: properties.PermissionsBoundary,
      Tags: request.tags,
    },
    request.attributes,
  );
}

function policiesOf(policies: Json | undefined): Json[] {
  if (policies === undefined || policies === null) return [];
  return Array.isArray(policies) ? policies : [policies];
}

type Converted = { kind: 'managed'; arn: Json } | { kind: 'inline'; policy: Json };

function convert(policy: Json, name: string, resource: SamResource, partition: string): Converted {
  if (typeof policy === 'string') return { kind: 'managed', arn: arnOfPolicy(policy, partition) };
  if (!isObject(policy)) throw invalidPolicy(resource);
  if (policy.Statement !== undefined)
    return { kind: 'inline', policy: { PolicyName: name, PolicyDocument: policy } };
  const intrinsic = intrinsicOf(policy);
  if (intrinsic?.name === 'Fn::If') return convertIf(policy, intrinsic.argument, name, resource, partition);
  if (intrinsic) return { kind: 'managed', arn: policy };
  return { kind: 'inline', policy: { PolicyName: name, PolicyDocument: fromTemplate(policy, resource) } };
}

function convertIf(
  policy: JsonObject,
  argument: Json,
  name: string,
  resource: SamResource,
  partition: string,
): Converted {
  if (!Array.isArray(argument) || argument.length !== 3) throw invalidPolicy(resource);
  const [condition = '', ...branches] = argument;
  const made = branches.map((branch) =>
    isObject(branch) && branch.Ref === 'AWS::NoValue'
      ? undefined
      : convert(branch, name, resource, partition),
  );
  const values = made.map((one, index) =>
    one === undefined ? (branches[index] ?? null) : one.kind === 'inline' ? one.policy : one.arn,
  );
  const value: JsonObject = { 'Fn::If': [condition, ...values] };
  if (made.some((one) => one?.kind === 'inline')) return { kind: 'inline', policy: value };
  return { kind: 'managed', arn: policy === value ? policy : value };
}

const invalidPolicy = ({ logicalId }: SamResource): SamFault =>
  new SamFault(logicalId, "Policy at index 0 in the 'Policies' property is not valid");

/** Names of AWS's managed policies by the path they stand under, read with the first name that is used. */
let managedPaths: ReadonlyMap<string, string> | undefined;

function arnOfPolicy(name: string, partition: string): string {
  if (name.startsWith('arn:')) return name;
  managedPaths ??= readManagedPaths();
  const path = managedPaths.get(name);
  return path === undefined ? name : managedPolicyArn(partition, path === '' ? name : `${path}/${name}`);
}

function readManagedPaths(): Map<string, string> {
  const file: Record<string, string> = readData('managed-policies.json');
  return new Map(
    Object.entries(file).flatMap(([path, names]) => names.split(' ').map((name) => [name, path] as const)),
  );
}

interface PolicyTemplate {
  readonly parameters: readonly string[];
  readonly statements: readonly JsonObject[];
}

let policyTemplates: Readonly<Record<string, PolicyTemplate>> | undefined;

/** https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html */
function fromTemplate(policy: JsonObject, { logicalId }: SamResource): JsonObject {
  policyTemplates ??= readData('policy-templates.json');
  const names = Object.keys(policy);
  const [name = ''] = names;
  const template = policyTemplates?.[name];
  if (template === undefined || names.length !== 1)
    throw new SamFault(
      logicalId,
      `Policy at index 0 in the 'Policies' property is not valid: no policy template named '${name}'`,
    );
  const values = isObject(policy[name]) ? policy[name] : {};
  const missing = template.parameters.filter((parameter) => values[parameter] === undefined);
  if (missing.length > 0)
    throw new SamFault(
      logicalId,
      `Must specify valid parameter values for policy template '${name}'. Missing: ${missing.join(', ')}`,
    );
  return {
    Statement: template.statements.map((statement) => ({
      Effect: 'Allow',
      ...fill(statement, template, values),
    })),
  };
}

function fill(statement: JsonObject, template: PolicyTemplate, values: JsonObject): JsonObject {
  const filled: JsonObject = {};
  for (const [key, value] of Object.entries(statement))
    filled[key] = key === 'Action' ? value : fillValue(value, template, values);
  return filled;
}

function fillValue(value: Json, template: PolicyTemplate, values: JsonObject): Json {
  if (Array.isArray(value)) return value.map((item) => fillValue(item, template, values));
  if (isObject(value)) return fill(value, template, values);
  if (typeof value !== 'string' || !value.includes('${')) return value;
  const variables: JsonObject = {};
  for (const [, variable = ''] of value.matchAll(/\$\{(\w+)\}/g)) {
    const parameter = template.parameters.find((one) => one.toLowerCase() === variable.toLowerCase());
    if (parameter !== undefined) variables[variable] = values[parameter] ?? '';
  }
  return Object.keys(variables).length === 0 ? sub(value) : sub(value, variables);
}

// Read at once, as the transform is: the files are small and local.
const readData = <Data>(name: string): Data =>
  JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
