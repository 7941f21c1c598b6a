/**
 * First-class integrations of an HTTP API: one operation of another service, its parameters mapped from the request.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services.html
 */
import { reasonOf } from '../../base/fault.ts';
import { integrationSubtypes } from '../../base/integration-subtypes.ts';
import { ClientGone, withDeadline } from '../deadline.ts';
import type { HttpRoute } from '../kinds/http-plan.ts';
import { compileHttpResponseMapping } from '../mapping/http-response-mapping.ts';
import { compileHttpValue, type HttpValue } from '../mapping/http-value.ts';
import type { Checked, Reply } from '../plan.ts';
import type { AwsServiceReply, GatewayPorts } from '../ports.ts';
import { firstHeader } from '../raw-headers.ts';
import { configurationError, isRefusal, Refusal } from '../refusal.ts';
import { withStageVariables } from '../stage-variables.ts';
import { withTimeout } from '../timeouts.ts';
import { enter, keptAnswer, keptMessage, noteOutput } from '../trail.ts';
import { integrationCredentials } from './aws-custom.ts';
import { dropHopHeaders } from './hop-headers.ts';
import { serviceActions, type ServiceRequest } from './http-service-actions.ts';

interface Parameter {
  readonly name: string;
  readonly source: string;
  readonly required: boolean;
  readonly value: HttpValue;
}

export function compileHttpService(
  { integration, stagePlan }: HttpRoute,
  ports: GatewayPorts,
): (call: Checked) => Promise<Reply> {
  const subtype = integration.IntegrationSubtype ?? '';
  const compose = serviceActions[subtype];
  if (compose === undefined) throw configurationError(`integration subtype ${subtype} does not exist`);
  const parameters = compileParameters(subtype, integration.RequestParameters ?? {});
  const mapResponse = compileHttpResponseMapping(integration.ResponseParameters ?? {});
  const timeoutMs = withTimeout(integration.TimeoutInMillis, 'http');
  const credentials = withStageVariables(integration.CredentialsArn ?? '', stagePlan.variables) || undefined;
  return async (call) => {
    enter(call.facts, 'transform');
    const { Region: region = stagePlan.api.scope.region, ...given } = resolve(parameters, call);
    const request = compose(given);
    enter(call.facts, 'integrate', keptMessage(call.facts, request));
    const answer = await send(ports, call, { request, region, credentials, timeoutMs });
    noteOutput(call.facts, keptAnswer(call.facts, answer));
    enter(call.facts, 'transform');
    const reply = replyOf(answer);
    return mapResponse === null ? reply : mapResponse(call, reply);
  };
}

function compileParameters(subtype: string, sources: Readonly<Record<string, string>>): Parameter[] {
  const { required = [] } = integrationSubtypes[subtype] ?? {};
  return Object.entries(sources).map(([name, source]) => ({
    name,
    source,
    required: required.includes(name),
    value: compileHttpValue(source),
  }));
}

/** A required parameter without a value is the client's fault, an optional one is left out. */
function resolve(parameters: readonly Parameter[], call: Checked): Record<string, string> {
  const given: Record<string, string> = {};
  for (const { name, source, required, value } of parameters) {
    const text = value(call);
    if (text !== undefined && text !== '') given[name] = text;
    else if (required) throw unresolved(call, name, source);
  }
  return given;
}

/** The reason's words are those of `$context.integrationErrorMessage`. */
function unresolved(call: Checked, name: string, source: string): Refusal {
  const reason = `Unable to resolve property ${name} from source ${source}. Please make sure that all required properties are specified with valid expressions.`;
  call.facts.integrationError = reason;
  return new Refusal('DEFAULT_4XX', 'Bad Request', { reason });
}

interface Sending {
  readonly request: ServiceRequest;
  readonly region: string;
  readonly credentials: string | undefined;
  readonly timeoutMs: number;
}

async function send(
  ports: GatewayPorts,
  call: Checked,
  { request, region, credentials, timeoutMs }: Sending,
): Promise<AwsServiceReply> {
  const started = ports.now();
  const { service, method, target, contentType, headers, body } = request;
  try {
    const answer = await withDeadline(call.request, timeoutMs, (signal) =>
      ports.callAwsService({
        service,
        region,
        scope: call.stage.api.scope,
        method,
        target,
        usualHeaders: ['Host', `${service}.${region}.amazonaws.com`, 'X-Amzn-Trace-Id', call.traceId],
        rawHeaders: ['Content-Type', contentType, ...headers],
        body: Buffer.from(body),
        credentials: integrationCredentials(credentials, call),
        signal,
      }),
    );
    call.facts.integrationStatus = answer.status;
    const requestId = firstHeader(answer.rawHeaders, 'x-amzn-requestid');
    if (requestId !== undefined) call.facts.integrationRequestId = requestId;
    return answer;
  } catch (thrown) {
    if (isRefusal(thrown) || thrown instanceof ClientGone) throw thrown;
    throw new Refusal('INTEGRATION_FAILURE', 'Internal Server Error', {
      status: 500,
      reason: reasonOf(thrown),
    });
  } finally {
    call.facts.integrationLatencyMs = ports.now() - started;
  }
}

/** The service's own status and body; of its headers those that say what the body is, and the request's id there. */
function replyOf({ status, rawHeaders, body }: AwsServiceReply): Reply {
  const headers = dropHopHeaders(rawHeaders).filter(
    (_, at, all) => !LEFT_OUT.has((all[at - (at % 2)] ?? '').toLowerCase()),
  );
  return { status, headers, body };
}

const LEFT_OUT = new Set(['date', 'server', 'content-length', 'vary']);
