/** KMS, embedded: keys sealed by the local authority. */
import type * as sdk from '@aws-sdk/client-kms';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { cryptographyOperations } from './cryptography.ts';
import { keyOperations } from './key.ts';
import { policyOperations } from './key-policy.ts';
import { aliasResourceType, keyResourceType } from './resources.ts';
import { createKmsRoom, type KmsPorts } from './room.ts';
import { rotationOperations } from './rotation.ts';
import { signatureOperations } from './signature.ts';

export function createKms(ports: KmsPorts): ServiceInstance {
  const room = createKmsRoom(ports);
  const handlers = {
    ...keyOperations(room),
    ...policyOperations(room),
    ...rotationOperations(room),
    ...cryptographyOperations(room),
    ...signatureOperations(room),
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [keyResourceType, aliasResourceType] as unknown as ResourceType[],
  };
}
