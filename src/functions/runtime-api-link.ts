/**
 * Lambda's Runtime API, for custom runtimes and the official runtime interface clients:
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { accept, type EnvironmentApi, readBody, refuse } from './environment-api.ts';
import { errorTypeOf } from './frame-link.ts';
import type { Call, CallOutcome, LinkEvents, RuntimeLink } from './runtime-process.ts';

const BASE = '/2018-06-01/runtime';

interface UnderWay {
  readonly call: Call;
  readonly invocationId: string;
  taken: boolean;
}

interface ApiState {
  readonly maxResponseBytes: number;
  readonly events: LinkEvents;
  underWay: UnderWay | undefined;
  /** A `next` that waits for a call. */
  next: ServerResponse | undefined;
}

export function createRuntimeApiLink(
  api: EnvironmentApi,
  maxResponseBytes: number,
  events: LinkEvents,
): RuntimeLink {
  const state: ApiState = { maxResponseBytes, events, underWay: undefined, next: undefined };
  const route = async (
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<boolean> => {
    if (!path.startsWith(BASE)) return false;
    await answerRuntime(state, request, response, path);
    return true;
  };
  api.routes.add(route);
  return {
    attach: () => {},
    get waiting() {
      return state.next !== undefined;
    },
    send: (call) => {
      state.underWay = { call, invocationId: randomUUID(), taken: false };
      deliver(state);
    },
    close: () => {
      api.routes.delete(route);
      state.next?.destroy();
    },
  };
}

async function answerRuntime(
  state: ApiState,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  const { method } = request;
  if (method === 'GET' && path === `${BASE}/invocation/next`) return takeNext(state, response);
  if (method === 'POST' && path === `${BASE}/init/error`) return initError(state, request, response);
  const match = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(path);
  if (method !== 'POST' || !match) return refuse(response, 404, '404 page not found', 'NotFound');
  const underWay = state.underWay;
  if (!underWay?.taken || underWay.call.requestId !== match[1])
    return refuse(response, 400, 'Invalid request ID', 'InvalidRequestID');
  const invocationId = request.headers['lambda-runtime-invocation-id'];
  if (invocationId !== undefined && invocationId !== underWay.invocationId)
    return refuse(response, 400, 'Invalid invocation ID', 'InvalidInvocationId');
  return match[2] === 'error'
    ? invocationError(state, request, response)
    : invocationResponse(state, underWay, request, response);
}

function takeNext(state: ApiState, response: ServerResponse): void {
  state.next?.destroy();
  state.next = response;
  state.events.initialized({ kind: 'ready' });
  state.events.waits();
  deliver(state);
}

function deliver(state: ApiState): void {
  const { underWay, next } = state;
  if (!underWay || !next || underWay.taken) return;
  state.next = undefined;
  underWay.taken = true;
  const { call } = underWay;
  next.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': call.payload.length,
    'Lambda-Runtime-Aws-Request-Id': call.requestId,
    'Lambda-Runtime-Deadline-Ms': Math.round(call.deadlineMs),
    'Lambda-Runtime-Invoked-Function-Arn': call.invokedFunctionArn,
    'Lambda-Runtime-Trace-Id': call.traceId,
    'Lambda-Runtime-Invocation-Id': underWay.invocationId,
    ...(call.clientContext === undefined ? {} : { 'Lambda-Runtime-Client-Context': call.clientContext }),
  });
  next.end(call.payload);
}

async function invocationResponse(
  state: ApiState,
  underWay: UnderWay,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.headers['lambda-runtime-function-response-mode'] === 'streaming')
    return streamedResponse(state, underWay, request, response);
  const payload = await readBody(request, state.maxResponseBytes);
  if (payload === undefined) {
    const text = `Exceeded maximum allowed payload size (${state.maxResponseBytes} bytes).`;
    answer(state, { kind: 'too-large' });
    return refuse(response, 413, text, 'RequestEntityTooLarge');
  }
  answer(state, { kind: 'response', payload });
  accept(response);
}

async function streamedResponse(
  state: ApiState,
  underWay: UnderWay,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  underWay.call.onStreamStart?.(request.headers['content-type'] ?? 'application/octet-stream');
  for await (const chunk of request) await underWay.call.onChunk(chunk);
  answer(state, streamEnd(request));
  accept(response);
}

/** An error in the middle of a stream comes in the trailers. */
function streamEnd(request: IncomingMessage): CallOutcome {
  const errorType = request.trailers['lambda-runtime-function-error-type'];
  if (errorType === undefined) return { kind: 'streamed' };
  const body = request.trailers['lambda-runtime-function-error-body'] ?? '';
  return { kind: 'error', errorType, payload: Buffer.from(body, 'base64'), fatal: false };
}

async function invocationError(
  state: ApiState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const payload = (await readBody(request, state.maxResponseBytes)) ?? Buffer.from('{}');
  answer(state, { kind: 'error', errorType: typeOf(request, payload), payload, fatal: false });
  accept(response);
}

async function initError(state: ApiState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const payload = (await readBody(request, state.maxResponseBytes)) ?? Buffer.from('{}');
  state.events.initialized({ kind: 'error', errorType: typeOf(request, payload), payload });
  accept(response);
}

function typeOf(request: IncomingMessage, payload: Uint8Array): string {
  const named = request.headers['lambda-runtime-function-error-type'];
  return typeof named === 'string' ? named : errorTypeOf(payload);
}

function answer(state: ApiState, outcome: CallOutcome): void {
  state.underWay = undefined;
  state.events.answered(outcome);
}
