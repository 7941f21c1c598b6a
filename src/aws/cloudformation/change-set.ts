/** Change sets made, carried out and deleted: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateChangeSet.html */
import { randomUUID } from 'node:crypto';
import type {
  CreateChangeSetInput,
  CreateChangeSetOutput,
  DeleteChangeSetInput,
  ExecuteChangeSetInput,
} from '@aws-sdk/client-cloudformation';
import { arnOf } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { ChangesReport, PreparedStack } from '../../base/stack-engine.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { callerOf, newStackId, prepare, putOperation, refuseUnsupported, tagsOf } from './accept.ts';
import { alreadyExists, noSuchStackToChange, unsupported, validationError } from './faults.ts';
import { findChangeSet } from './find-change-set.ts';
import { findStack, needStack, resourcesOf } from './find-stack.ts';
import type { CloudFormationRoom } from './ports.ts';
import { type ChangeSetRow, changeSets, putStack, type StackRow, stackNames, templates } from './rows.ts';
import { checkName } from './stack-create.ts';
import { exportsOf, putStackEvent } from './stack-journal.ts';
import { checkPolicy } from './stack-policy-check.ts';
import { identityOf } from './stack-runs.ts';
import { beginUpdate, checkUpdatable } from './stack-update.ts';
import { templateText } from './template-source.ts';

export const changeSetOperations = (room: CloudFormationRoom) => ({
  CreateChangeSet: (input: CreateChangeSetInput, call: Call): Promise<CreateChangeSetOutput> =>
    createChangeSet(room, input, call),

  async ExecuteChangeSet(input: ExecuteChangeSetInput, call: Call): Promise<object> {
    const changeSet = await findChangeSet(room.store, call.scope, input.ChangeSetName, input.StackName);
    if (changeSet.executionStatus !== 'AVAILABLE')
      throw new Fault(
        'InvalidChangeSetStatus',
        `ChangeSet [${changeSet.changeSetId}] cannot be executed in its current status of [${changeSet.status}]`,
        { status: 400 },
      );
    await execute(room, changeSet, input, call);
    await room.runs.restSoon(changeSet.stackId);
    return {};
  },

  async DeleteChangeSet(input: DeleteChangeSetInput, call: Call): Promise<object> {
    await room.store.transaction(async (rows) => {
      const changeSet = await findChangeSet(rows, call.scope, input.ChangeSetName, input.StackName);
      await rows.delete(changeSets, call.scope, `${changeSet.stackId}/${changeSet.changeSetName}`);
      if (changeSet.executionStatus !== 'EXECUTE_COMPLETE')
        await rows.delete(templates, call.scope, changeSet.template);
    });
    return {};
  },
});

async function createChangeSet(
  room: CloudFormationRoom,
  input: CreateChangeSetInput,
  call: Call,
): Promise<CreateChangeSetOutput> {
  const { scope } = call;
  refuseUnsupported(input);
  if (input.ChangeSetType === 'IMPORT') throw unsupported('ChangeSetType IMPORT');
  const type = input.ChangeSetType === 'CREATE' ? 'CREATE' : 'UPDATE';
  const changeSetName = checkChangeSetName(input.ChangeSetName);
  const existing = await findStack(room.store, scope, input.StackName);
  const stack = type === 'CREATE' ? createdStack(room, input, call, existing) : changedStack(input, existing);
  const earlier = existing && (await room.store.get(changeSets, scope, `${stack.stackId}/${changeSetName}`));
  if (earlier) {
    if (input.ClientToken !== undefined && earlier.clientToken === input.ClientToken)
      return { Id: earlier.changeSetId, StackId: earlier.stackId };
    throw alreadyExists(`ChangeSet ${changeSetName} already exists`);
  }
  const template = await templateText(room, call, input, stack);
  const drawn = await drawUp(room, { input, call, stack, template, type });
  const row = changeSetRow(room, input, { stack, type, changeSetName, call, ...drawn });
  await room.store.transaction(async (rows) => {
    if (existing === undefined) await putReviewStack(rows, stack, call, room.now());
    await rows.put(templates, scope, row.template, drawn.prepared);
    await rows.put(changeSets, scope, `${stack.stackId}/${changeSetName}`, row);
  });
  return { Id: row.changeSetId, StackId: stack.stackId };
}

function checkChangeSetName(name: string | undefined): string {
  if (name !== undefined && /^[A-Za-z][-A-Za-z0-9]{0,127}$/.test(name)) return name;
  throw validationError(
    `1 validation error detected: Value '${name ?? ''}' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
  );
}

function changedStack(input: CreateChangeSetInput, existing: StackRow | undefined): StackRow {
  if (existing === undefined || existing.status === 'REVIEW_IN_PROGRESS')
    throw noSuchStackToChange(input.StackName ?? '');
  checkUpdatable(existing);
  return existing;
}

/** The stack that a change set of type CREATE stands for until it is carried out. */
function createdStack(
  room: CloudFormationRoom,
  input: CreateChangeSetInput,
  call: Call,
  existing: StackRow | undefined,
): StackRow {
  if (existing && existing.status !== 'REVIEW_IN_PROGRESS')
    throw validationError(
      `Stack [${existing.stackName}] already exists and cannot be created again with the changeSet [${input.ChangeSetName}].`,
    );
  if (existing) return existing;
  const stackName = checkName(input.StackName);
  return {
    stackId: newStackId(call.scope, stackName),
    stackName,
    status: 'REVIEW_IN_PROGRESS',
    createdMs: room.now(),
    operationId: randomUUID(),
    caller: callerOf(input, call),
    tags: tagsOf(input) ?? {},
    notificationArns: input.NotificationARNs ?? [],
    capabilities: input.Capabilities ?? [],
    parameters: [],
    outputs: [],
    onFailure: 'ROLLBACK',
    skip: [],
    terminationProtection: false,
  };
}

async function putReviewStack(rows: Transaction, stack: StackRow, call: Call, atMs: number): Promise<void> {
  const { scope } = call;
  if (await findStack(rows, scope, stack.stackName))
    throw alreadyExists(`Stack [${stack.stackName}] already exists`);
  await rows.put(stackNames, scope, stack.stackName, { stackId: stack.stackId });
  await putStack(rows, scope, stack);
  await putStackEvent({ rows, scope, stack, atMs }, 'REVIEW_IN_PROGRESS', 'User Initiated');
}

interface DrawUp {
  readonly input: CreateChangeSetInput;
  readonly call: Call;
  readonly stack: StackRow;
  readonly template: string;
  readonly type: 'CREATE' | 'UPDATE';
}

interface Drawn {
  readonly prepared: PreparedStack;
  readonly report: ChangesReport;
  readonly tags: Readonly<Record<string, string>>;
}

async function drawUp(room: CloudFormationRoom, request: DrawUp): Promise<Drawn> {
  const { input, call, stack, template, type } = request;
  const { scope } = call;
  const current = stack.currentTemplate && (await room.store.get(templates, scope, stack.currentTemplate));
  const previous = current || undefined;
  const tags = tagsOf(input) ?? stack.tags;
  const identity = { ...identityOf(stack, scope), tags, caller: callerOf(input, call) };
  const prepared = await prepare(room, {
    template,
    input,
    stack: identity,
    ...(previous && { previous }),
    direct: false,
  });
  const [resources, exports] = await room.store.read(async (rows) => [
    await resourcesOf(rows, scope, stack.stackId),
    await exportsOf(rows, scope),
  ]);
  const report = await room.engine.changes({
    stack: identity,
    ...(previous && { previous }),
    ...(type === 'UPDATE' && { previousTags: stack.tags }),
    next: prepared,
    resources,
    exports,
  });
  return { prepared, report, tags };
}

interface NewChangeSet extends Drawn {
  readonly stack: StackRow;
  readonly type: 'CREATE' | 'UPDATE';
  readonly changeSetName: string;
  readonly call: Call;
}

const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

function changeSetRow(
  room: CloudFormationRoom,
  input: CreateChangeSetInput,
  more: NewChangeSet,
): ChangeSetRow {
  const { stack, type, changeSetName, call, prepared, report, tags } = more;
  const id = randomUUID();
  return {
    changeSetId: arnOf(call.scope, 'cloudformation', `changeSet/${changeSetName}/${id}`),
    changeSetName,
    stackId: stack.stackId,
    stackName: stack.stackName,
    type,
    ...(input.Description !== undefined && { description: input.Description }),
    createdMs: room.now(),
    status: report.same ? 'FAILED' : 'CREATE_COMPLETE',
    ...(report.same && { statusReason: NO_CHANGES }),
    executionStatus: report.same ? 'UNAVAILABLE' : 'AVAILABLE',
    changes: report.changes,
    parameters: prepared.parameters,
    tags,
    notificationArns: input.NotificationARNs ?? stack.notificationArns,
    capabilities: input.Capabilities ?? [],
    ...(input.RoleARN !== undefined && { roleArn: input.RoleARN }),
    ...(input.OnStackFailure !== undefined && { onFailure: input.OnStackFailure }),
    // Nested stacks draw up their own changes when they are carried out: there is nothing more to include.
    includeNestedStacks: input.IncludeNestedStacks ?? false,
    caller: callerOf(input, call),
    ...(input.ClientToken !== undefined && { clientToken: input.ClientToken }),
    template: `${stack.stackId}/${id}`,
  };
}

async function execute(
  room: CloudFormationRoom,
  changeSet: ChangeSetRow,
  input: ExecuteChangeSetInput,
  call: Call,
): Promise<void> {
  const { scope } = call;
  const prepared = await room.store.get(templates, scope, changeSet.template);
  if (prepared === undefined)
    throw validationError(`Template not found for change set ${changeSet.changeSetName}`);
  const stack = await needStack(room.store, scope, changeSet.stackId);
  checkPolicy(stack.policy, changeSet.changes);
  if (changeSet.type === 'CREATE') await executeCreate(room, { changeSet, prepared, input, call });
  else
    await beginUpdate(
      room,
      call,
      {
        stack,
        prepared,
        same: false,
        operationId: randomUUID(),
        tags: changeSet.tags,
        caller: changeSet.caller,
        changeSetId: changeSet.changeSetId,
      },
      {
        Capabilities: changeSet.capabilities,
        NotificationARNs: changeSet.notificationArns,
        RoleARN: changeSet.roleArn,
        DisableRollback: input.DisableRollback ?? changeSet.onFailure === 'DO_NOTHING',
        RetainExceptOnCreate: input.RetainExceptOnCreate,
        ClientRequestToken: input.ClientRequestToken,
      },
    );
  await room.store.transaction((rows) => closeChangeSets(rows, changeSet, call));
}

interface ExecuteCreate {
  readonly changeSet: ChangeSetRow;
  readonly prepared: PreparedStack;
  readonly input: ExecuteChangeSetInput;
  readonly call: Call;
}

async function executeCreate(room: CloudFormationRoom, request: ExecuteCreate): Promise<void> {
  const { changeSet, prepared, input, call } = request;
  const { scope } = call;
  await room.store.transaction(async (rows) => {
    const stack = await needStack(rows, scope, changeSet.stackId);
    if (stack.status !== 'REVIEW_IN_PROGRESS')
      throw validationError(`Stack:${stack.stackId} is in ${stack.status} state and can not be created.`);
    const operationId = randomUUID();
    const now = room.now();
    const row: StackRow = {
      ...stack,
      status: 'CREATE_IN_PROGRESS',
      operationId,
      updatedMs: now,
      caller: changeSet.caller,
      changeSetId: changeSet.changeSetId,
      tags: changeSet.tags,
      notificationArns: changeSet.notificationArns,
      capabilities: changeSet.capabilities,
      parameters: prepared.parameters,
      onFailure: input.DisableRollback ? 'DO_NOTHING' : (changeSet.onFailure ?? 'ROLLBACK'),
      retainExceptOnCreate: input.RetainExceptOnCreate ?? false,
      nextTemplate: `${stack.stackId}/${operationId}`,
      ...(prepared.description !== undefined && { description: prepared.description }),
      ...(changeSet.roleArn !== undefined && { roleArn: changeSet.roleArn }),
      ...(input.ClientRequestToken !== undefined && { clientRequestToken: input.ClientRequestToken }),
    };
    await putOperation(rows, scope, row, prepared, now);
  });
  await room.runs.begin(scope, changeSet.stackId);
}

/** Once one is carried out, the stack's others no longer fit. */
async function closeChangeSets(rows: Transaction, done: ChangeSetRow, { scope }: Call): Promise<void> {
  for (const { key, row } of await rows.list(changeSets, scope, { prefix: `${done.stackId}/` })) {
    const executed = row.changeSetId === done.changeSetId;
    await rows.put(changeSets, scope, key, {
      ...row,
      executionStatus: executed ? 'EXECUTE_COMPLETE' : 'OBSOLETE',
    });
  }
}
