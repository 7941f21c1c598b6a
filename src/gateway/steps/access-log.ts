/**
 * Access logs: one line a request in the format the stage gives, `-` for what has no value.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
import { parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { contextVariables } from '../context-variables.ts';
import type { Engine } from '../engine.ts';
import { compileSubstitution } from '../mapping/substitution.ts';
import type { Admitted, Facts, Routed, Staged, WriteLog } from '../plan.ts';

interface AccessLogSettings {
  readonly destinationArn?: string | undefined;
  readonly format?: string | undefined;
}

/** The SDKs of REST and HTTP APIs spell the members differently. */
type Settings =
  | AccessLogSettings
  | { readonly DestinationArn?: string | undefined; readonly Format?: string | undefined };

export function compileAccessLog(
  engine: Engine,
  scope: Scope,
  settings: Settings | undefined,
  stageVariables: Readonly<Record<string, string>>,
): WriteLog | null {
  const { destinationArn, format } = spelled(settings);
  const group = destinationArn === undefined ? undefined : logGroupOf(destinationArn);
  if (group === undefined || !format) return null;
  const line = compileSubstitution(format, '-');
  // AWS spreads a stage over streams named by a hash; one of ours is one gateway's.
  const stream = engine.ids.segment() + engine.ids.segment();
  return (call) => {
    const message = line({ context: accessVariables(call), stageVariables });
    engine.ports.writeLogEvents(scope, group, stream, [{ timestamp: call.receivedAt, message }]);
  };
}

function spelled(settings: Settings | undefined): AccessLogSettings {
  if (settings === undefined || 'destinationArn' in settings || 'format' in settings) return settings ?? {};
  if ('DestinationArn' in settings || 'Format' in settings)
    return { destinationArn: settings.DestinationArn, format: settings.Format };
  return {};
}

/** `arn:aws:logs:{region}:{account}:log-group:{name}[:*]`; Firehose streams have no place here. */
function logGroupOf(arn: string): string | undefined {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'logs') return undefined;
  return /^log-group:([^:]+)/.exec(parsed.resource)?.[1];
}

/**
 * `$context` and what only access logs know.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
function accessVariables(call: Staged | Routed | Admitted): Record<string, unknown> {
  const { facts } = call;
  const variables = contextVariables(call, call.stage);
  const latency = (facts.endedAt ?? call.receivedAt) - call.receivedAt;
  return {
    ...variables,
    authorizer: authorizerVariables(variables['authorizer'], facts),
    ...signatureVariables(call),
    awsEndpointRequestId: facts.integrationRequestId,
    customDomain: { basePathMatched: call.target.mapped?.basePath || undefined },
    error: {
      message: facts.errorMessage,
      messageString: facts.errorMessage === undefined ? undefined : JSON.stringify(facts.errorMessage),
      responseType: facts.errorType,
      validationErrorString: facts.validationError,
    },
    integration: {
      error: facts.integrationError,
      integrationStatus: facts.integrationStatus,
      latency: facts.integrationLatencyMs,
      requestId: facts.integrationRequestId,
      status: facts.functionStatus ?? facts.integrationStatus,
    },
    integrationErrorMessage: facts.integrationError,
    integrationLatency: facts.integrationLatencyMs,
    integrationStatus: facts.integrationStatus,
    responseLatency: latency,
    responseLength: facts.responseBytes,
    dataProcessed: (facts.responseBytes ?? 0) + Number(call.request.header('content-length') ?? 0),
    status: facts.status,
    waf: {
      error: facts.webAcl?.responseCode === 'WAF_BLOCK' ? facts.reason : undefined,
      latency: facts.webAcl?.latencyMs,
      status: facts.webAcl && (facts.webAcl.responseCode === 'WAF_BLOCK' ? 403 : 200),
    },
    xrayTraceId: call.traceId.replace(/^Root=/, '').replace(/;.*$/, ''),
  };
}

/** AWS_IAM has two halves: whether the signature is good, and whether its owner may. */
function signatureVariables(call: Staged | Routed | Admitted): Record<string, unknown> {
  const { facts } = call;
  if (!('plan' in call) || !call.plan.signed || facts.errorType === 'WAF_FILTERED')
    return { authenticate: {}, authorize: {} };
  const latency = facts.authorizeLatencyMs;
  if ('identity' in call)
    return { authenticate: { latency, status: 200 }, authorize: { latency, status: 200 } };
  const refused = { error: facts.errorMessage, latency, status: facts.status };
  return facts.errorType === 'ACCESS_DENIED'
    ? { authenticate: { latency, status: 200 }, authorize: refused }
    : { authenticate: refused, authorize: {} };
}

function authorizerVariables(said: unknown, facts: Facts): Record<string, unknown> {
  return {
    ...(typeof said === 'object' ? said : {}),
    error: facts.authorizerError,
    integrationLatency: facts.authorizerLatencyMs,
    integrationStatus: facts.authorizerStatus,
    latency: facts.authorizerLatencyMs,
    requestId: facts.authorizerRequestId,
    status: facts.authorizerStatus,
  };
}
