/** Integration responses: https://docs.aws.amazon.com/apigateway/latest/api/API_IntegrationResponse.html */
import type {
  DeleteIntegrationResponseRequest,
  GetIntegrationResponseRequest,
  IntegrationResponse,
  Method,
  PutIntegrationResponseRequest,
  UpdateIntegrationResponseRequest,
} from '@aws-sdk/client-api-gateway';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { applyPatches, bareRefusals, type PatchRules } from '../kit/patch.ts';
import { badRequest, notFound } from './faults.ts';
import { checkTemplates } from './integration-check.ts';
import { patchedContentHandling } from './integration-patches.ts';
import type { ApiGatewayPorts } from './ports.ts';
import {
  needIntegration,
  needIntegrationResponse,
  needMethod,
  needMethodResponse,
  needResource,
  putMethodRow,
} from './resource-row.ts';
import { filled, withoutEmpty } from './shapes.ts';

export const integrationResponseOperations = (ports: ApiGatewayPorts) => ({
  PutIntegrationResponse: async (
    input: PutIntegrationResponseRequest,
    call: Call,
  ): Promise<IntegrationResponse> =>
    ports.store.transaction(async (rows) => {
      const { resource, method } = await needMethod(rows, call.scope, input);
      const { restApiId: _api, resourceId: _resource, httpMethod: _method, ...given } = input;
      const response = tidied(given);
      checkTemplates(response.responseTemplates);
      needIntegration(method);
      needMethodResponse(method, input.statusCode);
      checkResponseMappings(response, method);
      await putMethodRow(rows, call.scope, input, resource, withResponse(method, input.statusCode, response));
      return response;
    }),

  GetIntegrationResponse: async (
    input: GetIntegrationResponseRequest,
    call: Call,
  ): Promise<IntegrationResponse> => {
    const { method } = await needMethod(ports.store, call.scope, input);
    return needIntegrationResponse(needIntegration(method), input.statusCode);
  },

  UpdateIntegrationResponse: async (
    input: UpdateIntegrationResponseRequest,
    call: Call,
  ): Promise<IntegrationResponse> =>
    ports.store.transaction(async (rows) => {
      const { resource, method } = await needMethod(rows, call.scope, input);
      const before = needIntegrationResponse(needIntegration(method), input.statusCode);
      const response = tidied(applyPatches(draftOf(before), input.patchOperations, patches));
      checkTemplates(response.responseTemplates);
      checkResponseMappings(response, method);
      await putMethodRow(rows, call.scope, input, resource, withResponse(method, input.statusCode, response));
      return response;
    }),

  DeleteIntegrationResponse: async (input: DeleteIntegrationResponseRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const resource = await needResource(rows, call.scope, input);
      // Seen: here a method that is not there is answered as a missing integration.
      const method = resource.methods?.[input.httpMethod ?? ''];
      const integration = needIntegration(method);
      needIntegrationResponse(integration, input.statusCode);
      const { [input.statusCode ?? '']: _gone, ...others } = integration.integrationResponses ?? {};
      await putMethodRow(rows, call.scope, input, resource, {
        ...method,
        methodIntegration: withoutEmpty({ ...integration, integrationResponses: filled(others) }),
      });
    });
    return {};
  },
});

const withResponse = (
  method: Method,
  statusCode: string | undefined,
  response: IntegrationResponse,
): Method => ({
  ...method,
  methodIntegration: {
    ...method.methodIntegration,
    integrationResponses: {
      ...method.methodIntegration?.integrationResponses,
      [statusCode ?? '']: response,
    },
  },
});

const tidied = (response: IntegrationResponse): IntegrationResponse =>
  withoutEmpty({
    ...response,
    responseParameters: filled(response.responseParameters),
    responseTemplates: filled(response.responseTemplates),
  });

const SOURCE =
  /^(?:'.*'|integration\.response\.(?:header|multivalueheader)\.\S+|integration\.response\.body(?:$|[.[].*)|context\.\S+|stageVariables\.\S+)$/s;

/** Targets are headers that the method response declares; sources are the integration's answer, context or a literal. */
export function checkResponseMappings(response: IntegrationResponse, method: Method): void {
  const declared = method.methodResponses?.[response.statusCode ?? '']?.responseParameters ?? {};
  for (const [target, source] of Object.entries(response.responseParameters ?? {})) {
    if (declared[target] === undefined) throw invalidMapping('parameter specified', target);
    if (!SOURCE.test(source)) throw invalidMapping('specified', source);
  }
}

const invalidMapping = (what: string, expression: string) =>
  badRequest(
    `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression ${what}: ${expression}]`,
  );

const patches: PatchRules<Draft<IntegrationResponse>> = {
  refusals: bareRefusals,
  paths: [
    {
      path: '/selectionPattern',
      replace: (response, value) => {
        response.selectionPattern = value ?? '';
      },
    },
    {
      path: '/contentHandling',
      replace: (response, value) => {
        response.contentHandling = patchedContentHandling(value);
      },
      remove: (response) => {
        response.contentHandling = undefined;
      },
    },
    { path: '/responseParameters/{name}', add: setParameter, replace: setParameter, remove: removeParameter },
    { path: '/responseTemplates/{type}', add: setTemplate, replace: setTemplate, remove: removeTemplate },
  ],
};

function setParameter(
  response: Draft<IntegrationResponse>,
  value: string | undefined,
  [name = '']: readonly string[],
): void {
  response.responseParameters = { ...response.responseParameters, [name]: value ?? '' };
}

function removeParameter(
  response: Draft<IntegrationResponse>,
  _value: string | undefined,
  [name = '']: readonly string[],
): void {
  const { [name]: gone, ...others } = response.responseParameters ?? {};
  if (gone === undefined) throw notFound('Invalid parameter name specified');
  response.responseParameters = others;
}

function setTemplate(
  response: Draft<IntegrationResponse>,
  value: string | undefined,
  [type = '']: readonly string[],
): void {
  response.responseTemplates = { ...response.responseTemplates, [type]: value ?? '' };
}

function removeTemplate(
  response: Draft<IntegrationResponse>,
  _value: string | undefined,
  [type = '']: readonly string[],
): void {
  const { [type]: gone, ...others } = response.responseTemplates ?? {};
  if (gone === undefined) throw notFound('Content-Type specified was not found');
  response.responseTemplates = others;
}
