/** Reads a request's body whole, never more than the limit. */
import { ClientGone } from '../deadline.ts';
import type { ClientRequest } from '../client-request.ts';
import { Refusal } from '../refusal.ts';

export const NO_BODY = new Uint8Array(0);

/** Not customisable and not falling back to DEFAULT_4XX: https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
export const tooLarge = (limitBytes: number): Refusal =>
  new Refusal('REQUEST_TOO_LARGE', `HTTP content length exceeded ${limitBytes} bytes`);

export function readBody(request: ClientRequest, limitBytes: number): Uint8Array | Promise<Uint8Array> {
  if (!request.hasBody) return NO_BODY;
  refuseDeclaredSize(request, limitBytes);
  return collect(request, limitBytes);
}

/** A body that says how long it is need not be read to be refused. */
export function refuseDeclaredSize(request: ClientRequest, limitBytes: number): void {
  if (Number(request.header('content-length') ?? 0) > limitBytes) throw tooLarge(limitBytes);
}

function collect(request: ClientRequest, limitBytes: number): Promise<Uint8Array> {
  const message = request.message;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limitBytes) fail(tooLarge(limitBytes));
      else chunks.push(chunk);
    };
    const finish = (): void => {
      release();
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, size));
    };
    const fail = (reason: Error): void => {
      release();
      reject(reason);
    };
    const leave = (): void => fail(new ClientGone());
    const release = (): void => {
      message.off('data', take).off('end', finish).off('error', leave).off('aborted', leave);
      forget();
    };
    const forget = request.whenGone(leave);
    message.on('data', take).on('end', finish).on('error', leave).on('aborted', leave);
  });
}
