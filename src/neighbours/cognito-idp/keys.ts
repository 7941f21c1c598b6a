/** The keys that sign a pool's tokens: RSA, 2048 bits. */
import { createHash } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWK, type CryptoKey } from 'jose';
import type { RandomBytes } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Store } from '../../store/store.ts';
import { type KeyRow, signingKeys } from './rows.ts';

export async function newSigningKey(random: RandomBytes): Promise<KeyRow> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const kid = createHash('sha256').update(random(32)).digest('base64');
  return { kid, jwk: { ...(await exportJWK(privateKey)) } };
}

export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey | Uint8Array;
  readonly publicKey: CryptoKey | Uint8Array;
  readonly published: JWK;
}

export interface SigningKeys {
  /** Of a pool that is there; the first of them signs. */
  of(scope: Scope, poolId: string): Promise<readonly SigningKey[]>;
}

export function createSigningKeys(store: Store): SigningKeys {
  const kept = new Map<string, readonly SigningKey[]>();
  return {
    async of(scope, poolId) {
      const rows = await store.list(signingKeys, scope, { prefix: `${poolId}/` });
      const name = rows.map(({ key }) => key).join(' ');
      const known = kept.get(name);
      if (known !== undefined) return known;
      const keys = await Promise.all(rows.map(({ row }) => read(row)));
      kept.set(name, keys);
      if (kept.size > limits.cognitoKeysKept) kept.delete(kept.keys().next().value ?? '');
      return keys;
    },
  };
}

async function read({ kid, jwk }: KeyRow): Promise<SigningKey> {
  const { n, e } = jwk as { n: string; e: string }; // as jose exported it
  const published: JWK = { alg: 'RS256', e, kid, kty: 'RSA', n, use: 'sig' };
  return {
    kid,
    published,
    privateKey: await importJWK(jwk as JWK, 'RS256'), // as jose exported it
    publicKey: await importJWK(published, 'RS256'),
  };
}
