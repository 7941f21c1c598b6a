/** AWS::AppSync::*. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_AppSync.html */
import { Readable } from 'node:stream';
import type {
  CreateApiKeyResponse,
  CreateDataSourceResponse,
  CreateFunctionResponse,
  CreateGraphqlApiResponse,
  CreateResolverResponse,
  CreateTypeResponse,
  GetGraphqlApiResponse,
  GetSchemaCreationStatusResponse,
  GraphqlApi,
} from '@aws-sdk/client-appsync';
import { Fault, isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';

type Properties = Readonly<Record<string, unknown>>;
type Request = ResourceRequest<Properties>;

/** Property names as the operations write them: the first letter small, all the way down. */
function lowered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowered);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [nameOf(name), lowered(inner)]));
}

const nameOf = (name: string): string =>
  name === 'DynamoDBConfig' ? 'dynamodbConfig' : name.charAt(0).toLowerCase() + name.slice(1);

const inputOf = ({ properties }: Request, ...without: string[]): Record<string, unknown> =>
  lowered(
    Object.fromEntries(Object.entries(properties).filter(([name]) => !without.includes(name))),
  ) as Record<string, unknown>; // an object stays one

const unlessGone = async (work: () => Promise<unknown>): Promise<void> => {
  await work().catch((thrown: unknown) => {
    if (!isFault(thrown) || thrown.code !== 'NotFoundException') throw thrown;
  });
};

/** The text of a property, or of the object its `S3Location` names. */
async function textOf({ properties, call }: Request, name: string): Promise<string | undefined> {
  const given = properties[name];
  if (typeof given === 'string') return given;
  const location = properties[`${name}S3Location`];
  if (typeof location !== 'string') return undefined;
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? [];
  if (Bucket === undefined)
    throw new Fault('ValidationException', `${name}S3Location must be s3://bucket/key: ${location}`);
  const { Body } = await call<{ readonly Body?: unknown }>('s3', 'GetObject', { Bucket, Key });
  return Body instanceof Readable ? Buffer.concat(await Body.toArray()).toString('utf8') : '';
}

async function mappingOf(request: Request): Promise<object> {
  const [code, requestMappingTemplate, responseMappingTemplate] = await Promise.all(
    ['Code', 'RequestMappingTemplate', 'ResponseMappingTemplate'].map((name) => textOf(request, name)),
  );
  return {
    ...(code !== undefined && { code }),
    ...(requestMappingTemplate !== undefined && { requestMappingTemplate }),
    ...(responseMappingTemplate !== undefined && { responseMappingTemplate }),
  };
}

const MAPPING = ['Code', 'RequestMappingTemplate', 'ResponseMappingTemplate'].flatMap((name) => [
  name,
  `${name}S3Location`,
]);

const graphqlApi: ResourceType<Properties> = {
  type: 'AWS::AppSync::GraphQLApi',
  unsupported: ['MergedApiExecutionRoleArn'],
  async create(request) {
    const { graphqlApi: api } = await request.call<CreateGraphqlApiResponse>('appsync', 'CreateGraphqlApi', {
      ...inputOf(request, 'Tags', 'EnvironmentVariables'),
      tags: tagsOf(request),
    });
    await putVariables(request, api?.apiId);
    return showApi(api);
  },
  async update(request, current) {
    const { ApiId: apiId } = current.attributes ?? {};
    await request.call('appsync', 'UpdateGraphqlApi', {
      apiId,
      ...inputOf(request, 'Tags', 'EnvironmentVariables', 'ApiType', 'Visibility'),
    });
    await putVariables(request, String(apiId));
    await request.call('appsync', 'TagResource', { resourceArn: current.physicalId, tags: tagsOf(request) });
    const { graphqlApi: api } = await request.call<GetGraphqlApiResponse>('appsync', 'GetGraphqlApi', {
      apiId,
    });
    return showApi(api);
  },
  async delete({ call }, { attributes }) {
    await unlessGone(() => call('appsync', 'DeleteGraphqlApi', { apiId: attributes?.['ApiId'] }));
  },
};

async function putVariables({ properties, call }: Request, apiId: string | undefined): Promise<void> {
  const environmentVariables = properties['EnvironmentVariables'];
  if (environmentVariables !== undefined)
    await call('appsync', 'PutGraphqlApiEnvironmentVariables', { apiId, environmentVariables });
}

function tagsOf({ properties, tags }: Request): Record<string, string> {
  const own = (properties['Tags'] ?? []) as readonly { readonly Key: string; readonly Value: string }[]; // by AWS's schema
  return { ...tags, ...Object.fromEntries(own.map(({ Key, Value }) => [Key, Value])) };
}

const showApi = (api: GraphqlApi | undefined): ResourceState => ({
  physicalId: api?.arn ?? '',
  attributes: {
    ApiId: api?.apiId,
    Arn: api?.arn,
    GraphQLUrl: api?.uris?.['GRAPHQL'],
    RealtimeUrl: api?.uris?.['REALTIME'],
    GraphQLDns: api?.dns?.['GRAPHQL'],
    RealtimeDns: api?.dns?.['REALTIME'],
    GraphQLEndpointArn: api?.arn?.replace(':apis/', ':endpoints/graphql-api/'),
  },
});

const graphqlSchema: ResourceType<Properties> = {
  type: 'AWS::AppSync::GraphQLSchema',
  create: (request) => putSchema(request),
  update: (request) => putSchema(request),
  // A schema goes with its API.
  async delete() {},
};

async function putSchema(request: Request): Promise<ResourceState> {
  const apiId = String(request.properties['ApiId']);
  const definition = (await textOf(request, 'Definition')) ?? '';
  await request.call('appsync', 'StartSchemaCreation', {
    apiId,
    definition: new TextEncoder().encode(definition),
  });
  const { status, details } = await request.call<GetSchemaCreationStatusResponse>(
    'appsync',
    'GetSchemaCreationStatus',
    { apiId },
  );
  if (status === 'FAILED')
    throw new Fault('BadRequestException', `Schema Creation Status is FAILED with details: ${details}`);
  return { physicalId: `${apiId}GraphQLSchema`, attributes: { Id: `${apiId}GraphQLSchema` } };
}

const apiKey: ResourceType<Properties> = {
  type: 'AWS::AppSync::ApiKey',
  async create(request) {
    const { apiKey: key } = await request.call<CreateApiKeyResponse>(
      'appsync',
      'CreateApiKey',
      inputOf(request),
    );
    const apiId = String(request.properties['ApiId']);
    const { account, region } = request.scope;
    const arn = `arn:aws:appsync:${region}:${account}:apis/${apiId}/apikeys/${key?.id}`;
    return { physicalId: arn, attributes: { ApiKey: key?.id, ApiKeyId: key?.id, Arn: arn } };
  },
  async update(request, current) {
    await request.call('appsync', 'UpdateApiKey', {
      ...inputOf(request),
      id: current.attributes?.['ApiKeyId'],
    });
    return current;
  },
  async delete({ properties, call }, { attributes }) {
    await unlessGone(() =>
      call('appsync', 'DeleteApiKey', { apiId: properties['ApiId'], id: attributes?.['ApiKeyId'] }),
    );
  },
};

const apiCache: ResourceType<Properties> = {
  type: 'AWS::AppSync::ApiCache',
  async create(request) {
    await request.call('appsync', 'CreateApiCache', inputOf(request));
    const id = `${String(request.properties['ApiId'])}ApiCache`;
    return { physicalId: id, attributes: { Id: id } };
  },
  async update(request, current) {
    await request.call(
      'appsync',
      'UpdateApiCache',
      inputOf(request, 'AtRestEncryptionEnabled', 'TransitEncryptionEnabled'),
    );
    return current;
  },
  async delete({ properties, call }) {
    await unlessGone(() => call('appsync', 'DeleteApiCache', { apiId: properties['ApiId'] }));
  },
};

const dataSource: ResourceType<Properties> = {
  type: 'AWS::AppSync::DataSource',
  async create(request) {
    const { dataSource: made } = await request.call<CreateDataSourceResponse>(
      'appsync',
      'CreateDataSource',
      inputOf(request),
    );
    return {
      physicalId: made?.dataSourceArn ?? '',
      attributes: { DataSourceArn: made?.dataSourceArn, Name: made?.name },
    };
  },
  async update(request, current) {
    await request.call('appsync', 'UpdateDataSource', inputOf(request));
    return current;
  },
  async delete({ properties, call }) {
    await unlessGone(() =>
      call('appsync', 'DeleteDataSource', { apiId: properties['ApiId'], name: properties['Name'] }),
    );
  },
};

const functionConfiguration: ResourceType<Properties> = {
  type: 'AWS::AppSync::FunctionConfiguration',
  async create(request) {
    const input = { ...inputOf(request, ...MAPPING), ...(await mappingOf(request)) };
    const { functionConfiguration: made } = await request.call<CreateFunctionResponse>(
      'appsync',
      'CreateFunction',
      input,
    );
    return {
      physicalId: made?.functionArn ?? '',
      attributes: {
        FunctionArn: made?.functionArn,
        FunctionId: made?.functionId,
        Name: made?.name,
        DataSourceName: made?.dataSourceName,
      },
    };
  },
  async update(request, current) {
    const functionId = current.attributes?.['FunctionId'];
    await request.call('appsync', 'UpdateFunction', {
      ...inputOf(request, ...MAPPING),
      ...(await mappingOf(request)),
      functionId,
    });
    return {
      ...current,
      attributes: {
        ...current.attributes,
        Name: request.properties['Name'],
        DataSourceName: request.properties['DataSourceName'],
      },
    };
  },
  async delete({ properties, call }, { attributes }) {
    await unlessGone(() =>
      call('appsync', 'DeleteFunction', {
        apiId: properties['ApiId'],
        functionId: attributes?.['FunctionId'],
      }),
    );
  },
};

const resolver: ResourceType<Properties> = {
  type: 'AWS::AppSync::Resolver',
  async create(request) {
    const input = { ...inputOf(request, ...MAPPING), ...(await mappingOf(request)) };
    const { resolver: made } = await request.call<CreateResolverResponse>('appsync', 'CreateResolver', input);
    return {
      physicalId: made?.resolverArn ?? '',
      attributes: { ResolverArn: made?.resolverArn, TypeName: made?.typeName, FieldName: made?.fieldName },
    };
  },
  async update(request, current) {
    await request.call('appsync', 'UpdateResolver', {
      ...inputOf(request, ...MAPPING),
      ...(await mappingOf(request)),
    });
    return current;
  },
  async delete({ properties, call }) {
    const { ApiId: apiId, TypeName: typeName, FieldName: fieldName } = properties;
    await unlessGone(() => call('appsync', 'DeleteResolver', { apiId, typeName, fieldName }));
  },
};

const type: ResourceType<Properties> = {
  type: 'AWS::AppSync::Type',
  async create(request) {
    const { type: made } = await request.call<CreateTypeResponse>('appsync', 'CreateType', inputOf(request));
    return { physicalId: made?.arn ?? '', attributes: { Arn: made?.arn, Name: made?.name } };
  },
  async update(request, current) {
    await request.call('appsync', 'UpdateType', {
      ...inputOf(request),
      typeName: current.attributes?.['Name'],
    });
    return current;
  },
  async delete({ properties, call }, { attributes }) {
    await unlessGone(() =>
      call('appsync', 'DeleteType', { apiId: properties['ApiId'], typeName: attributes?.['Name'] }),
    );
  },
};

export const resourceTypes = [
  graphqlApi,
  graphqlSchema,
  apiKey,
  apiCache,
  dataSource,
  functionConfiguration,
  resolver,
  type,
];
