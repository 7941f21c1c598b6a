/**
 * Who may call a function through its URL: both rights are needed, to invoke the URL and to invoke the function through
 * one. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
 */
import type { Caller } from '../../base/ports.ts';
import { type CompiledPolicy, compilePolicy } from '../../lang/policy/compile.ts';
import { evaluate, type Policies } from '../../lang/policy/evaluate.ts';
import type { Principal } from '../../lang/policy/principal.ts';
import { readFunctionArn } from './function-reference.ts';
import type { FunctionUrl } from './function-url.ts';
import type { LambdaRoom } from './ports.ts';

export type AuthorizeFunctionUrl = (
  url: Pick<FunctionUrl, 'functionArn' | 'authType'>,
  caller: Caller | undefined,
) => Promise<boolean>;

/** `caller` is undefined for URLs without authorization, whose policy must then let everybody in. */
export function createAuthorizeFunctionUrl(room: LambdaRoom): AuthorizeFunctionUrl {
  return async ({ functionArn, authType }, caller) => {
    const reference = readFunctionArn(functionArn);
    const known = reference && (await room.catalog.find(reference.scope, reference.name));
    if (reference === undefined || known === undefined) return false;
    const resource = known.permissions.get(reference.qualifier ?? '')?.policy;
    const policies = await policiesOf(room, caller, reference.scope.account, resource);
    const ask = (action: string, key: string, value: string): boolean =>
      evaluate(policies, {
        action,
        resource: functionArn,
        principal: principalOf(caller),
        context: {
          [key]: value,
          ...(caller && { 'aws:PrincipalArn': caller.arn, 'aws:PrincipalAccount': caller.account }),
        },
      }).effect === 'Allow';
    return (
      ask('lambda:InvokeFunctionUrl', 'lambda:FunctionUrlAuthType', authType) &&
      ask('lambda:InvokeFunction', 'lambda:InvokedViaFunctionUrl', 'true')
    );
  };
}

async function policiesOf(
  room: LambdaRoom,
  caller: Caller | undefined,
  account: string,
  resource: CompiledPolicy | undefined,
): Promise<Policies> {
  const policy = resource && { resource };
  if (caller === undefined) return { ...policy, sameAccount: false };
  const sameAccount = caller.account === account;
  // Without a way to read its policies a caller has none, which lets in nobody but the account's root.
  const own = caller.kind === 'root' ? undefined : await room.principalPolicies?.(caller);
  return {
    ...policy,
    sameAccount,
    identity: (own?.identity ?? []).map((document) => compilePolicy(document)),
    ...(own?.boundary !== undefined && { boundary: compilePolicy(own.boundary) }),
    ...(own?.session !== undefined && { session: own.session.map((document) => compilePolicy(document)) }),
  };
}

function principalOf(caller: Caller | undefined): Principal {
  if (caller === undefined) return { kind: 'anonymous' };
  if (caller.kind === 'service') return { kind: 'anonymous' };
  return { kind: caller.kind, account: caller.account, arn: caller.arn };
}
