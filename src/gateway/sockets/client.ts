/** What a live connection carries: no more than its messages need, since there are many. */
import type { Identity } from '../plan.ts';
import type { WebSocketConnection } from '../../websocket/connection.ts';

export interface Client {
  readonly connectionId: string;
  readonly apiId: string;
  readonly stageName: string;
  /** Milliseconds since 1970. */
  readonly connectedAt: number;
  readonly domainName: string;
  readonly domainPrefix: string;
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
  readonly secure: boolean;
  readonly localPort: number | undefined;
  /** As `$connect` found it: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html */
  readonly identity: Identity;
  /** `x-api-key` as it was when the connection was opened: messages have no headers. */
  readonly apiKey: string | undefined;
  lastActiveAt: number;
  /** Messages that are with their integrations. */
  atOnce: number;
  /** Since when nothing of what waits for the client was taken; 0 when nothing waits. */
  stalledSince: number;
  unsentBytes: number;
}

export type Live = WebSocketConnection<Client>;
