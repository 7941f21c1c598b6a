/** Resources: https://docs.aws.amazon.com/apigateway/latest/api/API_Resource.html */
import type {
  CreateResourceRequest,
  DeleteResourceRequest,
  GetResourceRequest,
  GetResourcesRequest,
  Resource,
  Resources,
  UpdateResourceRequest,
} from '@aws-sdk/client-api-gateway';
import { apiGatewayId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOf } from '../kit/page.ts';
import { applyPatches, listingRefusals, type PatchRules } from '../kit/patch.ts';
import { badRequest, conflict, notFound, quotaReached } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { needResource, type ResourceRow, resources, showResource } from './resource-row.ts';
import { needRestApi } from './rest-api-row.ts';

export const resourceOperations = (ports: ApiGatewayPorts) => ({
  CreateResource: async (input: CreateResourceRequest, call: Call): Promise<Resource> =>
    ports.store.transaction(async (rows) => {
      await needRestApi(rows, call.scope, input.restApiId);
      const parent = await needResource(rows, call.scope, {
        restApiId: input.restApiId,
        resourceId: input.parentId,
      });
      const all = await allResources(rows, call.scope, input.restApiId ?? '');
      if (all.length > limits.restApiResources) throw quotaReached('Resources', 'this API');
      const row: ResourceRow = {
        id: apiGatewayId(6, ports.random),
        parentId: parent.id,
        pathPart: input.pathPart ?? '',
        path: childPath(parent.path, input.pathPart ?? ''),
      };
      checkPlace(row, parent, all);
      await rows.put(resources, call.scope, `${input.restApiId}/${row.id}`, row);
      return showResource(row, undefined);
    }),

  GetResource: async (input: GetResourceRequest, call: Call): Promise<Resource> =>
    showResource(await needResource(ports.store, call.scope, input), input.embed),

  GetResources: async (input: GetResourcesRequest, call: Call): Promise<Resources> =>
    ports.store.read(async (rows) => {
      await needRestApi(rows, call.scope, input.restApiId);
      const all = await allResources(rows, call.scope, input.restApiId ?? '');
      const page = pageOf(all, input, (row) => row.path);
      return { items: page.items.map((row) => showResource(row, input.embed)), position: page.position };
    }),

  UpdateResource: async (input: UpdateResourceRequest, call: Call): Promise<Resource> =>
    ports.store.transaction(async (rows) => {
      const before = await needResource(rows, call.scope, input);
      const draft = applyPatches(draftOf(before), input.patchOperations, resourcePatches);
      const row = await moveResource(rows, call.scope, input.restApiId ?? '', draft);
      return showResource(row, undefined);
    }),

  DeleteResource: async (input: DeleteResourceRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const row = await needResource(rows, call.scope, input);
      if (row.parentId === undefined) throw badRequest('Cannot delete the root resource.');
      const all = await allResources(rows, call.scope, input.restApiId ?? '');
      for (const gone of [row, ...descendantsOf(row, all)])
        await rows.delete(resources, call.scope, `${input.restApiId}/${gone.id}`);
    });
    return {};
  },
});

/** Every resource of the API, by path. */
export async function allResources(
  rows: Pick<Transaction, 'list'>,
  scope: Scope,
  restApiId: string,
): Promise<ResourceRow[]> {
  const entries = await rows.list(resources, scope, { prefix: `${restApiId}/` });
  return entries.map((entry) => entry.row).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

export const childPath = (parent: string, pathPart: string): string =>
  parent === '/' ? `/${pathPart}` : `${parent}/${pathPart}`;

const descendantsOf = (row: ResourceRow, all: readonly ResourceRow[]): ResourceRow[] =>
  all.filter((one) => one.parentId === row.id).flatMap((child) => [child, ...descendantsOf(child, all)]);

const PATH_PART = /^(?:[\w.:-]+|\{[\w.:-]+\+?\})$/;
const isVariable = (pathPart: string): boolean => pathPart.startsWith('{');

/** AWS's rules for one resource among its siblings: unique, one variable at most, nothing below a greedy one. */
export function checkPlace(row: ResourceRow, parent: ResourceRow, all: readonly ResourceRow[]): void {
  const pathPart = row.pathPart ?? '';
  if (!PATH_PART.test(pathPart))
    throw badRequest(
      "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
    );
  if (parent.pathPart?.endsWith('+}'))
    throw badRequest(`Cannot create a child of a resource with a greedy path variable: ${parent.pathPart}`);
  const siblings = all.filter((one) => one.parentId === parent.id && one.id !== row.id);
  if (siblings.some((one) => one.pathPart === pathPart))
    throw conflict(`Another resource with the same parent already has this name: ${pathPart}`);
  checkVariables(pathPart, parent, siblings);
}

function checkVariables(pathPart: string, parent: ResourceRow, siblings: readonly ResourceRow[]): void {
  if (!isVariable(pathPart)) return;
  // A greedy and a plain variable stand side by side; two of a kind do not (seen: /parent/{proxy+} beside /parent/{child}).
  const rival = siblings.find(
    (one) => isVariable(one.pathPart ?? '') && clashes(one.pathPart ?? '', pathPart, parent),
  );
  if (rival)
    throw badRequest(
      `A sibling (${rival.pathPart}) of this resource already has a variable path part -- only one is allowed`,
    );
}

/** Seen: below the root `{child}` beside `{proxy+}` is refused, below `/parent` it is taken; two of a kind never. */
function clashes(existing: string, added: string, parent: ResourceRow): boolean {
  const bothGreedy = existing.endsWith('+}') === added.endsWith('+}');
  return bothGreedy || parent.path === '/';
}

const resourcePatches: PatchRules<Draft<ResourceRow>> = {
  refusals: listingRefusals({ replace: ['/parentId', '/pathPart'] }),
  paths: [
    {
      path: '/pathPart',
      replace: (row, value) => {
        if (row.parentId === undefined) throw badRequest('Root resource cannot update its pathPart.');
        row.pathPart = value ?? '';
      },
    },
    {
      path: '/parentId',
      replace: (row, value) => {
        if (row.parentId === undefined) throw badRequest('Root resource cannot update its parentId.');
        row.parentId = value ?? '';
      },
    },
  ],
};

/** Puts a resource in its (perhaps new) place and gives everything below it its new path. */
async function moveResource(
  rows: Transaction,
  scope: Scope,
  restApiId: string,
  row: ResourceRow,
): Promise<ResourceRow> {
  if (row.parentId === undefined) return row;
  const all = await allResources(rows, scope, restApiId);
  const parent = all.find((one) => one.id === row.parentId);
  if (parent === undefined) throw notFound('Invalid Resource identifier specified');
  const below = descendantsOf(row, all);
  if (parent.id === row.id || below.some((one) => one.id === parent.id))
    throw badRequest('Resources cannot be cyclical.');
  const moved = { ...row, path: childPath(parent.path, row.pathPart ?? '') };
  checkPlace(moved, parent, all);
  const paths = new Map([[moved.id, moved.path]]);
  await rows.put(resources, scope, `${restApiId}/${moved.id}`, moved);
  for (const one of below) {
    const path = childPath(paths.get(one.parentId ?? '') ?? '/', one.pathPart ?? '');
    paths.set(one.id, path);
    await rows.put(resources, scope, `${restApiId}/${one.id}`, { ...one, path });
  }
  return moved;
}
