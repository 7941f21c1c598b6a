/** AddPermission and RemovePermission: statements of the queue's policy. */
import type { AddPermissionRequest, RemovePermissionRequest } from '@aws-sdk/client-sqs';
import { Fault } from '../../base/fault.ts';
import { partitionOf } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, missingParameter } from './fault.ts';
import { type FoundQueue, queueArn, queues } from './queue-row.ts';
import type { SqsRoom } from './room.ts';

interface Policy {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: readonly { readonly Sid?: string }[];
}

/** Owners only: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html */
const OWNER_ACTIONS = new Set([
  'AddPermission',
  'RemovePermission',
  'CreateQueue',
  'DeleteQueue',
  'SetQueueAttributes',
]);

export const permissionOperations = (room: SqsRoom) => {
  const edit = (
    url: string | undefined,
    call: Call,
    action: string,
    change: (queue: FoundQueue, policy: Policy) => Policy,
  ) =>
    room.store.transaction(async (rows) => {
      const queue = await room.open(rows, url, { ...call, action });
      const policy = change(queue, policyOf(queue));
      const { Policy: _, ...rest } = queue.row.attributes;
      const attributes = policy.Statement.length > 0 ? { ...rest, Policy: JSON.stringify(policy) } : rest;
      await rows.put(queues, queue.scope, queue.name, { ...queue.row, attributes, modifiedMs: room.now() });
      return {};
    });

  return {
    AddPermission: (input: AddPermissionRequest, call: Call): Promise<object> =>
      edit(input.QueueUrl, call, 'AddPermission', (queue, policy) => {
        if (policy.Statement.some(({ Sid }) => Sid === input.Label))
          throw invalidParameter(
            `Value ${input.Label} for parameter Label is invalid. Reason: Already exists.`,
          );
        return { ...policy, Statement: [...policy.Statement, statementOf(queue, input)] };
      }),

    RemovePermission: (input: RemovePermissionRequest, call: Call): Promise<object> =>
      edit(input.QueueUrl, call, 'RemovePermission', (_queue, policy) => {
        if (!policy.Statement.some(({ Sid }) => Sid === input.Label))
          throw invalidParameter(
            `Value ${input.Label} for parameter Label is invalid. Reason: can't find label.`,
          );
        return { ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== input.Label) };
      }),
  };
};

function policyOf(queue: FoundQueue): Policy {
  const text = queue.row.attributes['Policy'];
  if (text === undefined)
    return { Version: '2012-10-17', Id: `${queueArn(queue)}/SQSDefaultPolicy`, Statement: [] };
  const policy = JSON.parse(text) as Policy; // checked when it was set
  return { ...policy, Statement: [policy.Statement].flat() };
}

function statementOf(queue: FoundQueue, input: AddPermissionRequest): Policy['Statement'][number] {
  const { Label, AWSAccountIds: accounts = [], Actions: actions = [] } = input;
  if (!Label) throw missingParameter('Label');
  if (!/^[\w-]{1,80}$/.test(Label))
    throw invalidParameter(
      `Value ${Label} for parameter Label is invalid. Reason: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.`,
    );
  if (accounts.length === 0) throw missingParameter('PrincipalId');
  if (actions.length === 0) throw missingParameter('ActionName');
  if (actions.length > limits.sqsPolicyActions)
    throw new Fault(
      'OverLimit',
      `${actions.length} Actions were found, maximum allowed is ${limits.sqsPolicyActions}.`,
      { status: 403 },
    );
  for (const action of actions)
    if (OWNER_ACTIONS.has(action) || !/^(\*|[A-Z]\w+)$/.test(action))
      throw invalidParameter(
        `Value SQS:${action} for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.`,
      );
  const principals = accounts.map((account) => `arn:${partitionOf(queue.scope.region)}:iam::${account}:root`);
  const names = actions.map((action) => `SQS:${action}`);
  const one = <T>(list: readonly T[]) => (list.length === 1 ? list[0] : list);
  return Object.assign(
    { Sid: Label },
    {
      Effect: 'Allow',
      Principal: { AWS: one(principals) },
      Action: one(names),
      Resource: queueArn(queue),
    },
  );
}
