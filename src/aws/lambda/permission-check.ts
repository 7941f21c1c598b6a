/** Whether a function's resource policy lets a service invoke it. No statement that allows: no. */
import { parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { Invocation } from '../../base/ports.ts';
import type { Statement } from './permission-statement.ts';

type Invoker = NonNullable<Invocation['invoker']>;
type Predicate = (invoker: Invoker) => boolean;

export interface Permissions {
  allows(action: string, invoker: Invoker): boolean;
}

/** A gateway asks with a source ARN per method and path: as many answers as this are remembered. */
const ANSWERS_KEPT = 1_000;

export function compilePermissions(statements: readonly Statement[]): Permissions {
  const compiled = statements.map((statement) => ({ action: statement.Action, holds: compile(statement) }));
  const answers = new Map<string, boolean>();
  return {
    allows(action, invoker) {
      const question = `${action} ${invoker.servicePrincipal} ${invoker.sourceArn}`;
      const known = answers.get(question);
      if (known !== undefined) return known;
      const answer = compiled.some((one) => covers(one.action, action) && one.holds(invoker));
      if (answers.size >= ANSWERS_KEPT) answers.clear();
      answers.set(question, answer);
      return answer;
    },
  };
}

/** As AWS words a refusal for want of a resource policy. */
export const notAuthorized = (principal: string, action: string, resource: string): Fault =>
  new Fault(
    'AccessDeniedException',
    `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} because no resource-based policy allows the ${action} action`,
    { status: 403 },
  );

const covers = (granted: string, action: string): boolean =>
  granted === '*' || granted === 'lambda:*' || granted === action;

function compile(statement: Statement): Predicate {
  const tests = [compilePrincipal(statement.Principal)];
  for (const [operator, operands] of Object.entries(statement.Condition ?? {}))
    for (const [key, expected] of Object.entries(operands))
      tests.push(compileCondition(operator, key, expected));
  return (invoker) => tests.every((test) => test(invoker));
}

function compilePrincipal(principal: Statement['Principal']): Predicate {
  if (principal === '*' || principal.AWS === '*') return () => true;
  const service = principal.Service;
  return (invoker) => service !== undefined && service === invoker.servicePrincipal;
}

/** The conditions AddPermission makes. Any other key is not known of a service's call, so it cannot hold. */
function compileCondition(operator: string, key: string, expected: string): Predicate {
  const valueOf = CONDITION_VALUES[key.toLowerCase()];
  if (valueOf === undefined) return () => false;
  if (operator === 'ArnLike') {
    const matches = compileArnLike(expected);
    return (invoker) => matches(valueOf(invoker) ?? '');
  }
  if (operator === 'StringEquals') return (invoker) => valueOf(invoker) === expected;
  return () => false;
}

const CONDITION_VALUES: Readonly<Record<string, (invoker: Invoker) => string | undefined>> = {
  'aws:sourcearn': (invoker) => invoker.sourceArn,
  'aws:sourceaccount': (invoker) => parseArn(invoker.sourceArn)?.account,
};

/**
 * ArnLike: each of the six parts by itself, `*` and `?` inside a part.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
function compileArnLike(pattern: string): (arn: string) => boolean {
  const parts = sixParts(pattern).map(
    (part) =>
      new RegExp(
        `^${part
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '[^]*')
          .replaceAll('?', '[^]')}$`,
      ),
  );
  return (arn) => {
    const given = sixParts(arn);
    return given.length === parts.length && parts.every((part, at) => part.test(given[at] ?? ''));
  };
}

function sixParts(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}
