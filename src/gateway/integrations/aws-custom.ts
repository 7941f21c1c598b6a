/** AWS (not proxy) on a REST API: a Lambda function, or any operation of an AWS service. */
import type { Scope } from '../../base/scope.ts';
import type { RestMethod } from '../kinds/rest-method.ts';
import type { BackendRequest } from '../mapping/request-transform.ts';
import type { Checked, Reply } from '../plan.ts';
import { reasonOf } from '../../base/fault.ts';
import { narrate, narrateBody, printHeaders } from '../narrate.ts';
import type { AwsAction, AwsServiceReply, GatewayPorts, IntegrationCredentials } from '../ports.ts';
import { firstHeader } from '../raw-headers.ts';
import { configurationError, Refusal } from '../refusal.ts';
import { withStageVariables } from '../stage-variables.ts';
import { withTimeout } from '../timeouts.ts';
import { withDeadline } from '../deadline.ts';
import { compileCustom, type Backend, type BackendAnswer } from './custom.ts';
import { parseObject } from '../../lang/json/json-object.ts';
import { callFunction, functionArnOf } from './lambda-function.ts';
import { credentialsOf, textOf } from './lambda-proxy.ts';
import { appendQuery, bytesOf, withDefaults } from './http-custom.ts';
import { asBytes, fillTemplate, safeTarget } from './http-target.ts';

export function compileAwsCustom(
  method: RestMethod,
  ports: GatewayPorts,
): (call: Checked) => Reply | Promise<Reply> {
  const backend = compileAwsBackend(ports, {
    uri: withStageVariables(method.integration.uri ?? '', method.stage.variables),
    timeoutMs: withTimeout(method.integration.timeoutInMillis, 'rest'),
    credentials: credentialsOf(method),
    httpMethod: method.integration.httpMethod,
    scope: method.stage.api.scope,
  });
  return compileCustom(method, backend, true);
}

export interface AwsTarget {
  /** Stage variables are filled in. */
  readonly uri: string;
  readonly timeoutMs: number;
  readonly credentials: string | undefined;
  /** `ANY` and undefined: the client's own. */
  readonly httpMethod: string | undefined;
  readonly scope: Scope;
}

export function compileAwsBackend(ports: GatewayPorts, target: AwsTarget): Backend {
  const functionArn = functionArnOf(target.uri);
  return functionArn === undefined
    ? serviceBackend(target, ports)
    : lambdaBackend(target, ports, functionArn);
}

/** Without an error the function's answer counts as status 200; with one, patterns see its errorMessage. */
function lambdaBackend(
  { timeoutMs, credentials }: AwsTarget,
  ports: GatewayPorts,
  functionArn: string,
): Backend {
  return async (call, request) => {
    const asynchronous = mapped(request, 'x-amz-invocation-type') === 'Event';
    const sent = bytesOf(request.body);
    const answer = await callFunction(ports, call, {
      functionArn,
      timeoutMs,
      credentials,
      // Lambda reads an absent payload as an empty object.
      payload: sent.length === 0 ? Buffer.from('{}') : sent,
      type: asynchronous ? 'Event' : 'RequestResponse',
    });
    const failure =
      answer.functionError === undefined ? undefined : parseObject(textOf(answer.payload))?.['errorMessage'];
    const selection = typeof failure === 'string' && failure !== '' ? failure : String(answer.status);
    return { status: answer.status, headers: JSON_HEADERS, body: answer.payload, selection };
  };
}

const JSON_HEADERS = ['Content-Type', 'application/json'];

function mapped(request: BackendRequest, key: string): string | undefined {
  for (const [name, values] of request.headers) if (name.toLowerCase() === key) return values[0];
  return undefined;
}

const SERVICE_URI = /^arn:[^:]+:apigateway:([^:]*):([^:]+):(path|action)\/(.*)$/s;

/** `arn:aws:apigateway:{region}:{service}:path/{path}` or `...:action/{Operation}`. */
function serviceBackend(of: AwsTarget, ports: GatewayPorts): Backend {
  const { timeoutMs, scope, httpMethod, credentials } = of;
  const parts = SERVICE_URI.exec(of.uri);
  if (parts === null) throw configurationError('Invalid endpoint address');
  const [, namedRegion = '', service = '', style, rest = ''] = parts;
  const region = namedRegion === '' ? scope.region : namedRegion;
  return async (call, request): Promise<BackendAnswer> => {
    const started = ports.now();
    const filled = fillTemplate(rest, (name) => request.path.get(name));
    const action = style === 'action' ? actionOf(filled) : undefined;
    const target = safeTarget(asBytes(appendQuery(style === 'path' ? `/${filled}` : '/', request.query)));
    const usualHeaders = usualHeadersOf(call, request, service, region);
    const rawHeaders = withDefaults([], request.headers);
    const body = bytesOf(request.body);
    const host = `https://${service}.${region}.amazonaws.com`;
    narrate(call, () => `Endpoint request URI: ${host}${target}`);
    narrate(call, () => `Endpoint request headers: ${printHeaders([...usualHeaders, ...rawHeaders])}`);
    narrateBody(call, 'Endpoint request body after transformations', body);
    narrate(call, () => `Sending request to ${host}${target}`);
    try {
      const reply = await withDeadline(call.request, timeoutMs, (signal) =>
        ports.callAwsService({
          service,
          region,
          scope,
          method: httpMethod === undefined || httpMethod === 'ANY' ? call.request.method : httpMethod,
          target,
          ...(action === undefined ? {} : { action }),
          usualHeaders,
          rawHeaders,
          body,
          credentials: integrationCredentials(credentials, call),
          signal,
        }),
      );
      tell(call, reply, ports.now() - started);
      return {
        status: reply.status,
        headers: reply.rawHeaders,
        body: reply.body,
        selection: String(reply.status),
      };
    } catch (thrown) {
      throw thrown instanceof Refusal || (thrown instanceof Error && thrown.name === 'ClientGone')
        ? thrown
        : failed(thrown);
    } finally {
      call.facts.integrationLatencyMs = ports.now() - started;
    }
  };
}

function tell(call: Checked, reply: AwsServiceReply, latencyMs: number): void {
  call.facts.integrationStatus = reply.status;
  const requestId =
    firstHeader(reply.rawHeaders, 'x-amzn-requestid') ?? firstHeader(reply.rawHeaders, 'x-amz-request-id');
  if (requestId !== undefined) call.facts.integrationRequestId = requestId;
  narrate(call, () => `Received response. Status: ${reply.status}, Integration latency: ${latencyMs} ms`);
  narrate(call, () => `Endpoint response headers: ${printHeaders(reply.rawHeaders)}`);
  narrateBody(call, 'Endpoint response body before transformations', reply.body);
}

const failed = (thrown: unknown): Refusal =>
  new Refusal('INTEGRATION_FAILURE', 'Internal server error', {
    status: 500,
    reason: `Execution failed due to configuration error: ${reasonOf(thrown)}`,
  });

function usualHeadersOf(
  call: Checked,
  request: BackendRequest,
  service: string,
  region: string,
): readonly string[] {
  return [
    'Host',
    `${service}.${region}.amazonaws.com`,
    'Accept',
    'application/json',
    'Content-Type',
    request.contentType,
    'User-Agent',
    `AmazonAPIGateway_${call.plan.stage.api.apiId}`,
    'X-Amzn-Trace-Id',
    call.traceId,
    'x-amzn-apigateway-api-id',
    call.plan.stage.api.apiId,
  ];
}

/** `PutItem`, or `GetObject&Bucket=b&Key=k`. */
function actionOf(text: string): AwsAction {
  const [name = '', ...pairs] = text.split('&');
  const parameters = pairs.map((pair): readonly [string, string] => {
    const equals = pair.indexOf('=');
    return equals === -1 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return { name, parameters };
}

const CALLERS_OWN = /^arn:[^:]+:iam::\*:user\/\*$/;

/** https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html, `credentials`. */
export function integrationCredentials(
  credentials: string | undefined,
  call: Checked,
): IntegrationCredentials {
  if (credentials === undefined) return { kind: 'none' };
  if (!CALLERS_OWN.test(credentials)) return { kind: 'role', roleArn: credentials };
  const { caller } = call.identity;
  if (caller === null || caller.kind === 'service')
    throw configurationError('The caller must be authorized by AWS_IAM to pass its credentials on');
  return { kind: 'caller', caller };
}
