/** A document's paths as a tree of resources. */
import type { Method } from '@aws-sdk/client-api-gateway';
import { isFault } from '../../../base/fault.ts';
import { apiGatewayId } from '../../../base/ids.ts';
import { limits } from '../../../base/limits.ts';
import { quotaReached } from '../faults.ts';
import { checkPlace, childPath } from '../resource.ts';
import { type ResourceRow, resources } from '../resource-row.ts';
import type { Import } from './apply.ts';
import type { ExistingIds } from './existing-ids.ts';
import type { ImportedMethod } from './imported.ts';

type MakeMethod = (path: string, resourceId: string, method: ImportedMethod) => Promise<Method>;

export async function putResources(
  work: Import,
  ids: ExistingIds,
  errors: string[],
  makeMethod: MakeMethod,
): Promise<void> {
  const tree = startingTree(work, ids);
  for (const resource of work.api.resources) {
    const place = ensurePath(work, ids, tree, resource.path, errors);
    if (place === undefined) continue;
    const methods: Record<string, Method> = { ...place.methods };
    for (const method of resource.methods)
      methods[method.httpMethod] = await makeMethod(resource.path, place.id, method);
    tree.set(place.path, { ...place, methods });
  }
  if (tree.size > limits.restApiResources + 1) throw quotaReached('Resources', 'this API');
  for (const row of tree.values())
    await work.rows.put(resources, work.scope, `${work.restApiId}/${row.id}`, row);
}

/** By path: what a merge keeps, or the bare root. */
function startingTree(work: Import, ids: ExistingIds): Map<string, ResourceRow> {
  if (work.mode === 'merge') return new Map(ids.resources);
  return new Map([['/', { id: work.rootResourceId, path: '/' }]]);
}

/** The resource at a path, made with everything above it; undefined (and an error noted) when it may not stand there. */
function ensurePath(
  work: Import,
  ids: ExistingIds,
  tree: Map<string, ResourceRow>,
  path: string,
  errors: string[],
): ResourceRow | undefined {
  let parent = tree.get('/');
  for (const pathPart of path.split('/').filter(Boolean)) {
    if (parent === undefined) return undefined;
    const place: string = childPath(parent.path, pathPart);
    const row: ResourceRow = tree.get(place) ?? {
      id: ids.resources.get(place)?.id ?? apiGatewayId(6, work.ports.random),
      parentId: parent.id,
      pathPart,
      path: place,
    };
    if (!tree.has(place) && !mayStand(row, parent, tree, path, errors)) return undefined;
    tree.set(place, row);
    parent = row;
  }
  return parent;
}

function mayStand(
  row: ResourceRow,
  parent: ResourceRow,
  tree: ReadonlyMap<string, ResourceRow>,
  path: string,
  errors: string[],
): boolean {
  try {
    checkPlace(row, parent, [...tree.values()]);
    return true;
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    errors.push(`Unable to create resource at path '${path}': ${thrown.message}`);
    return false;
  }
}
