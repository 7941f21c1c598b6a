/** What the gateway asks for: an API by its id alone, every stage with its frozen definition. */
import type { LoadApi, RestCanary, RestDefinition, RestStage } from '../../gateway/config.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Store } from '../../store/store.ts';
import { snapshots } from './deployment-row.ts';
import { needCertificate } from './client-certificate.ts';
import { canonicalSettingKey } from './method-setting.ts';
import { API_SCOPES, apiScopes, restApis } from './rest-api-row.ts';
import { allStages, type CanaryRow, type StageRow } from './stage-row.ts';

export const createLoadApi =
  (store: Store): LoadApi =>
  (apiId) =>
    store.read(async (rows) => {
      const scope = await rows.get(apiScopes, API_SCOPES, apiId);
      const api = scope && (await rows.get(restApis, scope, apiId));
      if (scope === undefined || api === undefined) return undefined;
      const stages: Record<string, RestStage> = {};
      for (const row of await allStages(rows, scope, apiId))
        stages[row.stageName] = await stageDocument(rows, scope, apiId, row);
      return {
        kind: 'REST',
        apiId,
        name: api.name,
        scope,
        disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
        stages,
      };
    });

async function stageDocument(rows: Reader, scope: Scope, apiId: string, row: StageRow): Promise<RestStage> {
  const canary = row.canarySettings && (await canaryDocument(rows, scope, apiId, row.canarySettings));
  const settings = Object.entries(row.methodSettings);
  const certificate =
    row.clientCertificateId && (await needCertificate(rows, scope, row.clientCertificateId));
  return {
    stageName: row.stageName,
    deploymentId: row.deploymentId,
    variables: row.variables ?? {},
    methodSettings: Object.fromEntries(settings.map(([key, value]) => [canonicalSettingKey(key), value])),
    tracingEnabled: row.tracingEnabled,
    cacheClusterEnabled: row.cacheClusterEnabled,
    ...(row.cacheClusterSize ? { cacheClusterSize: row.cacheClusterSize } : {}),
    ...(row.accessLogSettings ? { accessLogSettings: row.accessLogSettings } : {}),
    ...(certificate
      ? {
          clientCertificate: {
            certificatePem: certificate.pemEncodedCertificate,
            privateKeyPem: certificate.privateKeyPem,
          },
        }
      : {}),
    ...(row.webAclArn ? { webAclArn: row.webAclArn } : {}),
    ...(canary ? { canary } : {}),
    definition: await snapshot(rows, scope, apiId, row.deploymentId),
  };
}

const canaryDocument = async (
  rows: Reader,
  scope: Scope,
  apiId: string,
  canary: CanaryRow,
): Promise<RestCanary> => ({
  percentTraffic: canary.percentTraffic,
  deploymentId: canary.deploymentId,
  stageVariableOverrides: canary.stageVariableOverrides ?? {},
  useStageCache: canary.useStageCache,
  definition: await snapshot(rows, scope, apiId, canary.deploymentId),
});

async function snapshot(
  rows: Reader,
  scope: Scope,
  apiId: string,
  deploymentId: string,
): Promise<RestDefinition> {
  const definition = await rows.get(snapshots, scope, `${apiId}/${deploymentId}`);
  if (definition === undefined) throw new Error(`deployment ${apiId}/${deploymentId} has no snapshot`);
  return definition;
}
