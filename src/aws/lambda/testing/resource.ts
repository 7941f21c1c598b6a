/** For tests: a stack's request for one resource, carried out by the room's own operations. */
import type {
  CurrentResource,
  ResourceRequest,
  ResourceState,
  ResourceType,
} from '../../../base/resource-type.ts';
import { type openRoom, scope } from './room.ts';

type Properties = Record<string, unknown>;

export function resourceOf(room: ReturnType<typeof openRoom>, typeName: string, logicalId: string) {
  const type: ResourceType | undefined = room.lambda.resourceTypes?.find((one) => one.type === typeName);
  if (type === undefined) throw new Error(`no type ${typeName}`);
  const request = (properties: Properties): ResourceRequest<Properties> => ({
    properties,
    logicalId,
    stackName: 'stack',
    stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/stack/1',
    scope,
    tags: { 'aws:cloudformation:stack-name': 'stack' },
    physicalName: () => `stack-${logicalId}-ABC`,
    call: (_, operation, input) => room.call(operation, input) as Promise<never>, // the output is the operation's own
    signal: new AbortController().signal,
  });
  let current: CurrentResource<Properties> | undefined;
  const keep = (state: ResourceState, properties: Properties): ResourceState => {
    current = { ...state, properties };
    return state;
  };
  const made = (): CurrentResource<Properties> => {
    if (current === undefined) throw new Error('not created');
    return current;
  };
  return {
    create: async (properties: Properties) => keep(await type.create(request(properties)), properties),
    update: async (properties: Properties) => {
      if (type.update === undefined) throw new Error('every change replaces');
      return keep(await type.update(request(properties), made()), properties);
    },
    delete: () => type.delete(request(made().properties), made()),
  };
}
