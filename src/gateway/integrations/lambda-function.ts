/** A Lambda function as an integration knows it: found in the URI when the stage is compiled, called with a deadline. */
import { isFault } from '../../base/fault.ts';
import type { Trail } from '../../base/observation.ts';
import type { Caller, Invocation, InvocationAnswer } from '../../base/ports.ts';
import { arnOf } from '../../base/arn.ts';
import { withDeadline } from '../deadline.ts';
import { narrate, narrateBody, printHeaders } from '../narrate.ts';
import type { Admitted, Checked, Routed, StagePlan } from '../plan.ts';
import type { GatewayPorts } from '../ports.ts';
import { configurationError, Refusal } from '../refusal.ts';
import { enter, keptBody, noteOutput } from '../trail.ts';

const FUNCTION_URI =
  /:lambda:path\/+\d{4}-\d{2}-\d{2}\/functions\/(.+)\/(?:invocations|response-streaming-invocations)$/;

/** The function's ARN from `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations` or the ARN alone. */
export function functionArnOf(uri: string): string | undefined {
  const found = FUNCTION_URI.exec(uri)?.[1];
  if (found !== undefined) return found;
  return /^arn:[^:]+:lambda:[^:]+:\d+:function:/.test(uri) ? uri : undefined;
}

/** What the function's resource policy is asked about: the method with the path as it was defined. */
const executeApiArn = (stage: StagePlan, method: string, path: string): string =>
  arnOf(stage.api.scope, 'execute-api', `${stage.api.apiId}/${stage.stageName}/${method}${path}`);

export interface FunctionCall {
  readonly functionArn: string;
  readonly timeoutMs: number;
  readonly payload: Uint8Array;
  /** The integration's role calls, so the function's resource policy is not asked. */
  readonly credentials: string | undefined;
  readonly type?: 'RequestResponse' | 'Event';
  readonly onChunk?: (chunk: Uint8Array) => void | Promise<void>;
}

/** Calls, notes status and latency, and refuses as the call's kind does when Lambda does. */
export async function callFunction(
  ports: GatewayPorts,
  call: Checked,
  what: FunctionCall,
): Promise<InvocationAnswer> {
  const { facts } = call;
  // A custom integration has entered this step with what it made for it.
  if (facts.trail !== undefined && !isIntegrating(facts.trail)) enter(facts, 'integrate', sentTo(what));
  const started = ports.now();
  const endpoint = (): string => endpointOf(what.functionArn);
  narrate(call, () => `Endpoint request URI: ${endpoint()}`);
  narrate(call, () => `Endpoint request headers: ${printHeaders(headersOf(call))}`);
  narrateBody(call, 'Endpoint request body after transformations', what.payload);
  narrate(call, () => `Sending request to ${endpoint()}`);
  try {
    const answer = await withDeadline(call.request, what.timeoutMs, (signal) =>
      ports.invoke(invocationOf(call, what, signal)),
    );
    facts.integrationStatus = answer.status;
    facts.integrationRequestId = answer.requestId;
    if (facts.trail !== undefined) noteOutput(facts, receivedOf(answer));
    narrate(
      call,
      () => `Received response. Status: ${answer.status}, Integration latency: ${ports.now() - started} ms`,
    );
    narrateBody(call, 'Endpoint response body before transformations', answer.payload);
    return answer;
  } catch (thrown) {
    throw isFault(thrown) ? refusedByLambda(thrown.code, thrown.message) : thrown;
  } finally {
    facts.integrationLatencyMs = ports.now() - started;
  }
}

/** The address AWS's log shows for a function. */
const endpointOf = (functionArn: string): string =>
  `https://lambda.${functionArn.split(':')[3]}.amazonaws.com/2015-03-31/functions/${functionArn}/invocations`;

/** Of the headers that AWS's log shows, those that say something of this call; none carries a secret. */
const headersOf = (call: Checked): string[] => [
  'x-amzn-lambda-integration-tag',
  call.requestId,
  'x-amzn-apigateway-api-id',
  call.plan.stage.api.apiId,
  'X-Amz-Source-Arn',
  executeApiArn(call.plan.stage, call.request.method, call.plan.resourcePath),
  'Accept',
  'application/json',
  'User-Agent',
  `AmazonAPIGateway_${call.plan.stage.api.apiId}`,
  'X-Amzn-Trace-Id',
  call.traceId,
];

const isIntegrating = (trail: Trail): boolean => trail.steps.at(-1)?.step === 'integrate';

const sentTo = ({ functionArn, payload }: FunctionCall) => ({ functionArn, body: keptBody(payload) });

const receivedOf = ({ status, functionError, executedVersion, payload }: InvocationAnswer) => ({
  status,
  functionError,
  executedVersion,
  body: keptBody(payload),
});

function invocationOf(call: Routed | Admitted, what: FunctionCall, signal: AbortSignal): Invocation {
  const { plan, request } = call;
  const sourceArn = plan.invokeArn ?? executeApiArn(plan.stage, request.method, plan.resourcePath);
  return {
    functionArn: what.functionArn,
    type: what.type ?? 'RequestResponse',
    payload: what.payload,
    traceId: call.traceId,
    signal,
    ...(what.onChunk === undefined ? {} : { onChunk: what.onChunk }),
    ...(what.credentials === undefined
      ? { invoker: { servicePrincipal: 'apigateway.amazonaws.com', sourceArn } }
      : { actingAs: actingAs(what.credentials, 'identity' in call ? call.identity.caller : null) }),
  };
}

/** `arn:aws:iam::*:user/*` stands for the caller's own rights. */
const OF_CALLER = /^arn:[\w-]+:iam::\*:user\/\*$/;

export function actingAs(credentials: string, caller: Caller | null): NonNullable<Invocation['actingAs']> {
  if (!OF_CALLER.test(credentials))
    return { kind: 'role', roleArn: credentials, servicePrincipal: 'apigateway.amazonaws.com' };
  if (caller === null)
    throw configurationError('The caller must be authorized by AWS_IAM to pass its credentials on');
  return { kind: 'caller', caller };
}

/**
 * Lambda's own refusals: 500 for throttles and permissions, 413 for a payload over its limit.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html
 */
function refusedByLambda(code: string, message: string): Refusal {
  if (code === 'RequestTooLargeException')
    return new Refusal('REQUEST_TOO_LARGE', 'Request Too Long', { reason: message });
  return new Refusal('INTEGRATION_FAILURE', 'Internal server error', {
    status: 500,
    reason: `Execution failed due to configuration error: ${message}`,
  });
}
