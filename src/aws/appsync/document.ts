/** From rows to the document that the engine runs. */
import type {
  AdditionalAuthenticationProvider,
  DataSource,
  FunctionConfiguration,
  Resolver,
  UserPoolConfig,
} from '@aws-sdk/client-appsync';
import type { Scope } from '../../base/scope.ts';
import type {
  AuthorizationMode,
  DataSourceDocument,
  FunctionDocument,
  GraphqlApiDocument,
  Mapping,
  ResolverDocument,
} from '../../graphql/config.ts';
import type { Store } from '../../store/store.ts';
import { EVERYWHERE } from './graphql-api.ts';
import { apiArn, apiKeys, apiPlaces, type ApiRow, apis, dataSources, functions, resolvers } from './rows.ts';

export async function loadDocument(store: Store, apiId: string): Promise<GraphqlApiDocument | undefined> {
  return store.read(async (rows) => {
    const scope = await rows.get(apiPlaces, EVERYWHERE, apiId);
    const api = scope && (await rows.get(apis, scope, apiId));
    if (scope === undefined || api === undefined) return undefined;
    const of = { prefix: `${apiId}/` };
    return documentOf(scope, api, {
      keys: (await rows.list(apiKeys, scope, of)).map(({ row }) => ({
        key: row.id,
        expiresAt: row.expires * 1000,
      })),
      dataSources: (await rows.list(dataSources, scope, of)).map(({ row }) => sourceOf(row, scope)),
      functions: (await rows.list(functions, scope, of)).map(({ row }) => functionOf(row)),
      resolvers: (await rows.list(resolvers, scope, of)).map(({ row }) => resolverOf(row)),
    });
  });
}

interface Parts {
  readonly keys: GraphqlApiDocument['apiKeys'];
  readonly dataSources: readonly DataSourceDocument[];
  readonly functions: readonly FunctionDocument[];
  readonly resolvers: readonly ResolverDocument[];
}

function documentOf(scope: Scope, api: ApiRow, parts: Parts): GraphqlApiDocument {
  const { settings, cache } = api;
  const { logConfig } = settings;
  return {
    scope,
    apiId: api.apiId,
    arn: apiArn(scope, api.apiId),
    name: api.name,
    schema: api.schema,
    defaultMode: modeOf(settings, scope),
    additionalModes: api.additional.map((each) => modeOf(each, scope)),
    apiKeys: parts.keys,
    dataSources: parts.dataSources,
    functions: parts.functions,
    resolvers: parts.resolvers,
    ...(cache && {
      cache: { behavior: cache.apiCachingBehavior ?? 'FULL_REQUEST_CACHING', ttlSeconds: cache.ttl ?? 0 },
    }),
    environment: api.environment,
    introspection: settings.introspectionConfig !== 'DISABLED',
    queryDepthLimit: settings.queryDepthLimit ?? 0,
    resolverCountLimit: settings.resolverCountLimit ?? 0,
    ...(logConfig?.fieldLogLevel && {
      logging: { level: logConfig.fieldLogLevel, verbose: logConfig.excludeVerboseContent !== true },
    }),
  };
}

function modeOf(
  provider: AdditionalAuthenticationProvider & {
    readonly userPoolConfig?: Partial<UserPoolConfig> | undefined;
  },
  scope: Scope,
): AuthorizationMode {
  switch (provider.authenticationType) {
    case 'AWS_IAM':
      return { type: 'AWS_IAM' };
    case 'AMAZON_COGNITO_USER_POOLS': {
      const {
        userPoolId = '',
        awsRegion = scope.region,
        appIdClientRegex,
        defaultAction = 'ALLOW',
      } = provider.userPoolConfig ?? {};
      return {
        type: 'AMAZON_COGNITO_USER_POOLS',
        userPoolId,
        region: awsRegion,
        ...(appIdClientRegex !== undefined && { clientPattern: appIdClientRegex }),
        defaultAction,
      };
    }
    case 'OPENID_CONNECT': {
      const { issuer = '', clientId, iatTTL, authTTL } = provider.openIDConnectConfig ?? {};
      return {
        type: 'OPENID_CONNECT',
        issuer,
        ...(clientId !== undefined && { clientPattern: clientId }),
        ...(iatTTL !== undefined && { issuedWithinMs: iatTTL }),
        ...(authTTL !== undefined && { authenticatedWithinMs: authTTL }),
      };
    }
    case 'AWS_LAMBDA': {
      const {
        authorizerUri = '',
        authorizerResultTtlInSeconds = 300,
        identityValidationExpression,
      } = provider.lambdaAuthorizerConfig ?? {};
      return {
        type: 'AWS_LAMBDA',
        functionArn: authorizerUri,
        ttlSeconds: authorizerResultTtlInSeconds,
        ...(identityValidationExpression !== undefined && { tokenPattern: identityValidationExpression }),
      };
    }
    default:
      return { type: 'API_KEY' };
  }
}

function sourceOf(row: DataSource, scope: Scope): DataSourceDocument {
  const { httpConfig, openSearchServiceConfig, elasticsearchConfig } = row;
  const signing = httpConfig?.authorizationConfig?.awsIamConfig;
  const search = openSearchServiceConfig ?? elasticsearchConfig;
  return {
    name: row.name ?? '',
    type: row.type ?? 'NONE',
    ...(row.serviceRoleArn !== undefined && { roleArn: row.serviceRoleArn }),
    ...(row.lambdaConfig?.lambdaFunctionArn !== undefined && {
      functionArn: row.lambdaConfig.lambdaFunctionArn,
    }),
    ...(row.dynamodbConfig && {
      table: {
        name: row.dynamodbConfig.tableName ?? '',
        region: row.dynamodbConfig.awsRegion ?? scope.region,
      },
    }),
    ...(httpConfig?.endpoint !== undefined && {
      http: {
        endpoint: httpConfig.endpoint,
        ...(signing && {
          signing: {
            region: signing.signingRegion ?? scope.region,
            service: signing.signingServiceName ?? 'execute-api',
          },
        }),
      },
    }),
    ...(row.eventBridgeConfig?.eventBusArn !== undefined && {
      eventBusArn: row.eventBridgeConfig.eventBusArn,
    }),
    ...(search && {
      openSearch: { endpoint: search.endpoint ?? '', region: search.awsRegion ?? scope.region },
    }),
  };
}

function mappingOf(
  row: Pick<Resolver, 'code' | 'requestMappingTemplate' | 'responseMappingTemplate'>,
  isPipeline = false,
): Mapping {
  const { code, requestMappingTemplate: request, responseMappingTemplate: response } = row;
  if (code !== undefined) return { kind: 'javascript', code };
  if (request === undefined && response === undefined && !isPipeline) return { kind: 'direct' };
  return {
    kind: 'templates',
    ...(request !== undefined && { request }),
    ...(response !== undefined && { response }),
  };
}

const functionOf = (row: FunctionConfiguration): FunctionDocument => ({
  id: row.functionId ?? '',
  name: row.name ?? '',
  dataSource: row.dataSourceName ?? '',
  mapping: mappingOf(row),
  maxBatchSize: row.maxBatchSize ?? 0,
});

const resolverOf = (row: Resolver): ResolverDocument => ({
  typeName: row.typeName ?? '',
  fieldName: row.fieldName ?? '',
  kind: row.kind ?? 'UNIT',
  ...(row.dataSourceName !== undefined && { dataSource: row.dataSourceName }),
  functions: row.pipelineConfig?.functions ?? [],
  mapping: mappingOf(row, row.kind === 'PIPELINE'),
  maxBatchSize: row.maxBatchSize ?? 0,
  ...(row.cachingConfig && {
    caching: { ttlSeconds: row.cachingConfig.ttl ?? 0, keys: row.cachingConfig.cachingKeys ?? [] },
  }),
});
