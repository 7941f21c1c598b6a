/** A call to an HTTP backend with a deadline: the answer whole, or its head and a stream. */
import { Readable } from 'node:stream';
import { limits } from '../../base/limits.ts';
import { withDeadline } from '../deadline.ts';
import { narrate, narrateBody, printHeaders } from '../narrate.ts';
import type { Checked } from '../plan.ts';
import { isRefusal, Refusal } from '../refusal.ts';
import type { Exchange, HttpConnections, OutgoingRequest } from './http-connections.ts';
import type { ResponseHead } from './http-parser.ts';

export interface HttpAnswer extends ResponseHead {
  readonly body: Uint8Array | Readable;
}

export interface HttpCallOptions {
  readonly timeoutMs: number;
  /** A buffered answer that is larger is refused. */
  readonly limitBytes: number;
  /** From so many announced bytes on, the body is handed over while it comes; 0 for response streaming. */
  readonly streamFromBytes: number;
}

export async function callBackend(
  connections: HttpConnections,
  call: Checked,
  request: OutgoingRequest,
  options: HttpCallOptions,
): Promise<HttpAnswer> {
  const started = performance.now();
  tellRequest(call, request);
  try {
    const answer = await withDeadline(call.request, options.timeoutMs, (signal) =>
      exchange(connections, request, options, signal),
    );
    tellAnswer(call, answer, performance.now() - started);
    return answer;
  } catch (thrown) {
    throw isRefusal(thrown) || (thrown instanceof Error && thrown.name === 'ClientGone')
      ? thrown
      : unreachable(thrown);
  }
}

function tellRequest(call: Checked, request: OutgoingRequest): void {
  const { secure, host, port } = request.backend;
  const uri = (): string => `${secure ? 'https' : 'http'}://${host}:${port}${request.target}`;
  narrate(call, () => `Endpoint request URI: ${uri()}`);
  narrate(call, () => `Endpoint request headers: ${printHeaders(request.headers)}`);
  if (request.body instanceof Uint8Array)
    narrateBody(call, 'Endpoint request body after transformations', request.body);
  narrate(call, () => `Sending request to ${uri()}`);
}

function tellAnswer(call: Checked, answer: HttpAnswer, latencyMs: number): void {
  narrate(
    call,
    () => `Received response. Status: ${answer.status}, Integration latency: ${Math.round(latencyMs)} ms`,
  );
  narrate(call, () => `Endpoint response headers: ${printHeaders(answer.rawHeaders)}`);
  if (answer.body instanceof Uint8Array)
    narrateBody(call, 'Endpoint response body before transformations', answer.body);
}

const unreachable = (thrown: unknown): Refusal =>
  new Refusal('INTEGRATION_FAILURE', 'Network error communicating with endpoint', {
    status: 504,
    reason: `Execution failed due to a network error communicating with endpoint: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
  });

const tooLong = (bytes: number, limitBytes: number): Refusal =>
  new Refusal('INTEGRATION_FAILURE', 'Internal server error', {
    status: 500,
    reason: `Execution failed due to configuration error: Integration response of reported length ${bytes} is larger than allowed maximum of ${limitBytes} bytes.`,
  });

function exchange(
  connections: HttpConnections,
  request: OutgoingRequest,
  options: HttpCallOptions,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    let head: ResponseHead | undefined;
    let stream: Readable | undefined;
    const chunks: Buffer[] = [];
    let size = 0;
    const running: Exchange = connections.send(request, {
      onHead: (received) => {
        head = received;
        const announced = request.method === 'HEAD' ? 0 : (received.contentLength ?? 0);
        if (options.streamFromBytes > 0 && announced > options.limitBytes)
          return give(tooLong(announced, options.limitBytes));
        if (options.streamFromBytes > 0 && announced < options.streamFromBytes) return;
        stream = bodyStream(
          () => running,
          options.streamFromBytes > 0 ? options.timeoutMs : limits.apiGatewayStreamMs,
        );
        signal.removeEventListener('abort', leave);
        resolve({ ...received, body: stream });
      },
      onData: (chunk) => {
        if (stream !== undefined) return stream.push(chunk) ? undefined : running.pause();
        size += chunk.length;
        if (size > options.limitBytes) return give(tooLong(size, options.limitBytes));
        chunks.push(chunk);
      },
      onEnd: () => {
        signal.removeEventListener('abort', leave);
        if (stream !== undefined) return void stream.push(null);
        const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size);
        if (head !== undefined) resolve({ ...head, body });
      },
      onFail: (reason) => (stream === undefined ? reject(reason) : stream.destroy(reason)),
    });
    const leave = (): void => running.abandon();
    const give = (refusal: Refusal): void => {
      running.abandon();
      reject(refusal);
    };
    signal.addEventListener('abort', leave, { once: true });
  });
}

/** Destroying the stream closes the connection; reading it lets more come. Only so much time is left for all of it. */
function bodyStream(running: () => Exchange, timeoutMs: number): Readable {
  const timer = setTimeout(() => stream.destroy(new Error('the answer took too long')), timeoutMs);
  const stream = new Readable({
    read: () => running().resume(),
    destroy: (reason, done) => {
      clearTimeout(timer);
      running().abandon();
      done(reason);
    },
  });
  return stream;
}
