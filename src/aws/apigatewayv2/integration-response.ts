/** Integration responses of WebSocket APIs: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid-integrationresponses.html */
import type {
  CreateIntegrationResponseRequest,
  CreateIntegrationResponseResponse,
  DeleteIntegrationResponseRequest,
  GetIntegrationResponseRequest,
  GetIntegrationResponseResponse,
  GetIntegrationResponsesRequest,
  GetIntegrationResponsesResponse,
  IntegrationResponse,
  UpdateIntegrationResponseRequest,
  UpdateIntegrationResponseResponse,
} from '@aws-sdk/client-apigatewayv2';
import { apiGatewayId } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { changeDefinition } from './change.ts';
import { badRequest, conflict, missing } from './faults.ts';
import { readIntegration } from './integration-row.ts';
import { listPage } from './page.ts';
import { given, mergedMap, patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { checkSelection } from './websocket-checks.ts';
import { requireWebSocket } from './websocket-only.ts';

/** Key: `{api}/{integration}/{response}`. */
export const integrationResponses = table<IntegrationResponse>('apigatewayv2.integration-responses');

export const integrationResponseOperations = (ports: ApiGatewayV2Ports) => ({
  CreateIntegrationResponse: async (
    input: CreateIntegrationResponseRequest,
    call: Call,
  ): Promise<CreateIntegrationResponseResponse> => {
    const { ApiId = '', IntegrationId = '', ...members } = input;
    return changeDefinition(ports, call, ApiId, async (change) => {
      const { rows, scope } = change;
      requireWebSocket(change, 'Integration responses');
      await readIntegration(rows, scope, ApiId, IntegrationId);
      checkKey(members.IntegrationResponseKey);
      checkSelection(members.TemplateSelectionExpression);
      const parent = `${ApiId}/${IntegrationId}/`;
      const others = await rows.list(integrationResponses, scope, { prefix: parent });
      if (others.some(({ row }) => row.IntegrationResponseKey === members.IntegrationResponseKey))
        throw conflict('IntegrationResponse already exists for this key');
      const IntegrationResponseId = apiGatewayId(7, ports.random);
      const row: IntegrationResponse = given({ ...members, IntegrationResponseId });
      await rows.put(integrationResponses, scope, `${parent}${IntegrationResponseId}`, row);
      return row;
    });
  },

  GetIntegrationResponse: async (
    input: GetIntegrationResponseRequest,
    { scope }: Call,
  ): Promise<GetIntegrationResponseResponse> => read(ports.store, scope, input),

  GetIntegrationResponses: async (
    input: GetIntegrationResponsesRequest,
    { scope }: Call,
  ): Promise<GetIntegrationResponsesResponse> => {
    const { ApiId = '', IntegrationId = '' } = input;
    await readIntegration(ports.store, scope, ApiId, IntegrationId);
    const listing = { rows: ports.store, table: integrationResponses, scope };
    const page = await listPage({ ...listing, prefix: `${ApiId}/${IntegrationId}/` }, input);
    return { Items: [...page.rows], NextToken: page.NextToken };
  },

  UpdateIntegrationResponse: async (
    input: UpdateIntegrationResponseRequest,
    call: Call,
  ): Promise<UpdateIntegrationResponseResponse> =>
    changeDefinition(ports, call, input.ApiId ?? '', async ({ rows, scope }) => {
      const { ApiId: _, IntegrationId: __, IntegrationResponseId: ___, ...changes } = input;
      const before = await read(rows, scope, input);
      const row = patched(before, {
        ...changes,
        ResponseParameters: mergedMap(before.ResponseParameters, changes.ResponseParameters),
        ResponseTemplates: mergedMap(before.ResponseTemplates, changes.ResponseTemplates),
      });
      checkKey(row.IntegrationResponseKey);
      checkSelection(row.TemplateSelectionExpression);
      await rows.put(integrationResponses, scope, keyOf(input), row);
      return row;
    }),

  DeleteIntegrationResponse: async (input: DeleteIntegrationResponseRequest, call: Call) => {
    await changeDefinition(ports, call, input.ApiId ?? '', async ({ rows, scope }) => {
      await read(rows, scope, input);
      await rows.delete(integrationResponses, scope, keyOf(input));
    });
    return {};
  },
});

const keyOf = (of: GetIntegrationResponseRequest): string =>
  `${of.ApiId}/${of.IntegrationId}/${of.IntegrationResponseId}`;

async function read(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  of: GetIntegrationResponseRequest,
): Promise<IntegrationResponse> {
  const row = await rows.get(integrationResponses, scope, keyOf(of));
  if (!row) throw missing('IntegrationResponse', of.IntegrationResponseId ?? '');
  return row;
}

/** `$default` or `/pattern/`. */
function checkKey(key: string | undefined): void {
  if (key !== '$default' && !/^\/.+\/$/.test(key ?? ''))
    throw badRequest(`Invalid IntegrationResponseKey specified: ${key}`);
}
