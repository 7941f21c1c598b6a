/** What the management API asks of a connection, on whichever node it is open. */
import { limits } from '../../base/limits.ts';
import { isUtf8 } from '../../websocket/utf8.ts';
import { CLOSE } from '../../websocket/close-codes.ts';
import type { ConnectionAnswer, ConnectionCommand } from '../ports.ts';
import type { LiveConnections } from './live-connections.ts';
import type { Live } from './client.ts';

/** Undefined: the connection is not open here. */
export function runHere(
  connections: LiveConnections,
  command: ConnectionCommand,
): ConnectionAnswer | undefined {
  const live = connections.find(command.connectionId);
  if (live === undefined || !live.isOpen) return undefined;
  const { apiId, stageName } = live.data;
  // Another API's or stage's connection is as good as none.
  if (apiId !== command.apiId || stageName !== command.stageName) return { outcome: 'gone' };
  return run(live, command);
}

function run(live: Live, command: ConnectionCommand): ConnectionAnswer {
  switch (command.kind) {
    case 'post':
      return post(live, command.data);
    case 'get':
      return { outcome: 'found', ...infoOf(live) };
    case 'delete':
      live.close(CLOSE.normal, 'Connection Closed Normally');
      return { outcome: 'done' };
    default:
      return command satisfies never;
  }
}

/** Bytes that are text go as text, as AWS sends them; others, which a text frame must not carry, as binary. */
function post(live: Live, data: Uint8Array): ConnectionAnswer {
  if (live.unsentBytes + data.length > limits.webSocketUnsentBytes) return { outcome: 'full' };
  live.send(data, isUtf8(data) ? 'text' : 'binary');
  return { outcome: 'done' };
}

function infoOf({ data }: Live): {
  connectedAt: number;
  lastActiveAt: number;
  sourceIp: string;
  userAgent: string;
} {
  const { connectedAt, lastActiveAt, sourceIp, userAgent = '' } = data;
  return { connectedAt, lastActiveAt, sourceIp, userAgent };
}
