/** Time to live: items whose time is over are deleted by a sweep. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html */
import type {
  DescribeTimeToLiveInput,
  DescribeTimeToLiveOutput,
  UpdateTimeToLiveInput,
  UpdateTimeToLiveOutput,
} from '@aws-sdk/client-dynamodb';
import type { Scope } from '../../base/scope.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { fromStored, type Item, own } from './attribute-value.ts';
import { items, removeItem } from './item-rows.ts';
import { itemPrefix } from './key.ts';
import type { DynamoDbRoom } from './room.ts';
import { invalid } from './table-definition.ts';
import { findNamedTable, type TableRow, tables } from './table-row.ts';

const ROWS_AT_ONCE = 500;
/** Times more than five years ago are not taken for a time: same page. */
const OLDEST_SECONDS = 5 * 365 * 86_400;

export const timeToLiveOperations = ({ store }: ServicePorts) => ({
  async UpdateTimeToLive(input: UpdateTimeToLiveInput, { scope }: Call): Promise<UpdateTimeToLiveOutput> {
    const { AttributeName, Enabled } = input.TimeToLiveSpecification ?? {};
    await store.transaction(async (rows) => {
      const row = await findNamedTable(rows, scope, input.TableName);
      if (Enabled && row.timeToLive) throw invalid('TimeToLive is already enabled');
      if (!Enabled && !row.timeToLive) throw invalid('TimeToLive is already disabled');
      const { timeToLive: before, ...rest } = row;
      if (!Enabled && before !== AttributeName)
        throw invalid(
          'TimeToLive is active on a different AttributeName: current AttributeName is ' + before,
        );
      await rows.put(
        tables,
        scope,
        row.name,
        Enabled && AttributeName ? { ...rest, timeToLive: AttributeName } : rest,
      );
    });
    return { TimeToLiveSpecification: { AttributeName, Enabled } };
  },

  async DescribeTimeToLive(
    input: DescribeTimeToLiveInput,
    { scope }: Call,
  ): Promise<DescribeTimeToLiveOutput> {
    const { timeToLive } = await findNamedTable(store, scope, input.TableName);
    return {
      TimeToLiveDescription: timeToLive
        ? { TimeToLiveStatus: 'ENABLED', AttributeName: timeToLive }
        : { TimeToLiveStatus: 'DISABLED' },
    };
  },
});

/** Deletes what has expired in every table. Each item is looked at again in the transaction that deletes it. */
export async function sweepExpired(ports: DynamoDbRoom): Promise<void> {
  for (const { row, scope } of await ports.store.listAll(tables)) {
    if (row.timeToLive) await sweepTable(ports, scope, row, row.timeToLive);
  }
}

async function sweepTable(
  { store, now, record }: DynamoDbRoom,
  scope: Scope,
  row: TableRow,
  attribute: string,
): Promise<void> {
  const prefix = itemPrefix(row);
  for (let after: string | undefined; ; ) {
    const page = await store.list(items, scope, { prefix, limit: ROWS_AT_ONCE, ...(after ? { after } : {}) });
    const expired = page.filter((entry) => isExpired(entry.row.item, attribute, now()));
    if (expired.length > 0) {
      await store.transaction(async (rows) => {
        for (const { key } of expired) {
          const stored = await rows.get(items, scope, key);
          if (!stored || !isExpired(stored.item, attribute, now())) continue;
          const before = fromStored(stored);
          await removeItem(rows, scope, row, before);
          await record(rows, scope, row, { before, after: undefined, expired: true });
        }
      });
    }
    if (page.length < ROWS_AT_ONCE) return;
    after = page.at(-1)?.key;
  }
}

function isExpired(item: Item, attribute: string, nowMs: number): boolean {
  const seconds = Number(own(item, attribute)?.N ?? Number.NaN);
  const nowSeconds = Math.floor(nowMs / 1000);
  return seconds < nowSeconds && seconds > nowSeconds - OLDEST_SECONDS;
}
