/** Makes and changes what the template asks for: CREATE_IN_PROGRESS and UPDATE_IN_PROGRESS. */
import { isFault, reasonOf } from '../base/fault.ts';
import type { ResourceState } from '../base/resource-type.ts';
import type { LeftResource, StackOutput, StackResource } from '../base/stack-engine.ts';
import { differences, sameJson } from './difference.ts';
import { evaluate } from './intrinsics.ts';
import { invalid } from './invalid.ts';
import { walk } from './graph.ts';
import { checkExports, settleOutputs } from './outputs.ts';
import { type Plan, type PlannedResource, planOf, withResources } from './plan.ts';
import {
  beforeOf,
  currentOf,
  eventOf,
  failureReason,
  makeResource,
  requestFor,
  stateOf,
  typeOf,
  withoutReason,
} from './resource-operation.ts';
import { loadSchema, type ResourceSchema } from './resource-schema.ts';
import type { Run } from './run.ts';
import type { JsonObject } from './template.ts';
import { implementedBy } from './validate.ts';

export async function applyTemplate(run: Run): Promise<void> {
  const failed: Failures = { created: [], updated: [] };
  try {
    const plan = planOf({ prepared: nextOf(run), stack: run.operation.stack, exports: run.exports });
    await applyResources(run, plan, failed);
    if (run.operation.halt.aborted) return;
    if (failed.created.length + failed.updated.length > 0 || run.operation.cancel.aborted)
      return await giveUp(run, failureText(run, failed));
    const outputs = settleOutputs(plan, (id) => existing(run, id));
    await checkExports(run, outputs);
    await settle(run, outputs);
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    await giveUp(run, `${reasonOf(thrown)}${isCreate(run) ? ' Rollback requested by user.' : ''}`);
  }
}

interface Failures {
  readonly created: string[];
  readonly updated: string[];
}

const isCreate = (run: Run): boolean => run.status() === 'CREATE_IN_PROGRESS';

function nextOf({ operation }: Run) {
  if (operation.next === undefined) throw invalid('Stack has no template to carry out');
  return operation.next;
}

function existing(run: Run, id: string): StackResource | undefined {
  const resource = run.resources.get(id);
  return resource?.exists ? resource : undefined;
}

async function applyResources(run: Run, plan: Plan, failed: Failures): Promise<void> {
  const failure = new AbortController();
  const { cancel, halt } = run.operation;
  const signal = AbortSignal.any([failure.signal, cancel, halt]);
  await walk({
    graph: plan.graph,
    atOnce: run.atOnce,
    visit: async (id) => {
      const planned = plan.resources.get(id);
      if (planned === undefined) return true;
      if (signal.aborted) return false;
      const done = await new Application(run, plan, planned, signal, failed).carryOut();
      if (!done) failure.abort();
      return done;
    },
  });
}

/** One resource of the template on its way. */
class Application {
  private readonly run: Run;
  private readonly plan: Plan;
  private readonly planned: PlannedResource;
  private readonly signal: AbortSignal;
  private readonly failed: Failures;

  constructor(run: Run, plan: Plan, planned: PlannedResource, signal: AbortSignal, failed: Failures) {
    this.run = run;
    this.plan = plan;
    this.planned = planned;
    this.signal = signal;
    this.failed = failed;
  }

  /** False when it failed, or was cut off by the server's halt. */
  async carryOut(): Promise<boolean> {
    const { run, planned } = this;
    const now = run.resources.get(planned.logicalId);
    if (now !== undefined && this.isDone(now)) return true;
    const found = this.evaluated(now);
    if (found === undefined) return this.refuse(now);
    if (now === undefined || (!now.exists && (now.before ?? null) === null)) return this.create(now, found);
    const schema = await loadSchema(implementedBy(planned.type));
    // A replacement that was cut off goes on from what was there before it.
    const base = now.exists ? now : now.left?.at(-1);
    if (base === undefined) return this.create(now, found);
    const changed = differences(base.properties as JsonObject, found, schema);
    const implementation = await typeOf(run, planned.type);
    if (base.type !== planned.type) return this.replace(now, base, found, undefined);
    if (changed.length === 0 && !this.tagsChanged(schema)) return this.keep(now);
    if (changed.some(({ replaces }) => replaces === 'always') || implementation.update === undefined)
      return changed.length === 0 ? this.keep(now) : this.replace(now, base, found, schema);
    return this.update(now, base, found);
  }

  private isDone(now: StackResource): boolean {
    const mine = now.operationId === this.run.operation.operationId;
    return mine && (now.status === 'CREATE_COMPLETE' || now.status === 'UPDATE_COMPLETE');
  }

  private reason = '';

  private evaluated(_now: StackResource | undefined): JsonObject | undefined {
    try {
      const environment = withResources(this.plan.environment, (id) => existing(this.run, id));
      return evaluate(this.planned.properties, environment) as JsonObject; // an object evaluates to an object
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      this.reason = reasonOf(thrown);
      return undefined;
    }
  }

  private tagsChanged(schema: ResourceSchema | undefined): boolean {
    const { stack, previousTags } = this.run.operation;
    return (
      previousTags !== undefined &&
      schema?.tags !== undefined &&
      !sameJson({ ...previousTags }, { ...stack.tags })
    );
  }

  private row(now: StackResource | undefined, properties: JsonObject): StackResource {
    const { planned, run } = this;
    const before = beforeOf(now);
    return {
      logicalId: planned.logicalId,
      type: planned.type,
      status: 'CREATE_IN_PROGRESS',
      properties,
      dependencies: planned.dependencies,
      deletionPolicy: planned.deletionPolicy,
      updateReplacePolicy: planned.updateReplacePolicy,
      ...(planned.metadata !== undefined && { metadata: planned.metadata }),
      operationId: run.operation.operationId,
      exists: false,
      physicalId: '',
      before,
      ...(now?.left && { left: now.left }),
    };
  }

  private async create(now: StackResource | undefined, properties: JsonObject): Promise<boolean> {
    const interrupted = now?.status === 'CREATE_IN_PROGRESS' && !now.exists;
    const row = this.row(interrupted ? undefined : now, properties);
    if (!interrupted)
      await this.run.commit({ resources: [row], events: [eventOf(row, 'CREATE_IN_PROGRESS')] });
    return this.make(row, 'CREATE', interrupted);
  }

  private async replace(
    now: StackResource,
    base: Standing,
    properties: JsonObject,
    schema: ResourceSchema | undefined,
  ): Promise<boolean> {
    const interrupted = now.status === 'UPDATE_IN_PROGRESS' && !now.exists;
    const left = interrupted ? (now.left ?? []) : [...(now.left ?? []), leftOf(base, now)];
    const row: StackResource = { ...this.row(now, properties), status: 'UPDATE_IN_PROGRESS', left };
    const reason = 'Requested update requires the creation of a new physical resource; hence creating one.';
    const shown = { ...row, physicalId: base.physicalId };
    await this.run.commit({ resources: [row], events: [eventOf(shown, 'UPDATE_IN_PROGRESS', reason)] });
    const name = nameTaken(base.properties as JsonObject, properties, schema);
    if (name !== undefined && base.type === this.planned.type)
      return this.fail(
        asBefore(row),
        'UPDATE_FAILED',
        `CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename ${name} and update the stack again.`,
      );
    return this.make(row, 'UPDATE', interrupted);
  }

  /** Runs the type's create and writes down what came of it. */
  private async make(row: StackResource, verb: 'CREATE' | 'UPDATE', interrupted: boolean): Promise<boolean> {
    const { run, signal } = this;
    const { logicalId, type, properties } = row;
    let state: ResourceState;
    try {
      state = await makeResource(run, { logicalId, type, properties, signal, interrupted });
    } catch (thrown) {
      if (run.operation.halt.aborted) return false;
      const reason = failureReason(thrown, signal, verb === 'CREATE' ? 'creation' : 'update');
      return this.fail(verb === 'UPDATE' ? asBefore(row) : row, `${verb}_FAILED`, reason);
    }
    const made: StackResource = {
      ...row,
      ...stateOf(state),
      exists: true,
      status: `${verb}_COMPLETE`,
    };
    const initiated = eventOf(made, `${verb}_IN_PROGRESS`, 'Resource creation Initiated');
    await run.commit({ resources: [made], events: [initiated, eventOf(made, made.status)] });
    return true;
  }

  private async update(now: StackResource, base: Standing, properties: JsonObject): Promise<boolean> {
    const { run, signal, planned } = this;
    const row: StackResource = {
      ...this.row(now, properties),
      ...stateOf(base),
      exists: true,
      status: 'UPDATE_IN_PROGRESS',
    };
    await run.commit({ resources: [row], events: [eventOf(row, 'UPDATE_IN_PROGRESS')] });
    let state: ResourceState;
    try {
      const implementation = await typeOf(run, planned.type);
      const { logicalId, type } = row;
      const request = await requestFor(run, { logicalId, type, properties, signal });
      state = (await implementation.update?.(request, currentOf(base))) ?? base;
    } catch (thrown) {
      if (run.operation.halt.aborted) return false;
      return this.fail(row, 'UPDATE_FAILED', failureReason(thrown, signal, 'update'));
    }
    // A custom resource may answer with another physical id: that is a replacement.
    const moved = state.physicalId !== base.physicalId;
    const { ref: _, attributes: __, ...rest } = row;
    const done: StackResource = {
      ...rest,
      ...stateOf(state),
      status: 'UPDATE_COMPLETE',
      ...(moved && { left: [...(row.left ?? []), leftOf(base, row)] }),
    };
    await run.commit({ resources: [done], events: [eventOf(done, 'UPDATE_COMPLETE')] });
    return true;
  }

  /** Nothing to do but to remember what the template says now. */
  private async keep(now: StackResource): Promise<boolean> {
    const { planned } = this;
    const same =
      sameJson([...now.dependencies], [...planned.dependencies]) &&
      now.deletionPolicy === planned.deletionPolicy &&
      now.updateReplacePolicy === planned.updateReplacePolicy &&
      now.metadata === planned.metadata;
    if (same) return true;
    const { metadata: _, ...rest } = withoutReason(now);
    const kept: StackResource = {
      ...rest,
      dependencies: planned.dependencies,
      deletionPolicy: planned.deletionPolicy,
      updateReplacePolicy: planned.updateReplacePolicy,
      ...(planned.metadata !== undefined && { metadata: planned.metadata }),
      // The operation's id stays the old one: the resource itself was not touched.
      before: beforeOf(now),
    };
    await this.run.commit({ resources: [kept] });
    return true;
  }

  private async refuse(now: StackResource | undefined): Promise<boolean> {
    const row = now?.exists ? { ...now, before: beforeOf(now) } : this.row(now, {});
    const status = now?.exists ? 'UPDATE_FAILED' : 'CREATE_FAILED';
    return this.fail({ ...row, operationId: this.run.operation.operationId }, status, this.reason);
  }

  private async fail(
    row: StackResource,
    status: 'CREATE_FAILED' | 'UPDATE_FAILED',
    statusReason: string,
  ): Promise<boolean> {
    const list = status === 'CREATE_FAILED' ? this.failed.created : this.failed.updated;
    list.push(row.logicalId);
    const failed: StackResource = { ...row, status, statusReason };
    await this.run.commit({ resources: [failed], events: [eventOf(failed, status, statusReason)] });
    return false;
  }
}

/** A replacement that could not be made leaves the resource as it was. */
function asBefore(row: StackResource): StackResource {
  const old = row.left?.at(-1);
  if (old === undefined) return row;
  const { type, properties } = old;
  return { ...row, ...stateOf(old), type, properties, exists: true, left: row.left?.slice(0, -1) ?? [] };
}

/** What stands at the provider before it is changed. */
type Standing = Pick<StackResource, 'type' | 'properties' | 'physicalId' | 'ref' | 'attributes'>;

function leftOf(standing: Standing, { updateReplacePolicy }: StackResource): LeftResource {
  const { type, properties } = standing;
  return { type, properties, policy: updateReplacePolicy, ...stateOf(standing) };
}

/** The name that old and new share, when the template fixes it: both cannot exist at once. */
function nameTaken(
  before: JsonObject,
  after: JsonObject,
  schema: ResourceSchema | undefined,
): string | undefined {
  const identifier = schema?.identifier ?? [];
  if (identifier.length !== 1) return undefined;
  const [property = ''] = identifier;
  const name = after[property];
  return typeof name === 'string' && name === before[property] ? name : undefined;
}

function failureText(run: Run, { created, updated }: Failures): string {
  const parts = [
    ...(created.length > 0 ? [`The following resource(s) failed to create: [${created.join(', ')}]. `] : []),
    ...(updated.length > 0 ? [`The following resource(s) failed to update: [${updated.join(', ')}]. `] : []),
  ];
  if (parts.length === 0)
    return run.operation.cancel.reason === 'timeout'
      ? 'Stack creation time exceeded the specified timeout. Rollback requested by user.'
      : 'User Initiated';
  if (isCreate(run) && run.operation.onFailure !== 'DO_NOTHING')
    return `${parts.join('')}${run.operation.onFailure === 'DELETE' ? 'Delete' : 'Rollback'} requested by user.`;
  return parts.join('');
}

const GIVE_UP = {
  create: { ROLLBACK: 'ROLLBACK_IN_PROGRESS', DELETE: 'DELETE_IN_PROGRESS', DO_NOTHING: 'CREATE_FAILED' },
  update: {
    ROLLBACK: 'UPDATE_ROLLBACK_IN_PROGRESS',
    DELETE: 'UPDATE_ROLLBACK_IN_PROGRESS',
    DO_NOTHING: 'UPDATE_FAILED',
  },
} as const;

async function giveUp(run: Run, reason: string): Promise<void> {
  const status = GIVE_UP[isCreate(run) ? 'create' : 'update'][run.operation.onFailure];
  await run.commit({ stack: { status, reason } });
}

async function settle(run: Run, outputs: StackOutput[]): Promise<void> {
  if (!isCreate(run))
    return run.commit({ stack: { status: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', outputs, settled: 'next' } });
  const resources = [...run.resources.values()].map((resource) => {
    const { before: _, ...rest } = resource;
    return rest;
  });
  await run.commit({ stack: { status: 'CREATE_COMPLETE', outputs, settled: 'next' }, resources });
}
