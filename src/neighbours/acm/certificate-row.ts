import type { DomainValidation, KeyAlgorithm } from '@aws-sdk/client-acm';
import { parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { missingCertificate } from './faults.ts';

export interface CertificateRow {
  readonly arn: string;
  readonly type: 'AMAZON_ISSUED' | 'IMPORTED';
  readonly domainName: string;
  /** The domain name too. */
  readonly names: readonly string[];
  readonly keyAlgorithm: KeyAlgorithm;
  readonly certificatePem: string;
  /** Of the authorities above it; empty when it is signed by itself. */
  readonly chainPem: string;
  /** The private key's PEM, sealed by the local authority. */
  readonly sealedKey: string;
  /** Milliseconds since 1970, as every time here. */
  readonly createdAt: number;
  /** When the certificate that it is now was issued or imported. */
  readonly issuedAt: number;
  readonly validation: readonly DomainValidation[];
  readonly transparency: 'ENABLED' | 'DISABLED';
  readonly exportable: boolean;
  readonly exported: boolean;
  readonly renewedAt?: number;
  /** What the request said, to recognise its repetition. */
  readonly request?: { readonly token: string; readonly digest: string };
  readonly tags: Readonly<Record<string, string>>;
}

/** Key: the id at the end of the ARN. */
export const certificates = table<CertificateRow>('acm.certificates');

export interface AccountRow {
  readonly daysBeforeExpiry: number;
}
/** Key: `account`. */
export const accounts = table<AccountRow>('acm.account');

export const idOf = (arn: string): string => parseArn(arn)?.resource.replace(/^certificate\//, '') ?? '';

/** Throws ResourceNotFoundException: also for ARNs of another account or region. */
export async function needCertificate(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  arn: string | undefined,
): Promise<CertificateRow> {
  const row = await rows.get(certificates, scope, idOf(arn ?? ''));
  if (row?.arn !== arn || row === undefined) throw missingCertificate(scope, arn ?? '');
  return row;
}
