/** What a certificate says of itself, in ACM's words. */
import type { ExtendedKeyUsage, KeyAlgorithm, KeyUsageName } from '@aws-sdk/client-acm';
import { type KeyObject, X509Certificate } from 'node:crypto';
import { elementAt, oid } from './der.ts';

/** `CN=a,O=b` from the first part to the last, as ACM shows names. */
export const oneLine = (name: string): string => name.split('\n').join(',');

/** `a1:b2:c3`. */
export const serialOf = (certificate: X509Certificate): string =>
  (certificate.serialNumber.toLowerCase().match(/../g) ?? []).join(':');

/** The names that it is good for; the common name when it has no others. */
export function namesOf(certificate: X509Certificate): string[] {
  const names = [...(certificate.subjectAltName ?? '').matchAll(/DNS:([^,\s"]+)/g)].map(
    ([, name = '']) => name,
  );
  const common = /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1];
  return names.length > 0 || common === undefined ? names : [common];
}

/** Undefined: a kind of key that ACM does not take. */
export function keyAlgorithmOf({
  asymmetricKeyType,
  asymmetricKeyDetails,
}: KeyObject): KeyAlgorithm | undefined {
  if (asymmetricKeyType === 'rsa') return RSA[asymmetricKeyDetails?.modulusLength ?? 0];
  return asymmetricKeyType === 'ec' ? CURVES[asymmetricKeyDetails?.namedCurve ?? ''] : undefined;
}

const RSA: Readonly<Record<number, KeyAlgorithm>> = {
  1024: 'RSA_1024',
  2048: 'RSA_2048',
  3072: 'RSA_3072',
  4096: 'RSA_4096',
};
const CURVES: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'EC_prime256v1',
  secp384r1: 'EC_secp384r1',
  secp521r1: 'EC_secp521r1',
};

/** `SHA256WITHRSA`, `SHA256WITHECDSA`. */
export function signatureAlgorithmOf(certificate: X509Certificate): string {
  // Newer than the types that we have of it.
  const { signatureAlgorithm = '' } = certificate as X509Certificate & {
    readonly signatureAlgorithm?: string;
  };
  const digest = /sha-?(\d+)/i.exec(signatureAlgorithm)?.[1];
  const key = /ecdsa/i.test(signatureAlgorithm)
    ? 'ECDSA'
    : /rsa/i.test(signatureAlgorithm)
      ? 'RSA'
      : undefined;
  return digest === undefined || key === undefined ? signatureAlgorithm : `SHA${digest}WITH${key}`;
}

const KEY_USAGES: readonly KeyUsageName[] = [
  'DIGITAL_SIGNATURE',
  'NON_REPUDIATION',
  'KEY_ENCIPHERMENT',
  'DATA_ENCIPHERMENT',
  'KEY_AGREEMENT',
  'CERTIFICATE_SIGNING',
  'CRL_SIGNING',
  'ENCIPHER_ONLY',
  'DECIPHER_ONLY',
];
const KEY_USAGE_EXTENSION = oid('2.5.29.15');

/** RFC 5280, section 4.2.1.3: a string of bits, which node:crypto does not tell. Without it, any use is fine. */
export function keyUsagesOf(certificate: X509Certificate): KeyUsageName[] {
  const der = certificate.raw;
  const at = der.indexOf(KEY_USAGE_EXTENSION);
  if (at === -1) return ['ANY'];
  let next = elementAt(der, at + KEY_USAGE_EXTENSION.length);
  if (next?.tag === 0x01) next = elementAt(der, next.end);
  const bits = next === undefined ? undefined : elementAt(next.content, 0)?.content.subarray(1);
  return KEY_USAGES.filter((_name, bit) => ((bits?.[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

const EXTENDED_USAGES: Readonly<Record<string, ExtendedKeyUsage['Name']>> = {
  '1.3.6.1.5.5.7.3.1': 'TLS_WEB_SERVER_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.2': 'TLS_WEB_CLIENT_AUTHENTICATION',
  '1.3.6.1.5.5.7.3.3': 'CODE_SIGNING',
  '1.3.6.1.5.5.7.3.4': 'EMAIL_PROTECTION',
  '1.3.6.1.5.5.7.3.5': 'IPSEC_END_SYSTEM',
  '1.3.6.1.5.5.7.3.6': 'IPSEC_TUNNEL',
  '1.3.6.1.5.5.7.3.7': 'IPSEC_USER',
  '1.3.6.1.5.5.7.3.8': 'TIME_STAMPING',
  '1.3.6.1.5.5.7.3.9': 'OCSP_SIGNING',
  '2.5.29.37.0': 'ANY',
};

export function extendedKeyUsagesOf({ keyUsage }: X509Certificate): ExtendedKeyUsage[] {
  const ids: readonly string[] = keyUsage ?? [];
  if (ids.length === 0) return [{ Name: 'NONE' }];
  return ids.map((OID) => ({ Name: EXTENDED_USAGES[OID] ?? 'CUSTOM', OID }));
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Every certificate of a PEM file, in order; undefined in place of what is none. */
export const certificatesOf = (pem: string): (X509Certificate | undefined)[] =>
  (pem.match(PEM) ?? []).map((text) => {
    try {
      return new X509Certificate(text);
    } catch {
      return undefined;
    }
  });
