/** Resolvers. https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateResolver.html */
import type {
  CreateResolverRequest,
  CreateResolverResponse,
  DeleteResolverRequest,
  GetResolverRequest,
  GetResolverResponse,
  ListResolversByFunctionRequest,
  ListResolversByFunctionResponse,
  ListResolversRequest,
  ListResolversResponse,
  Resolver,
  UpdateResolverRequest,
  UpdateResolverResponse,
} from '@aws-sdk/client-appsync';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { badRequest, notFound } from './faults.ts';
import { checkMapping } from './mapping-check.ts';
import { type AppSyncPorts, change, findApi, pageOf } from './room.ts';
import { apiArn, type ApiRow, dataSources, functions, resolvers } from './rows.ts';

export const resolverOperations = (ports: AppSyncPorts) => {
  const { store, graphql } = ports;
  const write = (scope: Scope, input: CreateResolverRequest, isNew: boolean): Promise<Resolver> => {
    checkMapping(graphql, input);
    checkCaching(input);
    return change(ports, scope, input.apiId, async (rows, api) => {
      const { apiId: _apiId, ...given } = input;
      const key = `${api.apiId}/${input.typeName}/${input.fieldName}`;
      const before = await rows.get(resolvers, scope, key);
      if (isNew && before !== undefined) throw badRequest('Only one resolver is allowed per field.');
      if (!isNew && before === undefined) throw notFound(`No resolver found.`);
      checkField(graphql, api, input);
      await checkParts(rows, scope, api.apiId, input);
      const row: Resolver = {
        resolverArn: `${apiArn(scope, api.apiId)}/types/${input.typeName}/resolvers/${input.fieldName}`,
        ...given,
        kind: given.kind ?? 'UNIT',
        maxBatchSize: given.maxBatchSize ?? 0,
      };
      await rows.put(resolvers, scope, key, row);
      return row;
    });
  };
  return {
    async CreateResolver(input: CreateResolverRequest, { scope }: Call): Promise<CreateResolverResponse> {
      return { resolver: await write(scope, input, true) };
    },

    async UpdateResolver(input: UpdateResolverRequest, { scope }: Call): Promise<UpdateResolverResponse> {
      return { resolver: await write(scope, input, false) };
    },

    async GetResolver(
      { apiId, typeName, fieldName }: GetResolverRequest,
      { scope }: Call,
    ): Promise<GetResolverResponse> {
      const api = await findApi(store, scope, apiId);
      const resolver = await store.get(resolvers, scope, `${api.apiId}/${typeName}/${fieldName}`);
      if (resolver === undefined) throw notFound('No resolver found.');
      return { resolver };
    },

    async ListResolvers(input: ListResolversRequest, { scope }: Call): Promise<ListResolversResponse> {
      const api = await findApi(store, scope, input.apiId);
      const all = await store.list(resolvers, scope, { prefix: `${api.apiId}/${input.typeName}/` });
      const { items, nextToken } = pageOf(all, input);
      return { resolvers: items.map(({ row }) => row), ...(nextToken !== undefined && { nextToken }) };
    },

    async ListResolversByFunction(
      input: ListResolversByFunctionRequest,
      { scope }: Call,
    ): Promise<ListResolversByFunctionResponse> {
      const api = await findApi(store, scope, input.apiId);
      const all = await store.list(resolvers, scope, { prefix: `${api.apiId}/` });
      const using = all.filter(({ row }) => row.pipelineConfig?.functions?.includes(input.functionId ?? ''));
      const { items, nextToken } = pageOf(using, input);
      return { resolvers: items.map(({ row }) => row), ...(nextToken !== undefined && { nextToken }) };
    },

    async DeleteResolver(
      { apiId, typeName, fieldName }: DeleteResolverRequest,
      { scope }: Call,
    ): Promise<object> {
      await change(ports, scope, apiId, async (rows, api) => {
        if (!(await rows.delete(resolvers, scope, `${api.apiId}/${typeName}/${fieldName}`)))
          throw notFound('No resolver found.');
      });
      return {};
    },
  };
};

function checkField(
  graphql: AppSyncPorts['graphql'],
  api: ApiRow,
  { typeName, fieldName }: CreateResolverRequest,
): void {
  const type =
    api.schema === undefined ? undefined : graphql.typesOf(api.schema).find(({ name }) => name === typeName);
  if (type === undefined) throw notFound(`Type ${typeName} not found`);
  if (!new RegExp(`(^|[\\s{])${fieldName}\\s*[(:]`).test(type.definition))
    throw notFound(`No field named ${fieldName} found on type ${typeName}`);
}

async function checkParts(
  rows: Transaction,
  scope: Scope,
  apiId: string,
  input: CreateResolverRequest,
): Promise<void> {
  const { kind = 'UNIT', dataSourceName, pipelineConfig } = input;
  if (kind === 'UNIT') {
    if (dataSourceName === undefined) throw badRequest('A unit resolver needs a data source.');
    if ((await rows.get(dataSources, scope, `${apiId}/${dataSourceName}`)) === undefined)
      throw notFound(`No data source found named ${dataSourceName}`);
    return;
  }
  if (dataSourceName !== undefined) throw badRequest('A pipeline resolver has no data source of its own.');
  const ids = pipelineConfig?.functions ?? [];
  if (ids.length > limits.appsyncPipelineFunctions)
    throw badRequest(`A pipeline has at most ${limits.appsyncPipelineFunctions} functions.`);
  for (const id of ids)
    if ((await rows.get(functions, scope, `${apiId}/${id}`)) === undefined)
      throw notFound(`Function ${id} not found.`);
}

function checkCaching({ cachingConfig }: CreateResolverRequest): void {
  if (cachingConfig === undefined) return;
  const { ttl = 0, cachingKeys = [] } = cachingConfig;
  if (ttl < 1 || ttl > 3600) throw badRequest('The TTL must be between 1 and 3600 seconds.');
  if (cachingKeys.length > limits.appsyncCachingKeys)
    throw badRequest(`A resolver has at most ${limits.appsyncCachingKeys} caching keys.`);
  const wrong = cachingKeys.find((key) => !/^\$(context|ctx)\.(arguments|args|source|identity)\b/.test(key));
  if (wrong !== undefined)
    throw badRequest(
      `Invalid caching key ${wrong}: keys come from $context.arguments, $context.source and $context.identity.`,
    );
}
