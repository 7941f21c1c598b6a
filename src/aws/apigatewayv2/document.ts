/** What the gateway is handed: an API with every stage and the snapshot that each stage serves. */
import type { HttpApiDocument, HttpDefinition, HttpStage, LoadApi } from '../../gateway/config.ts';
import type { Reader, Store } from '../../store/store.ts';
import type { Scope } from '../../base/scope.ts';
import { type ApiRow, apis, scopeOfApi } from './api-row.ts';
import { snapshots } from './deployment-row.ts';
import { type StageRow, stages } from './stage-row.ts';

/** Reads an API by id; undefined for one that is not ours, and for WebSocket APIs, whose kind is yet to come. */
export const loadApi =
  (store: Store): LoadApi =>
  (apiId) =>
    store.read(async (rows) => {
      const scope = await scopeOfApi(rows, apiId);
      const api = scope && (await rows.get(apis, scope, apiId));
      if (!scope || api?.ProtocolType !== 'HTTP') return undefined;
      return documentOf(rows, scope, api);
    });

async function documentOf(rows: Reader, scope: Scope, api: ApiRow): Promise<HttpApiDocument> {
  const entries = await rows.list(stages, scope, { prefix: `${api.ApiId}/` });
  const shown: Record<string, HttpStage> = {};
  for (const { row } of entries) shown[row.StageName] = await stageOf(rows, scope, api.ApiId, row);
  return {
    kind: 'HTTP',
    apiId: api.ApiId,
    name: api.Name,
    scope,
    disableExecuteApiEndpoint: api.DisableExecuteApiEndpoint ?? false,
    stages: shown,
  };
}

/** A stage that was never deployed has no routes: it answers 404 as on AWS. */
const NOTHING: HttpDefinition = { routes: [], integrations: {}, authorizers: {} };

async function stageOf(rows: Reader, scope: Scope, apiId: string, row: StageRow): Promise<HttpStage> {
  const snapshot = row.DeploymentId && (await rows.get(snapshots, scope, `${apiId}/${row.DeploymentId}`));
  const { routes, integrations, authorizers, corsConfiguration } = snapshot || NOTHING;
  return {
    stageName: row.StageName,
    deploymentId: row.DeploymentId ?? '',
    stageVariables: row.StageVariables ?? {},
    accessLogSettings: row.AccessLogSettings?.DestinationArn ? row.AccessLogSettings : undefined,
    defaultRouteSettings: row.DefaultRouteSettings,
    routeSettings: row.RouteSettings ?? {},
    definition: { routes, integrations, authorizers, corsConfiguration },
  };
}
