/** A deployment and its snapshot: what the API was when it was deployed, never changed afterwards. */
import type { Deployment, IntegrationResponse, Model, RouteResponse } from '@aws-sdk/client-apigatewayv2';
import { apiGatewayId } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { HttpDefinition } from '../../gateway/config.ts';
import { type Transaction, table } from '../../store/store.ts';
import { readApi } from './api-row.ts';
import { authorizers } from './authorizer-row.ts';
import { badRequest } from './faults.ts';
import { integrations } from './integration-row.ts';
import { integrationResponses } from './integration-response.ts';
import { models } from './model.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { routeResponses } from './route-response.ts';
import { routes } from './route-row.ts';

export interface DeploymentRow extends Omit<Deployment, 'CreatedDate' | 'DeploymentId'> {
  readonly DeploymentId: string;
  readonly createdAtMs: number;
}

export const deployments = table<DeploymentRow>('apigatewayv2.deployments');

/** Also what only WebSocket APIs have: their responses, models and selection expressions. */
export interface Snapshot extends HttpDefinition {
  readonly routeSelectionExpression: string;
  readonly apiKeySelectionExpression?: string;
  /** By route id. */
  readonly routeResponses: Readonly<Record<string, readonly RouteResponse[]>>;
  /** By integration id. */
  readonly integrationResponses: Readonly<Record<string, readonly IntegrationResponse[]>>;
  readonly models: readonly Model[];
}

export const snapshots = table<Snapshot>('apigatewayv2.snapshots');

interface NewDeployment {
  readonly apiId: string;
  readonly description?: string;
  readonly autoDeployed: boolean;
}

const NO_ROUTES = 'Unable to deploy API because no routes exist in this API';

/** Freezes the API as it is. Throws BadRequestException when it has no routes. */
export async function deploy(
  ports: Pick<ApiGatewayV2Ports, 'now' | 'random'>,
  rows: Transaction,
  scope: Scope,
  { apiId, description, autoDeployed }: NewDeployment,
): Promise<DeploymentRow> {
  const snapshot = await takeSnapshot(rows, scope, apiId);
  if (snapshot.routes.length === 0) throw badRequest(NO_ROUTES);
  const row: DeploymentRow = {
    DeploymentId: apiGatewayId(6, ports.random),
    AutoDeployed: autoDeployed,
    DeploymentStatus: 'DEPLOYED',
    ...(description && { Description: description }),
    createdAtMs: ports.now(),
  };
  const key = `${apiId}/${row.DeploymentId}`;
  await rows.put(deployments, scope, key, row);
  await rows.put(snapshots, scope, key, snapshot);
  return row;
}

export async function takeSnapshot(
  rows: Pick<Transaction, 'get' | 'list'>,
  scope: Scope,
  apiId: string,
): Promise<Snapshot> {
  const api = await readApi(rows, scope, apiId);
  const prefix = `${apiId}/`;
  const integrationRows = await rows.list(integrations, scope, { prefix });
  const authorizerRows = await rows.list(authorizers, scope, { prefix });
  return {
    routes: (await rows.list(routes, scope, { prefix })).map((entry) => entry.row),
    integrations: Object.fromEntries(integrationRows.map(({ row }) => [row.IntegrationId, row])),
    authorizers: Object.fromEntries(authorizerRows.map(({ row }) => [row.AuthorizerId, row])),
    corsConfiguration: api.CorsConfiguration,
    routeSelectionExpression: api.RouteSelectionExpression ?? '',
    apiKeySelectionExpression: api.ApiKeySelectionExpression,
    routeResponses: byParent(await rows.list(routeResponses, scope, { prefix })),
    integrationResponses: byParent(await rows.list(integrationResponses, scope, { prefix })),
    models: (await rows.list(models, scope, { prefix })).map((entry) => entry.row),
  };
}

/** Keys are `{api}/{parent}/{id}`. */
function byParent<Row>(entries: readonly { readonly key: string; readonly row: Row }[]) {
  const grouped: Record<string, Row[]> = {};
  for (const { key, row } of entries) {
    const parent = key.split('/')[1] ?? '';
    grouped[parent] = [...(grouped[parent] ?? []), row];
  }
  return grouped;
}
