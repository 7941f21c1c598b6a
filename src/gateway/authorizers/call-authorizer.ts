/** Calls a Lambda authorizer and reads what it says; what it must not say is AWS's 500. */
import { isFault, reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { arnOf } from '../../base/arn.ts';
import { withDeadline, ClientGone } from '../deadline.ts';
import { actingAs, functionArnOf } from '../integrations/lambda-function.ts';
import { parseObject } from '../../lang/json/json-object.ts';
import { narrate } from '../narrate.ts';
import type { Routed } from '../plan.ts';
import type { GatewayPorts } from '../ports.ts';
import { configurationError, Refusal } from '../refusal.ts';
import { withStageVariables } from '../stage-variables.ts';

export interface AuthorizerFunction {
  readonly functionArn: string;
  readonly authorizerId: string;
  readonly credentials: string | undefined;
}

export function authorizerFunction(
  uri: string,
  authorizerId: string,
  credentials: string | undefined,
  variables: Readonly<Record<string, string>>,
): AuthorizerFunction {
  const functionArn = functionArnOf(withStageVariables(uri, variables));
  if (functionArn === undefined) throw configurationError('Invalid permissions on Lambda function');
  return { functionArn, authorizerId, credentials };
}

/** The answer as an object. Throws UNAUTHORIZED when the function fails with `Unauthorized`, else a 500. */
export async function callAuthorizer(
  ports: GatewayPorts,
  call: Routed,
  what: AuthorizerFunction,
  event: object,
): Promise<Record<string, unknown>> {
  const started = ports.now();
  const { api } = call.stage;
  narrate(call, () => `Starting authorizer: ${what.authorizerId} for request: ${call.requestId}`);
  const sourceArn = arnOf(api.scope, 'execute-api', `${api.apiId}/authorizers/${what.authorizerId}`);
  try {
    const answer = await withDeadline(call.request, limits.lambdaAuthorizerTimeoutMs, (signal) =>
      ports.invoke({
        functionArn: what.functionArn,
        type: 'RequestResponse',
        payload: Buffer.from(JSON.stringify(event)),
        traceId: call.traceId,
        signal,
        ...(what.credentials === undefined
          ? { invoker: { servicePrincipal: 'apigateway.amazonaws.com', sourceArn } }
          : { actingAs: actingAs(what.credentials, null) }),
      }),
    );
    call.facts.authorizerStatus = answer.status;
    call.facts.authorizerRequestId = answer.requestId;
    const said = parseObject(Buffer.from(answer.payload).toString('utf8'));
    if (answer.functionError !== undefined) throw functionFailed(said);
    if (said === undefined) throw badAuthorizer('Could not parse policy');
    narrate(call, () => 'Successfully completed authorizer execution');
    return said;
  } catch (thrown) {
    throw refusalOf(call, thrown);
  } finally {
    call.facts.authorizerLatencyMs = ports.now() - started;
  }
}

const functionFailed = (said: Record<string, unknown> | undefined): Refusal =>
  said?.['errorMessage'] === 'Unauthorized'
    ? new Refusal('UNAUTHORIZED', 'Unauthorized')
    : badAuthorizer(`Authorizer error: ${String(said?.['errorMessage'] ?? '')}`);

/** `{"message":null}`: seen whenever an authorizer answers what it should not. */
export const badAuthorizer = (reason: string): Refusal =>
  new Refusal('AUTHORIZER_CONFIGURATION_ERROR', null, {
    reason: `Execution failed due to configuration error: ${reason.slice(0, 1024)}`,
  });

function refusalOf(call: Routed, thrown: unknown): unknown {
  if (thrown instanceof ClientGone) return thrown;
  call.facts.authorizerError = reasonOf(thrown);
  if (thrown instanceof Refusal && thrown.type !== 'INTEGRATION_TIMEOUT') return thrown;
  if (isFault(thrown)) return badAuthorizer(`Invalid permissions on Lambda function: ${thrown.message}`);
  return new Refusal('AUTHORIZER_FAILURE', null, { reason: `Authorizer error: ${reasonOf(thrown)}` });
}

/** Text, numbers and booleans, as text; anything nested is refused. Undefined: not a context. */
export function readContext(context: unknown): Record<string, string> | undefined {
  if (context === undefined || context === null) return {};
  if (typeof context !== 'object' || Array.isArray(context)) return undefined;
  const members: [string, string][] = [];
  for (const [name, value] of Object.entries(context)) {
    if (value === null) continue;
    if (typeof value === 'object') return undefined;
    members.push([name, String(value)]);
  }
  return Object.fromEntries(members);
}
