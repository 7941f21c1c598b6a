/** AWS (not proxy) on a REST API: a Lambda function, or any operation of an AWS service. */
import type { RestMethod } from '../kinds/rest-method.ts';
import type { BackendRequest } from '../mapping/request-transform.ts';
import type { Checked, Reply } from '../plan.ts';
import type { GatewayPorts } from '../ports.ts';
import { configurationError, Refusal } from '../refusal.ts';
import { withStageVariables } from '../stage-variables.ts';
import { withTimeout } from '../timeouts.ts';
import { withDeadline } from '../deadline.ts';
import { compileCustom, type Backend, type BackendAnswer } from './custom.ts';
import { parseObject } from './lambda-answer.ts';
import { callFunction, functionArnOf } from './lambda-function.ts';
import { credentialsOf, textOf } from './lambda-proxy.ts';
import { appendQuery, bytesOf, withDefaults } from './http-custom.ts';
import { asBytes, fillTemplate, safeTarget } from './http-target.ts';

export function compileAwsCustom(
  method: RestMethod,
  ports: GatewayPorts,
): (call: Checked) => Reply | Promise<Reply> {
  const uri = withStageVariables(method.integration.uri ?? '', method.stage.variables);
  const functionArn = functionArnOf(uri);
  const backend =
    functionArn === undefined
      ? serviceBackend(method, ports, uri)
      : lambdaBackend(method, ports, functionArn);
  return compileCustom(method, backend, true);
}

/** Without an error the function's answer counts as status 200; with one, patterns see its errorMessage. */
function lambdaBackend(method: RestMethod, ports: GatewayPorts, functionArn: string): Backend {
  const timeoutMs = withTimeout(method.integration.timeoutInMillis, 'rest');
  const credentials = credentialsOf(method);
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
function serviceBackend(method: RestMethod, ports: GatewayPorts, uri: string): Backend {
  const parts = SERVICE_URI.exec(uri);
  if (parts === null) throw configurationError('Invalid endpoint address');
  const [, region = '', service = '', style, rest = ''] = parts;
  const timeoutMs = withTimeout(method.integration.timeoutInMillis, 'rest');
  const credentials = credentialsOf(method);
  const scope = method.stage.api.scope;
  return async (call, request): Promise<BackendAnswer> => {
    const started = ports.now();
    const path = style === 'path' ? `/${fillTemplate(rest, (name) => request.path.get(name))}` : '/';
    const action = style === 'action' ? actionOf(service, rest) : NO_ACTION;
    const query = new Map([...request.query, ...action.query]);
    const sentMethod = method.integration.httpMethod ?? 'POST';
    try {
      const reply = await withDeadline(call.request, timeoutMs, (signal) =>
        ports.callAwsService({
          service,
          region: region === '' ? scope.region : region,
          scope,
          method: sentMethod,
          target: safeTarget(asBytes(appendQuery(path, query))),
          rawHeaders: withDefaults(
            [...serviceDefaults(call, request, service, region), ...action.headers],
            request.headers,
          ),
          body: bytesOf(request.body),
          credentials,
          signal,
        }),
      );
      call.facts.integrationStatus = reply.status;
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

const failed = (thrown: unknown): Refusal =>
  new Refusal('INTEGRATION_FAILURE', 'Internal server error', {
    status: 500,
    reason: `Execution failed due to configuration error: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
  });

function serviceDefaults(
  call: Checked,
  request: BackendRequest,
  service: string,
  region: string,
): [string, string][] {
  return [
    ['Host', `${service}.${region}.amazonaws.com`],
    ['Accept', 'application/json'],
    ['Content-Type', request.contentType],
    ['User-Agent', `AmazonAPIGateway_${call.plan.stage.api.apiId}`],
    ['X-Amzn-Trace-Id', call.traceId],
  ];
}

interface Action {
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly headers: readonly [string, string][];
}

const NO_ACTION: Action = { query: new Map(), headers: [] };

/** Services whose operations are named in X-Amz-Target; API Gateway adds it for these, others want it mapped. */
const TARGET_PREFIXES: Readonly<Record<string, string>> = {
  dynamodb: 'DynamoDB_20120810',
  kinesis: 'Kinesis_20131202',
  ssm: 'AmazonSSM',
  states: 'AWSStepFunctions',
};

/** `PutItem`, or `GetObject&Bucket=b&Key=k`: further parameters go into the query. */
function actionOf(service: string, text: string): Action {
  const [name = '', ...pairs] = text.split('&');
  const query = new Map<string, readonly string[]>([['Action', [name]]]);
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals > 0) query.set(pair.slice(0, equals), [pair.slice(equals + 1)]);
  }
  const prefix = TARGET_PREFIXES[service];
  return { query, headers: prefix === undefined ? [] : [['X-Amz-Target', `${prefix}.${name}`]] };
}
