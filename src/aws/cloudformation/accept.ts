/** What every call that begins an operation has in common: arguments checked, the template prepared, rows written. */
import { randomUUID } from 'node:crypto';
import { arnOf, parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { Caller } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { GivenParameter, PreparedStack, StackIdentity } from '../../base/stack-engine.ts';
import type { Call } from '../../wire/service.ts';
import type { Transaction } from '../../store/store.ts';
import { unsupported, validationError } from './faults.ts';
import type { CloudFormationRoom } from './ports.ts';
import { imports, putStack, stackNames, type StackRow, templates } from './rows.ts';
import { exportsOf, putStackEvent } from './stack-journal.ts';

export interface AcceptInput {
  readonly Parameters?: readonly ParameterInput[] | undefined;
  readonly Capabilities?: readonly string[] | undefined;
  readonly Tags?:
    | readonly { readonly Key: string | undefined; readonly Value: string | undefined }[]
    | undefined;
  readonly NotificationARNs?: readonly string[] | undefined;
  readonly RoleARN?: string | undefined;
  readonly ResourceTypes?: readonly string[] | undefined;
  readonly RollbackConfiguration?:
    | {
        readonly RollbackTriggers?: readonly unknown[] | undefined;
        readonly MonitoringTimeInMinutes?: number | undefined;
      }
    | undefined;
}

interface ParameterInput {
  readonly ParameterKey?: string | undefined;
  readonly ParameterValue?: string | undefined;
  readonly UsePreviousValue?: boolean | undefined;
}

/** Members that AWS knows and this service does not: said, never ignored. */
export function refuseUnsupported(input: AcceptInput & object): void {
  const { RollbackConfiguration: triggers } = input;
  if (triggers?.RollbackTriggers?.length || triggers?.MonitoringTimeInMinutes)
    throw unsupported('RollbackConfiguration');
  if ((input.NotificationARNs?.length ?? 0) > 0) throw unsupported('NotificationARNs');
  for (const member of [
    'ImportExistingResources',
    'ResourcesToImport',
    'DeploymentConfig',
    'DeploymentMode',
  ] as const) {
    const value: unknown = Reflect.get(input, member);
    if (
      value !== undefined &&
      value !== false &&
      !(Array.isArray(value) && value.length === 0) &&
      value !== 'STANDARD'
    )
      throw unsupported(member);
  }
}

function givenParameters(input: AcceptInput): GivenParameter[] {
  return (input.Parameters ?? []).map((parameter) => ({
    key: parameter.ParameterKey ?? '',
    ...(parameter.ParameterValue !== undefined && { value: parameter.ParameterValue }),
    ...(parameter.UsePreviousValue && { usePrevious: true }),
  }));
}

export function tagsOf(input: AcceptInput): Record<string, string> | undefined {
  if (input.Tags === undefined) return undefined;
  if (input.Tags.length > 50) throw validationError('Tags: a stack can have at most 50 tags.');
  const reserved = input.Tags.find(({ Key }) => Key?.startsWith('aws:'));
  if (reserved) throw validationError(`aws: prefixed tag key names are not allowed for external use.`);
  return Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}

/** Operations are made as the caller, or as the role the caller hands over. */
export function callerOf(input: AcceptInput, call: Call): Caller {
  const arn = input.RoleARN === undefined ? undefined : parseArn(input.RoleARN);
  if (input.RoleARN === undefined) return call.caller;
  if (arn === undefined || !arn.resource.startsWith('role/'))
    throw validationError('Role is invalid or cannot be assumed');
  const role = arn.resource.split('/').at(-1) ?? '';
  return {
    kind: 'assumed-role',
    account: arn.account,
    arn: `arn:${arn.partition}:sts::${arn.account}:assumed-role/${role}/AWSCloudFormation`,
    userId: `${role}:AWSCloudFormation`,
    accessKeyId: '',
  };
}

export const newStackId = (scope: Scope, stackName: string): string =>
  arnOf(scope, 'cloudformation', `stack/${stackName}/${randomUUID()}`);

export interface PrepareInput {
  readonly template: string;
  readonly input: AcceptInput;
  readonly stack: StackIdentity;
  readonly previous?: PreparedStack;
  /** Outside of a change set, transforms need CAPABILITY_AUTO_EXPAND. */
  readonly direct: boolean;
}

export async function prepare(room: CloudFormationRoom, request: PrepareInput): Promise<PreparedStack> {
  const { template, input, stack, previous } = request;
  const exports = await room.store.read((rows) => exportsOf(rows, stack.scope));
  const prepared = await room.engine.prepare({
    template,
    parameters: givenParameters(input),
    ...(previous && { previous }),
    stack,
    exports,
  });
  checkCapabilities(prepared, request);
  await checkResourceTypes(room, prepared, input);
  return prepared;
}

function checkCapabilities(prepared: PreparedStack, { input, direct }: PrepareInput): void {
  const given = new Set(input.Capabilities ?? []);
  if (given.has('CAPABILITY_NAMED_IAM')) given.add('CAPABILITY_IAM');
  const missing = prepared.capabilities.filter(
    (capability) => !given.has(capability) && (direct || capability !== 'CAPABILITY_AUTO_EXPAND'),
  );
  if (missing.length > 0)
    throw new Fault('InsufficientCapabilitiesException', `Requires capabilities : [${missing.join(', ')}]`, {
      status: 400,
    });
}

async function checkResourceTypes(
  room: CloudFormationRoom,
  prepared: PreparedStack,
  input: AcceptInput,
): Promise<void> {
  const allowed = input.ResourceTypes;
  if (allowed === undefined || allowed.length === 0) return;
  const { resourceTypes } = await room.engine.inspect(prepared.processed);
  const refused = resourceTypes.filter((type) => !allowed.some((pattern) => matches(type, pattern)));
  if (refused.length > 0)
    throw validationError(`Resource type(s) not allowed by ResourceTypes: [${refused.join(', ')}]`);
}

const matches = (type: string, pattern: string): boolean =>
  pattern === type || (pattern.endsWith('*') && type.startsWith(pattern.slice(0, -1)));

/** Writes the stack and the template it is to become, with the event that begins the operation. */
export async function putOperation(
  rows: Transaction,
  scope: Scope,
  stack: StackRow,
  prepared: PreparedStack,
  atMs: number,
): Promise<void> {
  if (stack.nextTemplate !== undefined) await rows.put(templates, scope, stack.nextTemplate, prepared);
  for (const name of prepared.imports)
    await rows.put(imports, scope, `${name}/${stack.stackId}`, { stackName: stack.stackName });
  await rows.put(stackNames, scope, stack.stackName, { stackId: stack.stackId });
  await putStack(rows, scope, stack);
  await putStackEvent({ rows, scope, stack, atMs }, stack.status, 'User Initiated');
}
