/** An issuer's public keys, by discovery or at a given address: fetched with AWS's limits, kept two hours. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { limits } from '../../base/limits.ts';
import { parseObject } from '../integrations/lambda-answer.ts';
import type { GatewayPorts } from '../ports.ts';

/** The text of `https://...`. Throws when it cannot be had in time. */
export type FetchDocument = (url: string, signal: AbortSignal, limitBytes: number) => Promise<string>;

export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

export interface IssuerKeys {
  /** Undefined when the issuer has no such key. Throws KeysUnavailable. */
  find(kid: string): Promise<KeyObject | undefined>;
}

interface Fetched {
  readonly at: number;
  readonly keys: Promise<ReadonlyMap<string, KeyObject>>;
}

/** A kid that is not there is asked for again, because keys rotate, but not faster than this. */
const REFRESH_MS = 10_000;

export function createIssuerKeys(ports: GatewayPorts, findJwksUri: () => Promise<string>): IssuerKeys {
  const fetchDocument = ports.fetchDocument ?? fetchOverHttp;
  let fetched: Fetched | undefined;
  const load = (): Fetched => {
    const keys = findJwksUri().then(async (uri) =>
      readKeys(await getDocument(fetchDocument, uri, 'JWKS communication error')),
    );
    const made = { at: ports.now(), keys };
    fetched = made;
    keys.catch(() => (fetched === made ? (fetched = undefined) : undefined));
    return made;
  };
  return {
    async find(kid) {
      const age = fetched === undefined ? 0 : ports.now() - fetched.at;
      const current = fetched === undefined || age > limits.jwksKeptMs ? load() : fetched;
      const key = (await current.keys).get(kid);
      if (key !== undefined || age <= REFRESH_MS || current !== fetched) return key;
      return (await load().keys).get(kid);
    },
  };
}

/** `{issuer}/.well-known/openid-configuration` names the keys' address. */
export function discoverJwksUri(ports: GatewayPorts, issuer: string): () => Promise<string> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  return async () => {
    const text = await getDocument(
      ports.fetchDocument ?? fetchOverHttp,
      address,
      'OIDC discovery endpoint communication error',
    );
    const uri = parseObject(text)?.['jwks_uri'];
    if (typeof uri !== 'string') throw new KeysUnavailable('OIDC discovery endpoint communication error');
    return uri;
  };
}

async function getDocument(fetchDocument: FetchDocument, url: string, problem: string): Promise<string> {
  try {
    return await fetchDocument(url, AbortSignal.timeout(limits.jwksTimeoutMs), limits.jwksBytes);
  } catch {
    throw new KeysUnavailable(problem);
  }
}

/** Only RSA keys for signing count: API Gateway takes no others. */
function readKeys(text: string): ReadonlyMap<string, KeyObject> {
  const keys = new Map<string, KeyObject>();
  const listed = parseObject(text)?.['keys'];
  if (!Array.isArray(listed)) throw new KeysUnavailable('JWKS communication error');
  for (const key of listed as (JsonWebKey & { kid?: unknown; use?: unknown })[]) {
    // members are checked as they are used
    if (key?.kty !== 'RSA' || typeof key.kid !== 'string' || key.use === 'enc') continue;
    try {
      keys.set(key.kid, createPublicKey({ key: { kty: 'RSA', n: key.n, e: key.e }, format: 'jwk' }));
    } catch {
      continue;
    }
  }
  return keys;
}

/** Never more than the limit, and no further than the address itself. */
export async function fetchOverHttp(url: string, signal: AbortSignal, limitBytes: number): Promise<string> {
  const response = await fetch(url, { signal, redirect: 'error' });
  if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limitBytes) throw new Error('the document is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
