/**
 * The `aws-chunked` content encoding, decoded as it streams:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
 */
import { createHash, type Hash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';

export interface ChunkedOptions {
  /** `x-amz-decoded-content-length`. */
  readonly decodedBytes: number | undefined;
  /** Checks each chunk's signature, and the trailer's; absent when chunks carry none, or nobody checks. */
  readonly signatures: ChunkSignatures | undefined;
  /** Names that `x-amz-trailer` announces: every one must come. */
  readonly announced: readonly string[];
  /** Called once with the trailers by lower-case name, before the stream ends. */
  readonly onTrailers: (trailers: Readonly<Record<string, string>>) => void;
}

export interface ChunkSignatures {
  /** Both throw a Fault when the signature is wrong. `hash` is the hex SHA-256 of the chunk's data. */
  readonly chunk: (hash: string, signature: string) => void;
  readonly trailer: (text: string, signature: string) => void;
}

export const incompleteBody = (): Fault =>
  new Fault(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
    { status: 400 },
  );

const malformed = (): Fault =>
  new Fault('InvalidRequest', 'The request body is not valid aws-chunked data', { status: 400 });

const malformedTrailer = (): Fault =>
  new Fault(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
    { status: 400 },
  );

type State = 'size' | 'data' | 'data-end' | 'trailers' | 'done';

/** A class because it is a stream with a position in the format. */
class ChunkDecoder extends Transform {
  #state: State = 'size';
  /** Bytes of an unfinished line. */
  #line = '';
  #left = 0;
  #total = 0;
  #hash: Hash | undefined;
  #signature = '';
  readonly #trailers: [string, string][] = [];
  readonly #options: ChunkedOptions;

  constructor(options: ChunkedOptions) {
    super();
    this.#options = options;
  }

  override _transform(data: Buffer, _encoding: string, done: TransformCallback): void {
    try {
      let rest = data;
      while (rest.length > 0) rest = this.#state === 'data' ? this.#takeData(rest) : this.#takeLine(rest);
      done();
    } catch (thrown) {
      done(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }

  override _flush(done: TransformCallback): void {
    const { decodedBytes } = this.#options;
    // Without trailers some clients leave out the last empty line.
    const ended = this.#state === 'done' || (this.#state === 'trailers' && this.#line === '');
    if (!ended || (decodedBytes !== undefined && decodedBytes !== this.#total)) {
      done(incompleteBody());
      return;
    }
    try {
      if (this.#state !== 'done') this.#finish();
      done();
    } catch (thrown) {
      done(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  }

  #takeData(data: Buffer): Buffer {
    const part = data.subarray(0, this.#left);
    this.#hash?.update(part);
    this.push(part);
    this.#left -= part.length;
    this.#total += part.length;
    if (this.#left === 0) {
      this.#state = 'data-end';
      this.#checkChunk();
    }
    return data.subarray(part.length);
  }

  #takeLine(data: Buffer): Buffer {
    const end = data.indexOf(10);
    this.#line += data.toString('latin1', 0, end === -1 ? data.length : end);
    if (this.#line.length > limits.wireChunkLineBytes) throw malformed();
    if (end === -1) return data.subarray(data.length);
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    this.#onLine(line);
    return data.subarray(end + 1);
  }

  #onLine(line: string): void {
    switch (this.#state) {
      case 'size':
        this.#openChunk(line);
        return;
      case 'data-end':
        if (line !== '') throw malformed();
        this.#state = 'size';
        return;
      case 'trailers':
        if (line === '') this.#finish();
        else this.#addTrailer(line);
        return;
      case 'done':
        if (line !== '') throw malformed();
        return;
      default:
        throw malformed();
    }
  }

  #openChunk(line: string): void {
    const [, size, signature] = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line) ?? [];
    if (size === undefined) throw malformed();
    this.#left = Number.parseInt(size, 16);
    this.#signature = signature ?? '';
    this.#hash = this.#options.signatures === undefined ? undefined : createHash('sha256');
    if (this.#left > 0) {
      this.#state = 'data';
      return;
    }
    this.#checkChunk();
    this.#state = 'trailers';
  }

  #checkChunk(): void {
    this.#options.signatures?.chunk(this.#hash?.digest('hex') ?? '', this.#signature);
  }

  #addTrailer(line: string): void {
    const colon = line.indexOf(':');
    if (colon < 1 || this.#trailers.length >= limits.wireTrailers) throw malformedTrailer();
    this.#trailers.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]);
  }

  #finish(): void {
    this.#state = 'done';
    const own = this.#trailers.filter(([name]) => name !== 'x-amz-trailer-signature');
    const { announced, signatures, onTrailers } = this.#options;
    if (!announced.every((name) => own.some(([found]) => found === name))) throw malformedTrailer();
    if (signatures !== undefined && announced.length > 0) {
      const signature = this.#trailers.find(([name]) => name === 'x-amz-trailer-signature')?.[1] ?? '';
      signatures.trailer(own.map(([name, value]) => `${name}:${value}\n`).join(''), signature);
    }
    onTrailers(Object.fromEntries(own));
  }
}

export const decodeAwsChunked = (options: ChunkedOptions): Transform => new ChunkDecoder(options);
