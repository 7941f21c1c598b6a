/** Change sets as callers see them. */
import type {
  Change,
  DescribeChangeSetInput,
  DescribeChangeSetOutput,
  ListChangeSetsInput,
  ListChangeSetsOutput,
} from '@aws-sdk/client-cloudformation';
import type { StackChange } from '../../base/stack-engine.ts';
import type { Call } from '../../wire/service.ts';
import { noSuchStackToChange } from './faults.ts';
import { findChangeSet } from './find-change-set.ts';
import { needStack } from './find-stack.ts';
import { pageFrom } from './page.ts';
import type { CloudFormationRoom } from './ports.ts';
import { changeSets } from './rows.ts';
import { showParameter, tagList } from './stack-show.ts';

export const changeSetShowOperations = (room: CloudFormationRoom) => ({
  async DescribeChangeSet(input: DescribeChangeSetInput, call: Call): Promise<DescribeChangeSetOutput> {
    const row = await findChangeSet(room.store, call.scope, input.ChangeSetName, input.StackName);
    const { items, ...more } = pageFrom(row.changes, input.NextToken);
    return {
      ChangeSetName: row.changeSetName,
      ChangeSetId: row.changeSetId,
      StackId: row.stackId,
      StackName: row.stackName,
      Description: row.description,
      Parameters: row.parameters.map(showParameter),
      CreationTime: new Date(row.createdMs),
      ExecutionStatus: row.executionStatus,
      Status: row.status,
      StatusReason: row.statusReason,
      NotificationARNs: [...row.notificationArns],
      RollbackConfiguration: {},
      Capabilities: row.capabilities as DescribeChangeSetOutput['Capabilities'], // checked when they came in
      Tags: tagList(row.tags),
      Changes: items.map(showChange),
      IncludeNestedStacks: row.includeNestedStacks,
      OnStackFailure: row.onFailure,
      ...more,
    };
  },

  async ListChangeSets(input: ListChangeSetsInput, call: Call): Promise<ListChangeSetsOutput> {
    const stack = await needStack(room.store, call.scope, input.StackName, noSuchStackToChange);
    const entries = await room.store.list(changeSets, call.scope, { prefix: `${stack.stackId}/` });
    const { items, ...more } = pageFrom(entries, input.NextToken);
    return {
      Summaries: items.map(({ row }) => ({
        StackId: row.stackId,
        StackName: row.stackName,
        ChangeSetId: row.changeSetId,
        ChangeSetName: row.changeSetName,
        ExecutionStatus: row.executionStatus,
        Status: row.status,
        StatusReason: row.statusReason,
        CreationTime: new Date(row.createdMs),
        Description: row.description,
        IncludeNestedStacks: row.includeNestedStacks,
      })),
      ...more,
    };
  },
});

function showChange(change: StackChange): Change {
  return {
    Type: 'Resource',
    ResourceChange: {
      Action: change.action,
      LogicalResourceId: change.logicalId,
      PhysicalResourceId: change.physicalId,
      ResourceType: change.type,
      Replacement: change.replacement,
      PolicyAction: change.policyAction,
      Scope: [...change.scope],
      Details: change.details.map((detail) => ({
        Target: {
          Attribute: detail.attribute,
          Name: detail.name,
          RequiresRecreation: detail.requiresRecreation,
        },
        Evaluation: detail.evaluation,
        ChangeSource: detail.changeSource,
        CausingEntity: detail.causingEntity,
      })),
    },
  };
}
