/**
 * Every call of the control plane asked of the caller's and the resource's policies, where they are enforced.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { parseArn } from '../../base/arn.ts';
import type { Now } from '../../base/clock.ts';
import type { Caller, CallerPolicies, PrincipalPolicies } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import { type CompiledPolicy, compilePolicy } from '../../lang/policy/compile.ts';
import { denialReason } from '../../lang/policy/denial.ts';
import { evaluate, type Policies, type PolicyRequest, type Verdict } from '../../lang/policy/evaluate.ts';
import type { AuthorizeCall, AuthorizedCall } from '../../wire/run-operation.ts';
import type { ServiceInstance } from '../../wire/service.ts';
import type { AccessData } from './access-data.ts';
import { compilePolicies, createPolicyCache } from './caller-policies.ts';
import { isUnreadable } from './condition-keys.ts';
import { checkAssumable } from './assumable.ts';
import { denied } from './denied.ts';
import { loadAccessData } from './load-data.ts';
import { createLookUp } from './look-up.ts';
import { principalOf } from './principal-of.ts';
import { requestTags } from './request-tags.ts';
import type { Fields, LookUp, Requirement } from './requirement.ts';
import { type RequirementPorts, requirementsOf } from './requirements.ts';
import { findResourcePolicy } from './resource-policies.ts';
import { resourceTags } from './resource-tags.ts';

export interface AuthorizeCallPorts extends RequirementPorts {
  readonly principalPolicies: PrincipalPolicies;
  readonly findService: (id: string) => Promise<ServiceInstance | undefined>;
  /** Whether the role exists and trusts the service. */
  readonly roleTrusts: (roleArn: string, servicePrincipal: string) => Promise<boolean>;
  readonly now: Now;
}

/** What is the same for every requirement of a call. */
interface Asked {
  readonly call: AuthorizedCall;
  readonly own: CallerPolicies;
  readonly policies: Pick<Policies, 'identity' | 'boundary' | 'session'>;
  readonly conditions: Readonly<Record<string, string | readonly string[]>>;
  readonly lookUp: (scope: Scope) => LookUp;
}

/** Throws AccessDenied, as the service words it, for the first action and resource that is not allowed. */
export function createAuthorizeCall(ports: AuthorizeCallPorts): AuthorizeCall {
  const compile = createPolicyCache();
  return async (call) => {
    // A delivery of a service of AWS's: the resource's own service asks its policy.
    if (call.caller.kind === 'service' && call.caller.userId.endsWith('.amazonaws.com')) return;
    await checkAssumable(ports, call);
    const lookUp = (scope: Scope): LookUp => createLookUp(ports.findService, scope);
    const own = await ports.principalPolicies(call.caller);
    const asked: Asked = {
      call,
      own,
      policies: compilePolicies(own, compile),
      conditions: { ...own.conditions, ...callConditions(call, ports.now()) },
      lookUp,
    };
    const input = call.input as Fields; // an operation's input is a structure
    const looked = keysIn(asked.policies);
    const looksAt = (key: string): boolean => looked.has(key);
    const required = await requirementsOf({ ...call, input, lookUp: lookUp(call.scope), looksAt }, ports);
    for (const requirement of required)
      for (const resource of requirement.resources) await permit(asked, requirement, resource, compile);
  };
}

async function permit(
  asked: Asked,
  requirement: Requirement,
  resource: string,
  compile: ReturnType<typeof createPolicyCache>,
): Promise<void> {
  const { call } = asked;
  const { action } = requirement;
  if (isOwnersBucketPolicy(call.caller, action)) return;
  const owner = ownerOf(resource, call.scope);
  const lookUp = asked.lookUp(owner);
  const document = await findResourcePolicy(resource, lookUp);
  const refuse = (reason: string) =>
    denied({ service: call.service, caller: call.caller, action, resource, reason });
  const policy = document === undefined ? undefined : readable(document, compile);
  if (policy === null) throw refuse('because the resource-based policy cannot be read');
  const policies: Policies = {
    ...asked.policies,
    ...(policy === undefined ? {} : { resource: policy }),
    sameAccount: call.caller.account === owner.account,
  };
  const request = await requestOf(asked, requirement, resource, policies, lookUp);
  const verdict = action.startsWith('kms:') ? evaluateForKey(policies, request) : evaluate(policies, request);
  if (verdict.effect !== 'Allow') throw refuse(denialReason(verdict, action));
}

/** An owner's root is never locked out of its bucket: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html */
const isOwnersBucketPolicy = (caller: Caller, action: string): boolean =>
  caller.kind === 'root' && /^s3:(Get|Put|Delete)BucketPolicy$/.test(action);

function ownerOf(resource: string, scope: Scope): Scope {
  const arn = parseArn(resource);
  return {
    account: arn?.account && /^\d{12}$/.test(arn.account) ? arn.account : scope.account,
    region: arn?.region || scope.region,
  };
}

/** Null: nobody can say what it allows, so it allows nothing and denies everything. */
function readable(document: string, compile: ReturnType<typeof createPolicyCache>): CompiledPolicy | null {
  try {
    return compile(document, 'resource');
  } catch {
    return null;
  }
}

const EVERYTHING = compilePolicy({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/** A key is its policy's alone: what the account's own policies allow counts only where the key's policy says so. */
function evaluateForKey(policies: Policies, request: PolicyRequest): Verdict {
  const verdict = evaluate(policies, request);
  if (verdict.effect !== 'Allow' || verdict.policy === 'resource' || policies.resource === undefined)
    return verdict;
  const key = { identity: [EVERYTHING], resource: policies.resource, sameAccount: false };
  const handedOn = evaluate(key, request);
  return handedOn.effect === 'Allow' ? verdict : handedOn;
}

const OF_OBJECT = /^s3:existingobjecttag\//;
const OF_RESOURCE = /^(?:(?:aws|iam|secretsmanager):resourcetag|s3:existingobjecttag)\//;

async function requestOf(
  { call, conditions }: Asked,
  requirement: Requirement,
  resource: string,
  policies: Policies,
  lookUp: LookUp,
): Promise<PolicyRequest> {
  const { action } = requirement;
  const keys = keysIn(policies);
  // Of an object's versions only the current one's tags are read.
  const tagged = !/Version/.test(action) && [...keys].some((key) => OF_RESOURCE.test(key));
  const tags = tagged ? await resourceTags(resource, lookUp) : {};
  const arn = parseArn(resource);
  const context: Record<string, string | readonly string[]> = {
    ...conditions,
    ...(arn?.account
      ? { 'aws:ResourceAccount': arn.account }
      : { 'aws:ResourceAccount': call.scope.account }),
    ...(action.startsWith('kms:') ? { 'kms:CallerAccount': call.caller.account } : {}),
    ...(action.startsWith('ec2:') ? { 'ec2:Region': call.scope.region } : {}),
    ...(requirement.action === 'iam:PassRole' ? {} : requestTags(call.input as Fields)), // as above
    ...tags,
    ...requirement.context,
  };
  const data = await loadAccessDataOf(call.service, action);
  const given = new Set(Object.keys(context).map((key) => key.toLowerCase()));
  return {
    action,
    resource,
    principal: principalOf(call.caller),
    context,
    ...(requirement.unresolved === true ? { unresolved: true } : {}),
    unreadable: (key) =>
      (tags === null && OF_RESOURCE.test(key)) ||
      (action.startsWith('s3:') && key.startsWith('aws:resourcetag/')) ||
      (key.startsWith('aws:calledvia') && viaOf(call)[0] === '') ||
      (!(tagged && OF_OBJECT.test(key)) && isUnreadable(key, data, action, given)),
  };
}

/** An action may be another service's than the operation: `iam:PassRole`. */
const loadAccessDataOf = (service: string, action: string): Promise<AccessData> =>
  loadAccessData(action.startsWith('iam:') ? 'iam' : service);

function keysIn({ identity = [], resource, boundary, session = [] }: Policies): Set<string> {
  const all = [...identity, ...session, ...(resource ? [resource] : []), ...(boundary ? [boundary] : [])];
  return new Set(all.flatMap(({ statements }) => statements.flatMap(({ keys }) => keys)));
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function callConditions(call: AuthorizedCall, now: number): Record<string, string | readonly string[]> {
  const via = viaOf(call);
  const [first] = via;
  const last = via.at(-1);
  return {
    ...call.conditions,
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1000)),
    'aws:RequestedRegion': call.scope.region,
    ...(call.caller.arn === '' ? {} : { 'aws:PrincipalAccount': call.caller.account }),
    'aws:PrincipalIsAWSService': 'false',
    'aws:ViaAWSService': String(via.length > 0),
    ...(!first || !last
      ? {}
      : { 'aws:CalledVia': via, 'aws:CalledViaFirst': first, 'aws:CalledViaLast': last }),
  };
}

/** A role that a service works with calls by itself, through nobody. */
const viaOf = ({ caller, calledVia = [] }: AuthorizedCall): readonly string[] =>
  caller.kind === 'assumed-role' && caller.accessKeyId === '' ? [] : calledVia;
