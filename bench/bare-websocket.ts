/**
 * The peer of WebSocket APIs: what one would write with `node:http` and the `ws` package (on Bun its own version of it)
 * when there is nothing but an echo, and a door by which others send to a connection by its id.
 */
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { WebSocketServer } from 'ws';

interface Peer {
  readonly id: string;
  send(data: string | Buffer): void;
  on(event: 'message', listener: (data: Buffer) => void): void;
  on(event: 'close', listener: () => void): void;
}

const connections = new Map<string, Peer>();
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const peer = connections.get(request.url?.split('/').at(-1) ?? '');
    if (peer === undefined) return response.writeHead(410).end();
    peer.send(Buffer.concat(chunks).toString());
    return response.writeHead(200).end();
  });
});
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket: Peer) => {
  const id = randomUUID();
  connections.set(id, socket);
  socket.on('message', (data) => {
    const text = data.toString();
    socket.send(text === 'id' ? id : text);
  });
  socket.on('close', () => connections.delete(id));
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`ready on http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
});
