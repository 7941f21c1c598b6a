/** The parameter store of Systems Manager, embedded. */
import type * as sdk from '@aws-sdk/client-ssm';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Handlers, HandlersOf, ServiceInstance, ServicePorts } from '../../wire/service.ts';
import { getOperations } from './get-parameter.ts';
import { parameterOperations } from './parameter.ts';
import { parameterResourceType } from './parameter-resource.ts';
import { putOperations } from './put-parameter.ts';
import { tagOperations } from './tags.ts';

export function createSsm(ports: ServicePorts): ServiceInstance {
  const handlers = {
    ...putOperations(ports),
    ...getOperations(ports),
    ...parameterOperations(ports),
    ...tagOperations(ports),
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [parameterResourceType as unknown as ResourceType],
  };
}
