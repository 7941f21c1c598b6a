/**
 * Reads one HTTP/1.1 response off a socket, byte for byte: names keep their case, order and duplicates, the body is not
 * decoded. Refuses what two readers could understand differently (RFC 9112, sections 6 and 11).
 */

export interface ResponseHead {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  /** The length the backend promised; undefined for chunked and until-close bodies. */
  readonly contentLength: number | undefined;
}

export interface ResponseSink {
  onHead(head: ResponseHead): void;
  onData(chunk: Buffer): void;
  /** `reusable`: the connection may carry another request. */
  onEnd(reusable: boolean): void;
}

export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

const HEAD_LIMIT_BYTES = 64 * 1024;
const CHUNK_LINE_LIMIT_BYTES = 4096;
const EMPTY = Buffer.alloc(0);

type State = 'head' | 'length' | 'close' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailer' | 'done';

export class ResponseParser {
  readonly #sink: ResponseSink;
  readonly #bodiless: boolean;
  #state: State = 'head';
  #kept: Buffer = EMPTY;
  #left = 0;
  #keepAlive = true;

  constructor(sink: ResponseSink, method: string) {
    this.#sink = sink;
    this.#bodiless = method === 'HEAD';
  }

  get done(): boolean {
    return this.#state === 'done';
  }

  /** Throws ProtocolError. */
  push(chunk: Buffer): void {
    let bytes = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    this.#kept = EMPTY;
    while (bytes.length > 0 || this.#state === 'chunk-end') {
      const rest = this.#step(bytes);
      if (rest === undefined) {
        this.#kept = bytes;
        return;
      }
      bytes = rest;
    }
  }

  /** The backend closed its side. Throws when something is still missing. */
  finish(): void {
    if (this.#state === 'close') this.#end(false);
    else if (this.#state !== 'done')
      throw new ProtocolError('the connection closed before the response was whole');
  }

  /** What is left after one step, or undefined when more bytes are needed. */
  #step(bytes: Buffer): Buffer | undefined {
    switch (this.#state) {
      case 'head':
        return this.#head(bytes);
      case 'length':
      case 'chunk-data':
        return this.#data(bytes);
      case 'close':
        this.#sink.onData(bytes);
        return EMPTY;
      case 'chunk-size':
        return this.#chunkSize(bytes);
      case 'chunk-end':
        return this.#chunkEnd(bytes);
      case 'trailer':
        return this.#trailer(bytes);
      case 'done':
        throw new ProtocolError('bytes after the end of the response');
      default:
        return this.#state satisfies never;
    }
  }

  #head(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf('\r\n\r\n');
    if (end === -1) {
      if (bytes.length > HEAD_LIMIT_BYTES) throw new ProtocolError('the response head is too large');
      return undefined;
    }
    const rest = bytes.subarray(end + 4);
    const parsed = parseHead(bytes.toString('latin1', 0, end));
    if (parsed.status < 200) {
      if (parsed.status === 101) throw new ProtocolError('the backend switched protocols unasked');
      return rest;
    }
    this.#begin(parsed);
    return rest;
  }

  #begin(head: ParsedHead): void {
    this.#keepAlive = head.keepAlive;
    const { status, rawHeaders, contentLength } = head;
    this.#sink.onHead({ status, rawHeaders, contentLength: head.chunked ? undefined : contentLength });
    if (this.#bodiless || status === 204 || status === 304) return this.#end(this.#keepAlive);
    if (head.chunked) this.#state = 'chunk-size';
    else if (contentLength === undefined) this.#state = 'close';
    else if (contentLength === 0) this.#end(this.#keepAlive);
    else {
      this.#state = 'length';
      this.#left = contentLength;
    }
  }

  #data(bytes: Buffer): Buffer {
    const part = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left);
    this.#left -= part.length;
    this.#sink.onData(part);
    if (this.#left === 0) {
      if (this.#state === 'length') this.#end(this.#keepAlive);
      else this.#state = 'chunk-end';
    }
    return bytes.subarray(part.length);
  }

  #chunkSize(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf('\r\n');
    if (end === -1) {
      if (bytes.length > CHUNK_LINE_LIMIT_BYTES) throw new ProtocolError('a chunk size line is too long');
      return undefined;
    }
    const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(bytes.toString('latin1', 0, end))?.[1];
    if (size === undefined) throw new ProtocolError('a chunk size is not a number');
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'chunk-data';
    return bytes.subarray(end + 2);
  }

  #chunkEnd(bytes: Buffer): Buffer | undefined {
    if (bytes.length < 2) return undefined;
    if (bytes[0] !== 13 || bytes[1] !== 10) throw new ProtocolError('a chunk is longer than it said');
    this.#state = 'chunk-size';
    return bytes.subarray(2);
  }

  /** Trailers are dropped: API Gateway hands on none. */
  #trailer(bytes: Buffer): Buffer | undefined {
    const end = bytes.indexOf('\r\n');
    if (end === -1) {
      if (bytes.length > HEAD_LIMIT_BYTES) throw new ProtocolError('the trailers are too large');
      return undefined;
    }
    if (end === 0) this.#end(this.#keepAlive);
    return bytes.subarray(end + 2);
  }

  #end(reusable: boolean): void {
    this.#state = 'done';
    this.#sink.onEnd(reusable);
  }
}

interface ParsedHead {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  readonly keepAlive: boolean;
}

function parseHead(text: string): ParsedHead {
  const lines = text.split('\r\n');
  const start = /^HTTP\/1\.([01]) (\d{3})(?: .*)?$/.exec(lines[0] ?? '');
  if (start === null) throw new ProtocolError('the status line is not HTTP/1.1');
  const rawHeaders: string[] = [];
  let contentLength: number | undefined;
  let transfer = '';
  let connection = '';
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const colon = line.indexOf(':');
    if (colon < 1 || line.charCodeAt(0) <= 32) throw new ProtocolError('a header line has no name');
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).trim();
    rawHeaders.push(name, value);
    switch (name.length === 10 || name.length === 14 || name.length === 17 ? name.toLowerCase() : '') {
      case 'content-length':
        contentLength = sameLength(contentLength, value);
        break;
      case 'transfer-encoding':
        transfer = `${transfer},${value.toLowerCase()}`;
        break;
      case 'connection':
        connection = value.toLowerCase();
        break;
    }
  }
  const chunked = isChunked(transfer);
  if (chunked && contentLength !== undefined)
    throw new ProtocolError('both Content-Length and Transfer-Encoding');
  const keepAlive = start[1] === '1' ? !connection.includes('close') : connection.includes('keep-alive');
  return { status: Number(start[2]), rawHeaders, contentLength, chunked, keepAlive };
}

function sameLength(before: number | undefined, value: string): number {
  const length = /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  if (length === undefined || (before !== undefined && before !== length))
    throw new ProtocolError('Content-Length is not one number');
  return length;
}

function isChunked(transfer: string): boolean {
  if (transfer === '') return false;
  if (transfer.slice(1).trim() !== 'chunked')
    throw new ProtocolError(`Transfer-Encoding${transfer} is not understood`);
  return true;
}
