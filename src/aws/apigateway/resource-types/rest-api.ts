/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-restapi.html */
import { Buffer } from 'node:buffer';
import type { RestApi } from '@aws-sdk/client-api-gateway';
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import { arnOf } from '../../../base/arn.ts';
import { mapPatches, type Patch, scalarPatches } from '../../kit/patches-between.ts';
import { badRequest } from '../faults.ts';
import { asObject, asText, parseJsonOrYaml } from '../open-api/document.ts';
import {
  apiGateway,
  changeTags,
  gone,
  objectOf,
  type Properties,
  type Request,
  shaped,
  tagsOf,
  textOf,
} from './request.ts';

export const restApiType: ResourceType<Properties> = {
  type: 'AWS::ApiGateway::RestApi',

  async create(request) {
    const { properties } = request;
    const body = await definitionOf(request);
    const api = await apiGateway<RestApi>(request, 'CreateRestApi', {
      ...shaped(properties, 'Description', 'BinaryMediaTypes', 'MinimumCompressionSize', 'ApiKeySourceType'),
      ...shaped(
        properties,
        'DisableExecuteApiEndpoint',
        'CloneFrom',
        'Version',
        'SecurityPolicy',
        'EndpointAccessMode',
      ),
      apiKeySource: properties['ApiKeySourceType'],
      name: await nameOf(request, body),
      policy: policyText(properties['Policy']),
      endpointConfiguration: endpointOf(properties),
      tags: tagsOf(request),
    });
    const restApiId = textOf(api.id);
    try {
      if (body) await putDefinition(request, restApiId, body);
    } catch (thrown) {
      await gone(apiGateway(request, 'DeleteRestApi', { restApiId }));
      throw thrown;
    }
    return state(api);
  },

  async update(request, current) {
    const restApiId = current.physicalId;
    const body = await definitionOf(request);
    if (body && definitionChanged(current.properties, request.properties))
      await putDefinition(request, restApiId, body);
    else await patch(request, restApiId, patches(current.properties, request.properties));
    const arn = arnOf({ ...request.scope, account: '' }, 'apigateway', `/restapis/${restApiId}`);
    await changeTags(request, arn, current.properties['Tags']);
    return state(await apiGateway<RestApi>(request, 'GetRestApi', { restApiId }));
  },

  async delete(request, current) {
    await gone(apiGateway(request, 'DeleteRestApi', { restApiId: current.physicalId }));
  },
};

const state = (api: RestApi): ResourceState => ({
  physicalId: textOf(api.id),
  attributes: { RootResourceId: api.rootResourceId, RestApiId: api.id },
});

/** The document's bytes: `Body` inline, or an object in S3. */
async function definitionOf(request: Request): Promise<Uint8Array | undefined> {
  const { Body, BodyS3Location } = request.properties;
  if (Body !== undefined) return Buffer.from(typeof Body === 'string' ? Body : JSON.stringify(Body));
  if (BodyS3Location === undefined) return undefined;
  const { Bucket, Key, Version } = objectOf(BodyS3Location);
  const object = await request.call<{ Body?: AsyncIterable<Uint8Array> | Uint8Array }>('s3', 'GetObject', {
    Bucket,
    Key,
    VersionId: Version,
  });
  return collected(object.Body);
}

async function collected(body: AsyncIterable<Uint8Array> | Uint8Array | undefined): Promise<Uint8Array> {
  if (body === undefined || body instanceof Uint8Array) return body ?? new Uint8Array();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function nameOf(request: Request, body: Uint8Array | undefined): Promise<string> {
  const named = request.properties['Name'];
  if (named !== undefined) return textOf(named);
  const title = asText(asObject((await parseJsonOrYaml(body))?.['info'])['title']);
  if (title) return title;
  throw badRequest('Name must be specified when no definition is given');
}

/** Properties of the template stand over what the document says of the same thing. */
async function putDefinition(request: Request, restApiId: string, body: Uint8Array): Promise<void> {
  const { properties } = request;
  await apiGateway(request, 'PutRestApi', {
    restApiId,
    body,
    mode: properties['Mode'] ?? 'overwrite',
    failOnWarnings: properties['FailOnWarnings'] ?? false,
    parameters: objectOf(properties['Parameters']),
  });
  await patch(request, restApiId, patches({}, properties));
}

const SCALARS = {
  Name: '/name',
  Description: '/description',
  Version: '/version',
  MinimumCompressionSize: '/minimumCompressionSize',
  ApiKeySourceType: '/apiKeySource',
  DisableExecuteApiEndpoint: '/disableExecuteApiEndpoint',
  SecurityPolicy: '/securityPolicy',
  EndpointAccessMode: '/endpointAccessMode',
};

/** Members that went from the template go back to AWS's default. */
const DEFAULTS: Properties = { ApiKeySourceType: 'HEADER', DisableExecuteApiEndpoint: false };

function patches(before: Properties, after: Properties): Patch[] {
  const effective = { ...withoutDefaults(before, after), ...after };
  const nameless = after['Name'] === undefined ? { ...effective, Name: before['Name'] } : effective;
  const found = scalarPatches(before, nameless, SCALARS);
  const [policyBefore, policy] = [policyText(before['Policy']), policyText(after['Policy'])];
  if (policyBefore !== policy) found.push({ op: 'replace', path: '/policy', value: policy ?? '' });
  return [
    ...found,
    ...mapPatches(
      namesOf(before['BinaryMediaTypes']),
      namesOf(after['BinaryMediaTypes']),
      '/binaryMediaTypes',
      'add',
    ),
    ...endpointPatches(objectOf(before['EndpointConfiguration']), objectOf(after['EndpointConfiguration'])),
  ];
}

const withoutDefaults = (before: Properties, after: Properties): Properties =>
  Object.fromEntries(Object.entries(DEFAULTS).filter(([name]) => name in before && !(name in after)));

const namesOf = (list: unknown): Record<string, string> =>
  Object.fromEntries((Array.isArray(list) ? list : []).map((name) => [textOf(name), '']));

function endpointPatches(before: Properties, after: Properties): Patch[] {
  const found: Patch[] = [];
  const [typeBefore, type] = [first(before['Types']), first(after['Types'])];
  if (type !== undefined && type !== typeBefore)
    found.push({ op: 'replace', path: '/endpointConfiguration/types/0', value: type });
  if (after['IpAddressType'] !== undefined && after['IpAddressType'] !== before['IpAddressType'])
    found.push({
      op: 'replace',
      path: '/endpointConfiguration/ipAddressType',
      value: textOf(after['IpAddressType']),
    });
  const [idsBefore, ids] = [namesOf(before['VpcEndpointIds']), namesOf(after['VpcEndpointIds'])];
  const path = '/endpointConfiguration/vpcEndpointIds';
  for (const value of Object.keys(idsBefore)) if (!(value in ids)) found.push({ op: 'remove', path, value });
  for (const value of Object.keys(ids)) if (!(value in idsBefore)) found.push({ op: 'add', path, value });
  return found;
}

const first = (list: unknown): string | undefined => (Array.isArray(list) ? textOf(list[0]) : undefined);

/** `Parameters.endpointConfigurationTypes` says the same to an import; the property wins. */
function endpointOf(properties: Properties): object | undefined {
  if (properties['EndpointConfiguration'] !== undefined)
    return objectOf(shaped(properties, 'EndpointConfiguration')['endpointConfiguration']);
  const type = objectOf(properties['Parameters'])['endpointConfigurationTypes'];
  return type === undefined ? undefined : { types: [type] };
}

const policyText = (policy: unknown): string | undefined =>
  policy === undefined || typeof policy === 'string' ? policy : JSON.stringify(policy);

const definitionChanged = (before: Properties, after: Properties): boolean =>
  ['Body', 'BodyS3Location', 'Mode', 'Parameters'].some(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );

async function patch(request: Request, restApiId: string, patchOperations: readonly Patch[]): Promise<void> {
  if (patchOperations.length > 0) await apiGateway(request, 'UpdateRestApi', { restApiId, patchOperations });
}
