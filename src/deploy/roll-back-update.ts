/** UPDATE_ROLLBACK_IN_PROGRESS: whatever the update touched becomes again what it was. What it made goes in the clean-up. */
import type { ResourceState } from '../base/resource-type.ts';
import type { ResourceBefore, StackResource } from '../base/stack-engine.ts';
import { walk } from './graph.ts';
import {
  currentOf,
  eventOf,
  failureReason,
  requestFor,
  stateOf,
  typeOf,
  withoutReason,
} from './resource-operation.ts';
import { sameJson } from './difference.ts';
import type { Run } from './run.ts';
import type { JsonObject } from './template.ts';

export async function rollBackUpdate(run: Run): Promise<void> {
  const failed: string[] = [];
  const touched = [...run.resources.values()].filter(({ before }) => before !== undefined && before !== null);
  await walk({
    graph: new Map(touched.map(({ logicalId, before }) => [logicalId, before?.dependencies ?? []])),
    atOnce: run.atOnce,
    visit: async (id) => {
      const resource = run.resources.get(id);
      if (run.operation.halt.aborted) return false;
      if (resource?.before && !(await restore(run, resource, resource.before))) failed.push(id);
      return true;
    },
  });
  if (run.operation.halt.aborted) return;
  const reason = `The following resource(s) failed to update: [${failed.join(', ')}]. `;
  if (failed.length > 0) return run.commit({ stack: { status: 'UPDATE_ROLLBACK_FAILED', reason } });
  await run.commit({
    stack: { status: 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', settled: 'previous' },
  });
}

async function restore(run: Run, resource: StackResource, before: ResourceBefore): Promise<boolean> {
  if (isRestored(resource, before)) return true;
  const restored: StackResource = { ...withoutReason(before), status: 'UPDATE_COMPLETE', before };
  // Only what the template says around it was remembered: the resource itself was not touched.
  const untouched = resource.operationId === before.operationId && resource.status === before.status;
  if (untouched) {
    await run.commit({ resources: [{ ...before, before }] });
    return true;
  }
  const stayed = resource.status === 'UPDATE_FAILED' && sameProperties(resource, before);
  if (stayed || run.operation.skip.includes(resource.logicalId)) {
    await run.commit({ resources: [restored], events: [eventOf(restored, 'UPDATE_COMPLETE')] });
    return true;
  }
  const replaced = resource.exists && resource.physicalId !== before.physicalId;
  if (!resource.exists || replaced) {
    const older = (resource.left ?? []).filter(({ physicalId }) => physicalId !== before.physicalId);
    const left = replaced ? [...older, leftNew(resource)] : older;
    await run.commit({
      resources: [{ ...restored, left }],
      events: [eventOf(restored, 'UPDATE_COMPLETE')],
    });
    return true;
  }
  return putBack(run, resource, before);
}

/** An earlier attempt of this rollback has done it already. */
const isRestored = (resource: StackResource, before: ResourceBefore): boolean =>
  resource.status === 'UPDATE_COMPLETE' &&
  resource.operationId === before.operationId &&
  resource.physicalId === before.physicalId &&
  sameProperties(resource, before);

const sameProperties = (a: ResourceBefore, b: ResourceBefore): boolean =>
  sameJson(a.properties as JsonObject, b.properties as JsonObject); // they were stored as JSON

function leftNew(resource: StackResource) {
  const { type, properties } = resource;
  return { type, properties, policy: 'Delete' as const, ...stateOf(resource) };
}

async function putBack(run: Run, resource: StackResource, before: ResourceBefore): Promise<boolean> {
  const { logicalId } = resource;
  const going: StackResource = { ...withoutReason(resource), status: 'UPDATE_IN_PROGRESS' };
  await run.commit({ resources: [going], events: [eventOf(going, 'UPDATE_IN_PROGRESS')] });
  const signal = run.operation.halt;
  let state: ResourceState;
  try {
    const implementation = await typeOf(run, before.type);
    const request = await requestFor(run, {
      logicalId,
      type: before.type,
      properties: before.properties,
      signal,
    });
    state = (await implementation.update?.(request, currentOf(resource))) ?? before;
  } catch (thrown) {
    if (signal.aborted) return false;
    const statusReason = failureReason(thrown, signal, 'update');
    const failed: StackResource = { ...going, status: 'UPDATE_FAILED', statusReason };
    await run.commit({ resources: [failed], events: [eventOf(failed, 'UPDATE_FAILED', statusReason)] });
    return false;
  }
  const restored: StackResource = {
    ...withoutReason(before),
    ...stateOf(state),
    status: 'UPDATE_COMPLETE',
    before,
  };
  await run.commit({ resources: [restored], events: [eventOf(restored, 'UPDATE_COMPLETE')] });
  return true;
}
