/** AWS_IAM: who signed the request, and whether that caller may invoke the method. */
import type { Caller } from '../../base/ports.ts';
import type { GatewayPorts } from '../ports.ts';
import type { Routed } from '../plan.ts';
import { Refusal, type RefusalType } from '../refusal.ts';
import { methodArn, otherReading } from './method-arn.ts';
import { requestConditions } from './request-conditions.ts';
import { masked, type ResourcePolicy } from './resource-policy.ts';

/** Within the account an allow of either kind of policy is enough; between accounts both must allow. */
export async function authorizeIam(
  ports: GatewayPorts,
  call: Routed,
  body: Uint8Array,
  policy: ResourcePolicy | null,
): Promise<Caller> {
  const { message, rawHeaders } = call.request;
  const signed = { method: message.method ?? '', target: message.url ?? '', rawHeaders, body };
  const verdict = await ports.authenticate(signed, 'execute-api');
  if (verdict === undefined)
    throw new Refusal('MISSING_AUTHENTICATION_TOKEN', 'Missing Authentication Token');
  if (!verdict.ok) throw badSignature(verdict.code, verdict.message);
  await permit(ports, call, verdict.caller, policy);
  return verdict.caller;
}

async function permit(
  ports: GatewayPorts,
  call: Routed,
  caller: Caller,
  policy: ResourcePolicy | null,
): Promise<void> {
  const { scope } = call.stage.api;
  if (policy === null && caller.kind === 'root' && caller.account === scope.account) return;
  const { authorizeInvoke } = ports;
  const action = call.plan.invokeAction ?? INVOKE;
  if (authorizeInvoke === undefined) throw denied(caller, action, methodArn(call));
  const ask = async (resource: string, counts: (message: string) => boolean): Promise<void> => {
    const decision = await authorizeInvoke({
      caller,
      action,
      resource,
      sourceIp: call.request.sourceIp,
      context: requestConditions(call),
      scope,
      resourcePolicy: policy?.policy ?? null,
      bothMustAllow: policy?.mustAllow ?? false,
    });
    if (!decision.allowed && counts(decision.message))
      throw new Refusal('ACCESS_DENIED', masked(decision.message));
  };
  await ask(methodArn(call), () => true);
  // See evaluate-method.ts: what the path may also mean must not be denied, nor be reached by climbing.
  const other = otherReading(call);
  if (other !== null) await ask(other.arn, (message) => other.climbs || message.includes('explicit deny'));
}

const INVOKE = 'execute-api:Invoke';

const denied = (caller: Caller, action: string, resource: string): Refusal =>
  new Refusal(
    'ACCESS_DENIED',
    `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${masked(resource)} because no identity-based policy allows the ${action} action`,
  );

const TYPES: Readonly<Record<string, RefusalType>> = {
  InvalidSignatureException: 'INVALID_SIGNATURE',
  SignatureDoesNotMatch: 'INVALID_SIGNATURE',
  IncompleteSignatureException: 'INVALID_SIGNATURE',
  ExpiredTokenException: 'EXPIRED_TOKEN',
  MissingAuthenticationTokenException: 'MISSING_AUTHENTICATION_TOKEN',
};

/** Its code goes out as `x-amzn-ErrorType`, its text under `message`. */
const badSignature = (code: string, message: string): Refusal =>
  new Refusal(TYPES[code] ?? 'ACCESS_DENIED', message, {
    errorType: code,
    bytes: JSON.stringify({ message }),
  });
