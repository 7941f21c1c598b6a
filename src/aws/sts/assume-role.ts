/** AssumeRole: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
import type { AssumeRoleRequest, AssumeRoleResponse, Tag } from '@aws-sdk/client-sts';
import { parseArn } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { Caller } from '../../base/ports.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { type RoleRow, roles } from '../iam/role-row.ts';
import { nameKey } from '../iam/principal.ts';
import { globalScope } from '../iam/scope.ts';
import { issueSession, shownCredentials } from './credentials.ts';
import { accessDenied, validationError } from './faults.ts';
import { sessionPoliciesOf } from './session-policy.ts';
import { findSession, type SessionRow } from './session-row.ts';
import { mayAssume } from './trust.ts';

export const assumeRoleOperations = (ports: ServicePorts) => ({
  AssumeRole: async (input: AssumeRoleRequest, { caller }: Call): Promise<AssumeRoleResponse> => {
    const { RoleArn = '', RoleSessionName: sessionName = '', SourceIdentity } = input;
    const arn = parseArn(RoleArn);
    if (arn?.service !== 'iam' || !arn.resource.startsWith('role/'))
      throw validationError(`${RoleArn} is invalid`);
    const source = await findSession(ports.store, caller.accessKeyId);
    const tags = tagsOf(input, source);
    const role = await checkedRole(ports, { input, caller, account: arn.account, tags });
    const session = await issueSession(ports, {
      callerOf: assumedBy(role, arn.account, sessionName),
      ownerArn: role.arn,
      durationSeconds: durationOf(input, role, caller),
      ...(await sessionPoliciesOf(ports.store, globalScope(arn.account), input)),
      tags,
      transitiveTagKeys: input.TransitiveTagKeys,
      sourceIdentity: SourceIdentity ?? source?.sourceIdentity,
    });
    return {
      Credentials: shownCredentials(session),
      AssumedRoleUser: { AssumedRoleId: `${role.id}:${sessionName}`, Arn: session.caller.arn },
      PackedPolicySize: packedSize(input),
      SourceIdentity: session.sourceIdentity,
    };
  },
});

/** `arn:aws:sts::123456789012:assumed-role/Name/session`: the role's path is left out. */
export const assumedBy =
  (role: Pick<RoleRow, 'arn' | 'id' | 'name'>, account: string, sessionName: string) =>
  (accessKeyId: string): Caller => ({
    kind: 'assumed-role',
    account,
    arn: `arn:${parseArn(role.arn)?.partition}:sts::${account}:assumed-role/${role.name}/${sessionName}`,
    userId: `${role.id}:${sessionName}`,
    accessKeyId,
  });

interface Asked {
  readonly input: AssumeRoleRequest;
  readonly caller: Caller;
  readonly account: string;
  readonly tags: readonly Tag[];
}

/** A role that does not exist is refused in the same words as one that does not trust the caller. */
async function checkedRole(
  { store }: ServicePorts,
  { input, caller, account, tags }: Asked,
): Promise<RoleRow> {
  if (input.SerialNumber ?? input.TokenCode)
    throw accessDenied('MultiFactorAuthentication failed with invalid MFA one time pass code.');
  const name = nameKey(input.RoleArn?.split('/').at(-1) ?? '');
  const role = await store.get(roles, globalScope(account), name);
  const refuse = (action: string) =>
    accessDenied(`User: ${caller.arn} is not authorized to perform: ${action} on resource: ${input.RoleArn}`);
  if (!role || role.arn !== input.RoleArn) throw refuse('sts:AssumeRole');
  const context = contextOf(input, tags, caller);
  for (const action of actionsOf(input))
    if (!(await mayAssume(store, { role, account, caller, action, context }))) throw refuse(action);
  return role;
}

const actionsOf = (input: AssumeRoleRequest): string[] => [
  'sts:AssumeRole',
  ...((input.Tags ?? []).length > 0 ? ['sts:TagSession'] : []),
  ...(input.SourceIdentity === undefined ? [] : ['sts:SetSourceIdentity']),
];

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-sts */
function contextOf(input: AssumeRoleRequest, tags: readonly Tag[], caller: Caller) {
  const requested = tags.map((tag) => [`aws:RequestTag/${tag.Key}`, tag.Value ?? ''] as const);
  return {
    ...Object.fromEntries(requested),
    'aws:TagKeys': tags.map((tag) => tag.Key ?? ''),
    'aws:PrincipalArn': caller.arn,
    'aws:PrincipalAccount': caller.account,
    'sts:RoleSessionName': input.RoleSessionName ?? '',
    ...(input.ExternalId !== undefined && { 'sts:ExternalId': input.ExternalId }),
    ...(input.SourceIdentity !== undefined && { 'sts:SourceIdentity': input.SourceIdentity }),
    ...(input.TransitiveTagKeys && { 'sts:TransitiveTagKeys': input.TransitiveTagKeys }),
  };
}

/** The session's own tags and, in a chain of roles, the transitive ones before it. */
function tagsOf({ Tags = [] }: AssumeRoleRequest, source: SessionRow | undefined): Tag[] {
  const inherited = (source?.tags ?? []).filter((tag) => source?.transitiveTagKeys.includes(tag.Key ?? ''));
  const own = Tags.filter((tag) => !inherited.some((other) => other.Key === tag.Key));
  return [...inherited, ...own];
}

function durationOf(input: AssumeRoleRequest, role: RoleRow, caller: Caller): number {
  const { min, default: usual } = limits.stsRoleSessionSeconds;
  const seconds = input.DurationSeconds ?? usual;
  if (seconds < min)
    throw validationError(
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to ${min}`,
    );
  if (caller.kind === 'assumed-role' && seconds > limits.stsChainedSessionSeconds)
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  if (seconds > role.maxSessionSeconds)
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  return seconds;
}

/** Percent of what AWS's packed form may take; absent without policies and tags. Ours is not packed: an estimate. */
function packedSize({ Policy = '', PolicyArns = [], Tags = [] }: AssumeRoleRequest): number | undefined {
  const characters = Policy.length + JSON.stringify(PolicyArns).length + JSON.stringify(Tags).length - 4;
  return characters > 0 ? Math.min(100, Math.ceil(characters / 40)) : undefined;
}
