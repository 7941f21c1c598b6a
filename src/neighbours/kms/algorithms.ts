/** Which algorithms a key's spec allows. https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html */
import type { EncryptionAlgorithmSpec, KeySpec, SigningAlgorithmSpec } from '@aws-sdk/client-kms';
import { isRsa } from './material.ts';

export const encryptionAlgorithms = (spec: KeySpec): EncryptionAlgorithmSpec[] =>
  isRsa(spec) ? ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] : ['SYMMETRIC_DEFAULT'];

const RSA: SigningAlgorithmSpec[] = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
];

const ECC: Partial<Record<KeySpec, SigningAlgorithmSpec[]>> = {
  ECC_NIST_P256: ['ECDSA_SHA_256'],
  ECC_NIST_P384: ['ECDSA_SHA_384'],
  ECC_NIST_P521: ['ECDSA_SHA_512'],
};

export const signingAlgorithms = (spec: KeySpec): SigningAlgorithmSpec[] =>
  isRsa(spec) ? [...RSA] : [...(ECC[spec] ?? [])];
