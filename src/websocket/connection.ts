/**
 * One WebSocket, the server's end, over any duplex socket: messages in, messages out, and one `closed` whatever
 * happened. What an idle connection holds is counted in bytes, so listeners are shared functions and nothing is
 * allocated before it is needed.
 */
import type { Duplex } from 'node:stream';
import { limits } from '../base/limits.ts';
import { CLOSE } from './close-codes.ts';
import { FrameReader, type FrameRules, type FrameSink } from './frame-reader.ts';
import { endSoon } from './handshake.ts';
import { encodeClose, encodeMessage, encodePing, encodePong } from './frames.ts';

/** What the owner of connections does with them: one object for all of its connections. */
export interface WebSocketOwner<Data> {
  message(connection: WebSocketConnection<Data>, payload: string | Uint8Array): void;
  /** Anything arrived, pings and pongs included. */
  active?(connection: WebSocketConnection<Data>): void;
  /** Called once, when no message will come or go any more. */
  closed(connection: WebSocketConnection<Data>, how: Closing): void;
}

export interface Closing {
  /** 1005: the client's close frame said nothing; 1006: there was none. */
  readonly code: number;
  readonly reason: string;
  readonly by: 'client' | 'server';
}

type State = 'open' | 'closing' | 'closed';

const CONNECTION = Symbol('connection');

/** What the listeners find on a socket. */
interface Owned {
  [CONNECTION]?: WebSocketConnection<unknown>;
}

export class WebSocketConnection<Data> implements FrameSink {
  readonly data: Data;
  readonly #socket: Duplex & Owned;
  readonly #reader: FrameReader;
  readonly #owner: WebSocketOwner<Data>;
  readonly #frameBytes: number;
  #state: State = 'open';
  /** Frames of this turn of the event loop: one write for all of them. */
  #outbox: Buffer | Buffer[] | null = null;
  #outboxBytes = 0;
  /** The client's bytes are being read: what is sent meanwhile goes out at the end of that. */
  #taking = false;
  /** While the server waits for the client's answer to its close frame: what it closed with. */
  #closing: Closing | null = null;

  /** The socket, its handshake done. It is read from `open` on. */
  constructor(socket: Duplex, rules: FrameRules, owner: WebSocketOwner<Data>, data: Data) {
    this.data = data;
    this.#socket = socket;
    this.#owner = owner;
    this.#frameBytes = rules.frameBytes;
    this.#reader = new FrameReader(rules, this);
  }

  /** `early`: what came behind the handshake already. */
  open(early: Buffer): void {
    const socket = this.#socket;
    // Listeners read their own connection back and nothing else: which data it carries does not matter to them.
    socket[CONNECTION] = this as WebSocketConnection<unknown>;
    socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onEnd);
    if (early.length > 0) this.take(early);
    if (socket.destroyed) this.leave();
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Bytes sent that the network has not taken yet: a client that does not read makes them grow. */
  get unsentBytes(): number {
    return this.#socket.writableLength + this.#outboxBytes;
  }

  /** Sends a message; false when the connection is closed. It does not wait: see `unsentBytes`. */
  send(payload: string | Uint8Array, as?: 'text' | 'binary'): boolean {
    if (this.#state !== 'open') return false;
    this.#put(encodeMessage(payload, this.#frameBytes, as));
    return true;
  }

  ping(payload: Uint8Array): void {
    if (this.#state === 'open') this.#put(encodePing(payload));
  }

  /** What the client sends waits in the network, until `resume`. */
  pause(): void {
    if (this.#state === 'open') this.#socket.pause();
  }

  resume(): void {
    if (this.#state === 'open') this.#socket.resume();
  }

  /** Begins the closing handshake: `closed` follows when the client has answered, or after a while without it. */
  close(code: number, reason: string): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#closing = { code, reason, by: 'server' };
    this.#put(encodeClose(code, reason));
    this.flush();
    this.#socket.resume();
    const timer = setTimeout(() => this.leave(), limits.webSocketClosingMs);
    timer.unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }

  /** Ends at once, without a handshake: for a client that does not read. */
  terminate(code: number, reason: string): void {
    this.#finish({ code, reason, by: 'server' });
    this.#socket.destroy();
  }

  /** Bytes from the socket. */
  take(chunk: Buffer): void {
    if (this.#state === 'closed') return;
    this.#owner.active?.(this);
    this.#taking = true;
    this.#reader.feed(chunk);
    this.#taking = false;
    this.flush();
  }

  /** The socket is gone, or nobody waits for it any longer. */
  leave(): void {
    this.#finish(
      this.#closing ?? { code: CLOSE.abnormal, reason: 'Connection closed abnormally', by: 'client' },
    );
    this.#socket.destroy();
  }

  onMessage(payload: string | Uint8Array): void {
    if (this.#state === 'open') this.#owner.message(this, payload);
  }

  /** A client that pings without ever reading gets no more answers than it leaves room for. */
  onPing(payload: Uint8Array): void {
    if (this.#state === 'open' && this.unsentBytes < limits.webSocketPongBacklogBytes)
      this.#put(encodePong(payload));
  }

  onClose(code: number | null, reason: string): void {
    if (this.#state === 'open') {
      this.#put(encodeClose(code, ''));
      const said = { code: code ?? CLOSE.noStatus, reason: code === null ? NO_STATUS : reason };
      this.#finish({ ...said, by: 'client' });
    } else if (this.#closing !== null) this.#finish(this.#closing);
    this.#endSoon();
  }

  onViolation(code: number, reason: string): void {
    if (this.#state === 'open') this.#put(encodeClose(code, reason));
    this.#finish(this.#closing ?? { code, reason, by: 'server' });
    this.#endSoon();
  }

  /** The server ends the TCP connection first (RFC 6455, section 7.1.1); what still comes is read and dropped, so that
   *  the close frame is not lost to a reset. */
  #endSoon(): void {
    this.flush();
    this.#socket.end();
    endSoon(this.#socket);
  }

  #put(frame: Buffer): void {
    this.#outboxBytes += frame.length;
    if (this.#outbox === null) {
      this.#outbox = frame;
      if (!this.#taking) flushSoon(this as WebSocketConnection<unknown>);
    } else if (Array.isArray(this.#outbox)) this.#outbox.push(frame);
    else this.#outbox = [this.#outbox, frame];
  }

  flush(): void {
    const outbox = this.#outbox;
    if (outbox === null) return;
    this.#outbox = null;
    this.#outboxBytes = 0;
    this.#socket.write(Array.isArray(outbox) ? Buffer.concat(outbox) : outbox);
  }

  #finish(how: Closing): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#owner.closed(this, how);
  }
}

/** As AWS's own sample of a `$disconnect` event has it: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-requests.html */
const NO_STATUS = 'Client-side close frame status not set';

function onData(this: Owned, chunk: Buffer): void {
  this[CONNECTION]?.take(chunk);
}

function onEnd(this: Owned): void {
  this[CONNECTION]?.leave();
}

let toFlush: WebSocketConnection<unknown>[] = [];

/** A system call a frame is most of what a frame costs: those of one turn of the event loop go out together. */
function flushSoon(connection: WebSocketConnection<unknown>): void {
  if (toFlush.length === 0) setImmediate(flushAll);
  toFlush.push(connection);
}

function flushAll(): void {
  const connections = toFlush;
  toFlush = [];
  for (const connection of connections) connection.flush();
}
