/** What keys are made of: bytes of symmetric and HMAC keys, private keys of the others. */
import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeySpec, KeyUsageType } from '@aws-sdk/client-kms';
import { validation } from './fault.ts';

const generate = promisify(generateKeyPair);

/** The runtime's cryptography has no secp256k1: keys on it are refused by name. */
const CURVES: Readonly<Record<string, string>> = {
  ECC_NIST_P256: 'prime256v1',
  ECC_NIST_P384: 'secp384r1',
  ECC_NIST_P521: 'secp521r1',
};
const HMAC_BYTES: Readonly<Record<string, number>> = {
  HMAC_224: 28,
  HMAC_256: 32,
  HMAC_384: 48,
  HMAC_512: 64,
};
const RSA_BITS: Readonly<Record<string, number>> = { RSA_2048: 2048, RSA_3072: 3072, RSA_4096: 4096 };

export const isSymmetric = (spec: KeySpec): boolean => spec === 'SYMMETRIC_DEFAULT';
export const isHmac = (spec: KeySpec): boolean => spec in HMAC_BYTES;
export const isRsa = (spec: KeySpec): boolean => spec in RSA_BITS;
const isEcc = (spec: KeySpec): boolean => spec in CURVES;

/** Which usages a spec allows; the first is the default where there is one. Throws for specs that are not there. */
export function usageFor(spec: KeySpec, given: KeyUsageType | undefined): KeyUsageType {
  const allowed: readonly KeyUsageType[] = isSymmetric(spec)
    ? ['ENCRYPT_DECRYPT']
    : isHmac(spec)
      ? ['GENERATE_VERIFY_MAC']
      : isRsa(spec)
        ? ['ENCRYPT_DECRYPT', 'SIGN_VERIFY']
        : isEcc(spec)
          ? ['SIGN_VERIFY']
          : [];
  if (allowed.length === 0) throw validation(`KeySpec ${spec}: not supported by gatehouse`);
  if (given === 'KEY_AGREEMENT') throw validation('KeyUsage KEY_AGREEMENT: not supported by gatehouse');
  if (given === undefined && !isSymmetric(spec))
    throw validation(
      `You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.`,
    );
  const usage = given ?? 'ENCRYPT_DECRYPT';
  if (allowed.includes(usage)) return usage;
  throw validation(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
}

/** As text, to be sealed. */
export async function makeMaterial(spec: KeySpec): Promise<string> {
  if (isSymmetric(spec)) return randomBytes(32).toString('base64');
  const bytes = HMAC_BYTES[spec];
  if (bytes !== undefined) return randomBytes(bytes).toString('base64');
  return (await makePair(spec)).export({ type: 'pkcs8', format: 'pem' }).toString();
}

export async function makePair(spec: string): Promise<KeyObject> {
  const namedCurve = CURVES[spec];
  if (namedCurve !== undefined) return (await generate('ec', { namedCurve })).privateKey;
  const modulusLength = RSA_BITS[spec];
  if (modulusLength === undefined) throw validation(`Key pairs of ${spec}: not supported by gatehouse`);
  return (await generate('rsa', { modulusLength })).privateKey;
}

export const bytesOf = (material: string): Buffer => Buffer.from(material, 'base64');
export const privateKeyOf = (material: string): KeyObject => createPrivateKey(material);
