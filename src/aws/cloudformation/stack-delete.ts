/** DeleteStack: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html */
import { randomUUID } from 'node:crypto';
import type { DeleteStackInput } from '@aws-sdk/client-cloudformation';
import type { StackStatus } from '../../base/stack-engine.ts';
import type { Call } from '../../wire/service.ts';
import { callerOf } from './accept.ts';
import { unsupported, validationError } from './faults.ts';
import { findStack, needStack } from './find-stack.ts';
import type { CloudFormationRoom } from './ports.ts';
import { putStack, type StackRow, stackNames } from './rows.ts';
import { putStackEvent } from './stack-journal.ts';

export const stackDeleteOperations = (room: CloudFormationRoom) => ({
  async DeleteStack(input: DeleteStackInput, call: Call): Promise<object> {
    await deleteStack(room, input, call, true);
    return {};
  },
});

/** These are under way and cannot be cut off. */
const BUSY: readonly StackStatus[] = [
  'UPDATE_IN_PROGRESS',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'ROLLBACK_IN_PROGRESS',
];

export async function deleteStack(
  room: CloudFormationRoom,
  input: DeleteStackInput,
  call: Call,
  direct: boolean,
): Promise<void> {
  const { scope } = call;
  if (input.DeletionMode !== undefined && input.DeletionMode !== 'STANDARD')
    throw unsupported('DeletionMode FORCE_DELETE_STACK');
  const stack = await findStack(room.store, scope, input.StackName);
  if (stack === undefined || stack.status === 'DELETE_COMPLETE') return;
  if (stack.terminationProtection)
    throw validationError(
      `Stack [${stack.stackName}] cannot be deleted while TerminationProtection is enabled`,
    );
  if (direct && stack.parentId !== undefined && stack.status !== 'DELETE_FAILED')
    throw validationError(
      `Stack [${stack.stackName}] is nested in ${stack.parentId}: delete the stack that holds it`,
    );
  if (BUSY.includes(stack.status))
    throw validationError(`Stack [${stack.stackName}] cannot be deleted while in status ${stack.status}`);
  if (stack.status === 'DELETE_IN_PROGRESS') return room.runs.restSoon(stack.stackId);
  if ((input.RetainResources?.length ?? 0) > 0 && stack.status !== 'DELETE_FAILED')
    throw validationError(
      `Invalid operation on stack [${stack.stackId}]. RetainResources can be specified only when stack is in DELETE_FAILED state.`,
    );
  // A creation under way stops where it is; what it made is removed with the rest.
  await room.runs.halt(stack.stackId);
  await beginDelete(room, input, call, stack.stackId);
  if (direct) await room.runs.restSoon(stack.stackId);
}

async function beginDelete(
  room: CloudFormationRoom,
  input: DeleteStackInput,
  call: Call,
  stackId: string,
): Promise<void> {
  const { scope } = call;
  const empty = await room.store.transaction(async (rows) => {
    const { statusReason: _, ...stack } = await needStack(rows, scope, stackId);
    const review = stack.status === 'REVIEW_IN_PROGRESS';
    const now = room.now();
    const row: StackRow = {
      ...stack,
      status: review ? 'DELETE_COMPLETE' : 'DELETE_IN_PROGRESS',
      deletedMs: now,
      operationId: randomUUID(),
      caller:
        input.RoleARN === undefined && stack.roleArn !== undefined ? stack.caller : callerOf(input, call),
      skip: input.RetainResources ?? [],
      ...(input.ClientRequestToken !== undefined && { clientRequestToken: input.ClientRequestToken }),
    };
    await putStack(rows, scope, row);
    if (review) await rows.delete(stackNames, scope, stack.stackName);
    await putStackEvent({ rows, scope, stack: row, atMs: now }, row.status, 'User Initiated');
    return review;
  });
  if (!empty) await room.runs.begin(scope, stackId);
}
