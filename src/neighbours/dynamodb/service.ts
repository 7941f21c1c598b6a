/** DynamoDB, embedded: items as rows of the store, so that what is acknowledged is kept. */
import type * as sdk from '@aws-sdk/client-dynamodb';
import { reasonOf } from '../../base/fault.ts';
import type { ResourceType } from '../../base/resource-type.ts';
import type { Handlers, HandlersOf, ServiceInstance, ServicePorts } from '../../wire/service.ts';
import { batchOperations } from './batch.ts';
import { globalTableResourceType } from './global-table-resource-type.ts';
import { itemOperations } from './item.ts';
import { queryOperations } from './query.ts';
import type { DynamoDbRoom } from './room.ts';
import { createRecordChange } from './stream-record.ts';
import { expireStreams } from './stream-row.ts';
import { tableOperations } from './table.ts';
import { tableResourceType } from './table-resource-type.ts';
import { tableSettingOperations } from './tags.ts';
import { sweepExpired, timeToLiveOperations } from './time-to-live.ts';
import { expireTokens, transactionOperations } from './transaction.ts';

/** AWS deletes expired items within days; here within so long. */
const SWEEP_EVERY_MS = 10_000;

export function createDynamoDb(given: ServicePorts): ServiceInstance {
  const ports: DynamoDbRoom = { ...given, record: createRecordChange(given.now) };
  const handlers = {
    ...tableOperations(ports),
    ...itemOperations(ports),
    ...queryOperations(ports),
    ...batchOperations(ports),
    ...transactionOperations(ports),
    ...timeToLiveOperations(ports),
    ...tableSettingOperations(ports),
  } satisfies HandlersOf<typeof sdk>;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sweeping: Promise<void> = Promise.resolve();
  const sweep = async (): Promise<void> => {
    try {
      await sweepExpired(ports);
      await expireTokens(ports);
      await expireStreams(ports.store, ports.now());
    } catch (error) {
      ports.log('error', 'the sweep of expired DynamoDB items failed', { reason: reasonOf(error) });
    }
  };
  const schedule = (): void => {
    timer = setTimeout(() => {
      sweeping = sweep().then(() => {
        if (timer) schedule();
      });
    }, SWEEP_EVERY_MS);
    timer.unref?.();
  };
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    // A resource type reads its own properties only; the engine checked them against AWS's schema.
    resourceTypes: [tableResourceType, globalTableResourceType] as unknown as ResourceType[],
    async start() {
      schedule();
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await sweeping;
    },
  };
}
