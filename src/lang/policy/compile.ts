import { compileCondition, type ConditionTest } from './conditions.ts';
import { parsePolicy, PolicyError, SYNTAX_ERROR, type PolicyKind, type Statement } from './document.ts';
import { compileArnPattern, compilePattern, type Matcher, variablesIn } from './pattern.ts';
import { compilePrincipal, type PrincipalTest } from './principal.ts';

/** A policy ready to be asked, over and over. */
export interface CompiledPolicy {
  readonly kind: PolicyKind;
  readonly statements: readonly CompiledStatement[];
}

/** Which statement of which policy decided. */
export interface DecidingStatement {
  /** The policy's name as it was compiled with. */
  readonly policyName?: string;
  readonly sid?: string;
  readonly index: number;
}

export interface CompiledStatement {
  readonly deciding: DecidingStatement;
  readonly allows: boolean;
  /** Actions come in lower case. */
  readonly action: Test;
  readonly resource: Test;
  /** Null in policies of identities, which have none. */
  readonly principal: PrincipalTest | null;
  readonly conditions: readonly ConditionTest[];
  /** Condition keys that it looks at, in conditions and as policy variables, in lower case. */
  readonly keys: readonly string[];
}

interface Test {
  readonly negated: boolean;
  readonly matchers: readonly Matcher[];
}

export interface CompileOptions {
  /** `identity` (the default) needs resources and has no principals, `resource` and `trust` need principals. */
  readonly kind?: PolicyKind;
  /** What the caller calls it: a policy's ARN or name. */
  readonly name?: string;
}

/**
 * Compiles a policy from its text or parsed JSON. Throws PolicyError with AWS's words. What IAM refuses beyond the
 * grammar when a policy is stored is in `validatePolicy`.
 */
export function compilePolicy(document: unknown, options: CompileOptions = {}): CompiledPolicy {
  const kind = options.kind ?? 'identity';
  const policy = parsePolicy(document);
  const variables = policy.version === '2012-10-17';
  const statements = policy.statements.map((statement, index) => {
    checkElements(statement, kind);
    const deciding = {
      ...(options.name === undefined ? {} : { policyName: options.name }),
      ...(statement.sid === undefined ? {} : { sid: statement.sid }),
      index,
    };
    return compileStatement(statement, deciding, variables);
  });
  return { kind, statements };
}

function checkElements(statement: Statement, kind: PolicyKind): void {
  if (statement.action.values.length === 0) throw new PolicyError('Policy statement must contain actions.');
  if (kind === 'identity' && statement.principal !== null)
    throw new PolicyError('Policy document should not specify a principal.');
  if (kind !== 'identity' && statement.principal === null) throw new PolicyError(SYNTAX_ERROR);
  if (kind === 'trust' && statement.resource !== null) throw new PolicyError('Has prohibited field Resource');
  if (kind === 'identity' && (statement.resource?.values.length ?? 0) === 0)
    throw new PolicyError('Policy statement must contain resources.');
}

function compileStatement(
  statement: Statement,
  deciding: DecidingStatement,
  variables: boolean,
): CompiledStatement {
  const { action, resource, principal } = statement;
  return {
    deciding,
    allows: statement.effect === 'Allow',
    action: {
      negated: action.negated,
      matchers: action.values.map((value) =>
        compilePattern(value.toLowerCase(), { wildcards: true, variables: false }),
      ),
    },
    resource: {
      // A policy of a resource may leave it out: it means the resource it is attached to.
      negated: resource?.negated ?? true,
      matchers: (resource?.values ?? []).map((value) =>
        compileArnPattern(value, { wildcards: true, variables }),
      ),
    },
    principal: principal === null ? null : compilePrincipal(principal, statement.effect),
    conditions: statement.conditions.map((condition) => compileCondition(condition, variables)),
    keys: keysOf(statement, variables),
  };
}

function keysOf({ resource, conditions }: Statement, variables: boolean): string[] {
  const keys = conditions.map(({ key }) => key.toLowerCase());
  const texts = [...(resource?.values ?? []), ...conditions.flatMap(({ values }) => values)];
  if (variables) keys.push(...texts.flatMap(variablesIn));
  return [...new Set(keys)];
}
