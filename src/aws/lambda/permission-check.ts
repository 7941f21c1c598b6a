/** Whether a function's resource policy lets a service invoke it. No statement that allows: no. */
import { parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { Invocation } from '../../base/ports.ts';
import { type CompiledPolicy, compilePolicy } from '../../lang/policy/compile.ts';
import { evaluate } from '../../lang/policy/evaluate.ts';
import { policyText, type Statement } from './permission-statement.ts';

type Invoker = NonNullable<Invocation['invoker']>;

export interface Permissions {
  readonly policy: CompiledPolicy;
  /** `resource` is the ARN that is invoked, as the statements name it. */
  allows(action: string, resource: string, invoker: Invoker): boolean;
}

/** A gateway asks with a source ARN per method and path: as many answers as this are remembered. */
const ANSWERS_KEPT = 1_000;

export function compilePermissions(statements: readonly Statement[]): Permissions {
  const resource = compilePolicy(policyText(statements), { kind: 'resource' });
  const answers = new Map<string, boolean>();
  const ask = (action: string, arn: string, invoker: Invoker): boolean =>
    evaluate(
      { resource },
      {
        action,
        resource: arn,
        principal: { kind: 'service', service: invoker.servicePrincipal },
        context: contextOf(invoker),
      },
    ).effect === 'Allow';
  return {
    policy: resource,
    allows(action, arn, invoker) {
      const question = `${action} ${arn} ${invoker.servicePrincipal} ${invoker.sourceArn} ${invoker.sourceAccount ?? ''}`;
      const known = answers.get(question);
      if (known !== undefined) return known;
      const answer = ask(action, arn, invoker);
      if (answers.size >= ANSWERS_KEPT) answers.clear();
      answers.set(question, answer);
      return answer;
    },
  };
}

/** What is known of a service's call: its source, and the account in the source's ARN, which a bucket's has not. */
function contextOf({ sourceArn, sourceAccount }: Invoker): Record<string, string> {
  const account = sourceAccount ?? parseArn(sourceArn)?.account;
  return { 'aws:SourceArn': sourceArn, ...(account ? { 'aws:SourceAccount': account } : {}) };
}

/** As AWS words a refusal for want of a resource policy. */
export const notAuthorized = (principal: string, action: string, resource: string): Fault =>
  new Fault(
    'AccessDeniedException',
    `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} because no resource-based policy allows the ${action} action`,
    { status: 403 },
  );
