/**
 * The data plane of function URLs: `http://{urlId}.lambda-url.{region}.localhost:PORT/`.
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Now } from '../../base/clock.ts';
import { type Fault, isFault, reasonOf } from '../../base/fault.ts';
import type { Log } from '../../base/log.ts';
import type { Authenticate, Caller, Invoke } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import { newTraceHeader } from '../../base/trace-header.ts';
import { readAnswer, type UrlReply } from './answer.ts';
import { answerPreflight, isPreflight, isSet, type UrlCors, withCors } from './cors.ts';
import { urlEvent } from './event.ts';
import { isAmbiguous, readBody, readCall, type UrlCall } from './request.ts';
import { createStreamedReply, readCollected } from './stream.ts';

/** A URL as Lambda's control plane knows it. */
export interface ServedUrl {
  readonly scope: Scope;
  /** As it is invoked: with the alias when the URL is an alias's. */
  readonly functionArn: string;
  readonly authType: 'AWS_IAM' | 'NONE';
  readonly invokeMode: 'BUFFERED' | 'RESPONSE_STREAM';
  readonly cors: UrlCors | undefined;
}

export interface FunctionUrlPorts {
  readonly find: (urlId: string) => Promise<ServedUrl | undefined>;
  /** Whether policies let this caller, or anybody, in. */
  readonly authorize: (url: ServedUrl, caller: Caller | undefined) => Promise<boolean>;
  readonly authenticate: Authenticate;
  readonly invoke: Invoke;
  readonly now: Now;
  readonly log: Log;
}

export type ServeFunctionUrl = (
  request: IncomingMessage,
  response: ServerResponse,
  urlId: string,
) => Promise<void>;

export function createFunctionUrls(ports: FunctionUrlPorts): ServeFunctionUrl {
  return async (message, response, urlId) => {
    const call = readCall(message);
    const requestId = randomUUID();
    const give = (reply: UrlReply, cors?: UrlCors): void =>
      send(response, { ...reply, headers: withCors(reply.headers, cors, call) }, requestId);
    if (isAmbiguous(call)) return give(refusal(400, 'Bad Request', 'BadRequestException'));
    const url = await ports.find(urlId);
    if (url === undefined) return give(refusal(404, null, 'ResourceNotFoundException'));
    if (isSet(url.cors) && isPreflight(call)) return give(answerPreflight(url.cors, call));
    const body = await readBody(message);
    if (body === undefined)
      return give(refusal(413, 'Request Entity Too Large', 'RequestTooLargeException'), url.cors);
    const entry = await admit(ports, url, call, body);
    if (!entry.ok) return give(entry.reply, url.cors);
    const traceId = call.header('x-amzn-trace-id') ?? newTraceHeader(ports.now());
    const facts = { urlId, requestId, traceId, receivedAt: ports.now(), caller: entry.caller };
    const work = { url, call, requestId, traceId, payload: payloadOf(urlEvent(call, body, facts)) };
    try {
      await (url.invokeMode === 'RESPONSE_STREAM' ? stream : buffer)(ports, response, work);
    } catch (thrown) {
      if (!isFault(thrown)) ports.log('error', 'a function URL failed', { urlId, reason: reasonOf(thrown) });
      if (response.headersSent) return void response.destroy();
      give(isFault(thrown) ? refusedByLambda(thrown) : BAD_GATEWAY, url.cors);
    }
  };
}

interface Work {
  readonly url: ServedUrl;
  readonly call: UrlCall;
  readonly requestId: string;
  readonly traceId: string;
  readonly payload: Uint8Array;
}

type Entry =
  | { readonly ok: true; readonly caller: Caller | undefined }
  | { readonly ok: false; readonly reply: UrlReply };

/** Recorded from AWS, link and all. */
const FORBIDDEN =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';

async function admit(
  ports: FunctionUrlPorts,
  url: ServedUrl,
  { message }: UrlCall,
  body: Buffer,
): Promise<Entry> {
  const denied = { ok: false, reply: refusal(403, FORBIDDEN, 'AccessDeniedException') } as const;
  if (url.authType === 'NONE')
    return (await ports.authorize(url, undefined)) ? { ok: true, caller: undefined } : denied;
  const signed = {
    method: message.method ?? 'GET',
    target: message.url ?? '/',
    rawHeaders: message.rawHeaders,
    body,
  };
  const authentication = await ports.authenticate(signed, 'lambda');
  if (authentication === undefined) return denied;
  if (!authentication.ok)
    return { ok: false, reply: refusal(403, authentication.message, authentication.code) };
  const { caller } = authentication;
  return (await ports.authorize(url, caller)) ? { ok: true, caller } : denied;
}

const payloadOf = (event: object): Buffer => Buffer.from(JSON.stringify(event));

async function buffer(
  ports: FunctionUrlPorts,
  response: ServerResponse,
  { url, call, requestId, traceId, payload }: Work,
): Promise<void> {
  const { functionArn } = url;
  const answer = await ports.invoke({ functionArn, type: 'RequestResponse', payload, requestId, traceId });
  const failed = answer.functionError !== undefined;
  const reply = failed ? undefined : (readAnswer(answer.payload) ?? readCollected(answer.payload));
  const { headers, ...rest } = reply ?? BAD_GATEWAY;
  const traced = [...withCors(headers, url.cors, call), 'X-Amzn-Trace-Id', traceId];
  send(response, { ...rest, headers: traced }, requestId);
}

async function stream(ports: FunctionUrlPorts, response: ServerResponse, work: Work): Promise<void> {
  const { url, call, requestId, traceId, payload } = work;
  const reply = createStreamedReply(response, ({ status, headers }) => {
    const all = withCors(headers, url.cors, call);
    response.writeHead(status, [...all, 'x-amzn-RequestId', requestId, 'X-Amzn-Trace-Id', traceId]);
  });
  const answer = await ports.invoke({
    functionArn: url.functionArn,
    type: 'RequestResponse',
    payload,
    requestId,
    traceId,
    onStreamStart: reply.begin,
    onChunk: reply.take,
  });
  if (reply.started && answer.functionError !== undefined) return void response.destroy();
  if (answer.functionError !== undefined) return send(response, BAD_GATEWAY, requestId);
  // A handler that does not stream: its answer is the body.
  if (answer.payload.length > 0) {
    reply.begin('application/json');
    await reply.take(answer.payload);
  }
  if (!reply.end()) send(response, BAD_GATEWAY, requestId);
}

function send(response: ServerResponse, { status, headers, body }: UrlReply, requestId: string): void {
  if (response.destroyed) return;
  const length = ['Content-Length', String(Buffer.byteLength(body))];
  response.writeHead(status, [...headers, ...length, 'x-amzn-RequestId', requestId]);
  response.end(body);
}

const refusal = (status: number, Message: string | null, errorType: string): UrlReply => ({
  status,
  headers: ['Content-Type', 'application/json', 'x-amzn-ErrorType', errorType],
  body: JSON.stringify({ Message }),
});

/** Recorded from AWS: what a caller sees of a function's error. */
const BAD_GATEWAY: UrlReply = {
  status: 502,
  headers: ['Content-Type', 'application/json', 'x-amzn-ErrorType', 'InternalServerErrorException'],
  body: 'Internal Server Error',
};

/** Throttles keep their status: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-deactivating */
function refusedByLambda({ code, message }: Fault): UrlReply {
  if (code === 'TooManyRequestsException') return refusal(429, message, code);
  if (code === 'RequestTooLargeException') return refusal(413, message, code);
  return BAD_GATEWAY;
}
