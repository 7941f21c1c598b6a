/** New certificates of the local authority, for what ACM has Amazon issue. */
import type { KeyAlgorithm } from '@aws-sdk/client-acm';
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { CertificateRow } from './certificate-row.ts';
import { invalid } from './faults.ts';
import type { AcmPorts } from './ports.ts';

const DAY_MS = 86_400_000;
/** Thirteen months: https://docs.aws.amazon.com/acm/latest/userguide/acm-certificate-characteristics.html */
const VALID_MS = 395 * DAY_MS;
/** Renewed so long before the end: https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html */
const RENEW_BEFORE_MS = 60 * DAY_MS;

type Issued = Pick<CertificateRow, 'certificatePem' | 'chainPem' | 'sealedKey' | 'issuedAt'>;

/** The first name is the certificate's own. Done before any transaction: keys take their time. */
export async function issue(
  { authority, now }: Pick<AcmPorts, 'authority' | 'now'>,
  names: readonly string[],
  algorithm: KeyAlgorithm,
): Promise<Issued> {
  const { publicKey, privateKey } = await newKeys(algorithm);
  const local = await authority();
  const issuedAt = now();
  const midnight = issuedAt - (issuedAt % DAY_MS);
  const certificatePem = local.issue({
    commonName: names[0] ?? '',
    names,
    publicKey,
    notBeforeMs: midnight,
    notAfterMs: midnight + VALID_MS - 1000,
  });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { certificatePem, chainPem: local.certificatePem, sealedKey: local.seal(key), issuedAt };
}

interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const newKeyPair = promisify(generateKeyPair);

async function newKeys(algorithm: KeyAlgorithm): Promise<Keys> {
  switch (algorithm) {
    case 'RSA_2048':
      return newKeyPair('rsa', { modulusLength: 2048 });
    case 'EC_prime256v1':
      return newKeyPair('ec', { namedCurve: 'prime256v1' });
    case 'EC_secp384r1':
      return newKeyPair('ec', { namedCurve: 'secp384r1' });
    default:
      // https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html
      throw invalid(`Key algorithm ${algorithm} is not supported for public certificates.`);
  }
}

export const isDueForRenewal = (row: CertificateRow, notAfterMs: number, nowMs: number): boolean =>
  row.type === 'AMAZON_ISSUED' && notAfterMs - nowMs < RENEW_BEFORE_MS;
