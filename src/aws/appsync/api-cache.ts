/** Caches. https://docs.aws.amazon.com/appsync/latest/APIReference/API_CreateApiCache.html */
import type {
  ApiCache,
  CreateApiCacheRequest,
  CreateApiCacheResponse,
  DeleteApiCacheRequest,
  FlushApiCacheRequest,
  GetApiCacheRequest,
  GetApiCacheResponse,
  UpdateApiCacheRequest,
  UpdateApiCacheResponse,
} from '@aws-sdk/client-appsync';
import type { Call } from '../../wire/service.ts';
import { badRequest, notFound } from './faults.ts';
import { type AppSyncPorts, change, findApi } from './room.ts';
import { apis } from './rows.ts';

export const apiCacheOperations = (ports: AppSyncPorts) => ({
  async CreateApiCache(input: CreateApiCacheRequest, { scope }: Call): Promise<CreateApiCacheResponse> {
    const apiCache = cacheOf(input);
    await change(ports, scope, input.apiId, async (rows, api) => {
      if (api.cache !== undefined) throw badRequest('Cache already exists for this API.');
      await rows.put(apis, scope, api.apiId, { ...api, cache: apiCache });
    });
    return { apiCache };
  },

  async UpdateApiCache(input: UpdateApiCacheRequest, { scope }: Call): Promise<UpdateApiCacheResponse> {
    const apiCache = await change(ports, scope, input.apiId, async (rows, api) => {
      if (api.cache === undefined) throw notFound('No cache found.');
      const cache: ApiCache = { ...api.cache, ...cacheOf(input) };
      await rows.put(apis, scope, api.apiId, { ...api, cache });
      return cache;
    });
    return { apiCache };
  },

  async GetApiCache({ apiId }: GetApiCacheRequest, { scope }: Call): Promise<GetApiCacheResponse> {
    const { cache } = await findApi(ports.store, scope, apiId);
    if (cache === undefined) throw notFound('No cache found.');
    return { apiCache: cache };
  },

  async DeleteApiCache({ apiId = '' }: DeleteApiCacheRequest, { scope }: Call): Promise<object> {
    await change(ports, scope, apiId, async (rows, api) => {
      const { cache, ...rest } = api;
      if (cache === undefined) throw notFound('No cache found.');
      await rows.put(apis, scope, api.apiId, rest);
    });
    ports.graphql.flushCache(apiId);
    return {};
  },

  async FlushApiCache({ apiId = '' }: FlushApiCacheRequest, { scope }: Call): Promise<object> {
    const { cache } = await findApi(ports.store, scope, apiId);
    if (cache === undefined) throw notFound('No cache found.');
    ports.graphql.flushCache(apiId);
    return {};
  },
});

function cacheOf({
  ttl = 0,
  apiCachingBehavior,
  type,
  healthMetricsConfig,
  ...rest
}: CreateApiCacheRequest | UpdateApiCacheRequest): ApiCache {
  if (ttl < 1 || ttl > 3600) throw badRequest('The TTL must be between 1 and 3600 seconds.');
  const given = rest as Partial<CreateApiCacheRequest>; // updates cannot change encryption
  return {
    ttl,
    apiCachingBehavior,
    type,
    transitEncryptionEnabled: given.transitEncryptionEnabled ?? false,
    atRestEncryptionEnabled: given.atRestEncryptionEnabled ?? false,
    healthMetricsConfig: healthMetricsConfig ?? 'DISABLED',
    status: 'AVAILABLE',
  };
}
