/** GraphQL APIs. https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateGraphqlApi.html */
import type {
  AdditionalAuthenticationProvider,
  CreateGraphqlApiRequest,
  CreateGraphqlApiResponse,
  DeleteGraphqlApiRequest,
  GetGraphqlApiEnvironmentVariablesRequest,
  GetGraphqlApiEnvironmentVariablesResponse,
  GetGraphqlApiRequest,
  GetGraphqlApiResponse,
  GraphqlApi,
  ListGraphqlApisRequest,
  ListGraphqlApisResponse,
  PutGraphqlApiEnvironmentVariablesRequest,
  PutGraphqlApiEnvironmentVariablesResponse,
  UpdateGraphqlApiRequest,
  UpdateGraphqlApiResponse,
} from '@aws-sdk/client-appsync';
import { pinnedId, randomText } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { badRequest } from './faults.ts';
import { type AppSyncPorts, change, findApi, pageOf } from './room.ts';
import { apiArn, apiKeys, apiPlaces, type ApiRow, apis, dataSources, functions, resolvers } from './rows.ts';

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';

export const graphqlApiOperations = (ports: AppSyncPorts) => {
  const { store, graphql } = ports;
  return {
    async CreateGraphqlApi(input: CreateGraphqlApiRequest, call: Call): Promise<CreateGraphqlApiResponse> {
      const { scope } = call;
      const { name, tags = {}, ...settings } = input;
      checkSettings(settings);
      if (settings.apiType === 'MERGED') throw badRequest('Merged APIs: not supported by gatehouse');
      const apiId = pinnedId(tags) ?? randomText(26, ID_LETTERS, ports.random);
      const row: ApiRow = {
        apiId,
        name: name ?? '',
        settings,
        additional: settings.additionalAuthenticationProviders ?? [],
        tags,
        environment: {},
      };
      await store.transaction(async (rows) => {
        if ((await rows.list(apis, scope)).length >= limits.appsyncApis)
          throw new Fault(
            'ApiLimitExceededException',
            `You have reached the maximum number of APIs (${limits.appsyncApis}).`,
          );
        if ((await rows.get(apiPlaces, EVERYWHERE, apiId)) !== undefined)
          throw badRequest(`An API with the id ${apiId} exists already.`);
        await rows.put(apiPlaces, EVERYWHERE, apiId, scope);
        await rows.put(apis, scope, apiId, row);
      });
      return { graphqlApi: show(row, call) };
    },

    async GetGraphqlApi({ apiId }: GetGraphqlApiRequest, call: Call): Promise<GetGraphqlApiResponse> {
      return { graphqlApi: show(await findApi(store, call.scope, apiId), call) };
    },

    async ListGraphqlApis(input: ListGraphqlApisRequest, call: Call): Promise<ListGraphqlApisResponse> {
      const all = (await store.list(apis, call.scope)).map(({ row }) => row);
      const wanted = all.filter(
        ({ settings }) => input.apiType === undefined || (settings.apiType ?? 'GRAPHQL') === input.apiType,
      );
      const { items, nextToken } = pageOf(wanted, input);
      return {
        graphqlApis: items.map((row) => show(row, call)),
        ...(nextToken !== undefined && { nextToken }),
      };
    },

    async UpdateGraphqlApi(input: UpdateGraphqlApiRequest, call: Call): Promise<UpdateGraphqlApiResponse> {
      const { apiId, name, ...given } = input;
      const settings = given as CreateGraphqlApiRequest; // the same members
      checkSettings(settings);
      const changed = await change(ports, call.scope, apiId, async (rows, row) => {
        const { name: _name, tags: _tags, ...kept } = settings;
        const next: ApiRow = {
          ...row,
          name: name ?? row.name,
          settings: { visibility: row.settings.visibility, ...kept },
          additional: settings.additionalAuthenticationProviders ?? [],
        };
        await rows.put(apis, call.scope, row.apiId, next);
        return next;
      });
      return { graphqlApi: show(changed, call) };
    },

    async DeleteGraphqlApi({ apiId = '' }: DeleteGraphqlApiRequest, { scope }: Call): Promise<object> {
      await store.transaction(async (rows) => {
        await findApi(rows, scope, apiId);
        const prefix = `${apiId}/`;
        await rows.deleteRange(apiKeys, scope, prefix);
        await rows.deleteRange(dataSources, scope, prefix);
        await rows.deleteRange(functions, scope, prefix);
        await rows.deleteRange(resolvers, scope, prefix);
        await rows.delete(apis, scope, apiId);
        await rows.delete(apiPlaces, EVERYWHERE, apiId);
      });
      graphql.changed(apiId);
      return {};
    },

    async GetGraphqlApiEnvironmentVariables(
      { apiId }: GetGraphqlApiEnvironmentVariablesRequest,
      { scope }: Call,
    ): Promise<GetGraphqlApiEnvironmentVariablesResponse> {
      return { environmentVariables: { ...(await findApi(store, scope, apiId)).environment } };
    },

    async PutGraphqlApiEnvironmentVariables(
      { apiId, environmentVariables = {} }: PutGraphqlApiEnvironmentVariablesRequest,
      { scope }: Call,
    ): Promise<PutGraphqlApiEnvironmentVariablesResponse> {
      for (const [name, value] of Object.entries(environmentVariables)) {
        if (!/^[A-Za-z][A-Za-z0-9_]{1,63}$/.test(name))
          throw badRequest(`Invalid environment variable name: ${name}`);
        if (value.length > 512)
          throw badRequest(`The value of the environment variable ${name} is longer than 512 characters.`);
      }
      if (Object.keys(environmentVariables).length > 50)
        throw badRequest('An API has at most 50 environment variables.');
      await change(ports, scope, apiId, (rows, row) =>
        rows.put(apis, scope, row.apiId, { ...row, environment: environmentVariables }),
      );
      return { environmentVariables };
    },
  };
};

/** Ids of APIs are unique over all accounts and regions: requests name nothing else. */
export const EVERYWHERE: Scope = { account: 'all', region: 'all' };

type Settings = Omit<CreateGraphqlApiRequest, 'name' | 'tags'>;

function checkSettings(settings: Settings): void {
  const { authenticationType, additionalAuthenticationProviders = [] } = settings;
  if (additionalAuthenticationProviders.length > limits.appsyncAuthenticationProviders)
    throw badRequest('Too many additional authentication providers.');
  checkProvider({ ...settings, authenticationType });
  for (const provider of additionalAuthenticationProviders) {
    checkProvider(provider);
    const { authenticationType: type } = provider;
    if ((type === 'API_KEY' || type === 'AWS_IAM') && type === authenticationType)
      throw badRequest(`${type} is already the default authentication type.`);
  }
  if ((settings.queryDepthLimit ?? 0) > 75 || (settings.queryDepthLimit ?? 0) < 0)
    throw badRequest('The query depth limit must be between 0 and 75.');
  if ((settings.resolverCountLimit ?? 0) > limits.appsyncResolverExecutions)
    throw badRequest('The resolver count limit must be between 0 and 10000.');
  if (settings.visibility === 'PRIVATE') throw badRequest('Private GraphQL APIs: not supported by gatehouse');
}

type Provider = Omit<AdditionalAuthenticationProvider, 'userPoolConfig'> & {
  readonly userPoolConfig?: { readonly userPoolId?: string | undefined } | undefined;
};

function checkProvider(provider: Provider): void {
  switch (provider.authenticationType) {
    case 'AMAZON_COGNITO_USER_POOLS':
      if (!provider.userPoolConfig?.userPoolId)
        throw badRequest('UserPoolConfig must not be null for AMAZON_COGNITO_USER_POOLS.');
      break;
    case 'OPENID_CONNECT':
      if (!provider.openIDConnectConfig?.issuer)
        throw badRequest('OpenIDConnectConfig must not be null for OPENID_CONNECT.');
      break;
    case 'AWS_LAMBDA':
      if (!provider.lambdaAuthorizerConfig?.authorizerUri)
        throw badRequest('LambdaAuthorizerConfig must not be null for AWS_LAMBDA.');
      break;
    default:
  }
}

function show(row: ApiRow, { scope, endpoint }: Call): GraphqlApi {
  const { settings } = row;
  const socket = endpoint.replace(/^http/, 'ws');
  return {
    name: row.name,
    apiId: row.apiId,
    arn: apiArn(scope, row.apiId),
    uris: {
      GRAPHQL: `${endpoint}/graphql/${row.apiId}`,
      REALTIME: `${socket}/graphql/${row.apiId}/realtime`,
    },
    dns: {
      GRAPHQL: `${row.apiId}.appsync-api.${scope.region}.localhost`,
      REALTIME: `${row.apiId}.appsync-realtime-api.${scope.region}.localhost`,
    },
    authenticationType: settings.authenticationType,
    ...(settings.logConfig && { logConfig: settings.logConfig }),
    ...(settings.userPoolConfig && { userPoolConfig: settings.userPoolConfig }),
    ...(settings.openIDConnectConfig && { openIDConnectConfig: settings.openIDConnectConfig }),
    ...(settings.lambdaAuthorizerConfig && {
      lambdaAuthorizerConfig: { authorizerResultTtlInSeconds: 300, ...settings.lambdaAuthorizerConfig },
    }),
    ...(row.additional.length > 0 && { additionalAuthenticationProviders: [...row.additional] }),
    ...(settings.enhancedMetricsConfig && { enhancedMetricsConfig: settings.enhancedMetricsConfig }),
    ...(settings.ownerContact !== undefined && { ownerContact: settings.ownerContact }),
    ...(row.webAcl !== undefined && { wafWebAclArn: row.webAcl }),
    tags: { ...row.tags },
    xrayEnabled: settings.xrayEnabled ?? false,
    visibility: settings.visibility ?? 'GLOBAL',
    apiType: settings.apiType ?? 'GRAPHQL',
    owner: scope.account,
    introspectionConfig: settings.introspectionConfig ?? 'ENABLED',
    queryDepthLimit: settings.queryDepthLimit ?? 0,
    resolverCountLimit: settings.resolverCountLimit ?? 0,
  };
}
