/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigatewayv2-api.html */
import type { Api } from '@aws-sdk/client-apigatewayv2';
import { arnOf } from '../../../base/arn.ts';
import type { ResourceState, ResourceType } from '../../../base/resource-type.ts';
import {
  apiGatewayV2,
  changeTags,
  cleared,
  gone,
  objectOf,
  type Properties,
  pick,
  type Request,
  tagsOf,
  textOf,
} from './request.ts';

const MEMBERS = [
  'ApiKeySelectionExpression',
  'CorsConfiguration',
  'CredentialsArn',
  'Description',
  'DisableExecuteApiEndpoint',
  'DisableSchemaValidation',
  'IpAddressType',
  'Name',
  'RouteKey',
  'RouteSelectionExpression',
  'Target',
  'Version',
];

export const apiType: ResourceType<Properties> = {
  type: 'AWS::ApiGatewayV2::Api',

  async create(request) {
    const body = await bodyOf(request);
    if (body !== undefined) return importApi(request, body);
    const input = { ...pick(request.properties, [...MEMBERS, 'ProtocolType']), Tags: tagsOf(request) };
    return stateOf(await apiGatewayV2<Api>(request, 'CreateApi', input));
  },

  async update(request, current) {
    const ApiId = current.physicalId;
    const { properties: before } = current;
    if (definitionChanged(before, request.properties)) {
      const Body = await bodyOf(request);
      if (Body !== undefined)
        await apiGatewayV2(request, 'ReimportApi', { ApiId, Body, ...options(request) });
    }
    if (before.CorsConfiguration !== undefined && request.properties.CorsConfiguration === undefined)
      await apiGatewayV2(request, 'DeleteCorsConfiguration', { ApiId });
    const removed = cleared(before, request.properties, ['Description', 'Version']);
    const input = { ApiId, ...removed, ...pick(request.properties, MEMBERS) };
    const api = await apiGatewayV2<Api>(request, 'UpdateApi', input);
    await changeTags(request, arnOfApi(request, ApiId), before);
    return stateOf(api);
  },

  async delete(request, current) {
    await gone(apiGatewayV2(request, 'DeleteApi', { ApiId: current.physicalId }));
  },
};

/** What the template says of the API stands over what the document says. */
async function importApi(request: Request, Body: string): Promise<ResourceState> {
  const { ApiId = '' } = await apiGatewayV2<Api>(request, 'ImportApi', { Body, ...options(request) });
  try {
    await apiGatewayV2(request, 'TagResource', {
      ResourceArn: arnOfApi(request, ApiId),
      Tags: tagsOf(request),
    });
    const input = { ApiId, ...pick(request.properties, MEMBERS) };
    return stateOf(await apiGatewayV2<Api>(request, 'UpdateApi', input));
  } catch (thrown) {
    await gone(apiGatewayV2(request, 'DeleteApi', { ApiId }));
    throw thrown;
  }
}

const options = ({ properties }: Request): Properties => ({
  Basepath: properties.BasePath,
  ...pick(properties, ['FailOnWarnings']),
});

const definitionChanged = (before: Properties, after: Properties): boolean =>
  ['Body', 'BodyS3Location', 'BasePath'].some(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );

/** The document's text: `Body` inline, or an object in S3. */
async function bodyOf(request: Request): Promise<string | undefined> {
  const { Body, BodyS3Location } = request.properties;
  if (Body !== undefined) return typeof Body === 'string' ? Body : JSON.stringify(Body);
  if (BodyS3Location === undefined) return undefined;
  const { Bucket, Key, Version } = objectOf(BodyS3Location);
  const input = { Bucket, Key, VersionId: Version };
  const object = await request.call<{ Body?: AsyncIterable<Uint8Array> | Uint8Array }>(
    's3',
    'GetObject',
    input,
  );
  return textFrom(object.Body ?? new Uint8Array());
}

async function textFrom(body: AsyncIterable<Uint8Array> | Uint8Array): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const arnOfApi = ({ scope }: Request, apiId: string): string =>
  arnOf({ ...scope, account: '' }, 'apigateway', `/apis/${apiId}`);

const stateOf = (api: Api): ResourceState => ({
  physicalId: textOf(api.ApiId),
  attributes: { ApiId: api.ApiId, ApiEndpoint: api.ApiEndpoint },
});
