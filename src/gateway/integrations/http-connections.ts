/**
 * Connections to HTTP backends, kept open between requests. A client of our own on a bare socket, because it must
 * send and give back header names, order, duplicates and path exactly, which `fetch` does not; measured against
 * `node:http`'s agent in docs/decisions/http-client.md.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Readable } from 'node:stream';
import { ProtocolError, ResponseParser, type ResponseHead, type ResponseSink } from './http-parser.ts';

export interface Backend {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** SNI, and the name the certificate must carry. */
  readonly serverName: string;
  readonly verify: boolean;
  /** Shown to a backend that asks for one: PEM texts. */
  readonly certificate?: { readonly certificatePem: string; readonly privateKeyPem: string };
}

export interface OutgoingRequest {
  readonly backend: Backend;
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  /** Everything but framing: no Content-Length, Transfer-Encoding or Connection. */
  readonly headers: readonly string[];
  /** A stream has to say how long it is. */
  readonly body: Uint8Array | { readonly stream: Readable; readonly contentLength: number };
}

/** What a request's owner is told; `onEnd` or `onFail` comes once, last. */
export interface ExchangeEvents {
  onHead(head: ResponseHead): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onFail(reason: Error): void;
}

/** A request under way. */
export interface Exchange {
  /** Backpressure. */
  pause(): void;
  resume(): void;
  /** Gives up: the connection is closed and no event follows. */
  abandon(): void;
}

export interface HttpConnections {
  send(request: OutgoingRequest, events: ExchangeEvents): Exchange;
  close(): void;
}

/**
 * With the time between two looks shorter than the five seconds after which Node's servers close: a request never meets
 * a closing connection. One timer looks at all of them: one for each would cost every request a tenth of its time.
 */
const IDLE_MS = 3_000;
const LOOK_EVERY_MS = 1_000;
const IDLE_CONNECTIONS_PER_BACKEND = 256;

export function createHttpConnections(): HttpConnections {
  const idle = new Map<string, Connection[]>();
  const open = new Set<Connection>();
  let looking: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    looking = undefined;
    const old = performance.now() - IDLE_MS;
    for (const connection of [...idle.values()].flat()) if (connection.idleSince <= old) connection.destroy();
    if (idle.size > 0) lookLater();
  };
  const lookLater = (): void => {
    looking ??= setTimeout(look, LOOK_EVERY_MS).unref();
  };
  const keep = (connection: Connection): void => {
    const waiting = idle.get(connection.key) ?? [];
    idle.set(connection.key, waiting);
    if (waiting.length >= IDLE_CONNECTIONS_PER_BACKEND) return connection.destroy();
    connection.idleSince = performance.now();
    waiting.push(connection);
    lookLater();
  };
  const drop = (connection: Connection): void => {
    open.delete(connection);
    const waiting = idle.get(connection.key);
    const at = waiting?.indexOf(connection) ?? -1;
    if (at !== -1) waiting?.splice(at, 1);
    if (waiting?.length === 0) idle.delete(connection.key);
  };
  const take = (backend: Backend, fresh: boolean): Connection => {
    const key = keyOf(backend);
    const kept = fresh ? undefined : idle.get(key)?.pop();
    if (kept !== undefined) return kept;
    const made = new Connection(key, backend, keep, drop);
    open.add(made);
    return made;
  };
  return {
    send: (request, events) => new Attempt(request, events, take),
    close: () => {
      clearTimeout(looking);
      for (const connection of open) connection.destroy();
    },
  };
}

const keyOf = (backend: Backend): string =>
  `${backend.secure} ${backend.verify} ${backend.serverName} ${backend.host} ${backend.port} ${backend.certificate?.certificatePem ?? ''}`;

/** One request, on a kept connection first; once more on a fresh one when the kept one turned out to be closed. */
class Attempt implements Exchange {
  readonly #events: ExchangeEvents;
  #connection: Connection;
  #over = false;

  constructor(
    request: OutgoingRequest,
    events: ExchangeEvents,
    take: (b: Backend, fresh: boolean) => Connection,
  ) {
    this.#events = events;
    const repeatable = IDEMPOTENT.has(request.method) && request.body instanceof Uint8Array;
    const failed = (reason: Error, untouched: boolean): void => {
      if (this.#over) return;
      if (!untouched || !repeatable) return this.#fail(reason);
      this.#connection = take(request.backend, true);
      this.#connection.run(
        request,
        this.#relay((again) => this.#fail(again)),
      );
    };
    this.#connection = take(request.backend, !(request.body instanceof Uint8Array));
    this.#connection.run(request, this.#relay(failed));
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#connection.destroy();
  }

  #fail(reason: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#events.onFail(reason);
  }

  #relay(onFail: RunEvents['onFail']): RunEvents {
    return {
      onHead: (head) => (this.#over ? undefined : this.#events.onHead(head)),
      onData: (chunk) => (this.#over ? undefined : this.#events.onData(chunk)),
      onEnd: () => {
        if (this.#over) return;
        this.#over = true;
        this.#events.onEnd();
      },
      onFail,
    };
  }
}

/** A backend that saw one of these and broke off may see it again: RFC 9110, section 9.2.2. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

interface RunEvents extends Omit<ExchangeEvents, 'onFail'> {
  /** `untouched`: a kept connection closed before a byte of an answer came, so the backend has not seen the request. */
  onFail(reason: Error, untouched: boolean): void;
}

class Connection implements ResponseSink {
  readonly key: string;
  idleSince = 0;
  readonly #socket: Socket;
  readonly #keep: (connection: Connection) => void;
  #parser: ResponseParser | undefined;
  #events: RunEvents | undefined;
  #uses = 0;
  #answered = false;
  #sent = true;
  #stopBody: (() => void) | undefined;

  constructor(key: string, backend: Backend, keep: (c: Connection) => void, drop: (c: Connection) => void) {
    this.key = key;
    this.#keep = keep;
    const socket = backend.secure
      ? openTls(backend)
      : connectTcp({ host: backend.host, port: backend.port, noDelay: true });
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => this.#ended());
    socket.on('error', (reason) => this.#fail(reason));
    socket.on('close', () => {
      drop(this);
      this.#fail(new ProtocolError('the connection closed before the response was whole'));
    });
  }

  run(request: OutgoingRequest, events: RunEvents): void {
    this.#uses++;
    this.#answered = false;
    this.#events = events;
    this.#parser = new ResponseParser(this, request.method);
    const body = request.body;
    if (body instanceof Uint8Array) return this.#write(headOf(request, body.length), body);
    this.#socket.write(headOf(request, body.contentLength), 'latin1');
    this.#pump(body.stream);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#events = undefined;
    this.#stopBody?.();
    this.#socket.destroy();
  }

  onHead(head: ResponseHead): void {
    this.#events?.onHead(head);
  }

  onData(chunk: Buffer): void {
    this.#events?.onData(chunk);
  }

  onEnd(reusable: boolean): void {
    const events = this.#events;
    this.#events = undefined;
    this.#parser = undefined;
    if (reusable && this.#sent && !this.#socket.destroyed) this.#keep(this);
    else this.destroy();
    events?.onEnd();
  }

  #write(head: string, body: Uint8Array): void {
    if (body.length === 0) return void this.#socket.write(head, 'latin1');
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.#socket.write(body);
    this.#socket.uncork();
  }

  /** The client's body goes through as fast as the backend takes it. */
  #pump(stream: Readable): void {
    const socket = this.#socket;
    this.#sent = false;
    const give = (chunk: Buffer): void => {
      if (!socket.write(chunk)) stream.pause();
    };
    const more = (): void => void stream.resume();
    const end = (): void => {
      this.#sent = true;
      this.#stopBody?.();
    };
    const broken = (): void => this.#fail(new ProtocolError('the request body ended early'));
    stream.on('data', give).on('end', end).on('error', broken).on('aborted', broken);
    socket.on('drain', more);
    this.#stopBody = () => {
      stream.off('data', give).off('end', end).off('error', broken).off('aborted', broken);
      socket.off('drain', more);
      this.#stopBody = undefined;
    };
  }

  #receive(chunk: Buffer): void {
    const parser = this.#parser;
    // Bytes nobody asked for: whatever they are, they are not the next answer.
    if (parser === undefined) return this.destroy();
    this.#answered = true;
    try {
      parser.push(chunk);
    } catch (reason) {
      this.#fail(reason instanceof Error ? reason : new ProtocolError(String(reason)));
    }
  }

  #ended(): void {
    try {
      this.#parser?.finish();
    } catch (reason) {
      this.#fail(reason instanceof Error ? reason : new ProtocolError(String(reason)));
    }
    this.#socket.destroy();
  }

  #fail(reason: Error): void {
    const events = this.#events;
    this.destroy();
    events?.onFail(reason, this.#uses > 1 && !this.#answered);
  }
}

function openTls(backend: Backend): Socket {
  return connectTls({
    host: backend.host,
    port: backend.port,
    ...(isAddress(backend.serverName) ? {} : { servername: backend.serverName }),
    rejectUnauthorized: backend.verify,
    ...(backend.certificate === undefined
      ? {}
      : { cert: backend.certificate.certificatePem, key: backend.certificate.privateKeyPem }),
    ALPNProtocols: ['http/1.1'],
  });
}

const isAddress = (name: string): boolean => /^[\d.]+$/.test(name) || name.includes(':');

function headOf(request: OutgoingRequest, contentLength: number): string {
  let head = `${request.method} ${request.target} HTTP/1.1\r\n`;
  for (let i = 0; i < request.headers.length; i += 2)
    head += `${request.headers[i]}: ${request.headers[i + 1]}\r\n`;
  if (contentLength > 0 || METHODS_WITH_BODY.has(request.method))
    head += `Content-Length: ${contentLength}\r\n`;
  return `${head}\r\n`;
}

const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);
