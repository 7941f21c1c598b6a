/** Which policies say what a caller may do: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
import type { Tag } from '@aws-sdk/client-iam';
import { parseArn } from '../../base/arn.ts';
import type { Caller, CallerPolicies, PrincipalPolicies } from '../../base/ports.ts';
import type { Reader } from '../../store/store.ts';
import type { Scope } from '../../base/scope.ts';
import { findSession, type SessionRow } from '../sts/session-row.ts';
import { groupRef } from './group-row.ts';
import { defaultDocument, findManagedPolicy } from './managed-policy-row.ts';
import { attachmentsOf, inlinePoliciesOf, nameKey, type PrincipalRef } from './principal.ts';
import { roleRef, roles } from './role-row.ts';
import { globalScope } from './scope.ts';
import { userRef, users } from './user-row.ts';

type Rows = Pick<Reader, 'get' | 'list'>;

const NOTHING: CallerPolicies = { identity: [], conditions: {} };

/** A caller whose user or role is gone has no policies, and so may do nothing. */
export const principalPolicies =
  (rows: Rows): PrincipalPolicies =>
  async (caller) => {
    const session = await findSession(rows, caller.accessKeyId);
    const own = await identityPolicies(rows, caller, session);
    const conditions = {
      ...callerConditions(caller),
      ...own.conditions,
      ...sessionConditions(session),
      ...tagConditions(session?.tags ?? []),
    };
    return { ...own, ...(await sessionPolicies(rows, caller, session)), conditions };
  };

/** A role's session has the role's policies; a federated user those of whoever vouches for it, within its session's. */
async function identityPolicies(
  rows: Rows,
  caller: Caller,
  session: SessionRow | undefined,
): Promise<CallerPolicies> {
  const scope = globalScope(caller.account);
  const owner = parseArn(session?.ownerArn ?? caller.arn)?.resource ?? '';
  if (owner.startsWith('user/')) return userPolicies(rows, scope, nameOf(owner));
  if (owner.startsWith('role/') || owner.startsWith('assumed-role/')) {
    const role = await rows.get(roles, scope, nameKey(nameOf(owner)));
    // Sessions of a role that was deleted do not live on in a new one of its name; services name theirs anew each time.
    const isSame =
      caller.kind === 'assumed-role' &&
      (caller.accessKeyId === '' || role?.id === caller.userId.split(':')[0]);
    return isSame ? rolePolicies(rows, scope, nameOf(owner)) : NOTHING;
  }
  return owner === 'root' ? { identity: [ALLOWS_EVERYTHING], conditions: {} } : NOTHING;
}

const ALLOWS_EVERYTHING =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}';

/** Of a session `assumed-role/{role}/{session}` the role. */
const nameOf = (resource: string): string =>
  (resource.startsWith('assumed-role/') ? resource.split('/')[1] : resource.split('/').at(-1)) ?? '';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, "Properties of the principal" */
function callerConditions(caller: Caller): Record<string, string> {
  if (caller.kind === 'service' || caller.arn === '') return {};
  const types = { root: 'Account', user: 'User', 'assumed-role': 'AssumedRole' } as const;
  const isFederated = parseArn(caller.arn)?.resource.startsWith('federated-user/') === true;
  return {
    'aws:PrincipalArn': caller.arn,
    'aws:PrincipalAccount': caller.account,
    'aws:PrincipalType': isFederated ? 'FederatedUser' : types[caller.kind],
    'aws:userid': caller.kind === 'root' ? caller.account : caller.userId,
  };
}

/** Only temporary credentials have these. */
function sessionConditions(session: SessionRow | undefined): Record<string, string> {
  if (session === undefined) return {};
  return {
    'aws:MultiFactorAuthPresent': 'false',
    ...(session.issuedAtMs === undefined
      ? {}
      : { 'aws:TokenIssueTime': new Date(session.issuedAtMs).toISOString() }),
    ...(session.sourceIdentity === undefined ? {} : { 'aws:SourceIdentity': session.sourceIdentity }),
    ...(session.federatedProvider === undefined
      ? {}
      : { 'aws:FederatedProvider': session.federatedProvider }),
  };
}

export async function userPolicies(rows: Rows, scope: Scope, name: string): Promise<CallerPolicies> {
  const row = await rows.get(users, scope, nameKey(name));
  if (!row) return NOTHING;
  const principals = [userRef(scope, row.name), ...row.groups.map((group) => groupRef(scope, group))];
  const identity = await Promise.all(principals.map((of) => documentsOf(rows, of)));
  const conditions = { 'aws:username': row.name, 'aws:userid': row.id, ...tagConditions(row.tags) };
  return { identity: identity.flat(), ...(await boundaryOf(rows, scope, row.boundaryArn)), conditions };
}

export async function rolePolicies(rows: Rows, scope: Scope, name: string): Promise<CallerPolicies> {
  const row = await rows.get(roles, scope, nameKey(name));
  if (!row) return NOTHING;
  const identity = await documentsOf(rows, roleRef(scope, row.name));
  const boundary = await boundaryOf(rows, scope, row.boundaryArn);
  // A session is its role to policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
  return { identity, ...boundary, conditions: { 'aws:PrincipalArn': row.arn, ...tagConditions(row.tags) } };
}

const tagConditions = (tags: readonly Pick<Tag, 'Key' | 'Value'>[]): Record<string, string> =>
  Object.fromEntries(tags.map((tag) => [`aws:PrincipalTag/${tag.Key}`, tag.Value ?? '']));

/** Inline documents and those in force of what is attached. */
export async function documentsOf(rows: Rows, of: PrincipalRef): Promise<string[]> {
  const inline = (await inlinePoliciesOf(rows, of)).map((row) => row.document);
  const arns = (await attachmentsOf(rows, of)).map((row) => row.policyArn);
  return [...inline, ...(await managedDocuments(rows, of.scope, arns))];
}

async function managedDocuments(rows: Rows, scope: Scope, arns: readonly string[]): Promise<string[]> {
  const found = await Promise.all(arns.map((arn) => findManagedPolicy(rows, scope, arn)));
  return found.filter((row) => row !== undefined).map(defaultDocument);
}

/** A boundary whose policy is gone allows nothing. */
const ALLOWS_NOTHING = '{"Version":"2012-10-17","Statement":[]}';

async function boundaryOf(
  rows: Rows,
  scope: Scope,
  boundaryArn: string | undefined,
): Promise<Pick<CallerPolicies, 'boundary'>> {
  if (boundaryArn === undefined) return {};
  const [document] = await managedDocuments(rows, scope, [boundaryArn]);
  return { boundary: document ?? ALLOWS_NOTHING };
}

async function sessionPolicies(
  rows: Rows,
  caller: Caller,
  session: SessionRow | undefined,
): Promise<Pick<CallerPolicies, 'session'>> {
  if (session?.policies === undefined && session?.policyArns === undefined) return {};
  const managed = await managedDocuments(rows, globalScope(caller.account), session.policyArns ?? []);
  return { session: [...(session.policies ?? []), ...managed] };
}
