/** Stacks as callers see them. */
import type {
  DescribeStacksInput,
  DescribeStacksOutput,
  ListStacksInput,
  ListStacksOutput,
  Parameter,
  Stack,
  StackSummary,
} from '@aws-sdk/client-cloudformation';
import type { StackParameter } from '../../base/stack-engine.ts';
import type { Call } from '../../wire/service.ts';
import { needStack } from './find-stack.ts';
import { pageFrom } from './page.ts';
import type { CloudFormationRoom } from './ports.ts';
import { type StackRow, stacks } from './rows.ts';

export const stackShowOperations = (room: CloudFormationRoom) => {
  const show = (stack: StackRow): Stack => showStack(stack, room.runs.troubleOf(stack.stackId));
  return {
    async DescribeStacks(input: DescribeStacksInput, call: Call): Promise<DescribeStacksOutput> {
      if (input.StackName !== undefined)
        return { Stacks: [show(await needStack(room.store, call.scope, input.StackName))] };
      const { items, ...more } = pageFrom(
        (await newestFirst(room, call)).filter(({ status }) => status !== 'DELETE_COMPLETE'),
        input.NextToken,
      );
      return { Stacks: items.map(show), ...more };
    },

    async ListStacks(input: ListStacksInput, call: Call): Promise<ListStacksOutput> {
      const wanted = input.StackStatusFilter;
      const all = await newestFirst(room, call);
      const { items, ...more } = pageFrom(
        wanted === undefined || wanted.length === 0
          ? all
          : all.filter(({ status }) => wanted.includes(status)),
        input.NextToken,
      );
      return { StackSummaries: items.map(summarize), ...more };
    },
  };
};

async function newestFirst(room: CloudFormationRoom, call: Call): Promise<StackRow[]> {
  const entries = await room.store.list(stacks, call.scope);
  return entries.map(({ row }) => row).toSorted((a, b) => b.createdMs - a.createdMs);
}

function showStack(stack: StackRow, trouble: string | undefined): Stack {
  return {
    StackId: stack.stackId,
    StackName: stack.stackName,
    ChangeSetId: stack.changeSetId,
    Description: stack.description,
    Parameters: stack.parameters.map(showParameter),
    CreationTime: new Date(stack.createdMs),
    ...(stack.deletedMs !== undefined && { DeletionTime: new Date(stack.deletedMs) }),
    ...(stack.updatedMs !== undefined && { LastUpdatedTime: new Date(stack.updatedMs) }),
    RollbackConfiguration: {},
    StackStatus: stack.status,
    StackStatusReason: trouble ?? stack.statusReason,
    DisableRollback: stack.onFailure === 'DO_NOTHING',
    NotificationARNs: [...stack.notificationArns],
    TimeoutInMinutes: stack.timeoutInMinutes,
    Capabilities: stack.capabilities as Stack['Capabilities'], // checked when they came in
    Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
      OutputKey: key,
      OutputValue: value,
      Description: description,
      ExportName: exportName,
    })),
    RoleARN: stack.roleArn,
    Tags: tagList(stack.tags),
    EnableTerminationProtection: stack.terminationProtection,
    ParentId: stack.parentId,
    RootId: stack.rootId,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
    RetainExceptOnCreate: stack.retainExceptOnCreate,
  };
}

function summarize(stack: StackRow): StackSummary {
  return {
    StackId: stack.stackId,
    StackName: stack.stackName,
    TemplateDescription: stack.description,
    CreationTime: new Date(stack.createdMs),
    ...(stack.deletedMs !== undefined && { DeletionTime: new Date(stack.deletedMs) }),
    ...(stack.updatedMs !== undefined && { LastUpdatedTime: new Date(stack.updatedMs) }),
    StackStatus: stack.status,
    StackStatusReason: stack.statusReason,
    ParentId: stack.parentId,
    RootId: stack.rootId,
    DriftInformation: { StackDriftStatus: 'NOT_CHECKED' },
  };
}

export const tagList = (tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** NoEcho values are never shown: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html */
export function showParameter({ key, value, resolved, noEcho }: StackParameter): Parameter {
  return {
    ParameterKey: key,
    ParameterValue: noEcho ? '****' : value,
    ...(resolved !== undefined && { ResolvedValue: noEcho ? '****' : resolved }),
  };
}
