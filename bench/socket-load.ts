/**
 * A load on WebSockets from bare sockets: so many connections, each with so many messages under way, counted by the
 * bytes that come back. The mask is zero, as a client may choose, so that this process costs less than the measured one.
 */
import { connect, type Socket } from 'node:net';

export interface SocketLoad {
  readonly url: string;
  readonly message: string;
  /** Bytes of one answer's frame. */
  readonly answerBytes: number;
  readonly connections: number;
  /** Messages a connection keeps under way. */
  readonly depth: number;
  readonly seconds: number;
}

/** Messages answered a second. */
export async function socketLoad(load: SocketLoad): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => openSocket(load.url)));
  const message = frameOf(load.message);
  let bytes = 0;
  let running = true;
  for (const socket of sockets) {
    let owed = 0;
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      owed += chunk.length;
      const answered = Math.floor(owed / load.answerBytes);
      owed -= answered * load.answerBytes;
      if (running && answered > 0)
        socket.write(answered === 1 ? message : Buffer.concat(Array(answered).fill(message)));
    });
    socket.write(Buffer.concat(Array(load.depth).fill(message)));
  }
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, load.seconds * 1000));
  running = false;
  const perSecond = bytes / load.answerBytes / ((performance.now() - startedAt) / 1000);
  for (const socket of sockets) socket.destroy();
  return perSecond;
}

/** A text frame of a client with a mask of zeros. */
export function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error('a short message, please');
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}

export function openSocket(url: string): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('data', (answer: Buffer) =>
      answer.toString('latin1').startsWith('HTTP/1.1 101')
        ? resolve(socket)
        : reject(new Error(answer.toString())),
    );
    socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
  });
}
