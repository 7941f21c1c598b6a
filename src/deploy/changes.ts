/** What carrying out a template would do, without doing it: change sets, and `No updates are to be performed.` */
import type { ResourceState } from '../base/resource-type.ts';
import type {
  ChangeDetail,
  ChangesReport,
  ChangesRequest,
  PreparedStack,
  StackChange,
  StackResource,
} from '../base/stack-engine.ts';
import { differences, sameJson } from './difference.ts';
import { evaluate, isPending } from './intrinsics.ts';
import { type Plan, type PlannedResource, planOf, withResources } from './plan.ts';
import { referencesIn } from './references.ts';
import { loadSchema } from './resource-schema.ts';
import type { Json, JsonObject } from './template.ts';
import { type FindResourceType, implementedBy } from './validate.ts';

export async function changesOf(request: ChangesRequest, findType: FindResourceType): Promise<ChangesReport> {
  const { next, stack, exports } = request;
  const plan = planOf({ prepared: next, stack, exports });
  const now = new Map(request.resources.filter(({ exists }) => exists).map((one) => [one.logicalId, one]));
  const moving = new Set<string>();
  const changes: StackChange[] = [];
  for (const id of inOrder(plan)) {
    const planned = plan.resources.get(id);
    if (planned === undefined) continue;
    const change = await changeOf({ planned, current: now.get(id), plan, now, moving, request, findType });
    if (change === undefined) continue;
    changes.push(change);
    if (change.action === 'Add' || change.replacement === 'True') moving.add(id);
  }
  for (const resource of now.values())
    if (!plan.resources.has(resource.logicalId)) changes.push(removal(resource));
  return { changes, same: changes.length === 0 && sameAround(request, plan) };
}

function inOrder({ graph }: Plan): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (id: string): void => {
    if (seen.has(id)) return;
    seen.add(id);
    for (const need of graph.get(id) ?? []) visit(need);
    order.push(id);
  };
  for (const id of graph.keys()) visit(id);
  return order;
}

interface OneChange {
  readonly planned: PlannedResource;
  readonly current: StackResource | undefined;
  readonly plan: Plan;
  readonly now: ReadonlyMap<string, StackResource>;
  /** Resources whose physical id is not known before the change is carried out. */
  readonly moving: ReadonlySet<string>;
  readonly request: ChangesRequest;
  readonly findType: FindResourceType;
}

async function changeOf(one: OneChange): Promise<StackChange | undefined> {
  const { planned, current, moving, now, plan } = one;
  const { logicalId, type } = planned;
  if (current === undefined) return { action: 'Add', logicalId, type, scope: [], details: [] };
  const resource = (id: string): ResourceState | undefined => (moving.has(id) ? undefined : now.get(id));
  const properties = evaluate(planned.properties, withResources(plan.environment, resource)) as JsonObject; // an object evaluates to an object
  const schema = await loadSchema(implementedBy(type));
  const implementation = await one.findType(implementedBy(type));
  const changed = differences(current.properties as JsonObject, properties, schema);
  const always = implementation?.update === undefined || type !== current.type;
  const details: ChangeDetail[] = changed.map(({ name, replaces }) => ({
    attribute: 'Properties',
    name,
    requiresRecreation:
      always || replaces === 'always' ? 'Always' : replaces === 'maybe' ? 'Conditionally' : 'Never',
    ...sourceOf(planned.properties[name], properties[name]),
  }));
  if (schema?.tags && tagsChanged(one.request))
    details.push({
      attribute: 'Tags',
      requiresRecreation: 'Never',
      evaluation: 'Static',
      changeSource: 'DirectModification',
    });
  for (const attribute of ['Metadata', 'DeletionPolicy', 'UpdateReplacePolicy'] as const)
    if (attributeOf(planned, attribute) !== attributeOf(current, attribute))
      details.push({
        attribute,
        requiresRecreation: 'Never',
        evaluation: 'Static',
        changeSource: 'DirectModification',
      });
  if (details.length === 0) return undefined;
  return {
    action: 'Modify',
    logicalId,
    physicalId: current.physicalId,
    type,
    replacement: replacementOf(details),
    scope: [...new Set(details.map(({ attribute }) => attribute))],
    details,
  };
}

function attributeOf(
  resource: Pick<PlannedResource, 'metadata' | 'deletionPolicy' | 'updateReplacePolicy'>,
  attribute: 'Metadata' | 'DeletionPolicy' | 'UpdateReplacePolicy',
): string | undefined {
  if (attribute === 'Metadata') return resource.metadata;
  return attribute === 'DeletionPolicy' ? resource.deletionPolicy : resource.updateReplacePolicy;
}

function sourceOf(
  planned: Json | undefined,
  found: Json | undefined,
): Pick<ChangeDetail, 'evaluation' | 'changeSource' | 'causingEntity'> {
  const [reference] = planned === undefined || !isPending(found) ? [] : referencesIn(planned);
  if (reference === undefined) return { evaluation: 'Static', changeSource: 'DirectModification' };
  const { logicalId, attribute } = reference;
  return attribute === undefined
    ? { evaluation: 'Dynamic', changeSource: 'ResourceReference', causingEntity: logicalId }
    : {
        evaluation: 'Dynamic',
        changeSource: 'ResourceAttribute',
        causingEntity: `${logicalId}.${attribute}`,
      };
}

function replacementOf(details: readonly ChangeDetail[]): 'True' | 'False' | 'Conditional' {
  if (details.some((one) => one.requiresRecreation === 'Always')) return 'True';
  return details.some((one) => one.requiresRecreation === 'Conditionally') ? 'Conditional' : 'False';
}

function removal(resource: StackResource): StackChange {
  const { logicalId, physicalId, type, deletionPolicy } = resource;
  const policyAction = deletionPolicy === 'Delete' ? 'Delete' : 'Retain';
  return { action: 'Remove', logicalId, physicalId, type, policyAction, scope: [], details: [] };
}

const tagsChanged = ({ previousTags, stack }: ChangesRequest): boolean =>
  previousTags !== undefined && !sameJson({ ...previousTags }, { ...stack.tags });

/** Outputs, and tags of a stack without resources that carry them. */
function sameAround(request: ChangesRequest, plan: Plan): boolean {
  const { previous, stack, exports } = request;
  if (previous === undefined || tagsChanged(request)) return false;
  return sameJson(
    outputsOf(plan),
    outputsOf(planOf({ prepared: previous, stack, exports: withImports(previous, exports) })),
  );
}

/** An export that is gone must not keep an old template from being compared. */
function withImports(previous: PreparedStack, exports: ChangesRequest['exports']): ChangesRequest['exports'] {
  const gone = previous.imports.filter((name) => !exports.some((one) => one.name === name));
  return [...exports, ...gone.map((name) => ({ name, value: '', stackId: '', importedBy: [] }))];
}

const outputsOf = ({ outputs, environment }: Plan): Json => evaluate(outputs as unknown as Json, environment); // outputs are JSON
