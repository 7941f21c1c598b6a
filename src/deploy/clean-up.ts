/**
 * After an update, or after its rollback: removes what no template asks for any more and what replacements left.
 * What cannot be removed is told in an event and left, as CloudFormation does: the update itself has succeeded.
 */
import type { LeftResource, StackResource } from '../base/stack-engine.ts';
import { walk } from './graph.ts';
import { removalOrder } from './remove.ts';
import { eventOf, removePhysical, stateOf, withoutReason } from './resource-operation.ts';
import type { Run } from './run.ts';
import type { Template } from './template.ts';
import { isThere } from './environment.ts';

export async function cleanUp(run: Run): Promise<void> {
  const rolledBack = run.status() === 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
  const wanted = wantedIds(rolledBack ? run.operation.previous : run.operation.next);
  await walk({
    graph: removalOrder([...run.resources.values()]),
    atOnce: run.atOnce,
    visit: async (id) => {
      const resource = run.resources.get(id);
      if (run.operation.halt.aborted) return false;
      if (resource) await cleanResource(run, resource, wanted.has(id), rolledBack);
      return true;
    },
  });
  if (run.operation.halt.aborted) return;
  await run.commit({
    stack: { status: rolledBack ? 'UPDATE_ROLLBACK_COMPLETE' : 'UPDATE_COMPLETE' },
    resources: [...run.resources.values()].filter(({ before }) => before !== undefined).map(settled),
  });
}

function settled(resource: StackResource): StackResource {
  const { before: _, left: __, ...rest } = resource;
  return rest;
}

function wantedIds(prepared: Run['operation']['next']): Set<string> {
  if (prepared === undefined) return new Set();
  const template: Template = JSON.parse(prepared.processed);
  const entries = Object.entries(template.Resources).filter(([, one]) => isThere(one, prepared.conditions));
  return new Set(entries.map(([id]) => id));
}

async function cleanResource(
  run: Run,
  resource: StackResource,
  wanted: boolean,
  rolledBack: boolean,
): Promise<void> {
  for (const left of resource.left ?? []) await removeLeft(run, resource, left);
  if (wanted) return;
  const keep = resource.deletionPolicy === 'Retain' || (resource.deletionPolicy !== 'Delete' && !rolledBack);
  const bare = withoutReason(resource);
  if (keep && resource.exists)
    return run.commit({ removed: [resource.logicalId], events: [eventOf(bare, 'DELETE_SKIPPED')] });
  const going: StackResource = { ...bare, status: 'DELETE_IN_PROGRESS' };
  await run.commit({ resources: [going], events: [eventOf(going, 'DELETE_IN_PROGRESS')] });
  const reason = resource.exists ? await removePhysical(run, resource) : undefined;
  if (reason !== undefined && run.operation.halt.aborted) return;
  const status = reason === undefined ? 'DELETE_COMPLETE' : 'DELETE_FAILED';
  await run.commit({ removed: [resource.logicalId], events: [eventOf(bare, status, reason)] });
}

async function removeLeft(run: Run, resource: StackResource, left: LeftResource): Promise<void> {
  const { logicalId } = resource;
  const shown: StackResource = {
    ...resource,
    ...stateOf(left),
    type: left.type,
    properties: left.properties,
  };
  const rest = (resource.left ?? []).filter((one) => one !== left);
  const after: StackResource = { ...resource, left: rest };
  if (left.policy !== 'Delete')
    return run.commit({ resources: [after], events: [eventOf(shown, 'DELETE_SKIPPED')] });
  await run.commit({ events: [eventOf(shown, 'DELETE_IN_PROGRESS')] });
  const reason = await removePhysical(run, { ...left, logicalId });
  if (reason !== undefined && run.operation.halt.aborted) return;
  const status = reason === undefined ? 'DELETE_COMPLETE' : 'DELETE_FAILED';
  await run.commit({ resources: [after], events: [eventOf(shown, status, reason)] });
}
