/** A client on a bare socket that may break every rule, and reads what comes back frame by frame. */
import { connect, type Socket } from 'node:net';

export interface Frame {
  readonly last: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
}

export interface FrameOptions {
  readonly last?: boolean;
  readonly rsv?: number;
  readonly masked?: boolean;
}

const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

export function frame(opcode: number, payload: string | Uint8Array = '', options: FrameOptions = {}): Buffer {
  const { last = true, rsv = 0, masked = true } = options;
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(bytes.length < 126 ? 2 : bytes.length <= 0xffff ? 4 : 10);
  head[0] = (last ? 0x80 : 0) | (rsv << 4) | opcode;
  if (head.length === 2) head[1] = bytes.length;
  else if (head.length === 4) {
    head[1] = 126;
    head.writeUInt16BE(bytes.length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(bytes.length), 2);
  }
  if (!masked) return Buffer.concat([head, bytes]);
  head[1] = (head[1] ?? 0) | 0x80;
  return Buffer.concat([head, MASK, bytes.map((byte, at) => byte ^ (MASK[at % 4] ?? 0))]);
}

export const closeFrame = (code: number, reason: string | Uint8Array = ''): Buffer => {
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code);
  return frame(8, Buffer.concat([head, Buffer.from(reason)]));
};

export class RawClient {
  readonly socket: Socket;
  /** The answer's head: `HTTP/1.1 101 ...`. */
  head = '';
  readonly frames: Frame[] = [];
  closed = false;
  #bytes = Buffer.alloc(0);
  #waiting: (() => void)[] = [];

  constructor(port: number, path = '/', headers: readonly string[] = [], host = '127.0.0.1') {
    this.socket = connect(port, '127.0.0.1');
    this.socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#read();
      this.#wake();
    });
    this.socket.on('close', () => {
      this.closed = true;
      this.#wake();
    });
    this.socket.on('error', () => {});
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
      ...headers,
    ];
    this.socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  }

  send(...parts: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(parts));
  }

  /** Waits until the condition holds; throws what came when the connection ends before. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.closed) throw new Error(`closed after ${this.head} ${JSON.stringify(this.shown())}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async end(): Promise<void> {
    while (!this.closed) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** What came, readable: `text hello`, `close 1002`. */
  shown(): string[] {
    return this.frames.map(({ opcode, payload }) => {
      if (opcode === 8) return payload.length === 0 ? 'close' : `close ${payload.readUInt16BE(0)}`;
      const name = ['more', 'text', 'binary'][opcode] ?? (opcode === 9 ? 'ping' : 'pong');
      return `${name} ${payload.length > 64 ? `${payload.length} bytes` : payload.toString('utf8')}`;
    });
  }

  #read(): void {
    if (this.head === '') {
      const end = this.#bytes.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.head = this.#bytes.toString('latin1', 0, end);
      this.#bytes = this.#bytes.subarray(end + 4);
    }
    if (!this.head.startsWith('HTTP/1.1 101')) return;
    for (let next = readFrame(this.#bytes); next !== undefined; next = readFrame(this.#bytes)) {
      this.frames.push(next.frame);
      this.#bytes = this.#bytes.subarray(next.bytes);
    }
  }

  /** What followed the head of a plain answer. */
  get body(): string {
    return this.#bytes.toString('utf8');
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

function readFrame(bytes: Buffer): { readonly frame: Frame; readonly bytes: number } | undefined {
  if (bytes.length < 2) return undefined;
  const short = (bytes[1] ?? 0) & 0x7f;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < head) return undefined;
  const size = head === 2 ? short : head === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < head + size) return undefined;
  const first = bytes[0] ?? 0;
  const payload = Buffer.from(bytes.subarray(head, head + size));
  return { frame: { last: (first & 0x80) !== 0, opcode: first & 0x0f, payload }, bytes: head + size };
}
