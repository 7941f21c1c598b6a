import type { AccessLogSettings, CacheClusterSize, MethodSetting } from '@aws-sdk/client-api-gateway';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { notFound } from './faults.ts';

export interface StageRow {
  readonly stageName: string;
  readonly deploymentId: string;
  readonly description?: string | undefined;
  readonly clientCertificateId?: string | undefined;
  readonly cacheClusterEnabled: boolean;
  readonly cacheClusterSize?: CacheClusterSize | undefined;
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly documentationVersion?: string | undefined;
  readonly accessLogSettings?: AccessLogSettings | undefined;
  readonly canarySettings?: CanaryRow | undefined;
  readonly tracingEnabled: boolean;
  readonly webAclArn?: string | undefined;
  /** Keyed as the patches named them: all methods by stars, `~1pets/GET` and (Terraform) `pets/GET`. */
  readonly methodSettings: Readonly<Record<string, MethodSetting>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly createdDate: number;
  readonly lastUpdatedDate: number;
}

export interface CanaryRow {
  readonly percentTraffic: number;
  readonly deploymentId: string;
  readonly stageVariableOverrides?: Readonly<Record<string, string>> | undefined;
  readonly useStageCache: boolean;
}

/** Keyed `{apiId}/{stageName}`. */
export const stages = table<StageRow>('apigateway.stages');

export async function needStage(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  restApiId: string | undefined,
  stageName: string | undefined,
): Promise<StageRow> {
  const row = await rows.get(stages, scope, `${restApiId}/${stageName}`);
  if (row === undefined) throw notFound('Invalid stage identifier specified');
  return row;
}

export async function allStages(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  restApiId: string,
): Promise<StageRow[]> {
  return (await rows.list(stages, scope, { prefix: `${restApiId}/` })).map((entry) => entry.row);
}
