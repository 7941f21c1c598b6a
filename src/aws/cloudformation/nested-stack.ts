/** AWS::CloudFormation::Stack: a stack within a stack, made through the same operations as any other. */
import { randomUUID } from 'node:crypto';
import type { CreateStackInput } from '@aws-sdk/client-cloudformation';
import { Fault, isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';
import type { Call } from '../../wire/service.ts';
import { findStack, needStack } from './find-stack.ts';
import type { CloudFormationRoom } from './ports.ts';
import type { StackRow } from './rows.ts';
import { createStack } from './stack-create.ts';
import { deleteStack } from './stack-delete.ts';
import { isUnderWay } from './rows.ts';
import { updateStack } from './stack-update.ts';

interface Properties {
  readonly TemplateURL: string;
  readonly Parameters?: Readonly<Record<string, string>>;
  readonly Tags?: { readonly Key: string; readonly Value: string }[];
  readonly TimeoutInMinutes?: number;
  readonly NotificationARNs?: string[];
}

type Request = ResourceRequest<Properties>;

export const nestedStackType = (room: CloudFormationRoom): ResourceType<Properties> => ({
  type: 'AWS::CloudFormation::Stack',
  unsupported: [
    'StackName',
    'TemplateBody',
    'Capabilities',
    'DisableRollback',
    'EnableTerminationProtection',
    'RoleARN',
    'StackPolicyBody',
    'StackPolicyURL',
    'StackStatusReason',
    'Description',
  ],

  async create(request) {
    const { parent, call } = await callAsParent(room, request);
    const StackName = request.physicalName();
    const before = await findStack(room.store, request.scope, StackName);
    // An earlier attempt that was cut off has begun it: it is waited for, not made twice.
    const stackId =
      before?.parentId === request.stackId
        ? before.stackId
        : await begin(room, { ...inputOf(request, parent), StackName }, call, parent);
    const stack = await settled(room, request, stackId);
    if (stack.status === 'CREATE_COMPLETE') return stateOf(stack);
    await deleteStack(room, { StackName: stackId }, call, false);
    await room.runs.rest(stackId);
    throw embedded(
      `Embedded stack ${stackId} was not successfully created: ${stack.statusReason ?? stack.status}`,
    );
  },

  async update(request, current) {
    const { parent, call } = await callAsParent(room, request);
    try {
      await updateStack(room, { ...inputOf(request, parent), StackName: current.physicalId }, call, false);
    } catch (thrown) {
      if (isFault(thrown) && thrown.message === 'No updates are to be performed.') return current;
      throw thrown;
    }
    const stack = await settled(room, request, current.physicalId);
    if (stack.status === 'UPDATE_COMPLETE') return stateOf(stack);
    throw embedded(
      `Embedded stack ${stack.stackId} was not successfully updated. Currently in ${stack.status} with reason: ${stack.statusReason ?? 'unknown'}`,
    );
  },

  async delete(request, current) {
    const { call } = await callAsParent(room, request);
    await deleteStack(room, { StackName: current.physicalId }, call, false);
    await room.runs.rest(current.physicalId);
    const stack = await findStack(room.store, request.scope, current.physicalId);
    if (stack !== undefined && stack.status !== 'DELETE_COMPLETE')
      throw embedded(
        `Embedded stack ${stack.stackId} was not deleted: ${stack.statusReason ?? stack.status}`,
      );
  },
});

const embedded = (message: string): Fault => new Fault('ValidationError', message, { status: 400 });

async function callAsParent(
  room: CloudFormationRoom,
  request: Request,
): Promise<{ parent: StackRow; call: Call }> {
  const parent = await needStack(room.store, request.scope, request.stackId);
  const call: Call = {
    scope: request.scope,
    caller: parent.caller,
    requestId: randomUUID(),
    endpoint: '',
    header: () => undefined,
    setStatus: () => {},
    signal: request.signal,
  };
  return { parent, call };
}

function inputOf({ properties, tags }: Request, parent: StackRow): Omit<CreateStackInput, 'StackName'> {
  const own = Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
  // The tags `aws:cloudformation:*` are the child's own affair.
  const inherited = Object.entries({ ...tags, ...own }).filter(([key]) => !key.startsWith('aws:'));
  return {
    TemplateURL: properties.TemplateURL,
    Parameters: Object.entries(properties.Parameters ?? {}).map(([ParameterKey, ParameterValue]) => ({
      ParameterKey,
      ParameterValue: [ParameterValue].flat().join(','),
    })),
    Tags: inherited.map(([Key, Value]) => ({ Key, Value })),
    Capabilities: [...parent.capabilities] as CreateStackInput['Capabilities'], // checked when the parent came in
    ...(properties.TimeoutInMinutes !== undefined && { TimeoutInMinutes: properties.TimeoutInMinutes }),
    ...(properties.NotificationARNs && { NotificationARNs: properties.NotificationARNs }),
  };
}

async function begin(
  room: CloudFormationRoom,
  input: CreateStackInput,
  call: Call,
  parent: StackRow,
): Promise<string> {
  const nested = { parentId: parent.stackId, rootId: parent.rootId ?? parent.stackId };
  const { StackId } = await createStack(room, input, call, nested);
  return StackId ?? '';
}

/** The child at rest. Throws when the parent is cancelled or the server stops in between. */
async function settled(room: CloudFormationRoom, request: Request, stackId: string): Promise<StackRow> {
  const onAbort = (): void => room.runs.cancel(stackId);
  request.signal.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      await room.runs.rest(stackId);
      const stack = await needStack(room.store, request.scope, stackId);
      if (!isUnderWay(stack.status)) return stack;
      request.signal.throwIfAborted();
      await room.runs.begin(request.scope, stackId);
    }
  } finally {
    request.signal.removeEventListener('abort', onAbort);
  }
}

const stateOf = (stack: StackRow): ResourceState => ({
  physicalId: stack.stackId,
  attributes: Object.fromEntries(stack.outputs.map(({ key, value }) => [`Outputs.${key}`, value])),
});
