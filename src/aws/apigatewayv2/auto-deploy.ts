/**
 * Stages with auto-deploy follow every change of their API:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
 */
import { isFault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import { deploy, deployments, snapshots } from './deployment-row.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { type StageRow, stages } from './stage-row.ts';

/** As `GetDeployments` shows it: https://docs.aws.amazon.com/cli/latest/reference/apigatewayv2/get-deployments.html */
const DESCRIPTION = 'Automatic deployment triggered by changes to the Api configuration';

type Tools = Pick<ApiGatewayV2Ports, 'now' | 'random'>;

/** Makes one deployment for all stages with auto-deploy; when it cannot be made, they keep theirs and say why. */
export async function autoDeploy(
  tools: Tools,
  rows: Transaction,
  scope: Scope,
  apiId: string,
): Promise<void> {
  const entries = await rows.list(stages, scope, { prefix: `${apiId}/` });
  const following = entries.filter((entry) => entry.row.AutoDeploy);
  if (following.length === 0) return;
  const outcome = await tryDeploy(tools, rows, scope, apiId);
  for (const { key, row } of following)
    await rows.put(stages, scope, key, { ...row, ...outcome, updatedAtMs: tools.now() });
  await dropUnused(rows, scope, apiId);
}

async function tryDeploy(
  tools: Tools,
  rows: Transaction,
  scope: Scope,
  apiId: string,
): Promise<Pick<StageRow, 'DeploymentId' | 'LastDeploymentStatusMessage'>> {
  try {
    const { DeploymentId } = await deploy(tools, rows, scope, {
      apiId,
      description: DESCRIPTION,
      autoDeployed: true,
    });
    const message = `Successfully deployed stage with deployment ID '${DeploymentId}'`;
    return { DeploymentId, LastDeploymentStatusMessage: message };
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return { LastDeploymentStatusMessage: `Deployment attempt failed: ${thrown.message}` };
  }
}

async function dropUnused(rows: Transaction, scope: Scope, apiId: string): Promise<void> {
  const prefix = `${apiId}/`;
  const inUse = new Set((await rows.list(stages, scope, { prefix })).map(({ row }) => row.DeploymentId));
  const unused = (await rows.list(deployments, scope, { prefix }))
    .filter(({ row }) => row.AutoDeployed && !inUse.has(row.DeploymentId))
    .toSorted((a, b) => b.row.createdAtMs - a.row.createdAtMs);
  for (const { key } of unused.slice(limits.httpApiAutoDeploymentsKept)) {
    await rows.delete(deployments, scope, key);
    await rows.delete(snapshots, scope, key);
  }
}
