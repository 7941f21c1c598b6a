/**
 * WebSockets from the upgrade to the end: the upgrade waits for `$connect`, messages find their routes, and
 * `$disconnect` runs once. What is done for one of them is in its own file; here they are put together.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Apis } from '../apis.ts';
import type { ClientRequest } from '../client-request.ts';
import type { Engine } from '../engine.ts';
import type { ConnectionPlace } from '../ports.ts';
import type { followRoute, Gateway } from '../serve.ts';
import type { ApiTarget } from '../target.ts';
import { CLOSE } from '../../websocket/close-codes.ts';
import type { WebSocketOwner } from '../../websocket/connection.ts';
import type { Client } from './client.ts';
import { runHere } from './commands.ts';
import { GOING_AWAY } from './live-connections.ts';
import { createConnecting } from './serve-connect.ts';
import { createDisconnecting } from './serve-disconnect.ts';
import { createMessages } from './serve-message.ts';

/** A request to open a WebSocket: the socket is the gateway's to answer and to end. */
export interface Arriving {
  readonly request: ClientRequest;
  readonly message: IncomingMessage;
  readonly target: ApiTarget;
  readonly socket: Duplex;
  /** What came behind the request already. */
  readonly head: Buffer;
}

export interface Sockets {
  /** `plainly` answers an upgrade to an API that takes no WebSockets, as any other request. */
  upgrade(arriving: Arriving, plainly: Gateway['handle']): Promise<void>;
  placeOf(connectionId: string): Promise<ConnectionPlace | undefined>;
  /** The API changed: connections to what is not there any more end. */
  forget(apiId: string): void;
  close(graceMs: number): Promise<void>;
}

/** What every part is made of. */
export interface SocketParts {
  readonly engine: Engine;
  readonly apis: Apis;
  readonly follow: typeof followRoute;
}

export function createSockets(engine: Engine, apis: Apis, follow: typeof followRoute): Sockets {
  const parts: SocketParts = { engine, apis, follow };
  const { live, ports } = engine;
  const { presence } = ports;
  const disconnecting = createDisconnecting(parts);
  const messages = createMessages(parts);
  const owner: WebSocketOwner<Client> = {
    message: messages.take,
    active: (connection) => void (connection.data.lastActiveAt = ports.now()),
    closed(connection, how) {
      live.remove(connection);
      presence?.closed(connection.data.connectionId);
      disconnecting.tell(connection.data, how);
    },
  };
  const connecting = createConnecting(parts, { owner, disconnecting });
  presence?.serve((command) => runHere(live, command));
  return {
    upgrade: connecting.upgrade,
    async placeOf(connectionId) {
      return live.find(connectionId)?.data ?? presence?.placeOf(connectionId);
    },
    forget(apiId) {
      const open = live.ofApi(apiId);
      if (open.length > 0) void leaveWhatIsGone(parts, apiId);
    },
    async close(graceMs) {
      connecting.stop();
      const startedAt = performance.now();
      await live.closeAll(graceMs);
      await disconnecting.finish(graceMs - (performance.now() - startedAt));
    },
  };
}

/** A stage or an API that was deleted takes its connections along. */
async function leaveWhatIsGone({ apis, engine }: SocketParts, apiId: string): Promise<void> {
  try {
    const api = await apis.find(apiId);
    for (const connection of engine.live.ofApi(apiId))
      if (!api?.socketStage?.(connection.data.stageName)) connection.close(CLOSE.goingAway, GOING_AWAY);
  } catch (thrown) {
    engine.ports.log('error', 'an API could not be read again', { apiId, reason: String(thrown) });
  }
}
