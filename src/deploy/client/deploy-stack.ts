/** One stack created or updated, followed to its end. */
import { randomUUID } from 'node:crypto';
import { isFault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { DeployFailure } from './deploy-failure.ts';
import { follow, type FollowedEvent } from './follow.ts';
import type { CallRemote, Uploader } from './upload.ts';

export interface StackToDeploy {
  readonly stackName: string;
  /** The text to send. */
  readonly template: string;
  /** Names that the template declares. */
  readonly declared: readonly string[];
  /** Values given for this deployment. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Asked for already, while the code was looked at. */
  readonly existing?: Promise<SdkStack | undefined>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly terminationProtection?: boolean;
}

export interface DeployedStack {
  readonly stackName: string;
  readonly stackId: string;
  readonly status: string;
  /** False when there was nothing to do. */
  readonly changed: boolean;
  readonly outputs: readonly DeployedOutput[];
}

export interface DeployedOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
}

export interface Remote {
  readonly call: CallRemote;
  readonly uploader: Uploader;
  readonly onEvent?: (event: FollowedEvent, stackName: string) => void;
}

interface SdkStack {
  readonly StackId?: string;
  readonly StackStatus?: string;
  readonly Parameters?: readonly { readonly ParameterKey?: string }[];
  readonly Outputs?: readonly {
    readonly OutputKey?: string;
    readonly OutputValue?: string;
    readonly Description?: string;
  }[];
}

export async function deployStack(stack: StackToDeploy, remote: Remote): Promise<DeployedStack> {
  const { call } = remote;
  let existing = await (stack.existing ?? describeStack(call, stack.stackName));
  // What never came to be can only be made anew.
  if (
    existing &&
    ['ROLLBACK_COMPLETE', 'CREATE_FAILED', 'ROLLBACK_FAILED', 'DELETE_FAILED'].includes(
      existing.StackStatus ?? '',
    )
  ) {
    await destroyStack(existing.StackId ?? stack.stackName, remote);
    existing = undefined;
  }
  const updating = existing !== undefined && existing.StackStatus !== 'REVIEW_IN_PROGRESS';
  const input = {
    StackName: stack.stackName,
    ...(await templateInput(stack.template, remote.uploader)),
    Parameters: parametersOf(stack, updating ? existing : undefined),
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
    ...(stack.tags && { Tags: Object.entries(stack.tags).map(([Key, Value]) => ({ Key, Value })) }),
    ...(stack.terminationProtection !== undefined &&
      !updating && { EnableTerminationProtection: stack.terminationProtection }),
  };
  const changed = await carryOut(stack.stackName, updating ? 'UpdateStack' : 'CreateStack', input, remote);
  const after = await describeStack(call, stack.stackName);
  return {
    stackName: stack.stackName,
    stackId: after?.StackId ?? '',
    status: after?.StackStatus ?? '',
    changed,
    outputs: (after?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '', Description }) => ({
      key: OutputKey,
      value: OutputValue,
      ...(Description !== undefined && { description: Description }),
    })),
  };
}

export async function describeStack(call: CallRemote, stackName: string): Promise<SdkStack | undefined> {
  try {
    const output = (await call('cloudformation', 'DescribeStacks', { StackName: stackName })) as {
      Stacks?: SdkStack[];
    }; // the operation's output
    return output.Stacks?.[0];
  } catch (thrown) {
    if (messageOf(thrown).includes('does not exist')) return undefined;
    throw thrown;
  }
}

/** What is larger than a call may carry goes by way of a bucket, as with AWS's own tools. */
async function templateInput(template: string, uploader: Uploader): Promise<object> {
  const bytes = Buffer.from(template);
  if (bytes.byteLength <= limits.templateBodyBytes) return { TemplateBody: template };
  const { bucket, key } = await uploader.upload(bytes, 'template');
  return { TemplateURL: `https://s3.amazonaws.com/${bucket}/${key}` };
}

/** Parameters not given now keep the value they had. */
function parametersOf({ declared, parameters }: StackToDeploy, existing: SdkStack | undefined): object[] {
  const before = new Set(existing?.Parameters?.map(({ ParameterKey }) => ParameterKey));
  const given = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  const kept = declared
    .filter((key) => parameters[key] === undefined && before.has(key))
    .map((ParameterKey) => ({ ParameterKey, UsePreviousValue: true }));
  return [...given, ...kept];
}

async function carryOut(
  stackName: string,
  operation: string,
  input: object,
  remote: Remote,
): Promise<boolean> {
  const { call, onEvent } = remote;
  const token = randomUUID();
  try {
    const { status, events } = await follow({
      call,
      stack: stackName,
      token,
      begin: () => call('cloudformation', operation, { ...input, ClientRequestToken: token }),
      ...(onEvent && { onEvent: (event: FollowedEvent) => onEvent(event, stackName) }),
    });
    if (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE') return true;
    throw new DeployFailure([`${stackName}: ${status}`, ...failuresIn(events)]);
  } catch (thrown) {
    if (thrown instanceof DeployFailure) throw thrown;
    const message = messageOf(thrown);
    if (message.includes('No updates are to be performed')) return false;
    throw asFailure(thrown, stackName);
  }
}

/** A refusal by CloudFormation becomes its lines; anything else (no server there) stays what it is. */
function asFailure(thrown: unknown, stackName: string): unknown {
  // SDK clients name errors by their code; called in the same process they carry it.
  const code = isFault(thrown) ? thrown.code : thrown instanceof Error ? thrown.name : '';
  const refused = [
    'ValidationError',
    'InsufficientCapabilitiesException',
    'AlreadyExistsException',
    'LimitExceededException',
  ];
  return refused.includes(code) ? new DeployFailure([`${stackName}: ${messageOf(thrown)}`]) : thrown;
}

function failuresIn(events: readonly FollowedEvent[]): string[] {
  return events
    .filter(
      ({ status, reason }) =>
        status.endsWith('_FAILED') && reason !== undefined && !reason.endsWith('cancelled'),
    )
    .map(({ logicalId, type, reason }) => `${logicalId} (${type}): ${reason}`);
}

/** Deletes a stack and waits; throws with every reason when something stays. */
async function destroyStack(stack: string, remote: Remote): Promise<void> {
  const { call, onEvent } = remote;
  const existing = await describeStack(call, stack);
  if (existing === undefined) return;
  const id = existing.StackId ?? stack;
  const token = randomUUID();
  const { status, events } = await follow({
    call,
    stack: id,
    token,
    begin: () => call('cloudformation', 'DeleteStack', { StackName: id, ClientRequestToken: token }),
    ...(onEvent && { onEvent: (event: FollowedEvent) => onEvent(event, stack) }),
  });
  if (status !== 'DELETE_COMPLETE') throw new DeployFailure([`${stack}: ${status}`, ...failuresIn(events)]);
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
