/**
 * A port that takes HTTPS and plain HTTP, told apart by the first byte. `node:https` on Bun ignores server names and hides
 * clients' certificates, so bare sockets are handed to `tls`, and what that makes of them to `node:http`.
 */
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { reasonOf } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import { readHello } from './client-hello.ts';
import type { TlsServerFor } from './tls-servers.ts';

export interface SecurePort {
  readonly server: Server;
  /** Ends every connection that is still open. */
  closeAll(): void;
}

/** `http` answers both kinds; it need not listen itself. */
export function createSecurePort(http: HttpServer, tlsServerFor: TlsServerFor, log: Log): SecurePort {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // Clients that go away are no news: whoever reads the socket is told by its end.
    socket.on('error', () => socket.destroy());
    readFirst(socket, (bytes) => {
      const hello = readHello(bytes);
      if (hello.kind === 'incomplete') return false;
      socket.pause();
      socket.unshift(bytes);
      if (hello.kind === 'other') http.emit('connection', socket);
      else
        tlsServerFor(hello.serverName).then(
          (tls) => tls.emit('connection', socket),
          (error: unknown) => {
            log('warn', 'a TLS connection was refused', {
              serverName: hello.serverName,
              reason: reasonOf(error),
            });
            socket.destroy();
          },
        );
      if (hello.kind === 'other') socket.resume();
      return true;
    });
  });
  return {
    server,
    closeAll() {
      for (const socket of open) socket.destroy();
    },
  };
}

/** Until `take` has seen enough; neither for ever nor without an end. */
function readFirst(socket: Socket, take: (bytes: Buffer) => boolean): void {
  let bytes: Buffer = Buffer.alloc(0);
  const late = setTimeout(() => socket.destroy(), limits.tlsHandshakeMs);
  const stop = (): void => {
    clearTimeout(late);
    socket.off('data', read);
  };
  const read = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    if (bytes.length > limits.tlsHelloBytes && bytes[0] === 22) {
      stop();
      socket.destroy();
      return;
    }
    socket.off('data', read);
    if (take(bytes)) stop();
    else socket.on('data', read);
  };
  socket.on('data', read);
  socket.once('close', stop);
}
