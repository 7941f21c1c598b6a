/**
 * How the runner and its own bootstraps (bootstrap/nodejs.cjs, bootstrap/python.py) talk: frames over the socket the
 * child finds as file descriptor 3. A frame is a little-endian uint32 with the body's length, one byte of type, the
 * body. The child reads with blocking calls, so nothing on its event loop runs between two invocations, as on AWS,
 * where an environment is frozen; and a runner that is gone shows as end of file.
 */

export const frameType = {
  /** To the child. Body: JSON, `InitFrame`. */
  init: 1,
  /** To the child. Body: uint32 length of the JSON header, the header (`InvokeHeader`), the event as it came. */
  invoke: 2,
  /** From the child: the handler is loaded. */
  ready: 16,
  /** Initialisation failed. Body: the error object. */
  initError: 17,
  /** Body: the answer, JSON. */
  response: 18,
  /** Body: the error object. */
  error: 19,
  /** As `error`, and the process ends. */
  fatal: 20,
  /** One log event, whatever newlines it holds. */
  log: 21,
  /** What was written to stdout or stderr, to be cut into lines. */
  output: 22,
  /** Body: the streamed answer's content type. */
  streamStart: 23,
  streamChunk: 24,
  /** Body: empty, or the error object. */
  streamEnd: 25,
  /** The answer was larger than `InitFrame.maxResponseBytes`; it was not sent. */
  tooLarge: 26,
  /** An ES module imports what only NODE_PATH has: start again with `InitFrame.nodePathHook`. */
  needsNodePath: 27,
} as const;

export interface InitFrame {
  readonly handler: string;
  /** The version the function asks for: `22`, `3.12`. */
  readonly runtimeVersion: string;
  readonly taskRoot: string;
  /** This server, where the names of APIs lead (bootstrap/home-names.cjs). */
  readonly home: string;
  /** The file to load in place of the one the handler names: transpiled TypeScript. */
  readonly entry?: string;
  /** Initialisation fails with this: TypeScript that does not parse. */
  readonly failure?: object;
  /** Folders for Python modules, highest first. */
  readonly modulePath: readonly string[];
  /** Where compiled Python modules and V8's code cache go: never beside the code. */
  readonly cacheDir: string;
  readonly logFormat: 'Text' | 'JSON';
  readonly logLevel?: string;
  readonly maxResponseBytes: number;
  /** ES modules look for packages in the folders of NODE_PATH too. */
  readonly nodePathHook?: boolean;
}

export interface InvokeHeader {
  readonly requestId: string;
  readonly invokedFunctionArn: string;
  /** Milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly traceId: string;
  /** JSON text. */
  readonly clientContext?: string;
}

const HEADER_BYTES = 5;

export function encodeFrame(type: number, body: string): Buffer {
  const length = Buffer.byteLength(body);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  frame.writeUInt32LE(length, 0);
  frame[4] = type;
  frame.write(body, HEADER_BYTES);
  return frame;
}

/** Everything of an invoke frame but the payload, which follows as it is. */
export function encodeInvokeHead(header: InvokeHeader, payloadBytes: number): Buffer {
  const text = JSON.stringify(header);
  const length = Buffer.byteLength(text);
  const head = Buffer.allocUnsafe(HEADER_BYTES + 4 + length);
  head.writeUInt32LE(4 + length + payloadBytes, 0);
  head[4] = frameType.invoke;
  head.writeUInt32LE(length, HEADER_BYTES);
  head.write(text, HEADER_BYTES + 4);
  return head;
}

export type OnFrame = (type: number, body: Buffer) => void;

/** Cuts a byte stream into frames. A frame over `maxBytes` makes it throw: the child speaks something else. */
export class FrameReader {
  #parts: Buffer[] = [];
  #bytes = 0;
  #needed = HEADER_BYTES;
  readonly #maxBytes: number;
  readonly #onFrame: OnFrame;

  constructor(maxBytes: number, onFrame: OnFrame) {
    this.#maxBytes = maxBytes;
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    this.#parts.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed) return;
    const whole = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#bytes);
    const used = this.#drain(whole);
    this.#parts = used === whole.length ? [] : [whole.subarray(used)];
    this.#bytes = whole.length - used;
  }

  #drain(whole: Buffer): number {
    let at = 0;
    for (;;) {
      this.#needed = HEADER_BYTES;
      if (whole.length - at < HEADER_BYTES) return at;
      const length = whole.readUInt32LE(at);
      if (length > this.#maxBytes) throw new RangeError(`a frame of ${length} bytes`);
      this.#needed = HEADER_BYTES + length;
      if (whole.length - at < this.#needed) return at;
      const body = whole.subarray(at + HEADER_BYTES, at + this.#needed);
      const type = whole[at + 4] ?? 0;
      at += this.#needed;
      this.#onFrame(type, body);
    }
  }
}
