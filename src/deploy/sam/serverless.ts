/** What every part of the SAM transform works on. */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { SamFault } from './faults.ts';
import { present } from './values.ts';

/** A resource as templates write it, with its attributes. */
export type Resource = { Type: string; Properties?: JsonObject } & JsonObject;

export interface Serverless {
  /** Resources of the template: SAM's own until each is replaced by what it stands for. */
  readonly resources: Record<string, Resource>;
  readonly conditions: Record<string, Json>;
  /** Parameters and the pseudo parameters that are known: region, partition. */
  readonly parameters: Readonly<Record<string, Json>>;
  /** `Function.Alias` -> the logical id that stands for it. */
  readonly names: Map<string, string>;
  readonly partition: string;
  /** What APIs of one template share. */
  readonly shared: SharedPlan;
}

export interface SharedPlan {
  readonly apiIds: string[];
  readonly apiStages: Json[];
  readonly stageKeys: Json[];
  readonly conditions: (string | undefined)[];
}

/** A SAM resource being transformed. */
export interface SamResource {
  readonly logicalId: string;
  readonly properties: JsonObject;
  /** Everything besides type and properties. */
  readonly attributes: JsonObject;
}

/** Attributes that what a SAM resource makes besides itself inherits. */
export const inherited = ({ attributes }: SamResource): JsonObject =>
  present({
    Condition: attributes.Condition,
    DeletionPolicy: attributes.DeletionPolicy,
    UpdateReplacePolicy: attributes.UpdateReplacePolicy,
  });

export const conditionOf = (resource: SamResource): string | undefined =>
  typeof resource.attributes.Condition === 'string' ? resource.attributes.Condition : undefined;

export const make = (
  type: string,
  properties: Record<string, Json | undefined>,
  attributes: JsonObject = {},
): Resource => ({
  Type: type,
  Properties: present(properties),
  ...attributes,
});

/** `{ Ref: Parameter }` anywhere inside becomes the parameter's value. */
export function withParameters(value: Json, parameters: Serverless['parameters']): Json {
  if (Array.isArray(value)) return value.map((item) => withParameters(item, parameters));
  if (!isObject(value)) return value;
  const name = value.Ref;
  const only = Object.keys(value).length === 1;
  if (typeof name === 'string' && only) return parameters[name] ?? value;
  const text = value['Fn::Sub'];
  if (typeof text === 'string' && only) return { 'Fn::Sub': substituted(text, parameters) };
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withParameters(member, parameters)]),
  );
}

const substituted = (text: string, parameters: Serverless['parameters']): string =>
  text.replace(/\$\{([^}!]+)\}/g, (whole, name: string) => {
    const value = parameters[name];
    return typeof value === 'string' && !name.startsWith('AWS::') ? value : whole;
  });

/** A property that must be an object when it is there. */
export function objectIn(resource: SamResource, name: string): JsonObject | undefined {
  const value = resource.properties[name];
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new SamFault(resource.logicalId, `Property '${name}' should be a map.`);
  return value;
}

/** Unknown properties are refused by name, missing ones too. */
export function checkProperties(
  { logicalId, properties }: SamResource,
  type: string,
  known: readonly string[],
  required: readonly string[] = [],
): void {
  for (const name of Object.keys(properties))
    if (!known.includes(name) && !name.startsWith('__'))
      throw new SamFault(logicalId, `property ${name} not defined for resource of type ${type}`);
  for (const name of required)
    if (properties[name] === undefined) throw new SamFault(logicalId, `Missing required property '${name}'.`);
}

/** SAM forms that this transform knows and does not carry out. */
export function refuse(resource: SamResource, what: string): never {
  throw new SamFault(resource.logicalId, `${what}: not supported by gatehouse; nothing was created`);
}

/** `s3://bucket/key?versionId=v` or `{ Bucket, Key, Version }`. */
export function s3Location(resource: SamResource, name: string): { Bucket: Json; Key: Json; Version?: Json } {
  const value = resource.properties[name];
  if (isObject(value)) {
    if (value.Bucket === undefined || value.Key === undefined)
      throw new SamFault(resource.logicalId, `'${name}' requires Bucket and Key properties to be specified.`);
    return {
      Bucket: value.Bucket,
      Key: value.Key,
      ...(value.Version !== undefined && { Version: value.Version }),
    };
  }
  const [, bucket, key, version] = /^s3:\/\/([^/]+)\/([^?]+)(?:\?versionId=(.+))?$/.exec(String(value)) ?? [];
  if (bucket === undefined || key === undefined)
    throw new SamFault(
      resource.logicalId,
      `'${name}' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.`,
    );
  return { Bucket: bucket, Key: key, ...(version !== undefined && { Version: version }) };
}
