/** What a route points at, and which members only WebSocket routes have. */
import type { Change } from './change.ts';
import { badRequest } from './faults.ts';
import { readIntegration } from './integration-row.ts';
import type { RouteRow } from './route-row.ts';

const TARGET = /^integrations\/([^/]+)$/;

/** The id in `integrations/{id}`. */
export const integrationIdOf = (target: string | undefined): string | undefined =>
  TARGET.exec(target ?? '')?.[1];

/** Throws BadRequestException or NotFoundException. A route without target may exist. */
export async function checkRouteTarget({ rows, scope, api }: Change, row: RouteRow): Promise<void> {
  if (row.Target === undefined) return;
  const id = integrationIdOf(row.Target);
  if (id === undefined) throw badRequest('Target must be in the form integrations/<integration-id>');
  await readIntegration(rows, scope, api.ApiId, id);
}

/** The API reference marks these "Supported only for WebSocket APIs"; refused so that nobody relies on them. */
export function checkHttpRoute(row: RouteRow): void {
  const unsupported = [
    row.ApiKeyRequired ? 'ApiKeyRequired' : undefined,
    row.ModelSelectionExpression ? 'ModelSelectionExpression' : undefined,
    hasKeys(row.RequestModels) ? 'RequestModels' : undefined,
    hasKeys(row.RequestParameters) ? 'RequestParameters' : undefined,
    row.RouteResponseSelectionExpression ? 'RouteResponseSelectionExpression' : undefined,
  ].filter((name) => name !== undefined);
  if (unsupported[0]) throw badRequest(`${unsupported[0]} is supported only for WebSocket APIs`);
}

const hasKeys = (map: object | undefined): boolean => Object.keys(map ?? {}).length > 0;
