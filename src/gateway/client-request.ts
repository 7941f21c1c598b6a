/** One request as it came in, and what is worked out of it at most once. */
import type { IncomingMessage } from 'node:http';
import { parseQuery, type QueryParameter } from './query.ts';
import { firstHeader, type RawHeaders } from './raw-headers.ts';

const SEPARATORS = { '&': '&', '&;': /[&;]/ } as const;

/** What tells that the client went away: a response, or the socket of a WebSocket that is not answered yet. */
export interface Leaving {
  readonly destroyed: boolean;
  readonly writableFinished: boolean;
  once(event: 'close', listener: () => void): unknown;
  removeListener(event: 'close', listener: () => void): unknown;
}

/** Only public members, so that a message on a WebSocket can be one as well (kinds/websocket-message.ts). */
export class ClientRequest {
  readonly message: IncomingMessage;
  /** Replaced by a REST API when `X-HTTP-Method-Override` says so. */
  method: string;
  /** Undecoded; begins with `/{stage}` unless the stage is `$default`. */
  readonly rawPath: string;
  readonly rawQuery: string;
  readonly rawHeaders: RawHeaders;
  /** Without the `::ffff:` of an IPv4 address on a double-stack socket. */
  readonly sourceIp: string;
  readonly leaving: Leaving;
  parsedQuery: readonly QueryParameter[] | undefined;

  constructor(message: IncomingMessage, leaving: Leaving, rawTarget: string) {
    const mark = rawTarget.indexOf('?');
    this.message = message;
    this.method = message.method ?? 'GET';
    this.rawPath = mark === -1 ? rawTarget : rawTarget.slice(0, mark);
    this.rawQuery = mark === -1 ? '' : rawTarget.slice(mark + 1);
    this.rawHeaders = message.rawHeaders;
    const address = message.socket.remoteAddress ?? '';
    this.sourceIp = address.startsWith('::ffff:') ? address.slice(7) : address;
    this.leaving = leaving;
  }

  /** Each kind asks with its own separators, always the same. */
  query(separators: keyof typeof SEPARATORS): readonly QueryParameter[] {
    this.parsedQuery ??= parseQuery(this.rawQuery, SEPARATORS[separators]);
    return this.parsedQuery;
  }

  /** First value; name in lower case. */
  header(name: string): string | undefined {
    return firstHeader(this.rawHeaders, name);
  }

  /** Calls `leave` when the client goes away before its answer is whole. Returns how to stop listening. */
  whenGone(leave: () => void): () => void {
    const { leaving } = this;
    const closed = () => (leaving.writableFinished ? undefined : leave());
    leaving.once('close', closed);
    return () => leaving.removeListener('close', closed);
  }

  get gone(): boolean {
    return this.leaving.destroyed && !this.leaving.writableFinished;
  }

  get secure(): boolean {
    const { socket } = this.message;
    return 'encrypted' in socket && socket.encrypted === true;
  }

  /** Where the client reached this server. */
  get localPort(): number | undefined {
    return this.message.socket.localPort;
  }

  get protocol(): string {
    return `HTTP/${this.message.httpVersion}`;
  }

  get hasBody(): boolean {
    const length = this.header('content-length');
    return length === undefined ? this.header('transfer-encoding') !== undefined : length !== '0';
  }
}
