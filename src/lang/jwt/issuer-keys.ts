/** An issuer's public keys, by discovery or at a given address: fetched with AWS's limits, kept two hours. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import type { Now } from '../../base/clock.ts';
import { limits } from '../../base/limits.ts';
import { parseObject } from '../json/json-object.ts';

/** The text of `https://...`. Throws when it cannot be had in time. */
export type FetchDocument = (url: string, signal: AbortSignal, limitBytes: number) => Promise<string>;

export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

export interface IssuerKey {
  readonly key: KeyObject;
  /** The one algorithm it is for, when the issuer says so. */
  readonly alg: string | undefined;
}

export interface IssuerKeys {
  /** Undefined when the issuer has no such key. Throws KeysUnavailable. */
  find(kid: string): Promise<IssuerKey | undefined>;
  /** The same without asking the issuer: undefined when its keys are not known, or too old. */
  known(kid: string): IssuerKey | undefined;
}

export interface IssuerKeysPorts {
  /** Absent: over the network. */
  readonly fetchDocument?: FetchDocument | undefined;
  readonly now: Now;
}

type KeySet = ReadonlyMap<string, IssuerKey>;

/** A kid that is not there is asked for again, because keys rotate, but not faster than this, whoever asks. */
const REFRESH_MS = 10_000;

export function createIssuerKeys(ports: IssuerKeysPorts, findJwksUri: () => Promise<string>): IssuerKeys {
  const { now } = ports;
  const fetchDocument = ports.fetchDocument ?? fetchOverHttp;
  let held: { readonly at: number; readonly keys: KeySet } | undefined;
  let loading: Promise<KeySet> | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;

  const load = (): Promise<KeySet> => {
    loading ??= findJwksUri()
      .then(async (uri) => readKeys(await getDocument(fetchDocument, uri, 'JWKS communication error')))
      .then((keys) => {
        held = { at: now(), keys };
        return keys;
      })
      .finally(() => {
        loading = undefined;
      });
    lookedAt = now();
    return loading;
  };
  const fresh = (): KeySet | undefined =>
    held !== undefined && now() - held.at <= limits.jwksKeptMs ? held.keys : undefined;

  return {
    known: (kid) => fresh()?.get(kid),
    async find(kid) {
      const keys = fresh();
      if (keys === undefined) return (await load()).get(kid);
      const key = keys.get(kid);
      if (key !== undefined) return key;
      if (loading === undefined && now() - lookedAt <= REFRESH_MS) return undefined;
      // What is held goes on serving the others, also when the issuer fails now.
      return (await (loading ?? load())).get(kid);
    },
  };
}

/** `{issuer}/.well-known/openid-configuration` names the keys' address. */
export function discoverJwksUri(
  fetchDocument: FetchDocument | undefined,
  issuer: string,
): () => Promise<string> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const problem = 'OIDC discovery endpoint communication error';
  return async () => {
    const text = await getDocument(fetchDocument ?? fetchOverHttp, address, problem);
    const uri = parseObject(text)?.['jwks_uri'];
    if (typeof uri !== 'string') throw new KeysUnavailable(problem);
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
function readKeys(text: string): KeySet {
  const keys = new Map<string, IssuerKey>();
  const listed = parseObject(text)?.['keys'];
  if (!Array.isArray(listed)) throw new KeysUnavailable('JWKS communication error');
  for (const jwk of listed as (JsonWebKey & { kid?: unknown; use?: unknown; alg?: unknown })[]) {
    // members are checked as they are used
    if (jwk?.kty !== 'RSA' || typeof jwk.kid !== 'string' || jwk.use === 'enc') continue;
    try {
      const key = createPublicKey({ key: { kty: 'RSA', n: jwk.n, e: jwk.e }, format: 'jwk' });
      keys.set(jwk.kid, { key, alg: typeof jwk.alg === 'string' ? jwk.alg : undefined });
    } catch {
      continue;
    }
  }
  return keys;
}

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
