/** Deployments: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-deployments.html */
import { wholeSecond } from '../../base/clock.ts';
import type {
  CreateDeploymentRequest,
  CreateDeploymentResponse,
  DeleteDeploymentRequest,
  Deployment,
  GetDeploymentRequest,
  GetDeploymentResponse,
  GetDeploymentsRequest,
  GetDeploymentsResponse,
  UpdateDeploymentRequest,
  UpdateDeploymentResponse,
} from '@aws-sdk/client-apigatewayv2';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { readApi } from './api-row.ts';
import { type Change, changeApi } from './change.ts';
import { type DeploymentRow, deploy, deployments, snapshots } from './deployment-row.ts';
import { badRequest, missing } from './faults.ts';
import { listPage } from './page.ts';
import { patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { readStage, stages } from './stage-row.ts';

export const deploymentOperations = (ports: ApiGatewayV2Ports) => ({
  CreateDeployment: async (input: CreateDeploymentRequest, call: Call): Promise<CreateDeploymentResponse> => {
    const row = await changeApi(ports, call, input.ApiId ?? '', (change) =>
      createDeployment(ports, change, input),
    );
    return show(row);
  },

  GetDeployment: async (input: GetDeploymentRequest, { scope }: Call): Promise<GetDeploymentResponse> => {
    await readApi(ports.store, scope, input.ApiId ?? '');
    return show(await read(ports.store, scope, input));
  },

  GetDeployments: async (input: GetDeploymentsRequest, { scope }: Call): Promise<GetDeploymentsResponse> => {
    await readApi(ports.store, scope, input.ApiId ?? '');
    const listing = { rows: ports.store, table: deployments, scope, prefix: `${input.ApiId}/` };
    const page = await listPage(listing, input);
    return { Items: page.rows.map(show), NextToken: page.NextToken };
  },

  UpdateDeployment: async (input: UpdateDeploymentRequest, call: Call): Promise<UpdateDeploymentResponse> => {
    const row = await changeApi(ports, call, input.ApiId ?? '', async ({ rows, scope }) => {
      const { Description } = input;
      const changed = patched(await read(rows, scope, input), { Description });
      await rows.put(deployments, scope, `${input.ApiId}/${input.DeploymentId}`, changed);
      return changed;
    });
    return show(row);
  },

  DeleteDeployment: async (input: DeleteDeploymentRequest, call: Call) => {
    await changeApi(ports, call, input.ApiId ?? '', (change) => deleteDeployment(change, input));
    return {};
  },
});

async function createDeployment(
  ports: ApiGatewayV2Ports,
  { rows, scope }: Change,
  { ApiId = '', StageName, Description }: CreateDeploymentRequest,
): Promise<DeploymentRow> {
  const stage = StageName === undefined ? undefined : await readStage(rows, scope, ApiId, StageName);
  if (stage?.AutoDeploy)
    throw badRequest('Deployment ID cannot be set on stage because AutoDeploy is enabled');
  const row = await deploy(ports, rows, scope, {
    apiId: ApiId,
    description: Description,
    autoDeployed: false,
  });
  if (stage) {
    const { DeploymentId } = row;
    const LastDeploymentStatusMessage = `Successfully deployed stage with deployment ID '${DeploymentId}'`;
    const moved = { ...stage, DeploymentId, LastDeploymentStatusMessage, updatedAtMs: ports.now() };
    await rows.put(stages, scope, `${ApiId}/${stage.StageName}`, moved);
  }
  return row;
}

async function deleteDeployment({ rows, scope, api }: Change, of: DeleteDeploymentRequest): Promise<void> {
  await read(rows, scope, of);
  const using = await rows.list(stages, scope, { prefix: `${api.ApiId}/` });
  if (using.some(({ row }) => row.DeploymentId === of.DeploymentId))
    throw badRequest('Active stages pointing to this deployment must be moved or deleted');
  await rows.delete(deployments, scope, `${api.ApiId}/${of.DeploymentId}`);
  await rows.delete(snapshots, scope, `${api.ApiId}/${of.DeploymentId}`);
}

async function read(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  of: GetDeploymentRequest,
): Promise<DeploymentRow> {
  const row = await rows.get(deployments, scope, `${of.ApiId}/${of.DeploymentId}`);
  if (!row) throw missing('Deployment', of.DeploymentId ?? '');
  return row;
}

const show = ({ createdAtMs, ...members }: DeploymentRow): Deployment => ({
  ...members,
  CreatedDate: wholeSecond(createdAtMs),
});
