/** What the gateway is handed: an API with every stage and the snapshot that each stage serves. */
import type {
  ApiDocument,
  HttpStage,
  LoadApi,
  WebSocketDefinition,
  WebSocketStage,
} from '../../gateway/config.ts';
import type { Reader, Store } from '../../store/store.ts';
import type { Scope } from '../../base/scope.ts';
import { type ApiRow, apis, scopeOfApi } from './api-row.ts';
import { snapshots } from './deployment-row.ts';
import { type StageRow, stages } from './stage-row.ts';

/** Reads an API by id; undefined for one that is not ours. */
export const loadApi =
  (store: Store): LoadApi =>
  (apiId) =>
    store.read(async (rows) => {
      const scope = await scopeOfApi(rows, apiId);
      const api = scope && (await rows.get(apis, scope, apiId));
      return scope && api ? documentOf(rows, scope, api) : undefined;
    });

async function documentOf(rows: Reader, scope: Scope, api: ApiRow): Promise<ApiDocument> {
  const entries = await rows.list(stages, scope, { prefix: `${api.ApiId}/` });
  const shown: Record<string, HttpStage & WebSocketStage> = {};
  for (const { row } of entries) shown[row.StageName] = await stageOf(rows, scope, api, row);
  return {
    kind: api.ProtocolType,
    apiId: api.ApiId,
    name: api.Name,
    scope,
    disableExecuteApiEndpoint: api.DisableExecuteApiEndpoint ?? false,
    stages: shown,
  };
}

/** A stage that was never deployed has no routes: it answers 404 as on AWS. */
const NOTHING: WebSocketDefinition = {
  routes: [],
  integrations: {},
  authorizers: {},
  routeSelectionExpression: '',
  routeResponses: {},
  integrationResponses: {},
  models: [],
};

async function stageOf(
  rows: Reader,
  scope: Scope,
  { ApiId }: ApiRow,
  row: StageRow,
): Promise<HttpStage & WebSocketStage> {
  const snapshot = row.DeploymentId && (await rows.get(snapshots, scope, `${ApiId}/${row.DeploymentId}`));
  return {
    stageName: row.StageName,
    deploymentId: row.DeploymentId ?? '',
    stageVariables: row.StageVariables ?? {},
    accessLogSettings: row.AccessLogSettings?.DestinationArn ? row.AccessLogSettings : undefined,
    defaultRouteSettings: row.DefaultRouteSettings,
    routeSettings: row.RouteSettings ?? {},
    definition: snapshot || NOTHING,
  };
}
