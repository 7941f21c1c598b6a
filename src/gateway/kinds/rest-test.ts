/**
 * TestInvokeMethod: one method of the definition as it stands, run without a deployment, an authorizer, a key or a
 * limit, and told line by line as AWS tells it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-test-method.html
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { compileRestAuthorizers } from '../authorizers/rest-authorizers.ts';
import { ClientRequest } from '../client-request.ts';
import type { RestStage, TestInvoke, TestInvokeRequest } from '../config.ts';
import type { Engine } from '../engine.ts';
import { lazily } from '../lazily.ts';
import { compileBinaryTypes } from '../media-types.ts';
import { narrateBody, narrateReply } from '../narrate.ts';
import type { Checked, Identity, Plan, Reply, StagePlan } from '../plan.ts';
import { isRefusal, Refusal } from '../refusal.ts';
import { lastLines, requestLines } from '../steps/execution-log.ts';
import { Router } from '../steps/router.ts';
import { compileRestPlan } from './rest-plan.ts';
import { compileRefusals } from './rest-refusals.ts';

/** Names recorded in the event of a tested Lambda proxy. */
const STAGE = 'test-invoke-stage';
const SOURCE_IP = 'test-invoke-source-ip';
const DOMAIN = { domainName: 'testPrefix.testDomainName', domainPrefix: 'testPrefix' };
const API_KEY = { value: 'test-invoke-api-key', apiKeyId: 'test-invoke-api-key-id' };

export function createTestInvoke(engine: Engine): TestInvoke {
  return async (request) => {
    const log = stampedLines(engine.ports.now);
    const call = testedCall(engine, request, log.lines);
    log.lines.push(...requestLines(call));
    narrateBody(call, 'Method request body before transformations', call.body);
    const reply = await run(engine, call);
    call.facts.status = reply.status;
    narrateReply(call, reply);
    const body = await textOf(reply.body);
    log.lines.push(...lastLines(call));
    return {
      status: reply.status,
      rawHeaders: reply.traced === true ? ['X-Amzn-Trace-Id', call.traceId, ...reply.headers] : reply.headers,
      body,
      log: `Execution log for request ${call.requestId}\n${log.print()}`,
      latencyMs: engine.ports.now() - call.receivedAt,
    };
  };
}

async function run(engine: Engine, call: Checked): Promise<Reply> {
  try {
    await call.plan.validate?.(call);
    return await call.plan.integrate(call);
  } catch (thrown) {
    if (!isRefusal(thrown))
      engine.ports.log('error', 'a test invocation failed', { error: reasonOf(thrown) });
    const refusal = isRefusal(thrown)
      ? thrown
      : new Refusal('DEFAULT_5XX', 'Internal server error', { reason: reasonOf(thrown) });
    return call.stage.refuse(refusal, call);
  }
}

/** `Thu Apr 09 12:34:56 UTC 2026 : Starting execution ...`, each line with the time it was written at. */
export function stampedLines(now: () => number): { readonly lines: string[]; print(): string } {
  const lines: string[] = [];
  const times: number[] = [];
  lines.push = (...added: string[]): number => {
    for (const _line of added) times.push(now());
    return Array.prototype.push.apply(lines, added);
  };
  const stamp = (at: number): string =>
    new Date(at).toUTCString().replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 UTC $4');
  return {
    lines,
    print: () => lines.map((line, at) => `${stamp(times[at] ?? 0)} : ${line}\n`).join(''),
  };
}

/** The call that a test makes of a method. */
export function testedCall(engine: Engine, request: TestInvokeRequest, lines: string[]): Checked {
  const { target, caller } = request;
  const plan = compilePlan(engine, request);
  const clientRequest = requestOf(request);
  const identity: Identity = { caller, authorizer: null, apiKey: API_KEY };
  const receivedAt = engine.ports.now();
  return {
    request: clientRequest,
    target: { apiId: request.apiId, rawTarget: target, addressedBy: 'host', host: DOMAIN.domainName },
    requestId: engine.ids.uuid(),
    extendedRequestId: engine.ids.extended(),
    traceId: `Root=${engine.ids.traceRoot(receivedAt)}`,
    receivedAt,
    ...DOMAIN,
    shownPath: clientRequest.rawPath,
    facts: { lines, dataTrace: true },
    stage: plan.stage,
    plan: { ...plan, body: 'buffered' },
    path: clientRequest.rawPath,
    pathParameters: pathParametersOf(plan, clientRequest.rawPath),
    identity,
    body: Buffer.from(request.body),
  };
}

/** What the path given says of the resource's variables; a path that does not fit says nothing. */
function pathParametersOf(plan: Plan, path: string): Readonly<Record<string, string>> | null {
  const router = new Router<true>();
  router.add('ANY', plan.resourcePath, true);
  return router.find('ANY', path)?.parameters ?? null;
}

function compilePlan(engine: Engine, request: TestInvokeRequest): Plan {
  const { definition, stageVariables, resourceId, httpMethod } = request;
  const stage: RestStage = {
    stageName: STAGE,
    deploymentId: '',
    variables: stageVariables,
    methodSettings: {},
    tracingEnabled: false,
    cacheClusterEnabled: false,
    ...(request.clientCertificate ? { clientCertificate: request.clientCertificate } : {}),
    definition,
  };
  const stagePlan: StagePlan = {
    api: { apiId: request.apiId, name: '', scope: request.scope },
    stageName: STAGE,
    deploymentId: '',
    canary: undefined,
    variables: stageVariables,
    inspect: null,
    match: () => {
      throw new Error('a test invocation names its method');
    },
    refuse: compileRefusals(definition.gatewayResponses),
    dress: (reply) => [...reply.headers],
    compressFromBytes: null,
    metrics: 'REST',
    accessLog: null,
    executionLog: null,
  };
  const resource = definition.resources.find(({ id }) => id === resourceId) ?? {};
  const authorizers = lazily(() => compileRestAuthorizers(definition.authorizers, stagePlan, engine));
  return compileRestPlan({
    stagePlan,
    stage,
    engine,
    resource,
    httpMethod: resource.resourceMethods?.[httpMethod] === undefined ? 'ANY' : httpMethod,
    isBinary: compileBinaryTypes(definition.binaryMediaTypes),
    authorizers: authorizers(),
    cacheName: '',
  });
}

function requestOf({ httpMethod, target, rawHeaders }: TestInvokeRequest): ClientRequest {
  const message = {
    method: httpMethod === 'ANY' ? 'GET' : httpMethod,
    url: target,
    rawHeaders,
    httpVersion: '1.1',
    socket: { remoteAddress: SOURCE_IP },
  } as unknown as IncomingMessage; // nothing else is read of it: the body is given beside
  const response = Object.assign(new EventEmitter(), { destroyed: false, writableFinished: false });
  return new ClientRequest(message, response as unknown as ServerResponse, target); // nobody leaves, nothing is sent
}

async function textOf(body: Reply['body']): Promise<string> {
  if (body === null) return '';
  if (typeof body === 'string') return body;
  if (!(body instanceof Readable)) return Buffer.from(body).toString('utf8');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    // the gateway's own bodies are made of bytes
    size += chunk.length;
    if (size > limits.apiGatewayPayloadBytes) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
