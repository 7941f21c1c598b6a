/** Invocations with somebody's rights, where IAM is enforced: the role must trust the service, and may invoke the function. */
import { parseArn } from '../base/arn.ts';
import type { Caller, Invocation, Invoke } from '../base/ports.ts';
import type { AuthorizeCall } from '../wire/run-operation.ts';

export interface InvokeAsPorts {
  readonly invoke: Invoke;
  readonly authorizeCall: AuthorizeCall;
}

export function invokeAs({ invoke, authorizeCall }: InvokeAsPorts): Invoke {
  return async (invocation) => {
    const { actingAs, functionArn } = invocation;
    if (actingAs === undefined) return invoke(invocation);
    const { account = '', region = '' } = parseArn(functionArn) ?? {};
    await authorizeCall({
      service: 'lambda',
      operation: 'Invoke',
      input: { FunctionName: functionArn },
      scope: { account, region },
      caller: callerOf(actingAs),
      ...(actingAs.kind === 'role' && { calledVia: [actingAs.servicePrincipal] }),
    });
    return invoke(invocation);
  };
}

function callerOf(actingAs: NonNullable<Invocation['actingAs']>): Caller {
  if (actingAs.kind === 'caller') return actingAs.caller;
  const role = parseArn(actingAs.roleArn);
  const name = role?.resource.split('/').at(-1) ?? '';
  return {
    kind: 'assumed-role',
    account: role?.account ?? '',
    arn: `arn:${role?.partition ?? 'aws'}:sts::${role?.account}:assumed-role/${name}/BackplaneAssumeRoleSession`,
    userId: `${name}:BackplaneAssumeRoleSession`,
    accessKeyId: '',
  };
}
