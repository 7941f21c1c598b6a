/** One request as it came in, and what is worked out of it at most once. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseQuery, type QueryParameter } from './query.ts';
import { firstHeader, type RawHeaders } from './raw-headers.ts';

const SEPARATORS = { '&': '&', '&;': /[&;]/ } as const;

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
  readonly #response: ServerResponse;
  #query: readonly QueryParameter[] | undefined;

  constructor(message: IncomingMessage, response: ServerResponse, rawTarget: string) {
    const mark = rawTarget.indexOf('?');
    this.message = message;
    this.method = message.method ?? 'GET';
    this.rawPath = mark === -1 ? rawTarget : rawTarget.slice(0, mark);
    this.rawQuery = mark === -1 ? '' : rawTarget.slice(mark + 1);
    this.rawHeaders = message.rawHeaders;
    const address = message.socket.remoteAddress ?? '';
    this.sourceIp = address.startsWith('::ffff:') ? address.slice(7) : address;
    this.#response = response;
  }

  /** Each kind asks with its own separators, always the same. */
  query(separators: keyof typeof SEPARATORS): readonly QueryParameter[] {
    this.#query ??= parseQuery(this.rawQuery, SEPARATORS[separators]);
    return this.#query;
  }

  /** First value; name in lower case. */
  header(name: string): string | undefined {
    return firstHeader(this.rawHeaders, name);
  }

  /** Calls `leave` when the client goes away before its answer is whole. Returns how to stop listening. */
  whenGone(leave: () => void): () => void {
    const response = this.#response;
    const closed = () => (response.writableFinished ? undefined : leave());
    response.once('close', closed);
    return () => response.removeListener('close', closed);
  }

  get gone(): boolean {
    return this.#response.destroyed && !this.#response.writableFinished;
  }

  get secure(): boolean {
    const { socket } = this.message;
    return 'encrypted' in socket && socket.encrypted === true;
  }

  get protocol(): string {
    return `HTTP/${this.message.httpVersion}`;
  }

  get hasBody(): boolean {
    const length = this.header('content-length');
    return length === undefined ? this.header('transfer-encoding') !== undefined : length !== '0';
  }
}
