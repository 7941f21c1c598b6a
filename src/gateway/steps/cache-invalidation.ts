/** Who may have a cached answer read anew, and what becomes of a request that asks for it and may not. */
import type { Checked } from '../plan.ts';
import type { GatewayPorts } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { methodArn } from './method-arn.ts';

/**
 * The permission `execute-api:InvalidateCache` of whoever signed the request; nobody has it who did not sign. Not across
 * accounts: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
 */
export async function mayInvalidate(ports: GatewayPorts, call: Checked): Promise<boolean> {
  const { caller } = call.identity;
  const { scope } = call.stage.api;
  if (caller === null || caller.account !== scope.account) return false;
  if (caller.kind === 'root') return true;
  const decision = await ports.authorizeInvoke?.({
    caller,
    action: 'execute-api:InvalidateCache',
    resource: methodArn(call),
    sourceIp: call.request.sourceIp,
    scope,
    resourcePolicy: null,
  });
  return decision?.allowed === true;
}

/** As AWS was seen to word it. */
const WARNING = '199 Cache-control headers were ignored because the caller was unauthorized.';

/** The warning that goes with the answer, or null for none. Absent: AWS's default, with the header. */
export function refuseInvalidation(strategy: string | undefined): string | null {
  switch (strategy) {
    case 'FAIL_WITH_403':
      throw new Refusal('ACCESS_DENIED', 'Unauthorized');
    case 'SUCCEED_WITHOUT_RESPONSE_HEADER':
      return null;
    default:
      return WARNING;
  }
}
