/** A disk that is full in the middle of an operation: told, and the operation goes on when there is room. */
import { expect, test } from 'bun:test';
import { createMemoryStore } from '../../store/memory.ts';
import { StorageFault } from '../../store/storage-fault.ts';
import type { Store } from '../../store/store.ts';
import { fakeWorld } from '../../deploy/testing/fake-world.ts';
import { openCloud } from './testing/cloud.ts';

const TEMPLATE = JSON.stringify({
  Resources: {
    First: { Type: 'AWS::SNS::Topic', Properties: {} },
    Second: { Type: 'AWS::SNS::Topic', DependsOn: 'First', Properties: {} },
  },
});

/** Takes `room` transactions, then refuses until it is given more. */
function fillingStore(): { store: Store; disk: { room: number } } {
  const memory = createMemoryStore();
  const disk = { room: Number.POSITIVE_INFINITY };
  const store: Store = {
    ...memory,
    transaction: (work) => {
      disk.room -= 1;
      if (disk.room >= 0) return memory.transaction(work);
      return Promise.reject(new StorageFault('database or disk is full', '/data', true));
    },
  };
  return { store, disk };
}

test.each([1, 2, 3, 4, 5])('room for %d writes of a creation', async (room) => {
  const { store, disk } = fillingStore();
  const cloud = openCloud(fakeWorld(), store);
  disk.room = room;
  const begun = cloud.call('CreateStack', { StackName: 'shop', TemplateBody: TEMPLATE });
  const described = async () =>
    (
      await cloud.call<{ Stacks: { StackStatus: string; StackStatusReason?: string }[] }>('DescribeStacks', {
        StackName: 'shop',
      })
    ).Stacks[0];
  while ((await described().catch(() => undefined))?.StackStatusReason === undefined)
    await new Promise((resolve) => setImmediate(resolve));
  expect(await described()).toMatchObject({
    StackStatus: expect.stringMatching(/_IN_PROGRESS$/),
    StackStatusReason: 'gatehouse cannot write to /data: database or disk is full. Nothing was changed.',
  });
  disk.room = Number.POSITIVE_INFINITY;
  await begun;
  const status = await cloud.status('shop');
  const things = [...cloud.world.things.values()];
  // Where a resource was refused its creation is rolled back; where only the journal was, it is finished.
  expect([status, things.length]).toEqual(
    status === 'CREATE_COMPLETE' ? [status, 2] : ['ROLLBACK_COMPLETE', 0],
  );
  await cloud.service.stop?.();
  await store.close();
});
