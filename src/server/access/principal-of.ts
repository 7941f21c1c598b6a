import type { Caller } from '../../base/ports.ts';
import type { Principal } from '../../lang/policy/principal.ts';

/** A caller as policies of resources name it. A service's ARN is its principal, `lambda.amazonaws.com`. */
export function principalOf(caller: Caller): Principal {
  if (caller.kind === 'service')
    return caller.arn === '' ? { kind: 'anonymous' } : { kind: 'service', service: caller.arn };
  if (caller.kind === 'root') return { kind: 'root', account: caller.account, arn: caller.arn };
  const { kind, account, arn, userId } = caller;
  return { kind, account, arn, userId };
}
