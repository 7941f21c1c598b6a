/** Stages: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html */
import type {
  CreateStageRequest,
  CreateStageResponse,
  DeleteAccessLogSettingsRequest,
  DeleteRouteSettingsRequest,
  DeleteStageRequest,
  GetStageRequest,
  GetStageResponse,
  GetStagesRequest,
  GetStagesResponse,
  UpdateStageRequest,
  UpdateStageResponse,
} from '@aws-sdk/client-apigatewayv2';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { readApi } from './api-row.ts';
import { apiMappings } from './api-mapping-row.ts';
import { autoDeploy } from './auto-deploy.ts';
import { type Change, changeApi } from './change.ts';
import { badRequest, conflict, missingSettingsRoute, tooMany } from './faults.ts';
import { listPage } from './page.ts';
import { given, mergedMap, patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { checkStage, defaultRouteSettings } from './stage-check.ts';
import { readStage, type StageRow, showStage, stages } from './stage-row.ts';

export const stageOperations = (ports: ApiGatewayV2Ports) => ({
  CreateStage: async (
    { ApiId = '', ...stage }: CreateStageRequest,
    call: Call,
  ): Promise<CreateStageResponse> => {
    const row = await changeApi(ports, call, ApiId, async (change) => {
      await newStage(change, stage, ports);
      if (stage.AutoDeploy) await autoDeploy(ports, change.rows, call.scope, ApiId);
      return readStage(change.rows, call.scope, ApiId, stage.StageName ?? '');
    });
    return showStage(row);
  },

  GetStage: async (
    { ApiId = '', StageName = '' }: GetStageRequest,
    { scope }: Call,
  ): Promise<GetStageResponse> => {
    await readApi(ports.store, scope, ApiId);
    return showStage(await readStage(ports.store, scope, ApiId, StageName));
  },

  GetStages: async (input: GetStagesRequest, { scope }: Call): Promise<GetStagesResponse> => {
    await readApi(ports.store, scope, input.ApiId ?? '');
    const listing = { rows: ports.store, table: stages, scope, prefix: `${input.ApiId}/` };
    const page = await listPage(listing, input);
    return { Items: page.rows.map(showStage), NextToken: page.NextToken };
  },

  UpdateStage: async (input: UpdateStageRequest, call: Call): Promise<UpdateStageResponse> => {
    const { ApiId = '', StageName = '', ...changes } = input;
    const row = await changeApi(ports, call, ApiId, async (change) => {
      const { rows, scope } = change;
      const before = await readStage(rows, scope, ApiId, StageName);
      const after = changedStage(before, changes, ports.now());
      await checkStage(change, after, changes);
      await rows.put(stages, scope, `${ApiId}/${StageName}`, after);
      if (after.AutoDeploy && !before.AutoDeploy) await autoDeploy(ports, rows, scope, ApiId);
      return readStage(rows, scope, ApiId, StageName);
    });
    return showStage(row);
  },

  DeleteStage: async ({ ApiId = '', StageName = '' }: DeleteStageRequest, call: Call) => {
    await changeApi(ports, call, ApiId, (change) => deleteStage(change, StageName));
    return {};
  },

  DeleteAccessLogSettings: async (input: DeleteAccessLogSettingsRequest, call: Call) => {
    const { ApiId = '', StageName = '' } = input;
    await changeApi(ports, call, ApiId, async ({ rows, scope }) => {
      const { AccessLogSettings: _, ...rest } = await readStage(rows, scope, ApiId, StageName);
      await rows.put(stages, scope, `${ApiId}/${StageName}`, { ...rest, updatedAtMs: ports.now() });
    });
    return {};
  },

  DeleteRouteSettings: async (input: DeleteRouteSettingsRequest, call: Call) => {
    const { ApiId = '', StageName = '', RouteKey = '' } = input;
    await changeApi(ports, call, ApiId, async ({ rows, scope }) => {
      const row = await readStage(rows, scope, ApiId, StageName);
      const { [RouteKey]: removed, ...RouteSettings } = row.RouteSettings ?? {};
      if (!removed) throw missingSettingsRoute(RouteKey);
      await rows.put(stages, scope, `${ApiId}/${StageName}`, {
        ...row,
        RouteSettings,
        updatedAtMs: ports.now(),
      });
    });
    return {};
  },
});

/** Adds a stage; one with auto-deploy gets its deployment from `autoDeploy` afterwards. */
export async function newStage(
  change: Change,
  stage: Omit<CreateStageRequest, 'ApiId'>,
  { now }: Pick<ApiGatewayV2Ports, 'now'>,
  managed?: boolean,
): Promise<void> {
  const { rows, scope, api } = change;
  const StageName = stage.StageName ?? '';
  const key = `${api.ApiId}/${StageName}`;
  if (await rows.get(stages, scope, key)) throw conflict('Stage already exists');
  const existing = await rows.list(stages, scope, { prefix: `${api.ApiId}/` });
  if (existing.length >= limits.httpApiStages) throw tooMany('Stages');
  const row: StageRow = given({
    ...stage,
    StageName,
    ApiGatewayManaged: managed,
    DefaultRouteSettings: { ...defaultRouteSettings(api.ProtocolType), ...stage.DefaultRouteSettings },
    RouteSettings: stage.RouteSettings ?? {},
    StageVariables: stage.StageVariables ?? {},
    Tags: stage.Tags ?? {},
    createdAtMs: now(),
    updatedAtMs: now(),
  });
  await checkStage(change, row, stage);
  await rows.put(stages, scope, key, row);
}

function changedStage(
  before: StageRow,
  changes: Omit<UpdateStageRequest, 'ApiId' | 'StageName'>,
  updatedAtMs: number,
): StageRow {
  const settings: StageRow['RouteSettings'] = { ...before.RouteSettings };
  for (const [key, value] of Object.entries(changes.RouteSettings ?? {}))
    settings[key] = { ...settings[key], ...value };
  return patched(before, {
    ...changes,
    AccessLogSettings: undefined,
    ...accessLog(before, changes),
    DefaultRouteSettings: { ...before.DefaultRouteSettings, ...changes.DefaultRouteSettings },
    RouteSettings: settings,
    StageVariables: mergedMap(before.StageVariables, changes.StageVariables),
    updatedAtMs,
  });
}

/** Terraform takes the settings away by sending them empty; one of the two alone leaves the other as it was. */
function accessLog(
  before: StageRow,
  { AccessLogSettings: sent }: Partial<UpdateStageRequest>,
): Partial<StageRow> {
  if (!sent) return {};
  if (!sent.DestinationArn && !sent.Format) return { AccessLogSettings: {} };
  return { AccessLogSettings: { ...before.AccessLogSettings, ...given(sent) } };
}

async function deleteStage({ rows, scope, api }: Change, stageName: string): Promise<void> {
  await readStage(rows, scope, api.ApiId, stageName);
  const mappings = await rows.list(apiMappings, scope);
  if (mappings.some(({ row }) => row.ApiId === api.ApiId && row.Stage === stageName))
    throw badRequest('Please remove all base path mappings related to the stage in your account');
  await rows.delete(stages, scope, `${api.ApiId}/${stageName}`);
}
