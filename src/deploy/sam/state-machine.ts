/** AWS::Serverless::StateMachine: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html */
import { intrinsicOf, isObject, type Json, type JsonObject } from '../template.ts';
import { SamFault } from './faults.ts';
import { assumeRoleBy, roleOf } from './role.ts';
import {
  checkProperties,
  inherited,
  make,
  objectIn,
  type Resource,
  s3Location,
  type SamResource,
  type Serverless,
} from './serverless.ts';
import { stateMachineEvents } from './state-machine-events.ts';
import { getAtt, ref, tagList } from './values.ts';

const KNOWN =
  'Definition DefinitionUri Logging Role RolePath DefinitionSubstitutions Events Name Type Tags PropagateTags Policies Tracing PermissionsBoundary AutoPublishAlias DeploymentPreference UseAliasAsEventTarget'.split(
    ' ',
  );

export function transformStateMachine(
  resource: SamResource,
  serverless: Serverless,
): Record<string, Resource> {
  const { logicalId, properties, attributes } = resource;
  checkProperties(resource, 'AWS::Serverless::StateMachine', KNOWN);
  const tags: Json[] = [
    { Key: 'stateMachine:createdBy', Value: 'SAM' },
    ...tagList(objectIn(resource, 'Tags')),
  ];
  if (properties.Role !== undefined && properties.Policies !== undefined)
    throw new SamFault(logicalId, "Specify either 'Role' or 'Policies' property and not both.");
  const roleId = `${logicalId}Role`;
  const machine = make(
    'AWS::StepFunctions::StateMachine',
    {
      ...definitionOf(resource),
      RoleArn: properties.Role ?? getAtt(roleId, 'Arn'),
      StateMachineName: properties.Name,
      StateMachineType: properties.Type,
      LoggingConfiguration: properties.Logging,
      TracingConfiguration: properties.Tracing,
      Tags: tags,
    },
    attributes,
  );
  const alias = aliasOf(resource);
  const made: Record<string, Resource> = { [logicalId]: machine, ...alias?.resources };
  if (properties.Role === undefined) made[roleId] = machineRole(resource, serverless, tags);
  const arn =
    alias !== undefined && properties.UseAliasAsEventTarget === true ? ref(alias.id) : ref(logicalId);
  return { ...made, ...stateMachineEvents(resource, serverless, arn) };
}

function machineRole(resource: SamResource, serverless: Serverless, tags: Json[]): Resource {
  const { properties } = resource;
  const tracing = objectIn(resource, 'Tracing');
  const policies = properties.Policies === undefined ? [] : [properties.Policies].flat();
  if (tracing?.Enabled === true) policies.push('AWSXrayWriteOnlyAccess');
  return roleOf({
    resource: { ...resource, properties: { ...properties, Policies: policies } },
    partition: serverless.partition,
    assumeRolePolicyDocument: assumeRoleBy('states.amazonaws.com'),
    managedPolicyArns: [],
    policies: [],
    tags,
    attributes: inherited(resource),
  });
}

function definitionOf(resource: SamResource): Record<string, Json | undefined> {
  const { logicalId, properties } = resource;
  const given = objectIn(resource, 'DefinitionSubstitutions');
  if (properties.Definition !== undefined && properties.DefinitionUri !== undefined)
    throw new SamFault(logicalId, "Specify either 'Definition' or 'DefinitionUri' property and not both.");
  if (properties.DefinitionUri !== undefined)
    return {
      DefinitionS3Location: { ...s3Location(resource, 'DefinitionUri') },
      DefinitionSubstitutions: given,
    };
  const definition = objectIn(resource, 'Definition');
  if (definition === undefined)
    throw new SamFault(logicalId, "Either 'Definition' or 'DefinitionUri' property must be specified.");
  const found: JsonObject = {};
  const text = JSON.stringify(sorted(withoutFunctions(definition, found)), null, 4);
  const substitutions = { ...given, ...found };
  return {
    DefinitionString: { 'Fn::Join': ['\n', text.split('\n')] },
    ...(Object.keys(substitutions).length > 0 && { DefinitionSubstitutions: substitutions }),
  };
}

/** CloudFormation's functions inside of a definition become substitutions: the definition itself is text. */
function withoutFunctions(value: Json, found: JsonObject): Json {
  const dynamic =
    intrinsicOf(value) !== undefined || (typeof value === 'string' && /^\{\{resolve:.*\}\}$/.test(value));
  if (dynamic) {
    const name = `definition_substitution_${Object.keys(found).length + 1}`;
    found[name] = value;
    return `\${${name}}`;
  }
  if (Array.isArray(value)) return value.map((item) => withoutFunctions(item, found));
  if (!isObject(value)) return value;
  // Numbered in the order of keys, so that the same definition gives the same names.
  const keys = Object.keys(value).toSorted();
  return Object.fromEntries(keys.map((key) => [key, withoutFunctions(value[key] ?? null, found)]));
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
}

interface MachineAlias {
  readonly id: string;
  readonly resources: Record<string, Resource>;
}

function aliasOf(resource: SamResource): MachineAlias | undefined {
  const { logicalId, properties } = resource;
  const name = properties.AutoPublishAlias;
  if (name === undefined) {
    for (const needs of ['UseAliasAsEventTarget', 'DeploymentPreference'])
      if (properties[needs])
        throw new SamFault(logicalId, `'${needs}' requires 'AutoPublishAlias' property to be specified.`);
    return undefined;
  }
  const versionId = `${logicalId}Version`;
  const id = `${logicalId}Alias${String(name)}`;
  const attributes = inherited(resource);
  const kept = { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain', ...attributes };
  const preference = objectIn(resource, 'DeploymentPreference') ?? { Type: 'ALL_AT_ONCE' };
  return {
    id,
    resources: {
      [versionId]: make(
        'AWS::StepFunctions::StateMachineVersion',
        {
          StateMachineArn: ref(logicalId),
          StateMachineRevisionId: getAtt(logicalId, 'StateMachineRevisionId'),
        },
        kept,
      ),
      [id]: make(
        'AWS::StepFunctions::StateMachineAlias',
        { Name: name, DeploymentPreference: { ...preference, StateMachineVersionArn: ref(versionId) } },
        attributes,
      ),
    },
  };
}
