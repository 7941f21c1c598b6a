/** AWS_IAM: who signed the request, and whether that caller may invoke the method. */
import type { Caller } from '../../base/ports.ts';
import { arnOf } from '../../base/arn.ts';
import type { GatewayPorts } from '../ports.ts';
import type { Routed } from '../plan.ts';
import { Refusal, type RefusalType } from '../refusal.ts';

/** `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{path as it was called}`. */
export const methodArn = (call: Routed): string =>
  arnOf(
    call.stage.api.scope,
    'execute-api',
    `${call.stage.api.apiId}/${call.stage.stageName}/${call.request.method}${call.path}`,
  );

export async function authorizeIam(ports: GatewayPorts, call: Routed, body: Uint8Array): Promise<Caller> {
  const { request } = call;
  const signed = {
    method: request.message.method ?? request.method,
    target: request.message.url ?? '',
    rawHeaders: request.rawHeaders,
    body,
  };
  const verdict = await ports.authenticate(signed, 'execute-api');
  if (verdict === undefined)
    throw new Refusal('MISSING_AUTHENTICATION_TOKEN', 'Missing Authentication Token');
  if (!verdict.ok) throw badSignature(verdict.code, verdict.message);
  await permit(ports, call, verdict.caller);
  return verdict.caller;
}

async function permit(ports: GatewayPorts, call: Routed, caller: Caller): Promise<void> {
  const scope = call.stage.api.scope;
  if (caller.kind === 'root' && caller.account === scope.account) return;
  const resource = methodArn(call);
  if (ports.authorizeInvoke === undefined) throw denied(caller, resource);
  const permission = {
    caller,
    action: 'execute-api:Invoke',
    resource,
    sourceIp: call.request.sourceIp,
    scope,
  };
  const decision = await ports.authorizeInvoke(permission);
  if (!decision.allowed) throw new Refusal('ACCESS_DENIED', decision.message);
}

/** AWS hides the account in the resource but for its last four digits. */
const masked = (resource: string): string => resource.replace(/:\d{8}(\d{4}):/, ':********$1:');

const denied = (caller: Caller, resource: string): Refusal =>
  new Refusal(
    'ACCESS_DENIED',
    `User: ${caller.arn} is not authorized to perform: execute-api:Invoke on resource: ${masked(resource)} because no identity-based policy allows the execute-api:Invoke action`,
  );

export const anonymousDenied = (call: Routed): Refusal =>
  new Refusal(
    'ACCESS_DENIED',
    `User: anonymous is not authorized to perform: execute-api:Invoke on resource: ${masked(methodArn(call))}`,
  );

const TYPES: Readonly<Record<string, RefusalType>> = {
  InvalidSignatureException: 'INVALID_SIGNATURE',
  SignatureDoesNotMatch: 'INVALID_SIGNATURE',
  ExpiredTokenException: 'EXPIRED_TOKEN',
  MissingAuthenticationTokenException: 'MISSING_AUTHENTICATION_TOKEN',
};

/** Its code goes out as `x-amzn-ErrorType`, its text under `message`. */
const badSignature = (code: string, message: string): Refusal =>
  new Refusal(TYPES[code] ?? 'ACCESS_DENIED', message, {
    errorType: code,
    bytes: JSON.stringify({ message }),
  });
