/** Routes: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html */
import type {
  CreateRouteRequest,
  CreateRouteResult,
  DeleteRouteRequest,
  DeleteRouteRequestParameterRequest,
  GetRouteRequest,
  GetRouteResult,
  GetRoutesRequest,
  GetRoutesResponse,
  UpdateRouteRequest,
  UpdateRouteResult,
} from '@aws-sdk/client-apigatewayv2';
import { apiGatewayId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { readApi } from './api-row.ts';
import { type Change, changeDefinition } from './change.ts';
import { conflict, missing, tooMany } from './faults.ts';
import { listPage } from './page.ts';
import { given, mergedMap, patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { checkRouteAuthorization } from './route-authorization.ts';
import { checkRouteKey, conflictingVariable } from './route-key.ts';
import { routeResponses } from './route-response.ts';
import { type RouteRow, readRoute, routes } from './route-row.ts';
import { checkWebSocketRoute } from './websocket-checks.ts';
import { checkHttpRoute, checkRouteTarget } from './route-target.ts';

export const routeOperations = (ports: ApiGatewayV2Ports) => ({
  CreateRoute: async ({ ApiId, ...route }: CreateRouteRequest, call: Call): Promise<CreateRouteResult> =>
    changeDefinition(ports, call, ApiId ?? '', (change) => newRoute(change, route, ports)),

  GetRoute: async (
    { ApiId = '', RouteId = '' }: GetRouteRequest,
    { scope }: Call,
  ): Promise<GetRouteResult> => {
    await readApi(ports.store, scope, ApiId);
    return readRoute(ports.store, scope, ApiId, RouteId);
  },

  GetRoutes: async (input: GetRoutesRequest, { scope }: Call): Promise<GetRoutesResponse> => {
    await readApi(ports.store, scope, input.ApiId ?? '');
    const listing = { rows: ports.store, table: routes, scope, prefix: `${input.ApiId}/` };
    const { rows, NextToken } = await listPage(listing, input);
    return { Items: [...rows], NextToken };
  },

  UpdateRoute: async (input: UpdateRouteRequest, call: Call): Promise<UpdateRouteResult> => {
    const { ApiId = '', RouteId = '', ...changes } = input;
    return changeDefinition(ports, call, ApiId, (change) => updateRoute(change, RouteId, changes));
  },

  DeleteRoute: async ({ ApiId = '', RouteId = '' }: DeleteRouteRequest, call: Call) => {
    await changeDefinition(ports, call, ApiId, async ({ rows, scope }) => {
      if (!(await rows.delete(routes, scope, `${ApiId}/${RouteId}`))) throw missing('Route', RouteId);
      await rows.deleteRange(routeResponses, scope, `${ApiId}/${RouteId}/`);
    });
    return {};
  },

  DeleteRouteRequestParameter: async (input: DeleteRouteRequestParameterRequest, call: Call) => {
    const { ApiId = '', RouteId = '', RequestParameterKey = '' } = input;
    await changeDefinition(ports, call, ApiId, async ({ rows, scope }) => {
      const row = await readRoute(rows, scope, ApiId, RouteId);
      if (!row.RequestParameters?.[RequestParameterKey])
        throw missing('RequestParameter', RequestParameterKey);
      const RequestParameters = mergedMap(row.RequestParameters, { [RequestParameterKey]: {} }, () => true);
      await rows.put(routes, scope, `${ApiId}/${RouteId}`, { ...row, RequestParameters });
    });
    return {};
  },
});

type NewRoute = Omit<CreateRouteRequest, 'ApiId'>;

/** Adds a route. Throws BadRequestException and ConflictException. */
export async function newRoute(
  change: Change,
  route: NewRoute,
  { random }: Pick<ApiGatewayV2Ports, 'random'>,
  managed?: boolean,
): Promise<RouteRow> {
  const { rows, scope, api } = change;
  const row: RouteRow = given({
    ...route,
    RouteKey: route.RouteKey ?? '',
    RouteId: apiGatewayId(7, random),
    ApiKeyRequired: route.ApiKeyRequired ?? false,
    AuthorizationType: route.AuthorizationType ?? 'NONE',
    ApiGatewayManaged: managed,
  });
  await checkRoute(change, row);
  await rows.put(routes, scope, `${api.ApiId}/${row.RouteId}`, row);
  return row;
}

export async function updateRoute(
  change: Change,
  routeId: string,
  changes: Partial<NewRoute>,
): Promise<RouteRow> {
  const { rows, scope, api } = change;
  const before = await readRoute(rows, scope, api.ApiId, routeId);
  const row = withoutUnusedAuthorizer(
    patched(before, {
      ...changes,
      RequestModels: mergedMap(before.RequestModels, changes.RequestModels),
      RequestParameters: mergedMap(before.RequestParameters, changes.RequestParameters, () => false),
    }),
  );
  await checkRoute(change, row);
  await rows.put(routes, scope, `${api.ApiId}/${routeId}`, row);
  return row;
}

/** Setting the type to NONE is how an authorizer is taken off a route:
 *  https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/2184 */
function withoutUnusedAuthorizer(row: RouteRow): RouteRow {
  if (row.AuthorizationType !== 'NONE') return row;
  const { AuthorizerId: _, AuthorizationScopes: __, ...rest } = row;
  return rest;
}

async function checkRoute(change: Change, row: RouteRow): Promise<void> {
  const { rows, scope, api } = change;
  const isHttp = api.ProtocolType === 'HTTP';
  checkRouteKey(row.RouteKey ?? '', isHttp);
  if (isHttp) checkHttpRoute(row);
  else checkWebSocketRoute(row);
  const others = (await rows.list(routes, scope, { prefix: `${api.ApiId}/` }))
    .map((entry) => entry.row)
    .filter((other) => other.RouteId !== row.RouteId);
  if (others.length >= limits.httpApiRoutes) throw tooMany('Routes');
  checkUnique(row, others, isHttp);
  await checkRouteTarget(change, row);
  await checkRouteAuthorization(change, row);
}

function checkUnique(row: RouteRow, others: readonly RouteRow[], isHttp: boolean): void {
  const key = row.RouteKey ?? '';
  if (others.some((other) => other.RouteKey === key))
    throw conflict(`Route with key ${key} already exists for this API`);
  if (!isHttp) return;
  const clash = others.find((other) => conflictingVariable(key, other.RouteKey ?? ''));
  if (clash)
    throw conflict(
      `The provided route key "${key}" has a conflicting variable on the same hierarchical level as "${clash.RouteKey}"`,
    );
}
