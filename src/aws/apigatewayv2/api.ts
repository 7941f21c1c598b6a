/** APIs: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html */
import type {
  Api,
  CreateApiRequest,
  CreateApiResponse,
  DeleteApiRequest,
  DeleteCorsConfigurationRequest,
  GetApiRequest,
  GetApiResponse,
  GetApisRequest,
  GetApisResponse,
  UpdateApiRequest,
  UpdateApiResponse,
} from '@aws-sdk/client-apigatewayv2';
import { apiGatewayId, pinnedId } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { apiMappings } from './api-mapping-row.ts';
import { type ApiRow, apis, putNewApi, readApi, removeApi, scopeOfApi, showApi } from './api-row.ts';
import { autoDeploy } from './auto-deploy.ts';
import { authorizers } from './authorizer-row.ts';
import { type Change, changeApi, changeDefinition } from './change.ts';
import { checkCors } from './cors.ts';
import { deployments, snapshots } from './deployment-row.ts';
import { badRequest, conflict } from './faults.ts';
import { integrationResponses } from './integration-response.ts';
import { integrations } from './integration-row.ts';
import { models } from './model.ts';
import { listPage } from './page.ts';
import { given, patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { quickCreate, quickUpdate } from './quick-create.ts';
import { routeResponses } from './route-response.ts';
import { routes } from './route-row.ts';
import { stages } from './stage-row.ts';
import { checkApiKeySelection, checkSelection } from './websocket-checks.ts';

export const apiOperations = (ports: ApiGatewayV2Ports) => ({
  CreateApi: async (input: CreateApiRequest, call: Call): Promise<CreateApiResponse> => {
    const row = await createApi(ports, input, call);
    return showApi(row, call.scope);
  },

  GetApi: async ({ ApiId }: GetApiRequest, call: Call): Promise<GetApiResponse> =>
    showApi(await readApi(ports.store, call.scope, ApiId ?? ''), call.scope),

  GetApis: async (input: GetApisRequest, { scope }: Call): Promise<GetApisResponse> => {
    const page = await listPage({ rows: ports.store, table: apis, scope }, input);
    return { Items: page.rows.map((row): Api => showApi(row, scope)), NextToken: page.NextToken };
  },

  UpdateApi: async (input: UpdateApiRequest, call: Call): Promise<UpdateApiResponse> => {
    const row = await changeDefinition(ports, call, input.ApiId ?? '', (change) => updateApi(change, input));
    return showApi(row, call.scope);
  },

  DeleteApi: async ({ ApiId = '' }: DeleteApiRequest, call: Call) => {
    await changeApi(ports, call, ApiId, (change) => deleteApi(change));
    return {};
  },

  DeleteCorsConfiguration: async ({ ApiId = '' }: DeleteCorsConfigurationRequest, call: Call) => {
    await changeDefinition(ports, call, ApiId, async ({ rows, scope, api }) => {
      const { CorsConfiguration: _, ...rest } = api;
      await rows.put(apis, scope, ApiId, rest);
    });
    return {};
  },
});

const HTTP_SELECTION = '$request.method $request.path';
const API_KEY_SELECTION = '$request.header.x-api-key';

async function createApi(
  ports: ApiGatewayV2Ports,
  input: CreateApiRequest,
  { scope }: Call,
): Promise<ApiRow> {
  checkNewApi(input);
  const row = await ports.store.transaction(async (rows) => {
    const ApiId = await newApiId(ports, rows, scope, input.Tags);
    const row = newRow(input, ApiId, ports.now());
    await putNewApi(rows, scope, row);
    if (input.Target === undefined) return row;
    const made = await quickCreate({ rows, scope, api: row }, input, ports);
    await autoDeploy(ports, rows, scope, ApiId);
    const quick = { ...row, quickCreate: made };
    await rows.put(apis, scope, ApiId, quick);
    return quick;
  });
  ports.gateway.forget(row.ApiId);
  return row;
}

export function newRow(input: CreateApiRequest, ApiId: string, createdAtMs: number): ApiRow {
  const row: ApiRow = {
    ApiId,
    Name: input.Name ?? '',
    ProtocolType: input.ProtocolType === 'WEBSOCKET' ? 'WEBSOCKET' : 'HTTP',
    RouteSelectionExpression: input.RouteSelectionExpression ?? HTTP_SELECTION,
    ApiKeySelectionExpression: input.ApiKeySelectionExpression ?? API_KEY_SELECTION,
    CorsConfiguration: input.CorsConfiguration,
    Description: input.Description,
    DisableExecuteApiEndpoint: input.DisableExecuteApiEndpoint ?? false,
    DisableSchemaValidation: input.DisableSchemaValidation,
    IpAddressType: input.IpAddressType ?? 'ipv4',
    Tags: input.Tags ?? {},
    Version: input.Version,
    createdAtMs,
  };
  return given(withoutEmptyCors(row));
}

/** A fresh id, or the one pinned by tag. Throws ConflictException when the pinned one is taken. */
export async function newApiId(
  ports: ApiGatewayV2Ports,
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  tags: Record<string, string> | undefined,
): Promise<string> {
  const pinned = pinnedId(tags);
  if (pinned === undefined) return apiGatewayId(10, ports.random);
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(pinned)) throw badRequest(`Invalid custom API id specified ${pinned}`);
  if (await scopeOfApi(rows, pinned)) throw conflict(`API id ${scope.account}:${pinned} already exists`);
  return pinned;
}

function checkNewApi(input: CreateApiRequest): void {
  if (input.ProtocolType === 'HTTP') checkNewHttpApi(input);
  else if (input.ProtocolType === 'WEBSOCKET') checkNewWebSocketApi(input);
  else throw badRequest('Invalid protocol specified. Must be one of [HTTP, WEBSOCKET]');
}

function checkNewHttpApi(input: CreateApiRequest): void {
  checkHttpSelection(input.RouteSelectionExpression);
  if (input.Target === undefined && (input.RouteKey ?? input.CredentialsArn) !== undefined)
    throw badRequest('Target is required when RouteKey or CredentialsArn is specified');
  if (input.DisableSchemaValidation)
    throw badRequest('DisableSchemaValidation is supported only for WebSocket APIs');
  checkCors(input.CorsConfiguration);
}

function checkNewWebSocketApi(input: CreateApiRequest): void {
  if (!input.RouteSelectionExpression)
    throw badRequest('RouteSelectionExpression is a required parameter for WEBSOCKET protocol');
  checkSelection(input.RouteSelectionExpression);
  checkApiKeySelection(input.ApiKeySelectionExpression);
  if (input.CorsConfiguration) throw badRequest('CORS configuration is supported only for HTTP APIs');
  if (input.Target ?? input.RouteKey ?? input.CredentialsArn)
    throw badRequest('Quick create is supported only for HTTP APIs');
}

/** https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html, `routeSelectionExpression`. */
function checkHttpSelection(expression: string | undefined): void {
  const spaceless = expression?.replaceAll('${', '$').replaceAll('}', '');
  if (spaceless && spaceless !== HTTP_SELECTION)
    throw badRequest(`RouteSelectionExpression must be '\${request.method} \${request.path}' for HTTP APIs`);
}

async function updateApi(change: Change, input: UpdateApiRequest): Promise<ApiRow> {
  const { rows, scope, api } = change;
  const { ApiId: _, Target, RouteKey, CredentialsArn, ...members } = input;
  if (api.ProtocolType === 'HTTP') checkHttpSelection(input.RouteSelectionExpression);
  else {
    checkSelection(input.RouteSelectionExpression);
    checkApiKeySelection(input.ApiKeySelectionExpression);
  }
  if (members.CorsConfiguration && api.ProtocolType === 'WEBSOCKET')
    throw badRequest('CORS configuration is supported only for HTTP APIs');
  checkCors(members.CorsConfiguration);
  if (members.Name === '') throw badRequest('Name cannot be empty');
  const row = withoutEmptyCors(patched<ApiRow>(api, members));
  await rows.put(apis, scope, row.ApiId, row);
  if (Target ?? RouteKey ?? CredentialsArn) await quickUpdate(change, { Target, RouteKey, CredentialsArn });
  return row;
}

/** Terraform sends an empty configuration along when it takes CORS away. */
function withoutEmptyCors(row: ApiRow): ApiRow {
  const values = Object.values(row.CorsConfiguration ?? {});
  if (values.some((value) => value !== undefined)) return row;
  const { CorsConfiguration: _, ...rest } = row;
  return rest;
}

async function deleteApi({ rows, scope, api }: Change): Promise<void> {
  await refuseWhenMapped(rows, scope, api.ApiId);
  await clearDefinition(rows, scope, api.ApiId);
  for (const table of [stages, deployments, snapshots])
    await rows.deleteRange<unknown>(table, scope, `${api.ApiId}/`);
  await removeApi(rows, scope, api.ApiId);
}

/** Removes what an OpenAPI document defines: everything but stages and deployments. */
export async function clearDefinition(rows: Transaction, scope: Scope, apiId: string): Promise<void> {
  for (const table of [routes, integrations, authorizers, models, routeResponses, integrationResponses])
    await rows.deleteRange<unknown>(table, scope, `${apiId}/`);
}

async function refuseWhenMapped(rows: Transaction, scope: Scope, apiId: string): Promise<void> {
  const mappings = await rows.list(apiMappings, scope);
  if (mappings.some(({ row }) => row.ApiId === apiId))
    throw badRequest('Please remove all base path mappings related to the API in your account');
}
