/** AWS::Serverless::Function: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { eventInvokeConfig } from './event-invoke-config.ts';
import { eventResources } from './events.ts';
import { SamFault } from './faults.ts';
import { functionUrl } from './function-url.ts';
import { assumeRoleBy, managedPolicyArn, roleOf } from './role.ts';
import {
  checkProperties,
  conditionOf,
  inherited,
  make,
  objectIn,
  refuse,
  type Resource,
  s3Location,
  type SamResource,
  type Serverless,
  withParameters,
} from './serverless.ts';
import type { FunctionTarget } from './target.ts';
import { getAtt, present, ref, shortHash, tagList } from './values.ts';

/** Properties that AWS::Lambda::Function takes as they are. */
const PASSED = [
  'FunctionName Handler Runtime Description MemorySize Timeout VpcConfig Environment KmsKeyArn ReservedConcurrentExecutions',
  'Layers FileSystemConfigs PackageType Architectures SnapStart EphemeralStorage CodeSigningConfigArn',
  'RuntimeManagementConfig LoggingConfig RecursiveLoop',
].flatMap((line) => line.split(' '));

const OWN = [
  'CodeUri ImageUri ImageConfig InlineCode DeadLetterQueue Role AssumeRolePolicyDocument Policies RolePath PermissionsBoundary',
  'Events Tags PropagateTags Tracing DeploymentPreference EventInvokeConfig AutoPublishAlias AutoPublishCodeSha256',
  'AutoPublishAliasAllProperties VersionDescription VersionDeletionPolicy ProvisionedConcurrencyConfig FunctionUrlConfig SourceKMSKeyArn',
].flatMap((line) => line.split(' '));

const REFUSED =
  'TenancyConfig DurableConfig CapacityProviderConfig FunctionScalingConfig PublishToLatestPublished'.split(
    ' ',
  );

export function transformFunction(resource: SamResource, serverless: Serverless): Record<string, Resource> {
  const { logicalId, properties } = resource;
  checkProperties(resource, 'AWS::Serverless::Function', [...PASSED, ...OWN, ...REFUSED]);
  refuseForms(resource, serverless);
  const tags: Json[] = [{ Key: 'lambda:createdBy', Value: 'SAM' }, ...tagList(objectIn(resource, 'Tags'))];
  const attributes = inherited(resource);
  const lambda = lambdaFunction(resource, serverless, tags);
  const made: Record<string, Resource> = { [logicalId]: lambda };
  const alias = publishAlias(resource, serverless, lambda);
  Object.assign(made, alias?.resources);
  const target = targetOf(resource, alias?.aliasId);
  if (properties.FunctionUrlConfig !== undefined)
    Object.assign(made, functionUrl(resource, target, alias?.name, serverless));
  const invoke = eventInvokeConfig(resource, alias, serverless);
  Object.assign(made, invoke.resources);
  const role = functionRole(resource, serverless, { tags, attributes, policies: invoke.policies });
  Object.assign(made, placeRole(resource, lambda, role, serverless));
  Object.assign(made, eventResources(resource, target, role, serverless));
  if (properties.PropagateTags === true) propagateTags(made, objectIn(resource, 'Tags'));
  return made;
}

function refuseForms(resource: SamResource, serverless: Serverless): void {
  const { properties } = resource;
  for (const name of REFUSED) if (properties[name] !== undefined) refuse(resource, name);
  if (properties.PackageType === 'Image' || properties.ImageUri !== undefined)
    refuse(resource, 'PackageType Image');
  const preference = withParameters(properties.DeploymentPreference ?? null, serverless.parameters);
  if (isObject(preference) && preference.Enabled !== false && preference.Enabled !== 'false')
    refuse(resource, 'DeploymentPreference (CodeDeploy)');
  if (properties.Connectors !== undefined || resource.attributes.Connectors !== undefined)
    refuse(resource, 'Connectors');
}

function lambdaFunction(resource: SamResource, serverless: Serverless, tags: Json[]): Resource {
  const { logicalId, properties, attributes } = resource;
  if (!properties.Runtime || !properties.Handler)
    throw new SamFault(
      logicalId,
      'Runtime and Handler needs to be present when PackageType is of type `Zip`',
    );
  const tracing = tracingOf(resource, serverless);
  const dlq = deadLetterQueue(resource);
  return make(
    'AWS::Lambda::Function',
    {
      ...Object.fromEntries(PASSED.map((name) => [name, properties[name]])),
      Code: codeOf(resource),
      Role: properties.Role,
      Tags: tags,
      ...(tracing !== undefined && { TracingConfig: { Mode: tracing } }),
      ...(dlq && { DeadLetterConfig: { TargetArn: dlq.arn } }),
    },
    attributes,
  );
}

/** `Disabled` is the same as nothing. */
function tracingOf({ properties }: SamResource, { parameters }: Serverless): Json | undefined {
  const tracing = properties.Tracing;
  if (!tracing || withParameters(tracing, parameters) === 'Disabled') return undefined;
  return tracing;
}

function codeOf(resource: SamResource): JsonObject {
  const { logicalId, properties } = resource;
  const kms: JsonObject =
    properties.SourceKMSKeyArn === undefined ? {} : { SourceKMSKeyArn: properties.SourceKMSKeyArn };
  if (properties.InlineCode !== undefined) return { ZipFile: properties.InlineCode, ...kms };
  if (properties.CodeUri === undefined)
    throw new SamFault(logicalId, "Only one of 'InlineCode' or 'CodeUri' can be set.");
  const { Bucket, Key, Version } = s3Location(resource, 'CodeUri');
  return present({ S3Bucket: Bucket, S3Key: Key, S3ObjectVersion: Version, ...kms });
}

const DLQ_ACTIONS: Readonly<Record<string, string>> = { SQS: 'sqs:SendMessage', SNS: 'sns:Publish' };

function deadLetterQueue(resource: SamResource): { arn: Json; action: string } | undefined {
  const queue = objectIn(resource, 'DeadLetterQueue');
  if (queue === undefined) return undefined;
  const { Type: type, TargetArn: arn } = queue;
  if (type === undefined || arn === undefined)
    throw new SamFault(
      resource.logicalId,
      "'DeadLetterQueue' requires Type and TargetArn properties to be specified.",
    );
  const action = DLQ_ACTIONS[String(type)];
  if (action === undefined)
    throw new SamFault(resource.logicalId, "'DeadLetterQueue' requires Type of ['SQS', 'SNS']");
  return { arn, action };
}

export interface Alias {
  readonly name: string;
  readonly aliasId: string;
  readonly resources: Record<string, Resource>;
}

function publishAlias(resource: SamResource, serverless: Serverless, lambda: Resource): Alias | undefined {
  const { logicalId, properties } = resource;
  if (properties.AutoPublishAlias === undefined) {
    if (properties.ProvisionedConcurrencyConfig !== undefined)
      throw new SamFault(
        logicalId,
        'To set ProvisionedConcurrencyConfig AutoPublishALias must be defined on the function',
      );
    return undefined;
  }
  const name = withParameters(properties.AutoPublishAlias, serverless.parameters);
  if (typeof name !== 'string')
    throw new SamFault(logicalId, "'AutoPublishAlias' must be a string or a Ref to a template parameter");
  if (!/^(?!\d+$)[\w-]+$/.test(name))
    throw new SamFault(
      logicalId,
      `AutoPublishAlias name ('${name}') must contain only alphanumeric characters, hyphens, or underscores matching (?!^[0-9]+$)([a-zA-Z0-9-_]+) pattern.`,
    );
  const versionId = `${logicalId}Version${versionHash(resource, serverless, lambda)}`;
  const aliasId = `${logicalId}Alias${name.replaceAll('-', 'D').replaceAll('_', 'U')}`;
  serverless.names.set(`${logicalId}.Version`, versionId).set(`${logicalId}.Alias`, aliasId);
  const attributes = inherited(resource);
  const version = make(
    'AWS::Lambda::Version',
    { FunctionName: ref(logicalId), Description: properties.VersionDescription },
    { DeletionPolicy: properties.VersionDeletionPolicy ?? 'Retain', ...attributes },
  );
  const alias = make(
    'AWS::Lambda::Alias',
    {
      Name: name,
      FunctionName: ref(logicalId),
      FunctionVersion: getAtt(versionId, 'Version'),
      ProvisionedConcurrencyConfig: properties.ProvisionedConcurrencyConfig,
    },
    attributes,
  );
  return { name, aliasId, resources: { [versionId]: version, [aliasId]: alias } };
}

/** A new version is published whenever what this covers changes: code, environment, memory. */
function versionHash({ properties }: SamResource, { parameters }: Serverless, lambda: Resource): string {
  const given = properties.AutoPublishCodeSha256;
  const own = lambda.Properties ?? {};
  if (given !== undefined) {
    const sha = String(withParameters(given, parameters));
    own.Description = properties.Description === undefined ? sha : `${String(properties.Description)} ${sha}`;
    return sha.slice(0, 10);
  }
  if (properties.AutoPublishAliasAllProperties === true) return shortHash(own);
  const code = withParameters(own.Code ?? {}, parameters);
  const environment = isObject(own.Environment) ? own.Environment : {};
  const snap = snapStartOf(own);
  const memory: JsonObject = own.MemorySize ? { MemorySize: own.MemorySize } : {};
  return shortHash({ ...(isObject(code) ? code : {}), ...environment, ...memory, ...snap });
}

function snapStartOf({ SnapStart: snap }: JsonObject): JsonObject {
  return isObject(snap) && (snap.ApplyOn ?? 'None') !== 'None' ? { SnapStart: snap } : {};
}

function targetOf(resource: SamResource, aliasId: string | undefined): FunctionTarget {
  const { logicalId } = resource;
  const shared = { logicalId, attributes: inherited(resource), condition: conditionOf(resource) };
  if (aliasId !== undefined)
    return { ...shared, name: ref(aliasId), arn: ref(aliasId), arnVariable: `\${${aliasId}}` };
  return {
    ...shared,
    name: ref(logicalId),
    arn: getAtt(logicalId, 'Arn'),
    arnVariable: `\${${logicalId}.Arn}`,
  };
}

interface RoleParts {
  readonly tags: Json[];
  readonly attributes: JsonObject;
  readonly policies: Json[];
}

function functionRole(resource: SamResource, serverless: Serverless, parts: RoleParts): Resource {
  const { partition } = serverless;
  const dlq = deadLetterQueue(resource);
  const dlqPolicy: JsonObject | undefined = dlq && {
    PolicyName: 'DeadLetterQueuePolicy',
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: dlq.action, Resource: dlq.arn, Effect: 'Allow' }],
    },
  };
  return roleOf({
    resource,
    ...serverless,
    assumeRolePolicyDocument: assumeRoleBy('lambda.amazonaws.com'),
    managedPolicyArns: [
      managedPolicyArn(partition, 'service-role/AWSLambdaBasicExecutionRole'),
      ...(tracingOf(resource, serverless) === undefined
        ? []
        : [managedPolicyArn(partition, 'AWSXrayWriteOnlyAccess')]),
      ...(resource.properties.VpcConfig
        ? [managedPolicyArn(partition, 'service-role/AWSLambdaVPCAccessExecutionRole')]
        : []),
    ],
    policies: [...(dlqPolicy ? [dlqPolicy] : []), ...parts.policies],
    tags: parts.tags,
    attributes: parts.attributes,
  });
}

/** The role is made when none is given, or for the branch of Fn::If in which none is. */
function placeRole(
  resource: SamResource,
  lambda: Resource,
  role: Resource,
  { conditions }: Serverless,
): Record<string, Resource> {
  const roleId = `${resource.logicalId}Role`;
  const arn = getAtt(roleId, 'Arn');
  const given = resource.properties.Role;
  const own = lambda.Properties ?? {};
  if (given === undefined) {
    own.Role = arn;
    return { [roleId]: role };
  }
  if (!isObject(given) || !Array.isArray(given['Fn::If'])) return {};
  const [condition = '', whenTrue = null, whenFalse = null] = given['Fn::If'];
  const isNone = (value: Json): boolean => isObject(value) && value.Ref === 'AWS::NoValue';
  if (!isNone(whenTrue) && !isNone(whenFalse)) return {};
  if (isNone(whenTrue) && isNone(whenFalse)) own.Role = arn;
  else
    own.Role = {
      'Fn::If': [condition, isNone(whenTrue) ? arn : whenTrue, isNone(whenFalse) ? arn : whenFalse],
    };
  if (isNone(whenTrue) && !isNone(whenFalse)) role.Condition = condition;
  if (isNone(whenFalse) && !isNone(whenTrue)) {
    role.Condition = `NOT${String(condition)}`;
    conditions[`NOT${String(condition)}`] = { 'Fn::Not': [{ Condition: condition }] };
  }
  return { [roleId]: role };
}

/** What takes tags among the resources that a function makes. */
const TAGGED = new Set(['AWS::Lambda::Function', 'AWS::IAM::Role', 'AWS::SQS::Queue', 'AWS::SNS::Topic']);

function propagateTags(made: Record<string, Resource>, tags: JsonObject | undefined): void {
  for (const resource of Object.values(made))
    if (TAGGED.has(resource.Type) && tags !== undefined)
      resource.Properties = { ...resource.Properties, Tags: tagList(tags) };
}
