/** Deployments: frozen copies of an API. https://docs.aws.amazon.com/apigateway/latest/api/API_Deployment.html */
import type {
  CreateDeploymentRequest,
  DeleteDeploymentRequest,
  Deployment,
  Deployments,
  GetDeploymentRequest,
  GetDeploymentsRequest,
  MethodSnapshot,
  UpdateDeploymentRequest,
} from '@aws-sdk/client-api-gateway';
import { apiGatewayId } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { RestDefinition } from '../../gateway/config.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOf } from '../kit/page.ts';
import { applyPatches, bareRefusals, type PatchRules, patchText } from '../kit/patch.ts';
import { currentDefinition } from './definition.ts';
import { type DeploymentRow, deployments, needDeployment, snapshots } from './deployment-row.ts';
import { badRequest } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { wholeSeconds } from './rest-api.ts';
import { needRestApi } from './rest-api-row.ts';
import { putStageOfDeployment } from './stage.ts';
import { allStages } from './stage-row.ts';

export const deploymentOperations = (ports: ApiGatewayPorts) => ({
  CreateDeployment: async (input: CreateDeploymentRequest, call: Call): Promise<Deployment> => {
    const row = await ports.store.transaction(async (rows) => {
      const created = await freeze(ports, rows, input, call.scope);
      await putStageOfDeployment(ports, rows, input, created.id, call.scope);
      return created;
    });
    if (input.stageName) ports.gateway.forget(input.restApiId ?? '');
    return showDeployment(row, undefined);
  },

  GetDeployment: async (input: GetDeploymentRequest, call: Call): Promise<Deployment> =>
    showDeployment(
      await needDeployment(ports.store, call.scope, input.restApiId, input.deploymentId),
      input.embed,
    ),

  GetDeployments: async (input: GetDeploymentsRequest, call: Call): Promise<Deployments> => {
    await needRestApi(ports.store, call.scope, input.restApiId);
    const entries = await ports.store.list(deployments, call.scope, { prefix: `${input.restApiId}/` });
    const oldestFirst = entries.map((entry) => entry.row).toSorted((a, b) => (age(a) < age(b) ? -1 : 1));
    const page = pageOf(oldestFirst, input, age);
    return { items: page.items.map((row) => showDeployment(row, undefined)), position: page.position };
  },

  UpdateDeployment: async (input: UpdateDeploymentRequest, call: Call): Promise<Deployment> =>
    ports.store.transaction(async (rows) => {
      const before = await needDeployment(rows, call.scope, input.restApiId, input.deploymentId);
      const row = applyPatches(draftOf(before), input.patchOperations, deploymentPatches);
      await rows.put(deployments, call.scope, `${input.restApiId}/${row.id}`, row);
      return showDeployment(row, undefined);
    }),

  DeleteDeployment: async (input: DeleteDeploymentRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const row = await needDeployment(rows, call.scope, input.restApiId, input.deploymentId);
      for (const stage of await allStages(rows, call.scope, input.restApiId ?? ''))
        if (stage.deploymentId === row.id || stage.canarySettings?.deploymentId === row.id)
          throw badRequest('Active stages pointing to this deployment must be moved or deleted');
      await rows.delete(deployments, call.scope, `${input.restApiId}/${row.id}`);
      await rows.delete(snapshots, call.scope, `${input.restApiId}/${row.id}`);
    });
    return {};
  },
});

/** Sorts by date, then id: dates are whole seconds. */
const age = (row: DeploymentRow): string => `${String(row.createdDate).padStart(15, '0')}/${row.id}`;

function showDeployment(row: DeploymentRow, embed: readonly string[] | undefined): Deployment {
  const { apiSummary, ...rest } = row;
  const shown = { ...rest, createdDate: new Date(row.createdDate) };
  return embed?.includes('apisummary') ? { ...shown, apiSummary: { ...apiSummary } } : shown;
}

async function freeze(
  ports: ApiGatewayPorts,
  rows: Transaction,
  input: CreateDeploymentRequest,
  scope: Scope,
): Promise<DeploymentRow> {
  const api = await needRestApi(rows, scope, input.restApiId);
  const definition = await currentDefinition(rows, scope, api);
  checkDeployable(definition);
  const row: DeploymentRow = {
    id: apiGatewayId(6, ports.random),
    description: patchText(input.description),
    createdDate: wholeSeconds(ports.now()),
    apiSummary: summaryOf(definition),
  };
  await rows.put(deployments, scope, `${api.id}/${row.id}`, row);
  await rows.put(snapshots, scope, `${api.id}/${row.id}`, definition);
  return row;
}

function checkDeployable(definition: RestDefinition): void {
  const methods = definition.resources.flatMap((resource) => Object.values(resource.resourceMethods ?? {}));
  if (methods.length === 0) throw badRequest("The REST API doesn't contain any methods");
  if (methods.some((method) => method.methodIntegration === undefined))
    throw badRequest('No integration defined for method');
}

function summaryOf(definition: RestDefinition): Record<string, Record<string, MethodSnapshot>> {
  const summary: Record<string, Record<string, MethodSnapshot>> = {};
  for (const resource of definition.resources)
    for (const [verb, method] of Object.entries(resource.resourceMethods ?? {})) {
      const { authorizationType, apiKeyRequired } = method;
      summary[resource.path ?? ''] = {
        ...summary[resource.path ?? ''],
        [verb]: { authorizationType, apiKeyRequired },
      };
    }
  return summary;
}

const deploymentPatches: PatchRules<Draft<DeploymentRow>> = {
  refusals: bareRefusals,
  paths: [
    {
      path: '/description',
      replace: (row, value) => {
        row.description = patchText(value);
      },
    },
  ],
};
