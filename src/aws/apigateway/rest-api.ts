/** REST APIs: https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html */
import type {
  CreateRestApiRequest,
  DeleteRestApiRequest,
  GetRestApiRequest,
  GetRestApisRequest,
  RestApi,
  RestApis,
  UpdateRestApiRequest,
} from '@aws-sdk/client-api-gateway';
import { apiGatewayId, pinnedId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { draftOf } from '../kit/draft.ts';
import { pageOfRows } from '../kit/page.ts';
import { applyPatches } from '../kit/patch.ts';
import { cloneDefinition, deleteDefinition } from './definition.ts';
import { endpointRow } from './endpoint-configuration.ts';
import { badRequest, conflict, limitExceeded } from './faults.ts';
import { mappedDomains } from './mapped-domains.ts';
import { putDefaultModels } from './model.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { policyRow, shownPolicy } from './resource-policy.ts';
import { resources } from './resource-row.ts';
import { restApiPatches } from './rest-api-patches.ts';
import { API_SCOPES, apiScopes, needRestApi, restApis, type RestApiRow } from './rest-api-row.ts';
import { checkedTags } from './tag-set.ts';

export function showRestApi(row: RestApiRow): RestApi {
  const { warnings, policy, binaryMediaTypes, tags, ...rest } = row;
  return {
    ...rest,
    createdDate: new Date(row.createdDate),
    endpointConfiguration: {
      ...row.endpointConfiguration,
      types: [...row.endpointConfiguration.types],
      vpcEndpointIds: row.endpointConfiguration.vpcEndpointIds && [
        ...row.endpointConfiguration.vpcEndpointIds,
      ],
    },
    ...(binaryMediaTypes?.length ? { binaryMediaTypes: [...binaryMediaTypes] } : {}),
    ...(policy === undefined ? {} : { policy: shownPolicy(policy) }),
    ...(warnings?.length ? { warnings: [...warnings] } : {}),
    ...(Object.keys(tags).length > 0 ? { tags: { ...tags } } : {}),
  };
}

/** One API read or changed by id shows its tags even when there are none; lists and creations do not. */
const showWithTags = (row: RestApiRow): RestApi => ({ ...showRestApi(row), tags: { ...row.tags } });

export const restApiOperations = (ports: ApiGatewayPorts) => ({
  CreateRestApi: async (input: CreateRestApiRequest, call: Call): Promise<RestApi> => {
    const row = await ports.store.transaction((rows) => createRestApi(ports, rows, input, call.scope));
    return showRestApi(row);
  },

  GetRestApi: async (input: GetRestApiRequest, call: Call): Promise<RestApi> =>
    showWithTags(await needRestApi(ports.store, call.scope, input.restApiId)),

  GetRestApis: async (input: GetRestApisRequest, call: Call): Promise<RestApis> => {
    const page = await pageOfRows(ports.store, restApis, call.scope, input);
    return { items: page.items.map(showRestApi), position: page.position };
  },

  UpdateRestApi: async (input: UpdateRestApiRequest, call: Call): Promise<RestApi> => {
    const row = await ports.store.transaction(async (rows) => {
      const draft = draftOf(await needRestApi(rows, call.scope, input.restApiId));
      applyPatches(draft, input.patchOperations, restApiPatches(call.scope));
      await rows.put(restApis, call.scope, draft.id, draft);
      return draft;
    });
    ports.gateway.forget(row.id);
    return showWithTags(row);
  },

  DeleteRestApi: async (input: DeleteRestApiRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const row = await needRestApi(rows, call.scope, input.restApiId);
      const domains = await mappedDomains(rows, call.scope, row.id);
      if (domains.length > 0)
        throw badRequest(
          `Deleting RestApi ${row.id} failed. Please remove all base path mappings related to the RestApi in your domains: ${domains.join(', ')}`,
        );
      await deleteDefinition(rows, call.scope, row.id);
      await rows.delete(restApis, call.scope, row.id);
      await rows.delete(apiScopes, API_SCOPES, row.id);
    });
    await ports.gateway.flushCache(call.scope, input.restApiId ?? '');
    ports.gateway.forget(input.restApiId ?? '');
    return {};
  },
});

/** The API with its root resource and default models, or a copy of `cloneFrom`. Also what ImportRestApi begins with. */
export async function createRestApi(
  ports: ApiGatewayPorts,
  rows: Transaction,
  input: CreateRestApiRequest,
  scope: Scope,
): Promise<RestApiRow> {
  checkInput(input);
  const tags = checkedTags(input.tags);
  const id = pinnedId(tags) ?? apiGatewayId(10, ports.random);
  const row: RestApiRow = {
    id,
    name: input.name ?? '',
    description: input.description,
    version: input.version,
    createdDate: wholeSeconds(ports.now()),
    binaryMediaTypes: input.binaryMediaTypes,
    minimumCompressionSize: input.minimumCompressionSize,
    apiKeySource: input.apiKeySource ?? 'HEADER',
    endpointConfiguration: endpointRow(input.endpointConfiguration),
    policy: policyRow(input.policy, scope, id),
    tags,
    disableExecuteApiEndpoint: input.disableExecuteApiEndpoint ?? false,
    rootResourceId: apiGatewayId(10, ports.random),
    securityPolicy: input.securityPolicy,
    endpointAccessMode: input.endpointAccessMode,
  };
  await checkQuota(rows, scope, row);
  if ((await rows.get(apiScopes, API_SCOPES, id)) !== undefined)
    throw conflict(`An API with the identifier ${id} already exists`);
  await rows.put(apiScopes, API_SCOPES, id, scope);
  if (input.cloneFrom) return cloneFrom(rows, scope, row, input.cloneFrom);
  await rows.put(resources, scope, `${id}/${row.rootResourceId}`, { id: row.rootResourceId, path: '/' });
  await putDefaultModels(ports, rows, scope, id);
  await rows.put(restApis, scope, id, row);
  return row;
}

function checkInput(input: CreateRestApiRequest): void {
  if (!input.name?.trim()) throw badRequest('API name must be non-empty');
  if (input.name.length > 1024) throw badRequest('API name must be less than 1024 characters');
  if (input.description === '') throw badRequest('Description cannot be an empty string');
  checkCompression(input.minimumCompressionSize);
}

export function checkCompression(bytes: number | undefined): void {
  if (bytes === undefined) return;
  if (!(Number.isInteger(bytes) && bytes >= 0 && bytes <= limits.apiGatewayPayloadBytes))
    throw badRequest('Invalid minimum compression size, must be between 0 and 10485760');
}

async function checkQuota(rows: Transaction, scope: Scope, row: RestApiRow): Promise<void> {
  const kind = row.endpointConfiguration.types[0] ?? 'EDGE';
  const all = await rows.list(restApis, scope);
  const same = all.filter((entry) => entry.row.endpointConfiguration.types[0] === kind);
  if (same.length >= limits.restApis[kind])
    throw limitExceeded(`Maximum number of ${kind} APIs for this account has been reached.`);
}

async function cloneFrom(
  rows: Transaction,
  scope: Scope,
  row: RestApiRow,
  from: string,
): Promise<RestApiRow> {
  const source = await needRestApi(rows, scope, from);
  const copy: RestApiRow = {
    ...row,
    binaryMediaTypes: row.binaryMediaTypes ?? source.binaryMediaTypes,
    minimumCompressionSize: row.minimumCompressionSize ?? source.minimumCompressionSize,
    description: row.description ?? source.description,
    version: row.version ?? source.version,
    rootResourceId: source.rootResourceId,
  };
  await cloneDefinition(rows, scope, from, row.id);
  await rows.put(restApis, scope, row.id, copy);
  return copy;
}

/** API Gateway's dates are whole seconds. */
export const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;
