/** A prepared stack as resources to make: conditions applied, everything worked out that does not need a resource. */
import type { ResourceState } from '../base/resource-type.ts';
import type { DeletionPolicy, PreparedStack, StackExport, StackIdentity } from '../base/stack-engine.ts';
import { createEnvironment, type Environment, isThere } from './environment.ts';
import type { Graph } from './graph.ts';
import { evaluate, NO_VALUE } from './intrinsics.ts';
import { invalid } from './invalid.ts';
import { referencesIn } from './references.ts';
import type { JsonObject, Template, TemplateOutput, TemplateResource } from './template.ts';

export interface Plan {
  readonly template: Template;
  readonly environment: Environment;
  readonly resources: ReadonlyMap<string, PlannedResource>;
  readonly outputs: Readonly<Record<string, TemplateOutput>>;
  readonly graph: Graph;
}

export interface PlannedResource {
  readonly logicalId: string;
  /** As the template writes it. */
  readonly type: string;
  /** References to resources are left; everything else is worked out. */
  readonly properties: JsonObject;
  readonly dependencies: readonly string[];
  readonly deletionPolicy: DeletionPolicy;
  readonly updateReplacePolicy: DeletionPolicy;
  readonly metadata?: string;
}

export interface PlanRequest {
  readonly prepared: PreparedStack;
  readonly stack: StackIdentity;
  readonly exports: readonly StackExport[];
}

export function planOf({ prepared, stack, exports }: PlanRequest): Plan {
  const template: Template = JSON.parse(prepared.processed);
  const { parameters, conditions } = prepared;
  return planTemplate(template, createEnvironment({ template, stack, parameters, exports, conditions }));
}

export function planTemplate(
  template: Template,
  environment: Environment & { readonly conditions: Readonly<Record<string, boolean>> },
): Plan {
  const { conditions } = environment;
  for (const [id, { Condition }] of Object.entries(template.Resources))
    if (Condition !== undefined && conditions[Condition] === undefined)
      throw invalid(
        `Template format error: Unresolved condition dependency ${Condition} in the Resources block of the template (resource ${id})`,
      );
  const resources = new Map<string, PlannedResource>();
  for (const [id, resource] of Object.entries(template.Resources))
    if (isThere(resource, conditions)) resources.set(id, planResource(id, resource, template, environment));
  const outputs = Object.fromEntries(
    Object.entries(template.Outputs ?? {}).filter(([, output]) => isThere(output, conditions)),
  );
  const graph = new Map([...resources].map(([id, { dependencies }]) => [id, dependencies]));
  return { template, environment, resources, outputs, graph };
}

function planResource(
  logicalId: string,
  resource: TemplateResource,
  template: Template,
  environment: Environment,
): PlannedResource {
  const evaluated = evaluate(resource.Properties ?? {}, environment);
  const properties = evaluated === NO_VALUE ? {} : (evaluated as JsonObject); // an object evaluates to an object
  const named = [resource.DependsOn ?? []].flat();
  for (const id of named) if (template.Resources[id] === undefined) environment.unresolved(id);
  const needed = [...named, ...referencesIn(properties).map((reference) => reference.logicalId)];
  return {
    logicalId,
    type: resource.Type,
    properties,
    dependencies: [...new Set(needed)].filter(environment.hasResource),
    deletionPolicy: policyOf(logicalId, 'DeletionPolicy', resource, environment),
    updateReplacePolicy: policyOf(logicalId, 'UpdateReplacePolicy', resource, environment),
    ...(resource.Metadata && { metadata: JSON.stringify(resource.Metadata) }),
  };
}

function policyOf(
  logicalId: string,
  attribute: 'DeletionPolicy' | 'UpdateReplacePolicy',
  resource: TemplateResource,
  environment: Environment,
): DeletionPolicy {
  const written = resource[attribute];
  const policy = written === undefined ? 'Delete' : evaluate(written, environment);
  if (policy === NO_VALUE) return 'Delete';
  if (policy === 'Snapshot')
    throw invalid(
      `${resource.Type} (resource ${logicalId}): ${attribute} Snapshot: not supported by gatehouse; nothing was created`,
    );
  if (policy === 'Delete' || policy === 'Retain') return policy;
  if (policy === 'RetainExceptOnCreate' && attribute === 'DeletionPolicy') return policy;
  throw invalid(
    `Template format error: Unrecognized ${attribute} ${JSON.stringify(policy)} for the resource ${logicalId}`,
  );
}

/** The same plan, its functions answered by resources as they are now. */
export function withResources(
  environment: Environment,
  resource: (logicalId: string) => ResourceState | undefined,
): Environment {
  return { ...environment, resource };
}
