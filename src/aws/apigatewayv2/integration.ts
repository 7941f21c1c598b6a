/** Integrations: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html */
import type {
  CreateIntegrationRequest,
  CreateIntegrationResult,
  DeleteIntegrationRequest,
  GetIntegrationRequest,
  GetIntegrationResult,
  GetIntegrationsRequest,
  GetIntegrationsResponse,
  UpdateIntegrationRequest,
  UpdateIntegrationResult,
} from '@aws-sdk/client-apigatewayv2';
import { apiGatewayId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { readApi } from './api-row.ts';
import { type Change, changeDefinition } from './change.ts';
import { conflict, tooMany } from './faults.ts';
import { checkHttpIntegration, completeHttpIntegration } from './integration-http.ts';
import { integrationResponses } from './integration-response.ts';
import { type IntegrationRow, integrations, readIntegration } from './integration-row.ts';
import { checkWebSocketIntegration, completeWebSocketIntegration } from './integration-websocket.ts';
import { listPage } from './page.ts';
import { given, mergedMap, patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { routes } from './route-row.ts';
import { integrationIdOf } from './route-target.ts';

export const integrationOperations = (ports: ApiGatewayV2Ports) => ({
  CreateIntegration: async (
    { ApiId, ...integration }: CreateIntegrationRequest,
    call: Call,
  ): Promise<CreateIntegrationResult> =>
    changeDefinition(ports, call, ApiId ?? '', (change) => newIntegration(change, integration, ports)),

  GetIntegration: async (
    { ApiId = '', IntegrationId = '' }: GetIntegrationRequest,
    { scope }: Call,
  ): Promise<GetIntegrationResult> => {
    await readApi(ports.store, scope, ApiId);
    return readIntegration(ports.store, scope, ApiId, IntegrationId);
  },

  GetIntegrations: async (
    input: GetIntegrationsRequest,
    { scope }: Call,
  ): Promise<GetIntegrationsResponse> => {
    await readApi(ports.store, scope, input.ApiId ?? '');
    const listing = { rows: ports.store, table: integrations, scope, prefix: `${input.ApiId}/` };
    const { rows, NextToken } = await listPage(listing, input);
    return { Items: [...rows], NextToken };
  },

  UpdateIntegration: async (
    input: UpdateIntegrationRequest,
    call: Call,
  ): Promise<UpdateIntegrationResult> => {
    const { ApiId = '', IntegrationId = '', ...changes } = input;
    return changeDefinition(ports, call, ApiId, (change) =>
      updateIntegration(change, IntegrationId, changes),
    );
  },

  DeleteIntegration: async ({ ApiId = '', IntegrationId = '' }: DeleteIntegrationRequest, call: Call) => {
    await changeDefinition(ports, call, ApiId, (change) => deleteIntegration(change, IntegrationId));
    return {};
  },
});

export type NewIntegration = Omit<CreateIntegrationRequest, 'ApiId'>;

/** Adds an integration. Throws BadRequestException and ConflictException. */
export async function newIntegration(
  change: Change,
  integration: NewIntegration,
  { random }: Pick<ApiGatewayV2Ports, 'random'>,
  managed?: boolean,
): Promise<IntegrationRow> {
  const { rows, scope, api } = change;
  const existing = await rows.list(integrations, scope, { prefix: `${api.ApiId}/` });
  if (existing.length >= limits.httpApiIntegrations) throw tooMany('Integrations');
  const IntegrationId = apiGatewayId(7, random);
  const row = given({ ...complete(change, integration), IntegrationId, ApiGatewayManaged: managed });
  await check(change, row);
  await rows.put(integrations, scope, `${api.ApiId}/${IntegrationId}`, row);
  return row;
}

export async function updateIntegration(
  change: Change,
  integrationId: string,
  changes: Partial<NewIntegration>,
): Promise<IntegrationRow> {
  const { rows, scope, api } = change;
  const before = await readIntegration(rows, scope, api.ApiId, integrationId);
  const row = patched(before, {
    ...changes,
    RequestParameters: mergedMap(before.RequestParameters, changes.RequestParameters),
    RequestTemplates: mergedMap(before.RequestTemplates, changes.RequestTemplates),
    ResponseParameters: mergedMap(before.ResponseParameters, changes.ResponseParameters, isEmpty),
  });
  await check(change, row);
  await rows.put(integrations, scope, `${api.ApiId}/${integrationId}`, row);
  return row;
}

const isEmpty = (map: Record<string, string>): boolean => Object.keys(map).length === 0;

const complete = ({ api }: Change, integration: NewIntegration): NewIntegration =>
  api.ProtocolType === 'HTTP'
    ? completeHttpIntegration(integration)
    : completeWebSocketIntegration(integration);

const check = async (change: Change, row: IntegrationRow): Promise<void> =>
  change.api.ProtocolType === 'HTTP' ? checkHttpIntegration(change, row) : checkWebSocketIntegration(row);

/** The text of https://github.com/milliHQ/terraform-aws-next-js/issues/247 */
async function deleteIntegration({ rows, scope, api }: Change, integrationId: string): Promise<void> {
  await readIntegration(rows, scope, api.ApiId, integrationId);
  const users = (await rows.list(routes, scope, { prefix: `${api.ApiId}/` }))
    .filter(({ row }) => integrationIdOf(row.Target) === integrationId)
    .map(({ row }) => row.RouteId);
  if (users.length > 0)
    throw conflict(
      `Cannot delete Integration because it is referenced by the following Routes with Ids: [${users.join(', ')}]`,
    );
  await rows.deleteRange(integrationResponses, scope, `${api.ApiId}/${integrationId}/`);
  await rows.delete(integrations, scope, `${api.ApiId}/${integrationId}`);
}
