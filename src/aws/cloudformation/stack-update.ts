/** UpdateStack and what ends or takes up an update: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html */
import { randomUUID } from 'node:crypto';
import type {
  CancelUpdateStackInput,
  ContinueUpdateRollbackInput,
  RollbackStackInput,
  RollbackStackOutput,
  UpdateStackInput,
  UpdateStackOutput,
  UpdateTerminationProtectionInput,
  UpdateTerminationProtectionOutput,
} from '@aws-sdk/client-cloudformation';
import type { PreparedStack, StackStatus } from '../../base/stack-engine.ts';
import type { Call } from '../../wire/service.ts';
import { type AcceptInput, callerOf, prepare, putOperation, refuseUnsupported, tagsOf } from './accept.ts';
import { noSuchStackToChange, unsupported, validationError } from './faults.ts';
import { needStack, resourcesOf } from './find-stack.ts';
import type { CloudFormationRoom } from './ports.ts';
import { putStack, type StackRow, templates } from './rows.ts';
import { exportsOf, putStackEvent } from './stack-journal.ts';
import { checkPolicy } from './stack-policy-check.ts';
import { policyText } from './stack-policy.ts';
import { identityOf } from './stack-runs.ts';
import { templateText } from './template-source.ts';

export const stackUpdateOperations = (room: CloudFormationRoom) => ({
  UpdateStack: (input: UpdateStackInput, call: Call): Promise<UpdateStackOutput> =>
    updateStack(room, input, call, true),

  async CancelUpdateStack(input: CancelUpdateStackInput, call: Call): Promise<object> {
    const stack = await needStack(room.store, call.scope, input.StackName);
    if (stack.status !== 'UPDATE_IN_PROGRESS')
      throw validationError('CancelUpdateStack cannot be called from current stack status');
    room.runs.cancel(stack.stackId);
    return {};
  },

  async ContinueUpdateRollback(input: ContinueUpdateRollbackInput, call: Call): Promise<object> {
    const stack = await needStack(room.store, call.scope, input.StackName);
    if (stack.status !== 'UPDATE_ROLLBACK_FAILED')
      throw validationError(
        `Stack:${stack.stackId} is in ${stack.status} state and can not continue update rollback`,
      );
    await goOn(room, call, stack, 'UPDATE_ROLLBACK_IN_PROGRESS', input.ResourcesToSkip ?? []);
    return {};
  },

  async RollbackStack(input: RollbackStackInput, call: Call): Promise<RollbackStackOutput> {
    const stack = await needStack(room.store, call.scope, input.StackName);
    const back: Partial<Record<StackStatus, StackStatus>> = {
      CREATE_FAILED: 'ROLLBACK_IN_PROGRESS',
      UPDATE_FAILED: 'UPDATE_ROLLBACK_IN_PROGRESS',
    };
    const status = back[stack.status];
    if (status === undefined)
      throw validationError(`Stack:${stack.stackId} is in ${stack.status} state and can not be rolled back.`);
    await goOn(room, call, stack, status, []);
    return { StackId: stack.stackId };
  },

  async UpdateTerminationProtection(
    input: UpdateTerminationProtectionInput,
    call: Call,
  ): Promise<UpdateTerminationProtectionOutput> {
    const stack = await room.store.transaction(async (rows) => {
      const found = await needStack(rows, call.scope, input.StackName);
      const terminationProtection = input.EnableTerminationProtection ?? false;
      await putStack(rows, call.scope, { ...found, terminationProtection });
      return found;
    });
    return { StackId: stack.stackId };
  },
});

async function goOn(
  room: CloudFormationRoom,
  call: Call,
  stack: StackRow,
  status: StackStatus,
  skip: readonly string[],
): Promise<void> {
  const { scope } = call;
  const { statusReason: _, deadlineMs: __, ...bare } = stack;
  const next: StackRow = { ...bare, status, skip, onFailure: 'ROLLBACK' };
  await room.store.transaction(async (rows) => {
    await putStack(rows, scope, next);
    await putStackEvent({ rows, scope, stack: next, atMs: room.now() }, status, 'User Initiated');
  });
  await room.runs.begin(scope, stack.stackId);
  await room.runs.restSoon(stack.stackId);
}

const UPDATABLE: readonly StackStatus[] = [
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_FAILED',
];

export function checkUpdatable(stack: StackRow): void {
  if (!UPDATABLE.includes(stack.status))
    throw validationError(`Stack:${stack.stackId} is in ${stack.status} state and can not be updated.`);
}

export async function updateStack(
  room: CloudFormationRoom,
  input: UpdateStackInput,
  call: Call,
  direct: boolean,
): Promise<UpdateStackOutput> {
  refuseUnsupported(input);
  if (input.StackPolicyDuringUpdateBody !== undefined || input.StackPolicyDuringUpdateURL !== undefined)
    throw unsupported('StackPolicyDuringUpdate');
  const stack = await needStack(room.store, call.scope, input.StackName, noSuchStackToChange);
  if (input.ClientRequestToken !== undefined && stack.clientRequestToken === input.ClientRequestToken)
    return { StackId: stack.stackId };
  checkUpdatable(stack);
  const template = await templateText(room, call, input, stack);
  const draft = await prepareUpdate(room, { stack, template, input, call, direct });
  if (draft.same) throw validationError('No updates are to be performed.');
  const policy = await policyText(room, call, input.StackPolicyBody, input.StackPolicyURL);
  await beginUpdate(room, call, { ...draft, ...(policy !== undefined && { policy }) }, input);
  if (direct) await room.runs.restSoon(stack.stackId);
  return { StackId: stack.stackId, OperationId: draft.operationId };
}

export interface UpdateDraft {
  readonly stack: StackRow;
  readonly prepared: PreparedStack;
  readonly same: boolean;
  readonly operationId: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly caller: StackRow['caller'];
  readonly policy?: string;
  readonly changeSetId?: string;
}

export interface UpdateRequest {
  readonly stack: StackRow;
  readonly template: string;
  readonly input: AcceptInput;
  readonly call: Call;
  readonly direct: boolean;
}

async function prepareUpdate(room: CloudFormationRoom, request: UpdateRequest): Promise<UpdateDraft> {
  const { stack, input, call } = request;
  const { scope } = call;
  const current = stack.currentTemplate && (await room.store.get(templates, scope, stack.currentTemplate));
  const previous = current || undefined;
  const tags = tagsOf(input) ?? stack.tags;
  const caller =
    input.RoleARN === undefined && stack.roleArn !== undefined ? stack.caller : callerOf(input, call);
  const identity = { ...identityOf(stack, scope), tags, caller };
  const prepared = await prepare(room, { ...request, stack: identity, ...(previous && { previous }) });
  const [resources, exports] = await room.store.read(async (rows) => [
    await resourcesOf(rows, scope, stack.stackId),
    await exportsOf(rows, scope),
  ]);
  const { same, changes } = await room.engine.changes({
    stack: identity,
    ...(previous && { previous }),
    previousTags: stack.tags,
    next: prepared,
    resources,
    exports,
  });
  checkPolicy(stack.policy, changes);
  // An update that failed and was left so is worth another try with the same template.
  return {
    stack,
    prepared,
    same: same && stack.status !== 'UPDATE_FAILED',
    operationId: randomUUID(),
    tags,
    caller,
  };
}

export interface UpdateOptions {
  readonly Capabilities?: readonly string[] | undefined;
  readonly NotificationARNs?: readonly string[] | undefined;
  readonly RoleARN?: string | undefined;
  readonly DisableRollback?: boolean | undefined;
  readonly RetainExceptOnCreate?: boolean | undefined;
  readonly ClientRequestToken?: string | undefined;
}

export async function beginUpdate(
  room: CloudFormationRoom,
  call: Call,
  draft: UpdateDraft,
  options: UpdateOptions,
): Promise<void> {
  const { scope } = call;
  const { prepared, operationId, tags, caller, policy } = draft;
  await room.store.transaction(async (rows) => {
    const stack = await needStack(rows, scope, draft.stack.stackId);
    checkUpdatable(stack);
    const { statusReason: _, clientRequestToken: __, deadlineMs: ___, description: ____, ...bare } = stack;
    const now = room.now();
    const row: StackRow = {
      ...bare,
      status: 'UPDATE_IN_PROGRESS',
      updatedMs: now,
      operationId,
      caller,
      tags,
      previousTags: stack.previousTags ?? stack.tags,
      parameters: prepared.parameters,
      notificationArns: options.NotificationARNs ?? stack.notificationArns,
      capabilities: options.Capabilities ?? [],
      onFailure: options.DisableRollback ? 'DO_NOTHING' : 'ROLLBACK',
      retainExceptOnCreate: options.RetainExceptOnCreate ?? false,
      skip: [],
      nextTemplate: `${stack.stackId}/${operationId}`,
      ...(prepared.description !== undefined && { description: prepared.description }),
      ...(options.RoleARN !== undefined && { roleArn: options.RoleARN }),
      ...(options.ClientRequestToken !== undefined && { clientRequestToken: options.ClientRequestToken }),
      ...(policy !== undefined && { policy }),
      ...(draft.changeSetId !== undefined && { changeSetId: draft.changeSetId }),
    };
    await putOperation(rows, scope, row, prepared, now);
  });
  await room.runs.begin(scope, draft.stack.stackId);
}
