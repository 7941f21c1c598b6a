/** Kinesis Data Streams, embedded: records as rows of the store, ordered by shard and sequence number. */
import type * as sdk from '@aws-sdk/client-kinesis';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Handlers, HandlersOf, ServiceInstance, ServicePorts } from '../../wire/service.ts';
import { consumerOperations } from './consumer.ts';
import { getOperations } from './get.ts';
import { putOperations } from './put.ts';
import { resourcePolicyResourceType, streamConsumerResourceType, streamResourceType } from './resources.ts';
import { createKinesisRoom } from './room.ts';
import { shardOperations } from './shards.ts';
import { streamOperations } from './stream.ts';
import { tagOperations } from './tags.ts';

export function createKinesis(ports: ServicePorts): ServiceInstance {
  const room = createKinesisRoom(ports);
  const handlers = {
    ...streamOperations(room),
    ...shardOperations(room),
    ...consumerOperations(room),
    ...putOperations(room),
    ...getOperations(room),
    ...tagOperations(room),
  } satisfies HandlersOf<typeof sdk>;
  const end = async (): Promise<void> => room.stopping.abort();
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [
      streamResourceType,
      streamConsumerResourceType,
      resourcePolicyResourceType,
    ] as unknown as ResourceType[],
    release: end,
    stop: end,
  };
}
