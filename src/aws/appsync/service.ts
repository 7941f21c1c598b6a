/** AWS AppSync: its control plane. Requests are answered by the engine in `src/graphql`. */
import type * as sdk from '@aws-sdk/client-appsync';
import type { ResourceType } from '../../base/resource-type.ts';
import type { GraphqlApiDocument } from '../../graphql/config.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { apiCacheOperations } from './api-cache.ts';
import { apiKeyOperations } from './api-key.ts';
import { dataSourceOperations } from './data-source.ts';
import { loadDocument } from './document.ts';
import { evaluateOperations } from './evaluate.ts';
import { functionOperations } from './function.ts';
import { graphqlApiOperations } from './graphql-api.ts';
import { resolverOperations } from './resolver.ts';
import { resourceTypes } from './resource-types.ts';
import type { AppSyncPorts } from './room.ts';
import { schemaOperations } from './schema.ts';
import { tagOperations } from './tags.ts';

export interface AppSyncService extends ServiceInstance {
  /** The API's document as it is now; undefined when there is no such API. */
  loadApi(apiId: string): Promise<GraphqlApiDocument | undefined>;
}

export function createAppSync(ports: AppSyncPorts): AppSyncService {
  const handlers = {
    ...graphqlApiOperations(ports),
    ...apiKeyOperations(ports),
    ...schemaOperations(ports),
    ...dataSourceOperations(ports),
    ...functionOperations(ports),
    ...resolverOperations(ports),
    ...apiCacheOperations(ports),
    ...evaluateOperations(ports),
    ...tagOperations(ports),
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: resourceTypes as unknown as readonly ResourceType[],
    loadApi: (apiId) => loadDocument(ports.store, apiId),
  };
}
