/** The first message of a TLS connection (RFC 8446, section 4.1.2), read only for the name it asks for (RFC 6066). */

export type Hello =
  /** The name in lower case; undefined when the client gives none. */
  | { readonly kind: 'tls'; readonly serverName: string | undefined }
  /** It has not all arrived. */
  | { readonly kind: 'incomplete' }
  /** Something else: HTTP, as a rule. */
  | { readonly kind: 'other' };

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEAD = 5;

export function readHello(bytes: Buffer): Hello {
  if (bytes.length === 0) return { kind: 'incomplete' };
  if (bytes[0] !== HANDSHAKE) return { kind: 'other' };
  const message = messageOf(bytes);
  if (message === undefined) return { kind: 'incomplete' };
  return { kind: 'tls', serverName: message[0] === CLIENT_HELLO ? serverNameOf(message) : undefined };
}

/** A message may be spread over records. Undefined until all of it is there. */
function messageOf(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  let size = 0;
  for (let at = 0; at + RECORD_HEAD <= bytes.length; ) {
    const end = at + RECORD_HEAD + bytes.readUInt16BE(at + 3);
    const part = bytes.subarray(at + RECORD_HEAD, Math.min(end, bytes.length));
    parts.push(part);
    size += part.length;
    at = end;
  }
  const message = Buffer.concat(parts, size);
  return message.length >= 4 && message.length >= 4 + message.readUIntBE(1, 3) ? message : undefined;
}

/** Reads on while there is enough to read; a hello that lies about its lengths has no name. */
class Cursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  number(size: 1 | 2): number {
    const value = this.at + size <= this.bytes.length ? this.bytes.readUIntBE(this.at, size) : 0;
    this.at += size;
    return value;
  }

  /** As many bytes as the number before them says. */
  block(size: 1 | 2): Buffer {
    const length = this.number(size);
    const block = this.bytes.subarray(this.at, this.at + length);
    this.at += length;
    return block;
  }
}

/** Message head, version and random; then what we skip over; then the extensions. */
const BEFORE_SESSION_ID = 4 + 2 + 32;
const SERVER_NAME = 0;
const HOST_NAME = 0;

function serverNameOf(message: Buffer): string | undefined {
  const cursor = new Cursor(message, BEFORE_SESSION_ID);
  cursor.block(1); // session id
  cursor.block(2); // cipher suites
  cursor.block(1); // compression methods
  const extensions = new Cursor(cursor.block(2));
  while (!extensions.ended) {
    const type = extensions.number(2);
    const content = extensions.block(2);
    if (type !== SERVER_NAME) continue;
    const names = new Cursor(new Cursor(content).block(2));
    const isHost = names.number(1) === HOST_NAME;
    const name = names.block(2).toString('latin1').toLowerCase();
    return isHost && name !== '' ? name : undefined;
  }
  return undefined;
}
