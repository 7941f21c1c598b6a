/** Functions of pipelines. https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateFunction.html */
import type {
  CreateFunctionRequest,
  CreateFunctionResponse,
  DeleteFunctionRequest,
  FunctionConfiguration,
  GetFunctionRequest,
  GetFunctionResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
  UpdateFunctionRequest,
  UpdateFunctionResponse,
} from '@aws-sdk/client-appsync';
import { randomText } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { badRequest, notFound } from './faults.ts';
import { checkMapping } from './mapping-check.ts';
import { type AppSyncPorts, change, findApi, pageOf } from './room.ts';
import { apiArn, dataSources, functions, resolvers } from './rows.ts';

export const functionOperations = (ports: AppSyncPorts) => {
  const { store, graphql } = ports;
  const find = async (rows: Pick<Reader, 'get'>, scope: Scope, apiId: string, id: string | undefined) => {
    const row = await rows.get(functions, scope, `${apiId}/${id}`);
    if (row === undefined) throw notFound(`Function ${id} not found.`);
    return row;
  };
  const checkSource = async (
    rows: Pick<Reader, 'get'>,
    scope: Scope,
    apiId: string,
    name: string | undefined,
  ) => {
    if ((await rows.get(dataSources, scope, `${apiId}/${name}`)) === undefined)
      throw notFound(`No data source found named ${name}`);
  };
  return {
    async CreateFunction(input: CreateFunctionRequest, { scope }: Call): Promise<CreateFunctionResponse> {
      checkMapping(graphql, input);
      const { apiId: _apiId, ...given } = input;
      const functionConfiguration = await change(ports, scope, input.apiId, async (rows, api) => {
        await checkSource(rows, scope, api.apiId, input.dataSourceName);
        const functionId = randomText(26, LETTERS, ports.random);
        const row: FunctionConfiguration = {
          functionId,
          functionArn: `${apiArn(scope, api.apiId)}/functions/${functionId}`,
          ...given,
          functionVersion: given.functionVersion ?? '2018-05-29',
          maxBatchSize: given.maxBatchSize ?? 0,
        };
        await rows.put(functions, scope, `${api.apiId}/${functionId}`, row);
        return row;
      });
      return { functionConfiguration };
    },

    async UpdateFunction(input: UpdateFunctionRequest, { scope }: Call): Promise<UpdateFunctionResponse> {
      checkMapping(graphql, input);
      const { apiId: _apiId, functionId, ...given } = input;
      const functionConfiguration = await change(ports, scope, input.apiId, async (rows, api) => {
        const before = await find(rows, scope, api.apiId, functionId);
        await checkSource(rows, scope, api.apiId, input.dataSourceName);
        const row: FunctionConfiguration = {
          functionId,
          functionArn: before.functionArn,
          ...given,
          functionVersion: given.functionVersion ?? '2018-05-29',
          maxBatchSize: given.maxBatchSize ?? 0,
        };
        await rows.put(functions, scope, `${api.apiId}/${functionId}`, row);
        return row;
      });
      return { functionConfiguration };
    },

    async GetFunction(
      { apiId, functionId }: GetFunctionRequest,
      { scope }: Call,
    ): Promise<GetFunctionResponse> {
      const api = await findApi(store, scope, apiId);
      return { functionConfiguration: await find(store, scope, api.apiId, functionId) };
    },

    async ListFunctions(input: ListFunctionsRequest, { scope }: Call): Promise<ListFunctionsResponse> {
      const api = await findApi(store, scope, input.apiId);
      const { items, nextToken } = pageOf(
        await store.list(functions, scope, { prefix: `${api.apiId}/` }),
        input,
      );
      return { functions: items.map(({ row }) => row), ...(nextToken !== undefined && { nextToken }) };
    },

    async DeleteFunction({ apiId, functionId }: DeleteFunctionRequest, { scope }: Call): Promise<object> {
      await change(ports, scope, apiId, async (rows, api) => {
        await find(rows, scope, api.apiId, functionId);
        const users = await rows.list(resolvers, scope, { prefix: `${api.apiId}/` });
        if (users.some(({ row }) => row.pipelineConfig?.functions?.includes(functionId ?? '')))
          throw badRequest(`Cannot delete function ${functionId}: it is used by a resolver.`);
        await rows.delete(functions, scope, `${api.apiId}/${functionId}`);
      });
      return {};
    },
  };
};

const LETTERS = 'abcdefghijklmnopqrstuvwxyz234567';
