/** One resource made, changed or removed, each step of it written down before the next. */
import { Fault, isFault } from '../base/fault.ts';
import type { CurrentResource, ResourceRequest, ResourceState, ResourceType } from '../base/resource-type.ts';
import type {
  ResourceBefore,
  ResourceEvent,
  ResourceStatus,
  StackIdentity,
  StackResource,
} from '../base/stack-engine.ts';
import { resolveDynamicReferences } from './dynamic-references.ts';
import { handlerErrorCode, handlerReason, rememberOrigin } from './handler-fault.ts';
import { invalid } from './invalid.ts';
import { leftBehind, markedForFinding } from './left-behind.ts';
import { physicalName } from './physical-name.ts';
import { coerceProperties } from './property-check.ts';
import { loadSchema } from './resource-schema.ts';
import type { Run } from './run.ts';
import type { JsonObject } from './template.ts';
import { implementedBy } from './validate.ts';

type Properties = Record<string, unknown>;

export async function typeOf(run: Run, type: string): Promise<ResourceType> {
  const found = await run.findType(implementedBy(type));
  if (found === undefined) throw invalid(`${type}: not supported by gatehouse`);
  return found;
}

export interface RequestOptions {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Properties;
  readonly signal: AbortSignal;
  /** Told the names that were made. */
  readonly named?: (name: string) => void;
}

export async function requestFor(run: Run, options: RequestOptions): Promise<ResourceRequest<Properties>> {
  const { logicalId, type, signal } = options;
  const { stack, operationId } = run.operation;
  return {
    properties: await resolvedProperties(run, options),
    logicalId,
    resourceType: type,
    stackName: stack.stackName,
    stackId: stack.stackId,
    scope: stack.scope,
    tags: stackTags(stack, logicalId),
    signal,
    physicalName(maxLength, style) {
      const name = physicalName({ ...stack, logicalId, operationId }, maxLength, style);
      options.named?.(name);
      return name;
    },
    // The output's type is the operation's own: the caller names it as it does with an SDK client.
    call: (service, operation, input) => callAs(run, service, operation, input) as Promise<never>,
  };
}

async function callAs(run: Run, service: string, operation: string, input: object): Promise<unknown> {
  const { scope, caller } = run.operation.stack;
  try {
    return await run.ports.call({ service, operation, input, scope, caller });
  } catch (thrown) {
    rememberOrigin(thrown, service);
    throw thrown;
  }
}

async function resolvedProperties(run: Run, { type, properties }: RequestOptions): Promise<Properties> {
  const resolved = await resolveDynamicReferences(properties as JsonObject, (service, operation, input) =>
    callAs(run, service, operation, input),
  );
  const schema = await loadSchema(implementedBy(type));
  const object = resolved as JsonObject; // an object resolves to an object
  return schema === undefined ? object : coerceProperties(object, schema);
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html */
const stackTags = (stack: StackIdentity, logicalId: string): Record<string, string> => ({
  ...stack.tags,
  'aws:cloudformation:stack-name': stack.stackName,
  'aws:cloudformation:logical-id': logicalId,
  'aws:cloudformation:stack-id': stack.stackId,
});

export const currentOf = (
  resource: ResourceState & { readonly properties: Properties },
): CurrentResource<Properties> => ({
  physicalId: resource.physicalId,
  ...(resource.ref !== undefined && { ref: resource.ref }),
  ...(resource.attributes !== undefined && { attributes: resource.attributes }),
  properties: resource.properties,
});

export function eventOf(resource: StackResource, status: ResourceStatus, reason?: string): ResourceEvent {
  return {
    logicalId: resource.logicalId,
    ...(resource.physicalId !== '' && { physicalId: resource.physicalId }),
    type: resource.type,
    status,
    ...(reason !== undefined && { reason }),
    properties: JSON.stringify(resource.properties),
  };
}

/** What a resource was when the stack last rested well: operations that failed since do not count. */
export function beforeOf(resource: StackResource | undefined): ResourceBefore | null {
  if (resource === undefined) return null;
  if (resource.before !== undefined) return resource.before;
  const { before: _, left: __, ...own } = resource;
  return own;
}

export function withoutReason(resource: StackResource): StackResource {
  const { statusReason: _, ...rest } = resource;
  return rest;
}

export function stateOf({ physicalId, ref, attributes }: ResourceState): ResourceState {
  return {
    physicalId,
    ...(ref !== undefined && { ref }),
    ...(attributes !== undefined && { attributes }),
  };
}

/**
 * Makes a resource. When an earlier attempt of the same operation was cut off after the resource came to be and
 * before that was written down, what it left under the same name is removed first.
 */
export async function makeResource(
  run: Run,
  options: RequestOptions & { readonly interrupted: boolean },
): Promise<ResourceState> {
  const implementation = await typeOf(run, options.type);
  let name: string | undefined;
  const request = await requestFor(run, {
    ...options,
    named: (made) => {
      name = made;
    },
  });
  if (options.interrupted)
    for (const physicalId of await leftBehind(options.type, request))
      await implementation.delete(request, { physicalId, properties: request.properties });
  try {
    return await implementation.create(markedForFinding(options.type, request));
  } catch (thrown) {
    if (!options.interrupted || !isFault(thrown) || handlerErrorCode(thrown) !== 'AlreadyExists')
      throw thrown;
    const physicalId = name ?? (await identifierIn(options));
    if (physicalId === undefined) throw thrown;
    await implementation.delete(request, { physicalId, properties: request.properties });
    return implementation.create(markedForFinding(options.type, request));
  }
}

async function identifierIn({ type, properties }: RequestOptions): Promise<string | undefined> {
  const schema = await loadSchema(implementedBy(type));
  const [name, ...more] = schema?.identifier ?? [];
  const value = name === undefined || more.length > 0 ? undefined : properties[name];
  return typeof value === 'string' ? value : undefined;
}

/** Removes what stands under a physical id; `undefined` when it went well, else why not. */
export async function removePhysical(
  run: Run,
  resource: ResourceState & {
    readonly logicalId: string;
    readonly type: string;
    readonly properties: Properties;
  },
): Promise<string | undefined> {
  try {
    const implementation = await typeOf(run, resource.type);
    const { logicalId, type, properties } = resource;
    const request = { logicalId, type, properties, signal: run.operation.halt };
    await implementation.delete(await bareRequest(run, request), currentOf(resource));
    return undefined;
  } catch (thrown) {
    return handlerReason(thrown);
  }
}

/** Removal needs no secrets: dynamic references stay as they are written. */
async function bareRequest(run: Run, options: RequestOptions): Promise<ResourceRequest<Properties>> {
  const request = await requestFor(run, { ...options, properties: {} });
  return { ...request, properties: options.properties };
}

/** Why something failed, for an event: a wait that was ended is a cancellation. */
export function failureReason(thrown: unknown, signal: AbortSignal, verb: 'creation' | 'update'): string {
  const aborted = signal.aborted && !(thrown instanceof Fault);
  return aborted ? `Resource ${verb} cancelled` : handlerReason(thrown);
}
