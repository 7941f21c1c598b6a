/**
 * Signatures of what is sent to HTTP endpoints, queues and functions, and the certificate to check them with. The key
 * is made at the first need, sealed by the local authority, and signed by it.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
 */
import { createHash, createPrivateKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { GLOBAL_REGION } from '../../base/scope.ts';
import { table } from '../../store/store.ts';
import type { SnsPorts } from './room.ts';

interface SigningRow {
  readonly sealedKey: string;
  readonly certificatePem: string;
}

const signingKeys = table<SigningRow>('sns.signing');
const PLACE = { account: GLOBAL_REGION, region: GLOBAL_REGION };
const KEY = 'key';
const TEN_YEARS_MS = 10 * 365 * 86_400_000;

export interface Signer {
  /** Base64. Version 1 is SHA-1, 2 is SHA-256. */
  sign(text: string, version: '1' | '2'): Promise<string>;
  /** Where the certificate is. */
  certificateUrl(): Promise<string>;
  certificatePem(): Promise<string>;
}

interface Signing {
  readonly key: KeyObject;
  readonly certificatePem: string;
}

export function createSigner(ports: Pick<SnsPorts, 'store' | 'authority' | 'now' | 'url'>): Signer {
  let opened: Promise<Signing> | undefined;
  const open = (): Promise<Signing> => (opened ??= openOrMake(ports));
  return {
    async sign(text, version) {
      const { key } = await open();
      return sign(version === '2' ? 'RSA-SHA256' : 'RSA-SHA1', Buffer.from(text), key).toString('base64');
    },
    async certificateUrl() {
      const { certificatePem } = await open();
      const name = createHash('md5').update(certificatePem).digest('hex');
      return `${ports.url()}/_gatehouse/sns/SimpleNotificationService-${name}.pem`;
    },
    certificatePem: async () => (await open()).certificatePem,
  };
}

async function openOrMake({
  store,
  authority,
  now,
}: Pick<SnsPorts, 'store' | 'authority' | 'now'>): Promise<Signing> {
  const issuer = await authority();
  const known = await store.get(signingKeys, PLACE, KEY);
  const row = known ?? (await make(issuer, now()));
  const kept = await store.transaction(async (rows) => {
    const other = await rows.get(signingKeys, PLACE, KEY);
    if (other) return other;
    await rows.put(signingKeys, PLACE, KEY, row);
    return row;
  });
  return { key: createPrivateKey(issuer.open(kept.sealedKey)), certificatePem: kept.certificatePem };
}

async function make(issuer: Awaited<ReturnType<SnsPorts['authority']>>, now: number): Promise<SigningRow> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const certificatePem = issuer.issue({
    commonName: 'sns.amazonaws.com',
    names: ['sns.amazonaws.com'],
    publicKey,
    notBeforeMs: now - 86_400_000,
    notAfterMs: now + TEN_YEARS_MS,
  });
  return {
    sealedKey: issuer.seal(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    certificatePem,
  };
}
