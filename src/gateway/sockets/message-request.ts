/**
 * A message, or the end of a connection, as steps see requests: it has no headers, no query and no path of its own, and
 * the client that sent it may be gone without anyone having to stop.
 */
import type { IncomingMessage } from 'node:http';
import type { ClientRequest, Leaving } from '../client-request.ts';
import type { ConnectionFacts } from '../plan.ts';
import type { QueryParameter } from '../query.ts';
import type { RawHeaders } from '../raw-headers.ts';
import type { Client } from './client.ts';

const NOTHING: readonly never[] = [];
/** For whom nothing is given up when the client goes away. */
export const NEVER_LEAVES: Leaving = {
  destroyed: false,
  writableFinished: false,
  once: () => undefined,
  removeListener: () => undefined,
};
const stay = (): void => {};

export class MessageRequest implements ClientRequest {
  method: string;
  readonly rawPath: string;
  readonly rawQuery = '';
  readonly rawHeaders: RawHeaders = NOTHING;
  readonly leaving = NEVER_LEAVES;
  parsedQuery: readonly QueryParameter[] | undefined = NOTHING;
  readonly #client: Client;

  constructor(client: Client, eventType: ConnectionFacts['eventType']) {
    this.#client = client;
    this.method = eventType;
    this.rawPath = `/${client.stageName}`;
  }

  /** There is none: who asks for it takes a message for a request. */
  get message(): IncomingMessage {
    throw new Error('a message on a WebSocket has no HTTP message');
  }

  get sourceIp(): string {
    return this.#client.sourceIp;
  }

  get localPort(): number | undefined {
    return this.#client.localPort;
  }

  get secure(): boolean {
    return this.#client.secure;
  }

  get protocol(): string {
    return 'HTTP/1.1';
  }

  get gone(): boolean {
    return false;
  }

  get hasBody(): boolean {
    return false;
  }

  query(): readonly QueryParameter[] {
    return NOTHING;
  }

  /** What the connection was opened with, where it is still known. */
  header(name: string): string | undefined {
    if (name === 'user-agent') return this.#client.userAgent;
    return name === 'x-api-key' ? this.#client.apiKey : undefined;
  }

  whenGone(): () => void {
    return stay;
  }
}
