/** API Gateway (REST APIs): the service as the server starts it. */
import type * as sdk from '@aws-sdk/client-api-gateway';
import type { FindApiKey, LoadApi, UseQuota } from '../../gateway/config.ts';
import type { Handler, HandlersOf, ServiceInstance } from '../../wire/service.ts';
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
import { createStageWebAcl, type StageWebAcl } from './stage-web-acl.ts';
import { apiKeyOperations } from './api-key.ts';
import { type ApiKeyGrants, createApiKeyGrants } from './api-key-grants.ts';
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
import { createUsageMeter, type UsageMeter } from './usage-meter.ts';
import { usageOperations } from './usage.ts';
import { usagePlanOperations } from './usage-plan.ts';
import { usagePlanKeyOperations } from './usage-plan-key.ts';
import { vpcLinkOperations } from './vpc-link.ts';

const apiGatewayOperations = (ports: ApiGatewayPorts, meter: UsageMeter) =>
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
    ...usageOperations(ports, meter),
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

export interface ApiGateway extends ServiceInstance, StageWebAcl {
  readonly handlers: ReturnType<typeof apiGatewayOperations>;
  readonly loadApi: LoadApi;
  readonly findApiKey: FindApiKey;
  readonly useQuota: UseQuota;
}

export function createApiGateway(ports: ApiGatewayPorts): ApiGateway {
  const grants = createApiKeyGrants(ports);
  const meter = createUsageMeter(ports);
  return {
    handlers: forgetting(apiGatewayOperations(ports, meter), grants, meter),
    resourceTypes,
    loadApi: createLoadApi(ports.store),
    findApiKey: grants.find,
    useQuota: meter.take,
    ...createStageWebAcl(ports),
    stop: () => meter.stop(),
  };
}

/** What these change is kept in memory for the data plane. */
const CHANGES_KEYS_OR_PLANS = [
  'CreateApiKey',
  'UpdateApiKey',
  'DeleteApiKey',
  'ImportApiKeys',
  'CreateUsagePlan',
  'UpdateUsagePlan',
  'DeleteUsagePlan',
  'CreateUsagePlanKey',
  'DeleteUsagePlanKey',
  'UpdateUsage',
] as const satisfies readonly (keyof ReturnType<typeof apiGatewayOperations>)[];

function forgetting(
  handlers: ReturnType<typeof apiGatewayOperations>,
  grants: ApiKeyGrants,
  meter: UsageMeter,
): ReturnType<typeof apiGatewayOperations> {
  const changed: Record<string, Handler> = {};
  for (const name of CHANGES_KEYS_OR_PLANS) {
    const handler: Handler = handlers[name];
    changed[name] = async (input: { readonly usagePlanId?: string }, call) => {
      // What a plan's keys were lent was of the plan as it was.
      const settle = () =>
        input.usagePlanId === undefined ? undefined : meter.settle(call.scope, input.usagePlanId);
      await settle();
      try {
        return await handler(input as never, call);
      } finally {
        grants.forget();
        await settle();
      }
    };
  }
  return { ...handlers, ...changed };
}
