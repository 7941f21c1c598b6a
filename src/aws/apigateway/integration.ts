/** Integrations: https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html */
import type {
  DeleteIntegrationRequest,
  GetIntegrationRequest,
  Integration,
  PutIntegrationRequest,
  UpdateIntegrationRequest,
} from '@aws-sdk/client-api-gateway';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { draftOf } from '../kit/draft.ts';
import { applyPatches } from '../kit/patch.ts';
import { badRequest } from './faults.ts';
import { checkIntegration } from './integration-check.ts';
import { integrationPatches } from './integration-patches.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { needIntegration, needMethod, putMethodRow, resources } from './resource-row.ts';
import { filled, withoutEmpty } from './shapes.ts';

export const integrationOperations = (ports: ApiGatewayPorts) => ({
  PutIntegration: async (input: PutIntegrationRequest, call: Call): Promise<Integration> =>
    ports.store.transaction(async (rows) => {
      const { resource, method } = await needMethod(rows, call.scope, input);
      const integration = integrationFrom(input, resource.id);
      checkIntegration(integration, method, call.scope);
      await putMethodRow(rows, call.scope, input, resource, { ...method, methodIntegration: integration });
      return integration;
    }),

  GetIntegration: async (input: GetIntegrationRequest, call: Call): Promise<Integration> => {
    const { method } = await needMethod(ports.store, call.scope, input);
    return needIntegration(method);
  },

  UpdateIntegration: async (input: UpdateIntegrationRequest, call: Call): Promise<Integration> =>
    ports.store.transaction(async (rows) => {
      const { resource, method } = await needMethod(rows, call.scope, input);
      const draft = applyPatches(
        draftOf(needIntegration(method)),
        input.patchOperations,
        integrationPatches(resource.id),
      );
      const integration = tidied(draft);
      checkIntegration(integration, method, call.scope);
      await putMethodRow(rows, call.scope, input, resource, { ...method, methodIntegration: integration });
      return integration;
    }),

  DeleteIntegration: async (input: DeleteIntegrationRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const { resource, method } = await needMethod(rows, call.scope, input);
      needIntegration(method);
      const { methodIntegration: _gone, ...rest } = method;
      await rows.put(resources, call.scope, `${input.restApiId}/${resource.id}`, {
        ...resource,
        methods: { ...resource.methods, [input.httpMethod ?? '']: rest },
      });
    });
    return {};
  },
});

/** With AWS's defaults. `cacheNamespace` is the resource's id; only HTTP integrations show how they connect. */
export function integrationFrom(
  input: Omit<PutIntegrationRequest, 'restApiId' | 'resourceId' | 'httpMethod'> &
    Partial<PutIntegrationRequest>,
  resourceId: string,
): Integration {
  const {
    restApiId: _api,
    resourceId: _resource,
    httpMethod: _method,
    integrationHttpMethod,
    ...given
  } = input;
  const isMock = input.type === 'MOCK';
  return tidied({
    ...given,
    httpMethod: isMock ? undefined : integrationHttpMethod,
    uri: isMock ? undefined : input.uri,
    connectionType: connectionTypeOf(input),
    passthroughBehavior: checkedPassthrough(input.passthroughBehavior),
    timeoutInMillis: input.timeoutInMillis ?? limits.restIntegrationTimeoutMs.default,
    cacheNamespace: input.cacheNamespace || resourceId,
    cacheKeyParameters: input.cacheKeyParameters ?? [],
  });
}

/** Seen: HTTP integrations show INTERNET even when nobody said so only when CloudFormation or an import made them. */
const connectionTypeOf = (input: Partial<PutIntegrationRequest>) =>
  input.type === 'HTTP' || input.type === 'HTTP_PROXY' || input.connectionType === 'VPC_LINK'
    ? input.connectionType
    : undefined;

const PASSTHROUGH = ['WHEN_NO_MATCH', 'WHEN_NO_TEMPLATES', 'NEVER'];

export function checkedPassthrough(value: string | undefined): string {
  const behavior = (value ?? 'WHEN_NO_MATCH').toUpperCase();
  if (!PASSTHROUGH.includes(behavior))
    throw badRequest(`Invalid PassthroughBehavior specified. Valid options are ${PASSTHROUGH.join(',')}`);
  return behavior;
}

const tidied = (integration: Integration): Integration =>
  withoutEmpty({
    ...integration,
    requestParameters: filled(integration.requestParameters),
    requestTemplates: filled(integration.requestTemplates),
    integrationResponses: filled(integration.integrationResponses),
    responseTransferMode:
      integration.responseTransferMode === 'BUFFERED' ? undefined : integration.responseTransferMode,
  });
