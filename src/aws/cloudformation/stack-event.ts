/** DescribeStackEvents: newest first. */
import type {
  DescribeStackEventsInput,
  DescribeStackEventsOutput,
  StackEvent,
} from '@aws-sdk/client-cloudformation';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { validationError } from './faults.ts';
import { needStack } from './find-stack.ts';
import type { CloudFormationRoom } from './ports.ts';
import { events, type StackRow } from './rows.ts';

export const stackEventOperations = (room: CloudFormationRoom) => ({
  async DescribeStackEvents(input: DescribeStackEventsInput, call: Call): Promise<DescribeStackEventsOutput> {
    const absent = (name: string): Error => validationError(`Stack [${name}] does not exist`);
    const stack = await needStack(room.store, call.scope, input.StackName, absent);
    const after =
      input.NextToken === undefined ? undefined : Buffer.from(input.NextToken, 'base64').toString();
    const entries = await room.store.list(events, call.scope, {
      prefix: `${stack.stackId}/`,
      reverse: true,
      limit: limits.stackPageItems,
      ...(after !== undefined && { after }),
    });
    const last = entries.at(-1);
    const full = entries.length === limits.stackPageItems && last !== undefined;
    return {
      StackEvents: entries.map(({ row }) => showEvent(stack, row)),
      ...(full && { NextToken: Buffer.from(last.key).toString('base64') }),
    };
  },
});

function showEvent(stack: StackRow, event: NonNullable<(typeof events)['row']>): StackEvent {
  return {
    StackId: stack.stackId,
    EventId: event.eventId,
    StackName: stack.stackName,
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId ?? '',
    ResourceType: event.type,
    Timestamp: new Date(event.atMs),
    ResourceStatus: event.status as StackEvent['ResourceStatus'], // written in AWS's words
    ResourceStatusReason: event.reason,
    ResourceProperties: event.properties,
    ClientRequestToken: event.clientRequestToken,
  };
}
