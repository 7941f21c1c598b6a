import { expect, test } from 'bun:test';
import { follow } from './follow.ts';

const STACK = 'arn:aws:cloudformation:us-east-1:123456789012:stack/shop/1';
const event = (EventId: string, LogicalResourceId: string, ResourceStatus: string) => ({
  EventId,
  ClientRequestToken: EventId === '1' ? 'of the one before' : 'mine',
  LogicalResourceId,
  ResourceStatus,
  ...(LogicalResourceId === 'shop'
    ? { ResourceType: 'AWS::CloudFormation::Stack', PhysicalResourceId: STACK }
    : { ResourceType: 'AWS::DynamoDB::Table' }),
  Timestamp: new Date(0),
});

/** A stack whose events appear one after another, newest first, two a page. */
function stackWith(all: readonly object[]) {
  let shown = 0;
  return async (_service: string, _operation: string, input: object) => {
    const { NextToken } = input as { NextToken?: string };
    if (NextToken === undefined) shown = Math.min(shown + 1, all.length);
    const from = Number(NextToken ?? 0);
    const newestFirst = all.slice(0, shown).toReversed();
    return {
      StackEvents: newestFirst.slice(from, from + 2),
      ...(from + 2 < shown && { NextToken: String(from + 2) }),
    };
  };
}

test('every event is told once, oldest first, however the pages fall', async () => {
  const all = [
    event('1', 'shop', 'UPDATE_COMPLETE'),
    event('2', 'shop', 'UPDATE_IN_PROGRESS'),
    event('3', 'Table', 'UPDATE_IN_PROGRESS'),
    event('4', 'Table', 'UPDATE_COMPLETE'),
    event('5', 'Other', 'UPDATE_COMPLETE'),
    event('6', 'shop', 'UPDATE_COMPLETE'),
  ];
  const told: string[] = [];
  const { status, events } = await follow({
    call: stackWith(all),
    stack: 'shop',
    token: 'mine',
    begin: async () => {},
    onEvent: ({ logicalId, status }) => told.push(`${logicalId} ${status}`),
  });
  expect(told).toEqual([
    'shop UPDATE_IN_PROGRESS',
    'Table UPDATE_IN_PROGRESS',
    'Table UPDATE_COMPLETE',
    'Other UPDATE_COMPLETE',
    'shop UPDATE_COMPLETE',
  ]);
  expect([status, events.length]).toEqual(['UPDATE_COMPLETE', 5]);
});

test('a server that goes away while it is followed is told, not waited for', async () => {
  const following = follow({
    call: async () => {
      throw new Error('no gatehouse answers');
    },
    stack: 'shop',
    token: 'mine',
    begin: async () => {},
  });
  await expect(following).rejects.toThrow('no gatehouse answers');
});
