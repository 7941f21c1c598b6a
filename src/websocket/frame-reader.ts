/**
 * Reads what a client sends: frames (RFC 6455, section 5), put together to messages. Nothing is buffered but the frame
 * head and message under way, and of those never more than twice what has arrived. After a violation or a close frame
 * whatever follows is dropped.
 */
import { CLOSE, isSendableCode } from './close-codes.ts';
import { OPCODE } from './frames.ts';
import { checkUtf8Prefix, isUtf8 } from './utf8.ts';

export interface FrameRules {
  /** Payload of one frame; more is answered by 1009. */
  readonly frameBytes: number;
  /** Payload of one message, all its frames together; more is answered by 1009. */
  readonly messageBytes: number;
  /** False: a binary frame is answered by 1003. */
  readonly acceptsBinary: boolean;
}

export interface FrameSink {
  onMessage(payload: string | Uint8Array): void;
  onPing(payload: Uint8Array): void;
  /** `code` null: the close frame said nothing. */
  onClose(code: number | null, reason: string): void;
  onViolation(code: number, reason: string): void;
}

interface Head {
  readonly last: boolean;
  readonly opcode: number;
  readonly size: number;
  /** Of the head itself. */
  readonly bytes: number;
}

const MASKED = 0x80;
const NO_BYTES = Buffer.alloc(0);

export class FrameReader {
  readonly #rules: FrameRules;
  readonly #sink: FrameSink;
  /** Head of a frame that has not arrived whole. */
  #rest: Buffer = NO_BYTES;
  /** The frame whose payload is arriving. */
  #frame: Head | null = null;
  #mask: Buffer = NO_BYTES;
  #arrived = 0;
  /** A control frame's payload while it is not whole: it may come between the frames of a message. */
  #control: Buffer | null = null;
  /** The message under way: its opcode, its bytes so far, and how far they are checked. */
  #opcode = 0;
  #body: Buffer = NO_BYTES;
  #size = 0;
  #checked = 0;
  #done = false;

  constructor(rules: FrameRules, sink: FrameSink) {
    this.#rules = rules;
    this.#sink = sink;
  }

  /** Takes the bytes over: payloads are unmasked in place. */
  feed(chunk: Buffer): void {
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = Buffer.concat([this.#rest, chunk]);
      this.#rest = NO_BYTES;
    }
    let at = 0;
    while (at < bytes.length && !this.#done) {
      if (this.#frame !== null) {
        at += this.#takePart(this.#frame, bytes, at);
        continue;
      }
      const head = this.#readHead(bytes, at);
      if (head === undefined) return;
      at += head.bytes;
      const mask = bytes.subarray(at - 4, at);
      if (bytes.length - at >= head.size) {
        const payload = bytes.subarray(at, at + head.size);
        unmask(payload, mask, 0);
        at += head.size;
        this.#takeWhole(head, payload);
      } else this.#begin(head, mask);
    }
  }

  /** Undefined when it is not whole, or breaks the rules. */
  #readHead(bytes: Buffer, at: number): Head | undefined {
    const left = bytes.length - at;
    const first = bytes[at] ?? 0;
    const second = left > 1 ? (bytes[at + 1] ?? 0) : MASKED;
    const opcode = first & 0x0f;
    const last = (first & 0x80) !== 0;
    const broken = this.#wrong(first, second, opcode, last);
    if (broken !== undefined) return this.#fail(broken[0], broken[1]);
    const short = second & 0x7f;
    const size = short < 126 ? 0 : short === 126 ? 2 : 8;
    const head = 2 + size + 4;
    if (left < head) {
      this.#rest = Buffer.from(bytes.subarray(at));
      return undefined;
    }
    const length =
      size === 0
        ? short
        : size === 2
          ? bytes.readUInt16BE(at + 2)
          : bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    if (opcode >= OPCODE.close) {
      if (length > 125) return this.#fail(CLOSE.protocolError, 'Control frames carry at most 125 bytes');
    } else if (length > this.#rules.frameBytes || this.#size + length > this.#rules.messageBytes)
      return this.#fail(CLOSE.tooBig, 'Message too long');
    return { last, opcode, size: length, bytes: head };
  }

  #wrong(
    first: number,
    second: number,
    opcode: number,
    last: boolean,
  ): readonly [number, string] | undefined {
    if ((first & 0x70) !== 0) return [CLOSE.protocolError, 'Reserved bits are set'];
    if ((second & MASKED) === 0) return [CLOSE.protocolError, 'Frames of a client are masked'];
    if (opcode >= OPCODE.close)
      return opcode > OPCODE.pong || !last ? [CLOSE.protocolError, 'Invalid control frame'] : undefined;
    if (opcode > OPCODE.binary) return [CLOSE.protocolError, `Unknown opcode ${opcode}`];
    if ((opcode === OPCODE.continuation) === (this.#opcode === 0))
      return [CLOSE.protocolError, 'Frames of two messages are mixed'];
    if (opcode === OPCODE.binary && !this.#rules.acceptsBinary)
      return [CLOSE.unsupportedData, 'Binary frames are not supported'];
    return undefined;
  }

  #begin(head: Head, mask: Buffer): void {
    this.#frame = head;
    this.#mask = Buffer.from(mask);
    this.#arrived = 0;
    if (head.opcode >= OPCODE.close) this.#control = Buffer.alloc(head.size);
    else if (head.opcode !== OPCODE.continuation) this.#opcode = head.opcode;
  }

  /** Part of a frame's payload. Returns how many bytes it took. */
  #takePart(frame: Head, bytes: Buffer, at: number): number {
    const count = Math.min(frame.size - this.#arrived, bytes.length - at);
    const part = bytes.subarray(at, at + count);
    unmask(part, this.#mask, this.#arrived);
    if (this.#control !== null) this.#control.set(part, this.#arrived);
    else if (!this.#append(part)) return count;
    this.#arrived += count;
    if (this.#arrived < frame.size) return count;
    const control = this.#control;
    this.#frame = null;
    this.#control = null;
    if (control !== null) this.#takeControl(frame.opcode, control);
    else if (frame.last) this.#finish();
    return count;
  }

  #takeWhole(head: Head, payload: Buffer): void {
    if (head.opcode >= OPCODE.close) return this.#takeControl(head.opcode, payload);
    // The usual case: a message in one frame, in one piece.
    if (head.last && this.#opcode === 0) return this.#deliver(head.opcode, payload, 0);
    if (this.#opcode === 0) this.#opcode = head.opcode;
    if (this.#append(payload) && head.last) this.#finish();
  }

  /** False when the text it makes is broken. */
  #append(part: Buffer): boolean {
    const size = this.#size + part.length;
    if (size > this.#body.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, Math.min(2 * size, this.#rules.messageBytes)));
      larger.set(this.#body.subarray(0, this.#size));
      this.#body = larger;
    }
    this.#body.set(part, this.#size);
    this.#size = size;
    if (this.#opcode !== OPCODE.text) return true;
    this.#checked = checkUtf8Prefix(this.#body.subarray(0, size), this.#checked);
    if (this.#checked >= 0) return true;
    this.#fail(CLOSE.invalidPayload, 'Invalid UTF-8 sequence');
    return false;
  }

  #finish(): void {
    const payload = this.#body.subarray(0, this.#size);
    const [opcode, checked] = [this.#opcode, this.#checked];
    this.#opcode = 0;
    this.#body = NO_BYTES;
    this.#size = 0;
    this.#checked = 0;
    this.#deliver(opcode, payload, checked);
  }

  #deliver(opcode: number, payload: Buffer, checked: number): void {
    if (opcode === OPCODE.binary) return this.#sink.onMessage(payload);
    if (!isUtf8(payload.subarray(checked)))
      return void this.#fail(CLOSE.invalidPayload, 'Invalid UTF-8 sequence');
    this.#sink.onMessage(payload.toString('utf8'));
  }

  #takeControl(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.ping) return this.#sink.onPing(payload);
    if (opcode === OPCODE.pong) return;
    if (payload.length === 0) return this.#closed(null, '');
    const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
    if (!isSendableCode(code)) return void this.#fail(CLOSE.protocolError, 'Invalid close code');
    const reason = payload.subarray(2);
    if (!isUtf8(reason)) return void this.#fail(CLOSE.invalidPayload, 'Invalid UTF-8 sequence');
    this.#closed(code, reason.toString('utf8'));
  }

  #closed(code: number | null, reason: string): void {
    this.#stop();
    this.#sink.onClose(code, reason);
  }

  #fail(code: number, reason: string): undefined {
    this.#stop();
    this.#sink.onViolation(code, reason);
  }

  #stop(): void {
    this.#done = true;
    this.#rest = NO_BYTES;
    this.#body = NO_BYTES;
    this.#control = null;
  }
}

/** `from`: how many bytes of the frame's payload came before. */
function unmask(payload: Uint8Array, mask: Uint8Array, from: number): void {
  const [a = 0, b = 0, c = 0, d = 0] = mask;
  const turned = [a, b, c, d, a, b, c, d].slice(from % 4, (from % 4) + 4);
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0] = turned;
  const size = payload.length;
  let at = 0;
  for (; at + 4 <= size; at += 4) {
    payload[at] = (payload[at] ?? 0) ^ m0;
    payload[at + 1] = (payload[at + 1] ?? 0) ^ m1;
    payload[at + 2] = (payload[at + 2] ?? 0) ^ m2;
    payload[at + 3] = (payload[at + 3] ?? 0) ^ m3;
  }
  for (let i = 0; at < size; at++, i++) payload[at] = (payload[at] ?? 0) ^ (turned[i] ?? 0);
}
