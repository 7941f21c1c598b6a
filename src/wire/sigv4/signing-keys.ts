/** Signing keys derived from secrets, kept: deriving one takes four HMACs, and it is good for a day. */
import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { limits } from '../../base/limits.ts';
import type { Signature } from './canonical.ts';

export type SigningKeys = (secretAccessKey: string, signature: Signature) => KeyObject;

export function createSigningKeys(): SigningKeys {
  const keys = new Map<string, { readonly secret: string; readonly key: KeyObject }>();
  return (secretAccessKey, { accessKeyId, scope }) => {
    const name = `${accessKeyId}/${scope.join('/')}`;
    const known = keys.get(name);
    if (known?.secret === secretAccessKey) return known.key;
    const key = derive(secretAccessKey, scope);
    const [oldest] = keys.keys();
    if (keys.size >= limits.wireSigningKeysKept && oldest !== undefined) keys.delete(oldest);
    keys.set(name, { secret: secretAccessKey, key });
    return key;
  };
}

function derive(secretAccessKey: string, scope: Signature['scope']): KeyObject {
  let key = createSecretKey(Buffer.from(`AWS4${secretAccessKey}`));
  for (const part of [...scope, 'aws4_request']) key = createSecretKey(hmac(key, part));
  return key;
}

export const hmac = (key: KeyObject, text: string): Buffer => createHmac('sha256', key).update(text).digest();
