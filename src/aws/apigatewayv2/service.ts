/**
 * API Gateway v2: HTTP and WebSocket APIs. Portals and portal products have no handler and are
 * refused by name.
 */
import type * as sdk from '@aws-sdk/client-apigatewayv2';
import type { LoadApi } from '../../gateway/config.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { apiOperations } from './api.ts';
import { apiMappingOperations } from './api-mapping.ts';
import { authorizerOperations } from './authorizer.ts';
import { deploymentOperations } from './deployment.ts';
import { loadApi } from './document.ts';
import { domainNameOperations } from './domain-name.ts';
import { exportOperations } from './export.ts';
import { importOperations } from './import.ts';
import { integrationOperations } from './integration.ts';
import { integrationResponseOperations } from './integration-response.ts';
import { modelOperations } from './model.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { resourceTypes } from './resource-types/all.ts';
import { routeOperations } from './route.ts';
import { routeResponseOperations } from './route-response.ts';
import { routingRuleOperations } from './routing-rule.ts';
import { stageOperations } from './stage.ts';
import { tagOperations } from './tag.ts';
import { vpcLinkOperations } from './vpc-link.ts';

/** Also hands out `loadApi`, by which the gateway reads what is deployed. */
export function createApiGatewayV2(ports: ApiGatewayV2Ports) {
  const handlers = {
    ...apiOperations(ports),
    ...apiMappingOperations(ports),
    ...authorizerOperations(ports),
    ...deploymentOperations(ports),
    ...domainNameOperations(ports),
    ...exportOperations(ports),
    ...importOperations(ports),
    ...integrationOperations(ports),
    ...integrationResponseOperations(ports),
    ...modelOperations(ports),
    ...routeOperations(ports),
    ...routeResponseOperations(ports),
    ...routingRuleOperations(ports),
    ...stageOperations(ports),
    ...tagOperations(ports),
    ...vpcLinkOperations(ports),
  } satisfies HandlersOf<typeof sdk> & Handlers;
  const instance = { handlers, resourceTypes, loadApi: loadApi(ports.store) };
  return instance satisfies ServiceInstance & { readonly loadApi: LoadApi };
}
