/** Secrets Manager, embedded: values lie in envelopes that KMS opens. */
import type * as sdk from '@aws-sdk/client-secrets-manager';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { passwordOperations } from './random-password.ts';
import { rotationScheduleResourceType, secretPolicyResourceType, secretResourceType } from './resources.ts';
import { createSecretsRoom, type SecretsPorts } from './room.ts';
import { createRotation } from './rotation.ts';
import { secretOperations } from './secret.ts';
import { valueOperations } from './value.ts';

export function createSecretsManager(ports: SecretsPorts): ServiceInstance {
  const room = createSecretsRoom(ports);
  const rotation = createRotation(room);
  const handlers = {
    ...secretOperations(room),
    ...valueOperations(room),
    ...passwordOperations(ports),
    ...rotation.operations,
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [
      secretResourceType,
      secretPolicyResourceType,
      rotationScheduleResourceType,
    ] as unknown as ResourceType[],
    start: rotation.start,
    stop: rotation.stop,
  };
}
