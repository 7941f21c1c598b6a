import type { MethodSnapshot } from '@aws-sdk/client-api-gateway';
import type { Scope } from '../../base/scope.ts';
import type { RestDefinition } from '../../gateway/config.ts';
import { type Reader, table } from '../../store/store.ts';
import { notFound } from './faults.ts';

export interface DeploymentRow {
  readonly id: string;
  readonly description?: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdDate: number;
  readonly apiSummary: Readonly<Record<string, Record<string, MethodSnapshot>>>;
}

/** Keyed `{apiId}/{deploymentId}`. */
export const deployments = table<DeploymentRow>('apigateway.deployments');

/** The frozen definition, in a row of its own so that listing deployments stays cheap. Same keys. */
export const snapshots = table<RestDefinition>('apigateway.snapshots');

export async function needDeployment(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  restApiId: string | undefined,
  deploymentId: string | undefined,
): Promise<DeploymentRow> {
  const row = await rows.get(deployments, scope, `${restApiId}/${deploymentId}`);
  if (row === undefined) throw notFound('Invalid Deployment identifier specified');
  return row;
}
