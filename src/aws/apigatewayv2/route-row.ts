import type { Route } from '@aws-sdk/client-apigatewayv2';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { missing } from './faults.ts';

/** AWS's members as they are shown. Key: `{api}/{route}`. */
export type RouteRow = Route & { readonly RouteId: string };

export const routes = table<RouteRow>('apigatewayv2.routes');

/** Throws NotFoundException. */
export async function readRoute(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  apiId: string,
  id: string,
): Promise<RouteRow> {
  const row = await rows.get(routes, scope, `${apiId}/${id}`);
  if (!row) throw missing('Route', id);
  return row;
}
