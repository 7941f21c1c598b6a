/** Frames as a server writes them (RFC 6455, section 5.2): unmasked, whole in one buffer. */
import { closePayload } from './close-codes.ts';

export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;
export type Opcode = (typeof OPCODE)[keyof typeof OPCODE];

const FIN = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/**
 * A message as the bytes to send, in frames of at most `frameBytes` of payload. A string is sent as text, bytes as
 * binary unless `as` says otherwise.
 */
export function encodeMessage(
  payload: string | Uint8Array,
  frameBytes: number,
  as: 'text' | 'binary' = typeof payload === 'string' ? 'text' : 'binary',
): Buffer {
  const opcode = OPCODE[as];
  const size = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  if (size <= frameBytes) return encodeFrame(opcode, payload, size, true);
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const frames: Buffer[] = [];
  for (let at = 0; at < size; at += frameBytes) {
    const part = bytes.subarray(at, at + frameBytes);
    const last = at + frameBytes >= size;
    frames.push(encodeFrame(at === 0 ? opcode : OPCODE.continuation, part, part.length, last));
  }
  return Buffer.concat(frames);
}

export const encodePong = (payload: Uint8Array): Buffer =>
  encodeFrame(OPCODE.pong, payload, payload.length, true);

export const encodePing = (payload: Uint8Array): Buffer =>
  encodeFrame(OPCODE.ping, payload, payload.length, true);

/** `code` null: a close frame that says nothing. */
export function encodeClose(code: number | null, reason: string): Buffer {
  const payload = closePayload(code, reason);
  return encodeFrame(OPCODE.close, payload, payload.length, true);
}

function encodeFrame(opcode: Opcode, payload: string | Uint8Array, size: number, last: boolean): Buffer {
  const head = size < LENGTH_16 ? 2 : size <= 0xffff ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + size);
  frame[0] = last ? FIN | opcode : opcode;
  if (head === 2) frame[1] = size;
  else if (head === 4) {
    frame[1] = LENGTH_16;
    frame.writeUInt16BE(size, 2);
  } else {
    frame[1] = LENGTH_64;
    frame.writeUInt32BE(0, 2);
    frame.writeUInt32BE(size, 6);
  }
  if (typeof payload === 'string') frame.write(payload, head, 'utf8');
  else frame.set(payload, head);
  return frame;
}
