/** The opening handshake on the server's side (RFC 6455, section 4.2), and how an upgrade is refused. */
import { createHash } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { limits } from '../base/limits.ts';

const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY = /^[A-Za-z0-9+/]{22}==$/;

/** What is wrong with an upgrade before anybody is asked; null when nothing is. */
export interface BadUpgrade {
  readonly status: number;
  readonly headers: readonly string[];
  readonly reason: string;
}

export const asksForWebSocket = (message: IncomingMessage): boolean =>
  (message.headers.upgrade ?? '').trim().toLowerCase() === 'websocket';

export function refuseUpgrade(message: IncomingMessage): BadUpgrade | null {
  const { headers, method, httpVersionMajor: major, httpVersionMinor: minor } = message;
  const bad = (reason: string): BadUpgrade => ({ status: 400, headers: [], reason });
  if (method !== 'GET') return bad('A WebSocket opens with GET');
  if (major < 1 || (major === 1 && minor < 1)) return bad('A WebSocket opens over HTTP/1.1');
  if (headers['sec-websocket-version'] !== '13')
    return {
      status: 426,
      headers: ['Sec-WebSocket-Version', '13'],
      reason: 'Only version 13 of the protocol is spoken',
    };
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) return bad('Sec-WebSocket-Key is missing or broken');
  return null;
}

/** Answers 101. `subprotocol` undefined: none. */
export function acceptUpgrade(socket: Duplex, key: string, subprotocol: string | undefined): void {
  const accept = createHash('sha1').update(`${key}${MAGIC}`).digest('base64');
  const chosen = subprotocol === undefined ? '' : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`,
  );
}

export interface PlainAnswer {
  readonly status: number;
  /** [name, value, ...] without line ends; Content-Length and Connection are put there here. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array;
}

/** Answers with a status in place of 101, and closes. */
export function answerPlainly(socket: Duplex, { status, headers, body }: PlainAnswer): void {
  if (socket.destroyed) return;
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}`];
  for (let i = 0; i < headers.length; i += 2) lines.push(`${headers[i]}: ${headers[i + 1]}`);
  lines.push(`Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', '', '');
  socket.write(lines.join('\r\n'), 'latin1');
  socket.end(body);
  endSoon(socket);
}

/** What still comes is read and dropped, so that what was sent is not lost to a reset; a client that stays is left. */
export function endSoon(socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), limits.webSocketClosingMs).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('end', () => socket.destroy());
  socket.resume();
}
