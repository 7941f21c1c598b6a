/** Route responses of WebSocket APIs: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes-routeid-routeresponses.html */
import type {
  CreateRouteResponseRequest,
  CreateRouteResponseResponse,
  DeleteRouteResponseRequest,
  GetRouteResponseRequest,
  GetRouteResponseResponse,
  GetRouteResponsesRequest,
  GetRouteResponsesResponse,
  RouteResponse,
  UpdateRouteResponseRequest,
  UpdateRouteResponseResponse,
} from '@aws-sdk/client-apigatewayv2';
import { apiGatewayId } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { changeDefinition } from './change.ts';
import { badRequest, conflict, missing } from './faults.ts';
import { listPage } from './page.ts';
import { given, mergedMap, patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { readRoute } from './route-row.ts';
import { requireWebSocket } from './websocket-only.ts';

/** Key: `{api}/{route}/{response}`. */
export const routeResponses = table<RouteResponse>('apigatewayv2.route-responses');

export const routeResponseOperations = (ports: ApiGatewayV2Ports) => ({
  CreateRouteResponse: async (
    input: CreateRouteResponseRequest,
    call: Call,
  ): Promise<CreateRouteResponseResponse> => {
    const { ApiId = '', RouteId = '', ...members } = input;
    return changeDefinition(ports, call, ApiId, async (change) => {
      const { rows, scope } = change;
      requireWebSocket(change, 'Route responses');
      await readRoute(rows, scope, ApiId, RouteId);
      checkKey(members.RouteResponseKey);
      const parent = `${ApiId}/${RouteId}/`;
      if ((await rows.list(routeResponses, scope, { prefix: parent })).length > 0)
        throw conflict('RouteResponse already exists for this key');
      const RouteResponseId = apiGatewayId(7, ports.random);
      const row: RouteResponse = given({ ...members, RouteResponseId });
      await rows.put(routeResponses, scope, `${parent}${RouteResponseId}`, row);
      return row;
    });
  },

  GetRouteResponse: async (
    input: GetRouteResponseRequest,
    { scope }: Call,
  ): Promise<GetRouteResponseResponse> => read(ports.store, scope, input),

  GetRouteResponses: async (
    input: GetRouteResponsesRequest,
    { scope }: Call,
  ): Promise<GetRouteResponsesResponse> => {
    const { ApiId = '', RouteId = '' } = input;
    await readRoute(ports.store, scope, ApiId, RouteId);
    const listing = { rows: ports.store, table: routeResponses, scope, prefix: `${ApiId}/${RouteId}/` };
    const page = await listPage(listing, input);
    return { Items: [...page.rows], NextToken: page.NextToken };
  },

  UpdateRouteResponse: async (
    input: UpdateRouteResponseRequest,
    call: Call,
  ): Promise<UpdateRouteResponseResponse> =>
    changeDefinition(ports, call, input.ApiId ?? '', async ({ rows, scope }) => {
      const { ApiId: _, RouteId: __, RouteResponseId: ___, ...changes } = input;
      const before = await read(rows, scope, input);
      const row = patched(before, {
        ...changes,
        ResponseModels: mergedMap(before.ResponseModels, changes.ResponseModels),
      });
      checkKey(row.RouteResponseKey);
      await rows.put(routeResponses, scope, keyOf(input), row);
      return row;
    }),

  DeleteRouteResponse: async (input: DeleteRouteResponseRequest, call: Call) => {
    await changeDefinition(ports, call, input.ApiId ?? '', async ({ rows, scope }) => {
      await read(rows, scope, input);
      await rows.delete(routeResponses, scope, keyOf(input));
    });
    return {};
  },
});

const keyOf = (of: GetRouteResponseRequest): string => `${of.ApiId}/${of.RouteId}/${of.RouteResponseId}`;

async function read(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  of: GetRouteResponseRequest,
): Promise<RouteResponse> {
  const row = await rows.get(routeResponses, scope, keyOf(of));
  if (!row) throw missing('RouteResponse', of.RouteResponseId ?? '');
  return row;
}

/** Only `$default` can be defined: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-response.html */
function checkKey(key: string | undefined): void {
  if (key !== '$default') throw badRequest(`Invalid RouteResponseKey specified: ${key}`);
}
