/** API Gateway (REST APIs): the service as the server starts it. */
import type * as sdk from '@aws-sdk/client-api-gateway';
import type { LoadApi } from '../../gateway/config.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { accountOperations } from './account.ts';
import { authorizerOperations } from './authorizer.ts';
import { deploymentOperations } from './deployment.ts';
import { gatewayResponseOperations } from './gateway-response.ts';
import { integrationOperations } from './integration.ts';
import { integrationResponseOperations } from './integration-response.ts';
import { createLoadApi } from './load-api.ts';
import { methodOperations } from './method.ts';
import { methodResponseOperations } from './method-response.ts';
import { modelOperations } from './model.ts';
import { importOperations } from './open-api/import.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { requestValidatorOperations } from './request-validator.ts';
import { resourceOperations } from './resource.ts';
import { restApiOperations } from './rest-api.ts';
import { stageOperations } from './stage.ts';

export const apiGatewayOperations = (ports: ApiGatewayPorts) =>
  ({
    ...restApiOperations(ports),
    ...importOperations(ports),
    ...resourceOperations(ports),
    ...methodOperations(ports),
    ...methodResponseOperations(ports),
    ...integrationOperations(ports),
    ...integrationResponseOperations(ports),
    ...modelOperations(ports),
    ...requestValidatorOperations(ports),
    ...authorizerOperations(ports),
    ...gatewayResponseOperations(ports),
    ...deploymentOperations(ports),
    ...stageOperations(ports),
    ...accountOperations(ports),
  }) satisfies HandlersOf<typeof sdk>;

export interface ApiGateway extends ServiceInstance {
  readonly loadApi: LoadApi;
}

export function createApiGateway(ports: ApiGatewayPorts): ApiGateway {
  return {
    handlers: apiGatewayOperations(ports) satisfies Handlers,
    loadApi: createLoadApi(ports.store),
  };
}
