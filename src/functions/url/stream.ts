/**
 * A streamed answer at a function URL. With the content type of `HttpResponseStream.from` the stream begins with JSON
 * metadata and eight NUL bytes; any other stream is the body itself.
 * https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html
 */
import type { ServerResponse } from 'node:http';
import { limits } from '../../base/limits.ts';
import { isRecord, readHead, type UrlReply } from './answer.ts';

const WITH_METADATA = 'application/vnd.awslambda.http-integration-response';
const DELIMITER = Buffer.alloc(8);

type Head = Pick<UrlReply, 'status' | 'headers'>;

export interface StreamedReply {
  /** To be called before the first chunk. */
  begin(contentType: string): void;
  /** Waits while the client does not read. */
  take(chunk: Uint8Array): void | Promise<void>;
  readonly started: boolean;
  /** False when what came cannot be answered: nothing has been sent then. */
  end(): boolean;
}

/** `writeHead` is told the head once; then chunks go to the response as they come. */
export function createStreamedReply(
  response: ServerResponse,
  writeHead: (head: Head) => void,
): StreamedReply {
  let contentType = 'application/octet-stream';
  let prelude: Buffer | undefined;
  let started = false;
  let broken = false;
  const send = (chunk: Uint8Array): void | Promise<void> => {
    if (chunk.length === 0 || response.destroyed || response.write(chunk)) return undefined;
    return new Promise((resolve) => {
      response.once('drain', resolve);
      response.once('close', resolve);
    });
  };
  const start = (head: Head): void => {
    started = true;
    writeHead(head);
  };
  const takePrelude = (chunk: Uint8Array): void | Promise<void> => {
    prelude = Buffer.concat([prelude ?? Buffer.alloc(0), chunk]);
    const at = prelude.indexOf(DELIMITER);
    if (at === -1) {
      broken = prelude.length > limits.apiGatewayStreamPreludeBytes;
      return undefined;
    }
    const head = parseHead(prelude.subarray(0, at).toString('utf8'));
    if (head === undefined) {
      broken = true;
      return undefined;
    }
    start(head);
    return send(prelude.subarray(at + DELIMITER.length));
  };
  return {
    begin: (type) => {
      contentType = type;
    },
    take(chunk) {
      if (broken) return undefined;
      if (started) return send(chunk);
      if (contentType === WITH_METADATA) return takePrelude(chunk);
      start({ status: 200, headers: ['Content-Type', contentType] });
      return send(chunk);
    },
    get started() {
      return started;
    },
    end() {
      if (broken || (prelude !== undefined && !started)) return false;
      if (!started) start({ status: 200, headers: ['Content-Type', contentType] });
      response.end();
      return true;
    },
  };
}

/** What a buffered URL makes of a streamed answer: its metadata is read, the body follows it. */
export function readCollected(payload: Uint8Array): UrlReply | undefined {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  const at = bytes.indexOf(DELIMITER);
  const head = at === -1 ? undefined : parseHead(bytes.toString('utf8', 0, at));
  return head && { ...head, body: bytes.subarray(at + DELIMITER.length) };
}

function parseHead(text: string): Head | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? readHead(value) : undefined;
  } catch {
    return undefined;
  }
}
