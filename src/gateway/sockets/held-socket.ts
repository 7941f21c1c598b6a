/**
 * A socket whose upgrade is not answered yet: it is read, because only so is it seen that the client left, and what the
 * client sends too early is kept, up to a limit.
 */
import type { Duplex } from 'node:stream';
import { limits } from '../../base/limits.ts';

export interface Held {
  readonly socket: Duplex;
  /** The client left, or sent more than it may. */
  readonly gone: boolean;
  /** Stops reading, and gives what came. */
  release(): Buffer;
}

export function holdSocket(socket: Duplex, head: Buffer): Held {
  const early: Buffer[] = [head];
  let size = head.length;
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > limits.webSocketEarlyBytes) socket.destroy();
    else early.push(chunk);
  };
  const leave = (): void => void socket.destroy();
  socket.on('data', take).on('end', leave).on('error', leave);
  return {
    socket,
    get gone() {
      return socket.destroyed;
    },
    release() {
      socket.removeListener('data', take).removeListener('end', leave).removeListener('error', leave);
      return early.length === 1 ? head : Buffer.concat(early);
    },
  };
}
