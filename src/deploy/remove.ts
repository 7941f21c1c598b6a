/** Removing what a stack holds: DELETE_IN_PROGRESS, and ROLLBACK_IN_PROGRESS of a stack that could not be created. */
import type { StackResource, StackStatus } from '../base/stack-engine.ts';
import { type Graph, reversed, walk } from './graph.ts';
import { eventOf, removePhysical, withoutReason } from './resource-operation.ts';
import type { Run } from './run.ts';

export const rollBackCreate = (run: Run): Promise<void> =>
  removeAll(run, {
    retains: ({ deletionPolicy }) => deletionPolicy === 'Retain' && !run.operation.retainExceptOnCreate,
    done: 'ROLLBACK_COMPLETE',
    failed: 'ROLLBACK_FAILED',
  });

export async function deleteStack(run: Run): Promise<void> {
  const inUse = (await run.operation.journal.exports()).find(
    ({ stackId, importedBy }) => stackId === run.operation.stack.stackId && importedBy.length > 0,
  );
  if (inUse) {
    const reason = `Export ${inUse.name} cannot be deleted as it is in use by ${inUse.importedBy.join(', ')}`;
    return run.commit({ stack: { status: 'DELETE_FAILED', reason } });
  }
  const { skip } = run.operation;
  await removeAll(run, {
    retains: ({ deletionPolicy, logicalId }) => deletionPolicy !== 'Delete' || skip.includes(logicalId),
    done: 'DELETE_COMPLETE',
    failed: 'DELETE_FAILED',
  });
}

interface Removal {
  readonly retains: (resource: StackResource) => boolean;
  readonly done: StackStatus;
  readonly failed: StackStatus;
}

async function removeAll(run: Run, removal: Removal): Promise<void> {
  const failed: string[] = [];
  await walk({
    graph: removalOrder([...run.resources.values()]),
    atOnce: run.atOnce,
    visit: async (id) => {
      const resource = run.resources.get(id);
      if (resource === undefined || run.operation.halt.aborted) return !run.operation.halt.aborted;
      const removed = await removeResource(run, resource, removal.retains(resource));
      if (!removed) failed.push(id);
      // What does not depend on it goes on; what it stands on must stay.
      return removed;
    },
  });
  if (run.operation.halt.aborted) return;
  const reason = `The following resource(s) failed to delete: [${failed.join(', ')}]. `;
  if (failed.length > 0) return run.commit({ stack: { status: removal.failed, reason } });
  await run.commit({ stack: { status: removal.done } });
}

export function removalOrder(resources: readonly StackResource[]): Graph {
  return reversed(new Map(resources.map(({ logicalId, dependencies }) => [logicalId, dependencies])));
}

async function removeResource(run: Run, resource: StackResource, retained: boolean): Promise<boolean> {
  if (resource.status === 'DELETE_COMPLETE' || resource.status === 'DELETE_SKIPPED') return true;
  const bare = withoutReason(resource);
  if (retained && resource.exists) {
    const skipped: StackResource = { ...bare, status: 'DELETE_SKIPPED', exists: false };
    await run.commit({ resources: [skipped], events: [eventOf(skipped, 'DELETE_SKIPPED')] });
    return true;
  }
  const going: StackResource = { ...bare, status: 'DELETE_IN_PROGRESS' };
  await run.commit({ resources: [going], events: [eventOf(going, 'DELETE_IN_PROGRESS')] });
  const reason = await removeLayers(run, resource);
  if (run.operation.halt.aborted && reason !== undefined) return false;
  const ended: StackResource =
    reason === undefined
      ? { ...going, status: 'DELETE_COMPLETE', exists: false }
      : { ...going, status: 'DELETE_FAILED', statusReason: reason };
  await run.commit({ resources: [ended], events: [eventOf(ended, ended.status, reason)] });
  return reason === undefined;
}

/** The resource itself and what replacements left behind. */
async function removeLayers(run: Run, resource: StackResource): Promise<string | undefined> {
  const { logicalId } = resource;
  const own = resource.exists ? [resource] : [];
  for (const layer of [...own, ...(resource.left ?? [])]) {
    const reason = await removePhysical(run, { ...layer, logicalId });
    if (reason !== undefined) return reason;
  }
  return undefined;
}
