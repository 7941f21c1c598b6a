/** A request to an API as a caller with credentials signs it. */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

class Sha256 {
  readonly #hash;
  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Uint8Array); // the signer's own key
  }
  update(data: string | Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

export interface SignedOptions {
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** `execute-api` when absent. */
  readonly service?: string;
}

export async function signedFetch(url: string, options: SignedOptions): Promise<Response> {
  const { hostname, port, pathname, searchParams, host } = new URL(url);
  const signer = new SignatureV4({
    service: options.service ?? 'execute-api',
    region: 'us-east-1',
    credentials: options.credentials,
    sha256: Sha256 as never, // a hash is all it asks for
  });
  const { method = 'GET', body } = options;
  const signed = await signer.sign({
    method,
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { ...options.headers, host },
    ...(body === undefined ? {} : { body }),
  });
  return fetch(url, { method, headers: signed.headers, ...(body === undefined ? {} : { body }) });
}
