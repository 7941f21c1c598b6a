/** CreateStack: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
import { randomUUID } from 'node:crypto';
import type { CreateStackInput, CreateStackOutput } from '@aws-sdk/client-cloudformation';
import type { StackIdentity } from '../../base/stack-engine.ts';
import type { Call } from '../../wire/service.ts';
import { callerOf, newStackId, prepare, putOperation, refuseUnsupported, tagsOf } from './accept.ts';
import { alreadyExists, validationError } from './faults.ts';
import { findStack } from './find-stack.ts';
import { policyText } from './stack-policy.ts';
import type { CloudFormationRoom } from './ports.ts';
import type { StackRow } from './rows.ts';
import { templateText } from './template-source.ts';

export const stackCreateOperations = (room: CloudFormationRoom) => ({
  async CreateStack(input: CreateStackInput, call: Call): Promise<CreateStackOutput> {
    return createStack(room, input, call);
  },
});

export interface ParentStack {
  readonly parentId: string;
  readonly rootId: string;
}

export async function createStack(
  room: CloudFormationRoom,
  input: CreateStackInput,
  call: Call,
  parent?: ParentStack,
): Promise<CreateStackOutput> {
  const { scope } = call;
  const stackName = checkName(input.StackName);
  refuseUnsupported(input);
  const existing = await findStack(room.store, scope, stackName);
  if (existing && existing.status !== 'REVIEW_IN_PROGRESS') return repeated(existing, input);
  const template = await templateText(room, call, input);
  const identity: StackIdentity = {
    stackId: existing?.stackId ?? newStackId(scope, stackName),
    stackName,
    scope,
    caller: callerOf(input, call),
    tags: tagsOf(input) ?? {},
    notificationArns: input.NotificationARNs ?? [],
  };
  const prepared = await prepare(room, { template, input, stack: identity, direct: parent === undefined });
  const now = room.now();
  const row = newStackRow(input, identity, { ...prepared, now, parent });
  const policy = await policyText(room, call, input.StackPolicyBody, input.StackPolicyURL);
  await room.store.transaction(async (rows) => {
    const other = await findStack(rows, scope, stackName);
    if (other && other.status !== 'REVIEW_IN_PROGRESS')
      throw alreadyExists(`Stack [${stackName}] already exists`);
    await putOperation(rows, scope, { ...row, ...(policy !== undefined && { policy }) }, prepared, now);
  });
  await room.runs.begin(scope, identity.stackId);
  if (parent === undefined) await room.runs.restSoon(identity.stackId);
  return { StackId: identity.stackId, OperationId: row.operationId };
}

/** The same token is the same request, made again. */
function repeated(existing: StackRow, input: CreateStackInput): CreateStackOutput {
  const token = input.ClientRequestToken;
  if (token !== undefined && existing.clientRequestToken === token) return { StackId: existing.stackId };
  throw alreadyExists(`Stack [${existing.stackName}] already exists`);
}

export function checkName(name: string | undefined): string {
  if (name !== undefined && /^[A-Za-z][-A-Za-z0-9]{0,127}$/.test(name)) return name;
  throw validationError(
    `1 validation error detected: Value '${name ?? ''}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
  );
}

interface NewStack {
  readonly description?: string;
  readonly parameters: StackRow['parameters'];
  readonly now: number;
  readonly parent: ParentStack | undefined;
}

function newStackRow(input: CreateStackInput, identity: StackIdentity, more: NewStack): StackRow {
  if (input.OnFailure !== undefined && input.DisableRollback !== undefined)
    throw validationError('You can specify either DisableRollback or OnFailure, but not both');
  const operationId = randomUUID();
  const { now, parent } = more;
  return {
    stackId: identity.stackId,
    stackName: identity.stackName,
    status: 'CREATE_IN_PROGRESS',
    createdMs: now,
    ...(more.description !== undefined && { description: more.description }),
    operationId,
    ...(input.ClientRequestToken !== undefined && { clientRequestToken: input.ClientRequestToken }),
    caller: identity.caller,
    ...(input.RoleARN !== undefined && { roleArn: input.RoleARN }),
    tags: identity.tags,
    notificationArns: identity.notificationArns,
    capabilities: input.Capabilities ?? [],
    parameters: more.parameters,
    outputs: [],
    onFailure: input.OnFailure ?? (input.DisableRollback ? 'DO_NOTHING' : 'ROLLBACK'),
    ...(input.RetainExceptOnCreate !== undefined && { retainExceptOnCreate: input.RetainExceptOnCreate }),
    ...deadline(input.TimeoutInMinutes, now),
    skip: [],
    terminationProtection: input.EnableTerminationProtection ?? false,
    nextTemplate: `${identity.stackId}/${operationId}`,
    ...parent,
  };
}

const deadline = (
  minutes: number | undefined,
  now: number,
): Pick<StackRow, 'timeoutInMinutes' | 'deadlineMs'> =>
  minutes === undefined ? {} : { timeoutInMinutes: minutes, deadlineMs: now + minutes * 60_000 };
