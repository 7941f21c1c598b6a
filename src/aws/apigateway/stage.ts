/** Stages: https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html */
import type {
  CanarySettings,
  CreateDeploymentRequest,
  CreateStageRequest,
  DeleteStageRequest,
  FlushStageAuthorizersCacheRequest,
  FlushStageCacheRequest,
  GetStageRequest,
  GetStagesRequest,
  Stage,
  Stages,
  UpdateStageRequest,
} from '@aws-sdk/client-api-gateway';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { draftOf } from '../kit/draft.ts';
import { needDeployment, snapshots } from './deployment-row.ts';
import { documentationVersions } from './documentation-row.ts';
import { badRequest, conflict, notFound, quotaReached } from './faults.ts';
import { mappedDomains } from './mapped-domains.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { wholeSeconds } from './rest-api.ts';
import { needRestApi } from './rest-api-row.ts';
import { filled, withoutEmpty } from './shapes.ts';
import { applyStagePatches } from './stage-patches.ts';
import { allStages, type CanaryRow, needStage, type StageRow, stages } from './stage-row.ts';
import { checkedTags } from './tag-set.ts';

function showStage(row: StageRow): Stage {
  return withoutEmpty({
    ...row,
    createdDate: new Date(row.createdDate),
    lastUpdatedDate: new Date(row.lastUpdatedDate),
    cacheClusterStatus: row.cacheClusterEnabled ? ('AVAILABLE' as const) : ('NOT_AVAILABLE' as const),
    variables: filled({ ...row.variables }),
    canarySettings: row.canarySettings && {
      ...row.canarySettings,
      stageVariableOverrides: filled({ ...row.canarySettings.stageVariableOverrides }),
    },
    tags: filled({ ...row.tags }),
  });
}

export const stageOperations = (ports: ApiGatewayPorts) => ({
  CreateStage: async (input: CreateStageRequest, call: Call): Promise<Stage> => {
    const row = await ports.store.transaction((rows) => createStage(ports, rows, input, call.scope));
    ports.gateway.forget(input.restApiId ?? '');
    return showStage(row);
  },

  GetStage: async (input: GetStageRequest, call: Call): Promise<Stage> =>
    showStage(await needStage(ports.store, call.scope, input.restApiId, input.stageName)),

  GetStages: async (input: GetStagesRequest, call: Call): Promise<Stages> => {
    await needRestApi(ports.store, call.scope, input.restApiId);
    const all = await allStages(ports.store, call.scope, input.restApiId ?? '');
    const wanted = all.filter((row) => !input.deploymentId || row.deploymentId === input.deploymentId);
    return { item: wanted.map(showStage) };
  },

  UpdateStage: async (input: UpdateStageRequest, call: Call): Promise<Stage> => {
    let cacheGoes = false;
    const row = await ports.store.transaction(async (rows) => {
      const before = await needStage(rows, call.scope, input.restApiId, input.stageName);
      const draft = draftOf(before);
      applyStagePatches(draft, input.patchOperations);
      // "API Gateway changes caching capacity by removing the existing cache instance and creating a new one."
      cacheGoes =
        draft.cacheClusterEnabled !== before.cacheClusterEnabled ||
        draft.cacheClusterSize !== before.cacheClusterSize;
      draft.lastUpdatedDate = wholeSeconds(ports.now());
      await checkStage(rows, call.scope, input.restApiId ?? '', draft);
      await rows.put(stages, call.scope, `${input.restApiId}/${draft.stageName}`, draft);
      return draft;
    });
    if (cacheGoes) await ports.gateway.flushCache(call.scope, input.restApiId ?? '', row.stageName);
    ports.gateway.forget(input.restApiId ?? '');
    return showStage(row);
  },

  DeleteStage: async (input: DeleteStageRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const row = await needStage(rows, call.scope, input.restApiId, input.stageName);
      const domains = await mappedDomains(rows, call.scope, input.restApiId ?? '', row.stageName);
      if (domains.length > 0)
        throw badRequest(
          `Deleting stage ${row.stageName} failed. Please remove all base path mappings related to the stage in your domains: ${domains.join(', ')}`,
        );
      await rows.delete(stages, call.scope, `${input.restApiId}/${row.stageName}`);
    });
    await ports.gateway.flushCache(call.scope, input.restApiId ?? '', input.stageName);
    ports.gateway.forget(input.restApiId ?? '');
    return {};
  },

  FlushStageCache: async (input: FlushStageCacheRequest, call: Call): Promise<object> => {
    await needStage(ports.store, call.scope, input.restApiId, input.stageName);
    await ports.gateway.flushCache(call.scope, input.restApiId ?? '', input.stageName);
    return {};
  },

  /** Forgetting the API drops its plans and the verdicts they remember. */
  FlushStageAuthorizersCache: async (
    input: FlushStageAuthorizersCacheRequest,
    call: Call,
  ): Promise<object> => {
    await needStage(ports.store, call.scope, input.restApiId, input.stageName);
    ports.gateway.forget(input.restApiId ?? '');
    return {};
  },
});

async function createStage(
  ports: ApiGatewayPorts,
  rows: Transaction,
  input: CreateStageRequest,
  scope: Scope,
): Promise<StageRow> {
  const api = await needRestApi(rows, scope, input.restApiId);
  await needDeployment(rows, scope, api.id, input.deploymentId);
  const all = await allStages(rows, scope, api.id);
  if (all.some((stage) => stage.stageName === input.stageName)) throw conflict('Stage already exists');
  if (all.length >= limits.restApiStages) throw quotaReached('Stages', 'this API');
  const now = wholeSeconds(ports.now());
  const row: StageRow = {
    stageName: checkedName(input.stageName),
    deploymentId: input.deploymentId ?? '',
    description: input.description || undefined,
    cacheClusterEnabled: input.cacheClusterEnabled ?? false,
    cacheClusterSize: input.cacheClusterSize ?? (input.cacheClusterEnabled ? '0.5' : undefined),
    variables: input.variables,
    documentationVersion: input.documentationVersion || undefined,
    canarySettings: canaryRow(input.canarySettings, input.deploymentId ?? ''),
    tracingEnabled: input.tracingEnabled ?? false,
    methodSettings: {},
    tags: checkedTags(input.tags),
    createdDate: now,
    lastUpdatedDate: now,
  };
  await checkStage(rows, scope, api.id, row);
  await rows.put(stages, scope, `${api.id}/${row.stageName}`, row);
  return row;
}

function checkedName(name: string | undefined): string {
  if (!name || name.length > 128 || !/^[\w-]+$/.test(name))
    throw badRequest('Stage name only allows a-zA-Z0-9_-');
  return name;
}

const canaryRow = (input: CanarySettings | undefined, deploymentId: string): CanaryRow | undefined =>
  input && {
    percentTraffic: input.percentTraffic ?? 0,
    deploymentId: input.deploymentId ?? deploymentId,
    stageVariableOverrides: filled(input.stageVariableOverrides),
    useStageCache: input.useStageCache ?? false,
  };

/** What a stage points to must be there; its variables keep to AWS's characters. */
async function checkStage(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  restApiId: string,
  row: StageRow,
): Promise<void> {
  for (const deploymentId of [row.deploymentId, row.canarySettings?.deploymentId])
    if (deploymentId !== undefined && !(await rows.get(snapshots, scope, `${restApiId}/${deploymentId}`)))
      throw badRequest('Deployment id does not exist');
  const version = row.documentationVersion;
  if (version && !(await rows.get(documentationVersions, scope, `${restApiId}/${version}`)))
    throw notFound('Invalid Documentation version specified');
  checkVariables(row.variables ?? {});
  checkVariables(row.canarySettings?.stageVariableOverrides ?? {});
  const percent = row.canarySettings?.percentTraffic ?? 0;
  if (!(percent >= 0 && percent <= 100)) throw badRequest('Percent traffic must be between 0.0 and 100.0');
}

function checkVariables(variables: Readonly<Record<string, string>>): void {
  const entries = Object.entries(variables);
  if (entries.length > limits.stageVariables)
    throw badRequest(`Stage variables exceed the maximum of ${limits.stageVariables}`);
  for (const [name, value] of entries) {
    if (!/^\w+$/.test(name) || name.length > limits.stageVariableNameLength)
      throw badRequest(
        `Stage variable name can only contain alphanumeric characters and underscores: ${name}`,
      );
    if (!/^[A-Za-z0-9\-._~:/?#&=,]*$/.test(value) || value.length > limits.stageVariableValueLength)
      throw badRequest(
        `Stage variable value should match the regular expression [A-Za-z0-9-._~:/?#&=,]+: ${name}`,
      );
  }
}

/** The stage that CreateDeployment names: made, moved to the new deployment, or given it as its canary. */
export async function putStageOfDeployment(
  ports: ApiGatewayPorts,
  rows: Transaction,
  input: CreateDeploymentRequest,
  deploymentId: string,
  scope: Scope,
): Promise<void> {
  const existing = await rows.get(stages, scope, `${input.restApiId}/${input.stageName}`);
  if (input.canarySettings) checkCanaryDeployment(input.stageName, existing);
  if (!input.stageName) return;
  if (existing === undefined) {
    const { stageDescription, canarySettings: _canary, ...rest } = input;
    const stage = { ...rest, description: stageDescription, deploymentId, stageName: input.stageName };
    await createStage(ports, rows, stage, scope);
    return;
  }
  const row = redeployed(existing, input, deploymentId, wholeSeconds(ports.now()));
  await checkStage(rows, scope, input.restApiId ?? '', row);
  await rows.put(stages, scope, `${input.restApiId}/${row.stageName}`, row);
}

function checkCanaryDeployment(stageName: string | undefined, existing: StageRow | undefined): void {
  const invalid = 'Invalid deployment content specified.';
  if (!stageName)
    throw badRequest(
      `${invalid}Non null and non empty stageName must be provided for canary deployment. Provided value is ${stageName ?? null}`,
    );
  if (existing === undefined)
    throw badRequest(
      `${invalid}Stage ${stageName} must already be created before making a canary release deployment`,
    );
}

function redeployed(
  stage: StageRow,
  input: CreateDeploymentRequest,
  deploymentId: string,
  now: number,
): StageRow {
  const canary = canaryRow(input.canarySettings, deploymentId);
  if (canary) return { ...stage, canarySettings: canary, lastUpdatedDate: now };
  const cacheClusterEnabled = input.cacheClusterEnabled ?? stage.cacheClusterEnabled;
  return {
    ...stage,
    deploymentId,
    description: input.stageDescription ?? stage.description,
    variables: input.variables ?? stage.variables,
    cacheClusterEnabled,
    cacheClusterSize:
      input.cacheClusterSize ?? stage.cacheClusterSize ?? (cacheClusterEnabled ? '0.5' : undefined),
    tracingEnabled: input.tracingEnabled ?? stage.tracingEnabled,
    lastUpdatedDate: now,
  };
}
