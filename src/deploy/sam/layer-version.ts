/** AWS::Serverless::LayerVersion: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-layerversion.html */
import { isObject, type JsonObject } from '../template.ts';
import { SamFault } from './faults.ts';
import {
  checkProperties,
  make,
  type Resource,
  s3Location,
  type SamResource,
  type Serverless,
  withParameters,
} from './serverless.ts';
import { present, shortHash } from './values.ts';

const KNOWN =
  'LayerName Description ContentUri CompatibleArchitectures CompatibleRuntimes LicenseInfo RetentionPolicy PublishLambdaVersion'.split(
    ' ',
  );
const POLICIES: Readonly<Record<string, string>> = { retain: 'Retain', delete: 'Delete' };

/** Each content is a layer version of its own: its logical id changes with what it holds. */
export function transformLayerVersion(
  resource: SamResource,
  serverless: Serverless,
): Record<string, Resource> {
  const { logicalId, properties, attributes } = resource;
  checkProperties(resource, 'AWS::Serverless::LayerVersion', KNOWN, ['ContentUri']);
  const resolved = withParameters(properties, serverless.parameters) as JsonObject; // an object stays one
  const { Bucket, Key, Version } = s3Location({ ...resource, properties: resolved }, 'ContentUri');
  const { DeletionPolicy: given, UpdateReplacePolicy: _, Metadata: __, ...hashed } = attributes;
  const content = { [logicalId]: { Type: 'AWS::Serverless::LayerVersion', Properties: resolved, ...hashed } };
  const newId = logicalId + shortHash(content);
  serverless.names.set(logicalId, newId);
  const retention = resolved.RetentionPolicy;
  const policy = retention === undefined ? 'Retain' : POLICIES[String(retention).toLowerCase()];
  if (policy === undefined || isObject(retention))
    throw new SamFault(
      logicalId,
      "'RetentionPolicy' must be one of the following options: ['Retain', 'Delete'].",
    );
  const layer = make(
    'AWS::Lambda::LayerVersion',
    {
      LayerName: properties.LayerName ?? logicalId,
      Description: properties.Description,
      Content: present({ S3Bucket: Bucket, S3Key: Key, S3ObjectVersion: Version }),
      CompatibleArchitectures: properties.CompatibleArchitectures,
      CompatibleRuntimes: properties.CompatibleRuntimes,
      LicenseInfo: properties.LicenseInfo,
    },
    { ...attributes, DeletionPolicy: retention === undefined ? (given ?? 'Retain') : policy },
  );
  return { [newId]: layer };
}
