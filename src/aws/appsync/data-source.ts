/** Data sources. https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateDataSource.html */
import type {
  CreateDataSourceRequest,
  CreateDataSourceResponse,
  DataSource,
  DeleteDataSourceRequest,
  GetDataSourceRequest,
  GetDataSourceResponse,
  ListDataSourcesRequest,
  ListDataSourcesResponse,
  UpdateDataSourceRequest,
  UpdateDataSourceResponse,
} from '@aws-sdk/client-appsync';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { badRequest, notFound } from './faults.ts';
import { type AppSyncPorts, change, findApi, pageOf } from './room.ts';
import { apiArn, dataSources, functions, resolvers } from './rows.ts';

export const dataSourceOperations = (ports: AppSyncPorts) => {
  const { store } = ports;
  const write = async (scope: Scope, input: CreateDataSourceRequest, isNew: boolean): Promise<DataSource> => {
    const { apiId, name = '', ...rest } = input;
    if (!/^[_A-Za-z][_0-9A-Za-z]*$/.test(name)) throw badRequest(`Invalid data source name: ${name}`);
    checkSource(rest);
    return change(ports, scope, apiId, async (rows, api) => {
      const key = `${api.apiId}/${name}`;
      const before = await rows.get(dataSources, scope, key);
      if (isNew && before !== undefined) throw badRequest(`Data source with name ${name} already exists`);
      if (!isNew && before === undefined) throw notFound(`Data source ${name} not found.`);
      const row: DataSource = {
        dataSourceArn: `${apiArn(scope, api.apiId)}/datasources/${name}`,
        name,
        ...rest,
        ...(rest.dynamodbConfig && {
          dynamodbConfig: { useCallerCredentials: false, versioned: false, ...rest.dynamodbConfig },
        }),
      };
      await rows.put(dataSources, scope, key, row);
      return row;
    });
  };
  return {
    async CreateDataSource(
      input: CreateDataSourceRequest,
      { scope }: Call,
    ): Promise<CreateDataSourceResponse> {
      return { dataSource: await write(scope, input, true) };
    },

    async UpdateDataSource(
      input: UpdateDataSourceRequest,
      { scope }: Call,
    ): Promise<UpdateDataSourceResponse> {
      return { dataSource: await write(scope, input, false) };
    },

    async GetDataSource(
      { apiId, name }: GetDataSourceRequest,
      { scope }: Call,
    ): Promise<GetDataSourceResponse> {
      const api = await findApi(store, scope, apiId);
      const dataSource = await store.get(dataSources, scope, `${api.apiId}/${name}`);
      if (dataSource === undefined) throw notFound(`Data source ${name} not found.`);
      return { dataSource };
    },

    async ListDataSources(input: ListDataSourcesRequest, { scope }: Call): Promise<ListDataSourcesResponse> {
      const api = await findApi(store, scope, input.apiId);
      const all = await store.list(dataSources, scope, { prefix: `${api.apiId}/` });
      const { items, nextToken } = pageOf(all, input);
      return { dataSources: items.map(({ row }) => row), ...(nextToken !== undefined && { nextToken }) };
    },

    async DeleteDataSource({ apiId, name }: DeleteDataSourceRequest, { scope }: Call): Promise<object> {
      await change(ports, scope, apiId, async (rows, api) => {
        const prefix = { prefix: `${api.apiId}/` };
        const users = [
          ...(await rows.list(resolvers, scope, prefix)),
          ...(await rows.list(functions, scope, prefix)),
        ];
        if (users.some(({ row }) => row.dataSourceName === name))
          throw badRequest(`Cannot delete data source ${name}: it is used by a resolver or a function.`);
        if (!(await rows.delete(dataSources, scope, `${api.apiId}/${name}`)))
          throw notFound(`Data source ${name} not found.`);
      });
      return {};
    },
  };
};

/** What a type needs, and what of it is not there. */
function checkSource(source: Omit<CreateDataSourceRequest, 'apiId' | 'name'>): void {
  const needs = (given: unknown, name: string): void => {
    if (given === undefined)
      throw badRequest(`${name} must not be null for data source type ${source.type}.`);
  };
  switch (source.type) {
    case 'AWS_LAMBDA':
      needs(source.lambdaConfig?.lambdaFunctionArn, 'lambdaConfig');
      break;
    case 'AMAZON_DYNAMODB':
      needs(source.dynamodbConfig?.tableName, 'dynamodbConfig');
      if (source.dynamodbConfig?.versioned === true || source.dynamodbConfig?.deltaSyncConfig !== undefined)
        throw badRequest('Versioned data sources (delta sync): not supported by gatehouse');
      if (source.dynamodbConfig?.useCallerCredentials === true)
        throw badRequest("Data sources with the caller's own credentials: not supported by gatehouse");
      break;
    case 'HTTP':
      needs(source.httpConfig?.endpoint, 'httpConfig');
      if (!/^https?:\/\/\S+$/.test(source.httpConfig?.endpoint ?? ''))
        throw badRequest('Invalid HTTP endpoint.');
      break;
    case 'AMAZON_EVENTBRIDGE':
      needs(source.eventBridgeConfig?.eventBusArn, 'eventBridgeConfig');
      break;
    case 'AMAZON_OPENSEARCH_SERVICE':
      needs(source.openSearchServiceConfig?.endpoint, 'openSearchServiceConfig');
      break;
    case 'AMAZON_ELASTICSEARCH':
      needs(source.elasticsearchConfig?.endpoint, 'elasticsearchConfig');
      break;
    case 'RELATIONAL_DATABASE':
    case 'AMAZON_BEDROCK_RUNTIME':
      throw badRequest(`Data sources of type ${source.type}: not supported by gatehouse`);
    default:
  }
}
