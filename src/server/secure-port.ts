/**
 * A port that takes HTTPS, plain HTTP and HTTP/2, told apart by what comes first. `node:https` on Bun ignores server names and hides
 * clients' certificates, so bare sockets are handed to `tls`, and what that makes of them to `node:http`.
 */
import type { Server as HttpServer } from 'node:http';
import type { Http2Server } from 'node:http2';
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

/** What an HTTP/2 client says first (RFC 9113, section 3.4). */
const HTTP2_PREFACE = 'PRI * HTTP/2.0\r\n';

export interface SecurePortServers {
  /** Answers HTTP and HTTPS; it need not listen itself. */
  readonly http: HttpServer;
  /** Answers HTTP/2 without TLS. */
  readonly http2: () => Http2Server;
  readonly tlsFor: TlsServerFor;
}

export function createSecurePort({ http, http2, tlsFor }: SecurePortServers, log: Log): SecurePort {
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
      if (hello.kind === 'other') (isHttp2(bytes) ? http2() : http).emit('connection', socket);
      else
        tlsFor(hello.serverName).then(
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

const isHttp2 = (bytes: Buffer): boolean =>
  bytes.subarray(0, HTTP2_PREFACE.length).toString('latin1') === HTTP2_PREFACE;

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
