/** Certificate Manager, embedded: certificates of the local authority, and imported ones. */
import type * as sdk from '@aws-sdk/client-acm';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Scope } from '../../base/scope.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { accountResourceType, certificateResourceType } from './resource-types.ts';
import { certificates, idOf } from './certificate-row.ts';
import { certificateOperations } from './certificate.ts';
import { importOperations } from './import.ts';
import type { AcmPorts } from './ports.ts';
import { renewOperations, upToDate } from './renew.ts';
import { requestOperations } from './request.ts';
import { tagOperations } from './tags.ts';

/** What a listener shows. */
export interface KeyAndChain {
  readonly keyPem: string;
  /** The certificate and those above it. */
  readonly chainPem: string;
}

export interface Acm extends ServiceInstance {
  /** For the listener; undefined when there is no such certificate. */
  keyAndChain(scope: Scope, arn: string): Promise<KeyAndChain | undefined>;
}

export function createAcm(ports: AcmPorts): Acm {
  const handlers = {
    ...requestOperations(ports),
    ...importOperations(ports),
    ...certificateOperations(ports),
    ...renewOperations(ports),
    ...tagOperations(ports),
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [certificateResourceType, accountResourceType] as unknown as ResourceType[],
    async keyAndChain(scope, arn) {
      const known = await ports.store.get(certificates, scope, idOf(arn));
      if (known?.arn !== arn) return undefined;
      const row = await upToDate(ports, scope, known);
      return {
        keyPem: (await ports.authority()).open(row.sealedKey),
        chainPem: row.certificatePem + row.chainPem,
      };
    },
  };
}
