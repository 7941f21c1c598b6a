/** S3: buckets and objects for packages, assets and applications. */
import type * as sdk from '@aws-sdk/client-s3';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { bucketOperations } from './bucket.ts';
import { bucketPolicyResourceType, bucketResourceType } from './bucket-resource-type.ts';
import { bucketSettingOperations } from './bucket-settings.ts';
import { collectOrphans } from './collect-orphans.ts';
import { listingOperations } from './listing.ts';
import { multipartOperations } from './multipart.ts';
import { objectOperations } from './object.ts';
import type { S3Ports } from './ports.ts';

export function createS3(ports: S3Ports): ServiceInstance {
  const typed = {
    ...bucketOperations(ports),
    ...objectOperations(ports),
    ...listingOperations(ports),
    ...multipartOperations(ports),
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Settings are one table of names, each checked against the SDK's operations when the service is loaded.
    handlers: { ...typed, ...bucketSettingOperations(ports) } as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [bucketResourceType, bucketPolicyResourceType] as unknown as ResourceType[],
    async start() {
      await collectOrphans(ports.store);
      await ports.notifications.start();
    },
    stop: () => ports.notifications.stop(),
  };
}
