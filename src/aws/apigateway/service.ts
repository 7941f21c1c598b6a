/** API Gateway (REST APIs): the service as the server starts it. */
import type * as sdk from '@aws-sdk/client-api-gateway';
import type { FindApiKey, LoadApi, RecordUsage } from '../../gateway/config.ts';
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
import { resourceTypes } from './resource-types/all.ts';
import { stageOperations } from './stage.ts';
import { apiKeyOperations } from './api-key.ts';
import { basePathMappingOperations } from './base-path-mapping.ts';
import { clientCertificateOperations } from './client-certificate.ts';
import { documentationPartOperations } from './documentation-part.ts';
import { documentationVersionOperations } from './documentation-version.ts';
import { domainNameOperations } from './domain-name.ts';
import { accessAssociationOperations } from './domain-name-access-association.ts';
import { importApiKeysOperations } from './import-api-keys.ts';
import { exportOperations } from './open-api/export.ts';
import { sdkOperations } from './sdk.ts';
import { tagOperations } from './tags.ts';
import { testInvokeOperations } from './test-invoke.ts';
import { createFindApiKey, createRecordUsage, usageOperations } from './usage.ts';
import { usagePlanOperations } from './usage-plan.ts';
import { usagePlanKeyOperations } from './usage-plan-key.ts';
import { vpcLinkOperations } from './vpc-link.ts';

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
    ...apiKeyOperations(ports),
    ...importApiKeysOperations(ports),
    ...usagePlanOperations(ports),
    ...usagePlanKeyOperations(ports),
    ...usageOperations(ports),
    ...documentationPartOperations(ports),
    ...documentationVersionOperations(ports),
    ...domainNameOperations(ports),
    ...basePathMappingOperations(ports),
    ...accessAssociationOperations(ports),
    ...vpcLinkOperations(ports),
    ...clientCertificateOperations(ports),
    ...exportOperations(ports),
    ...sdkOperations(ports),
    ...testInvokeOperations(ports),
    ...tagOperations(ports),
  }) satisfies HandlersOf<typeof sdk>;

export interface ApiGateway extends ServiceInstance {
  readonly loadApi: LoadApi;
  readonly findApiKey: FindApiKey;
  readonly recordUsage: RecordUsage;
}

export function createApiGateway(ports: ApiGatewayPorts): ApiGateway {
  return {
    handlers: apiGatewayOperations(ports) satisfies Handlers,
    resourceTypes,
    loadApi: createLoadApi(ports.store),
    findApiKey: createFindApiKey(ports.store),
    recordUsage: createRecordUsage(ports),
  };
}
