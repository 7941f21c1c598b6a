/** A stack's resources as callers see them. */
import type {
  DescribeStackResourceInput,
  DescribeStackResourceOutput,
  DescribeStackResourcesInput,
  DescribeStackResourcesOutput,
  ListStackResourcesInput,
  ListStackResourcesOutput,
} from '@aws-sdk/client-cloudformation';
import type { Call } from '../../wire/service.ts';
import { validationError } from './faults.ts';
import { needStack, resourcesOf } from './find-stack.ts';
import { pageFrom } from './page.ts';
import type { CloudFormationRoom } from './ports.ts';
import { type ResourceRow, resources, type StackRow, stacks } from './rows.ts';

const notExisting = (name: string): Error => validationError(`Stack '${name}' does not exist`);

export const stackResourceOperations = (room: CloudFormationRoom) => ({
  async DescribeStackResource(
    input: DescribeStackResourceInput,
    call: Call,
  ): Promise<DescribeStackResourceOutput> {
    const stack = await needStack(room.store, call.scope, input.StackName, notExisting);
    const key = `${stack.stackId}/${input.LogicalResourceId}`;
    const row = await room.store.get(resources, call.scope, key);
    if (row === undefined)
      throw validationError(
        `Resource ${input.LogicalResourceId} does not exist for stack ${stack.stackName}`,
      );
    return {
      StackResourceDetail: {
        ...shown(row),
        StackName: stack.stackName,
        StackId: stack.stackId,
        LastUpdatedTimestamp: new Date(row.updatedMs),
        Metadata: row.metadata,
      },
    };
  },

  async DescribeStackResources(
    input: DescribeStackResourcesInput,
    call: Call,
  ): Promise<DescribeStackResourcesOutput> {
    const stack = await stackOfResources(room, input, call);
    const rows = await resourcesOf(room.store, call.scope, stack.stackId);
    return {
      StackResources: rows
        .filter(
          ({ logicalId }) => input.LogicalResourceId === undefined || logicalId === input.LogicalResourceId,
        )
        .map((row) => ({
          ...shown(row),
          StackName: stack.stackName,
          StackId: stack.stackId,
          Timestamp: new Date(row.updatedMs),
        })),
    };
  },

  async ListStackResources(input: ListStackResourcesInput, call: Call): Promise<ListStackResourcesOutput> {
    const absent = (name: string): Error => validationError(`Stack with id ${name} does not exist`);
    const stack = await needStack(room.store, call.scope, input.StackName, absent);
    const { items, ...more } = pageFrom(
      await resourcesOf(room.store, call.scope, stack.stackId),
      input.NextToken,
    );
    return {
      StackResourceSummaries: items.map((row) => ({
        ...shown(row),
        LastUpdatedTimestamp: new Date(row.updatedMs),
      })),
      ...more,
    };
  },
});

function shown(row: ResourceRow) {
  return {
    LogicalResourceId: row.logicalId,
    ...(row.physicalId !== '' && { PhysicalResourceId: row.ref ?? row.physicalId }),
    ResourceType: row.type,
    ResourceStatus: row.status,
    ResourceStatusReason: row.statusReason,
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' as const },
  };
}

async function stackOfResources(
  room: CloudFormationRoom,
  input: DescribeStackResourcesInput,
  call: Call,
): Promise<StackRow> {
  if (input.StackName !== undefined) return needStack(room.store, call.scope, input.StackName, notExisting);
  const physicalId = input.PhysicalResourceId;
  if (physicalId === undefined)
    throw validationError('Either StackName or PhysicalResourceId must be specified');
  const entries = await room.store.list(resources, call.scope);
  const found = entries.find(
    ({ row }) => row.exists && (row.physicalId === physicalId || row.ref === physicalId),
  );
  const stackId = found?.key.slice(0, found.key.lastIndexOf('/'));
  const stack = stackId === undefined ? undefined : await room.store.get(stacks, call.scope, stackId);
  if (stack === undefined) throw validationError(`Stack for ${physicalId} does not exist`);
  return stack;
}
