/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
import type { CompiledPolicy, CompiledStatement, DecidingStatement } from './compile.ts';
import type { ContextValues } from './conditions.ts';
import type { Variables } from './pattern.ts';
import type { Naming, Principal } from './principal.ts';

export interface PolicyRequest {
  /** `execute-api:Invoke`. */
  readonly action: string;
  readonly resource: string;
  readonly principal?: Principal;
  /** Condition keys and their values, names in any case: `{ 'aws:SourceIp': '10.0.0.1', 'aws:TagKeys': ['a'] }`. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * Keys, in lower case, that the request has and whose values cannot be known: a statement that looks at one never
   * allows, and denies as if its conditions held.
   */
  readonly unreadable?: (key: string) => boolean;
  /** It is not known which resource is meant: a statement that denies any of the action's holds. */
  readonly unresolved?: boolean;
}

export interface Policies {
  /** Managed and inline policies of the user, role and groups. */
  readonly identity?: readonly CompiledPolicy[];
  /** The policy of the resource that is asked for. */
  readonly resource?: CompiledPolicy;
  readonly boundary?: CompiledPolicy;
  /** Policies given when the role was assumed. */
  readonly session?: readonly CompiledPolicy[];
  /** Whether principal and resource belong to the same account: then either policy is enough. Default true. */
  readonly sameAccount?: boolean;
}

export type PolicySource = 'identity' | 'resource' | 'boundary' | 'session';

export interface Verdict {
  readonly effect: 'Allow' | 'ExplicitDeny' | 'ImplicitDeny';
  /** Where the deciding statement is; with ImplicitDeny, the kind of policy that would have had to allow. */
  readonly policy?: PolicySource;
  readonly statement?: DecidingStatement;
}

const ANONYMOUS: Principal = { kind: 'anonymous' };

/** An explicit deny anywhere wins; then somebody must allow, and boundary and session policies must not be in the way. */
export function evaluate(policies: Policies, request: PolicyRequest): Verdict {
  const question = new Question(request);
  const identity = question.ask(policies.identity ?? []);
  const resource = question.ask(policies.resource === undefined ? [] : [policies.resource]);
  const boundary = policies.boundary === undefined ? undefined : question.ask([policies.boundary]);
  const session = policies.session === undefined ? undefined : question.ask(policies.session);
  const denied =
    denial('identity', identity) ??
    denial('resource', resource) ??
    denial('boundary', boundary) ??
    denial('session', session);
  if (denied !== undefined) return denied;
  const limit =
    boundary !== undefined && boundary.allow === undefined
      ? 'boundary'
      : session !== undefined && session.allow === undefined
        ? 'session'
        : undefined;
  return decide(policies.sameAccount ?? true, question.principal, identity, resource, limit);
}

const denial = (policy: PolicySource, answer: Answer | undefined): Verdict | undefined =>
  answer?.deny === undefined ? undefined : { effect: 'ExplicitDeny', policy, statement: answer.deny };

const allowed = (policy: PolicySource, answer: Answer): Verdict =>
  answer.allow === undefined
    ? { effect: 'Allow', policy }
    : { effect: 'Allow', policy, statement: answer.allow };

const refused = (policy: PolicySource): Verdict => ({ effect: 'ImplicitDeny', policy });

function decide(
  sameAccount: boolean,
  principal: Principal,
  identity: Answer,
  resource: Answer,
  limit: 'boundary' | 'session' | undefined,
): Verdict {
  // Services and strangers have no identity policies: the resource alone decides.
  if (principal.kind === 'service' || principal.kind === 'federated')
    return resource.allow === undefined ? refused('resource') : allowed('resource', resource);
  const isRoot = principal.kind === 'root';
  const identityAllows = isRoot || identity.allow !== undefined;
  if (!sameAccount) {
    if (resource.allow === undefined) return refused('resource');
    if (principal.kind === 'anonymous') return allowed('resource', resource);
    if (!identityAllows) return refused('identity');
    return limit === undefined || isRoot ? allowed('resource', resource) : refused(limit);
  }
  if (resource.allow !== undefined && grantsAlone(resource.naming, principal, limit))
    return allowed('resource', resource);
  if (!identityAllows) return refused('identity');
  return limit === undefined || isRoot ? allowed('identity', identity) : refused(limit);
}

/**
 * Within an account a resource may let a principal in by itself, even past boundary and session policy when it names
 * the user or the session; when it names the role, or everyone, those still limit the role's sessions. Naming only
 * the account lets nobody in.
 */
function grantsAlone(naming: Naming | undefined, principal: Principal, limit: string | undefined): boolean {
  if (naming === undefined || naming === 'account') return false;
  if (naming === 'itself' || principal.kind !== 'assumed-role') return true;
  return limit === undefined;
}

interface Answer {
  readonly allow?: DecidingStatement;
  readonly deny?: DecidingStatement;
  /** How the allowing statement named the principal. */
  readonly naming?: Naming;
}

const NOTHING: Answer = {};

/** One request, its condition keys looked up only where a policy asks for them. */
class Question {
  readonly principal: Principal;
  private readonly action: string;
  private readonly request: PolicyRequest;
  private lowered: Map<string, readonly string[]> | undefined;
  private readonly values: ContextValues;
  private readonly variables: Variables;

  constructor(request: PolicyRequest) {
    this.request = request;
    this.principal = request.principal ?? ANONYMOUS;
    this.action = request.action.toLowerCase();
    this.values = (key) => (this.lowered ??= lowerKeys(request.context)).get(key);
    this.variables = (key) => {
      const values = this.values(key);
      return values?.length === 1 ? values[0] : undefined;
    };
  }

  ask(policies: readonly CompiledPolicy[]): Answer {
    let answer = NOTHING;
    for (const policy of policies)
      for (const statement of policy.statements) {
        const naming = this.applies(statement);
        if (naming === undefined) continue;
        if (!statement.allows) return { deny: statement.deciding };
        if (answer.allow === undefined || isCloser(naming, answer.naming))
          answer = { allow: statement.deciding, naming };
      }
    return answer;
  }

  private applies(statement: CompiledStatement): Naming | undefined {
    const { action, resource, principal, conditions } = statement;
    if (!this.fits(action, this.action)) return undefined;
    if (!this.fits(resource, this.request.resource))
      if (statement.allows || this.request.unresolved !== true) return undefined;
    const naming = principal === null ? 'itself' : principal(this.principal);
    if (naming === undefined) return undefined;
    const { unreadable } = this.request;
    if (unreadable !== undefined && statement.keys.some(unreadable))
      return statement.allows ? undefined : naming;
    for (const holds of conditions) if (!holds(this.values, this.variables)) return undefined;
    return naming;
  }

  private fits(test: CompiledStatement['action'], text: string): boolean {
    for (const matches of test.matchers) if (matches(text, this.variables)) return !test.negated;
    return test.negated;
  }
}

const isCloser = (naming: Naming, than: Naming | undefined): boolean =>
  than === undefined ||
  (naming !== 'account' && than !== 'itself' && (naming === 'itself' || than === 'account'));

function lowerKeys(context: PolicyRequest['context']): Map<string, readonly string[]> {
  const map = new Map<string, readonly string[]>();
  for (const [key, value] of Object.entries(context ?? {}))
    map.set(key.toLowerCase(), typeof value === 'string' ? [value] : value);
  return map;
}
