/** The runner's end of the frames our own bootstraps speak. */
import type { Duplex } from 'node:stream';
import { encodeFrame, encodeInvokeHead, FrameReader, frameType, type InitFrame } from './frames.ts';
import { createOutputMeter, type SpendOutput } from './output-meter.ts';
import type { Call, LinkEvents, RuntimeLink } from './runtime-process.ts';

/** Below this a copy is cheaper than a second write. */
const COPY_BYTES = 64 * 1024;

export function createFrameLink(
  init: InitFrame,
  events: LinkEvents,
  outputBytesPerSecond: number,
): RuntimeLink {
  let spend: SpendOutput = () => {};
  let channel: Duplex | undefined;
  let call: Call | undefined;
  let chunks: Promise<void> = Promise.resolve();
  let waiting = 0;

  /** Nothing more is read while a chunk is being taken. */
  const deliver = (chunk: Buffer): void => {
    const taken = call?.onChunk(chunk);
    if (!(taken instanceof Promise)) return;
    waiting += 1;
    channel?.pause();
    chunks = chunks
      .then(() => taken)
      .catch(() => {})
      .then(() => {
        waiting -= 1;
        if (waiting === 0) channel?.resume();
      });
  };
  const answer = (outcome: Parameters<LinkEvents['answered']>[0]): void => {
    call = undefined;
    events.answered(outcome);
  };
  const streamEnd = (body: Buffer): void => {
    const outcome = body.length === 0 ? ({ kind: 'streamed' } as const) : errorOf(body, false);
    if (waiting === 0) answer(outcome);
    else chunks.then(() => answer(outcome));
  };
  const onFrame = (type: number, body: Buffer): void => {
    switch (type) {
      case frameType.response:
        return answer({ kind: 'response', payload: body });
      case frameType.log:
        spend(body.length);
        return events.line(body.toString('utf8'));
      case frameType.output:
        spend(body.length);
        return events.output(body);
      case frameType.error:
        return answer(errorOf(body, false));
      case frameType.fatal:
        return answer(errorOf(body, true));
      case frameType.streamStart:
        return call?.onStreamStart?.(body.toString('latin1'));
      case frameType.streamChunk:
        return deliver(body);
      case frameType.streamEnd:
        return streamEnd(body);
      case frameType.tooLarge:
        return answer({ kind: 'too-large' });
      case frameType.ready:
        return events.initialized({ kind: 'ready' });
      case frameType.needsNodePath:
        return events.initialized({ kind: 'needs-node-path' });
      case frameType.initError:
        return events.initialized({ kind: 'error', errorType: errorTypeOf(body), payload: body });
      default:
        return events.broken(`a frame of type ${type}`);
    }
  };
  // A log line or a chunk may be larger than an answer; beyond this it is no frame of ours.
  const reader = new FrameReader(8 * init.maxResponseBytes, onFrame);

  return {
    attach(stream) {
      channel = stream;
      if (channel) spend = createOutputMeter(channel, outputBytesPerSecond);
      channel?.on('error', () => {});
      channel?.on('data', (bytes: Buffer) => {
        try {
          reader.push(bytes);
        } catch (error) {
          events.broken(String(error));
        }
      });
      channel?.write(encodeFrame(frameType.init, JSON.stringify(init)));
    },
    send(next) {
      call = next;
      const { requestId, invokedFunctionArn, deadlineMs, traceId, clientContext, payload } = next;
      const header = { requestId, invokedFunctionArn, deadlineMs, traceId, clientContext };
      const head = encodeInvokeHead(header, payload.length);
      if (payload.length <= COPY_BYTES) channel?.write(Buffer.concat([head, payload]));
      else {
        channel?.write(head);
        channel?.write(payload);
      }
    },
    // Our bootstraps go back to reading before anything else.
    waiting: true,
    close: () => channel?.destroy(),
  };
}

const errorOf = (body: Buffer, fatal: boolean) =>
  ({ kind: 'error', errorType: errorTypeOf(body), payload: body, fatal }) as const;

/** The `errorType` of an error object, without trusting that it is one. */
export function errorTypeOf(body: Uint8Array): string {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null && 'errorType' in parsed)
      return String(parsed.errorType);
  } catch {
    // Not JSON: the runtime's own business.
  }
  return 'Runtime.Unknown';
}
