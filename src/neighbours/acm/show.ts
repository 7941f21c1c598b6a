/** Certificates as they are told of. */
import type { CertificateDetail, CertificateStatus, CertificateSummary } from '@aws-sdk/client-acm';
import { X509Certificate } from 'node:crypto';
import type { CertificateRow } from './certificate-row.ts';
import {
  extendedKeyUsagesOf,
  keyUsagesOf,
  oneLine,
  serialOf,
  signatureAlgorithmOf,
} from './read-certificate.ts';

const read = (row: CertificateRow): X509Certificate => new X509Certificate(row.certificatePem);

export const statusOf = (row: CertificateRow, nowMs: number): CertificateStatus =>
  nowMs > Date.parse(read(row).validTo) ? 'EXPIRED' : 'ISSUED';

export function showDetail(
  row: CertificateRow,
  inUseBy: readonly string[],
  nowMs: number,
): CertificateDetail {
  const certificate = read(row);
  const imported = row.type === 'IMPORTED';
  return {
    CertificateArn: row.arn,
    DomainName: row.domainName,
    SubjectAlternativeNames: [...row.names],
    ...(imported ? {} : { DomainValidationOptions: [...row.validation] }),
    Serial: serialOf(certificate),
    Subject: oneLine(certificate.subject),
    Issuer: /(?:^|\n)O=([^\n]+)/.exec(certificate.issuer)?.[1] ?? oneLine(certificate.issuer),
    CreatedAt: new Date(row.createdAt),
    ...(imported ? { ImportedAt: new Date(row.issuedAt) } : { IssuedAt: new Date(row.issuedAt) }),
    Status: statusOf(row, nowMs),
    NotBefore: new Date(certificate.validFrom),
    NotAfter: new Date(certificate.validTo),
    KeyAlgorithm: row.keyAlgorithm,
    SignatureAlgorithm: signatureAlgorithmOf(certificate),
    InUseBy: [...inUseBy],
    Type: row.type,
    ...renewalOf(row),
    KeyUsages: keyUsagesOf(certificate).map((Name) => ({ Name })),
    ExtendedKeyUsages: extendedKeyUsagesOf(certificate),
    RenewalEligibility: imported || inUseBy.length === 0 ? 'INELIGIBLE' : 'ELIGIBLE',
    Options: {
      CertificateTransparencyLoggingPreference: row.transparency,
      ...(imported ? {} : { Export: row.exportable ? 'ENABLED' : 'DISABLED' }),
    },
  };
}

const renewalOf = (row: CertificateRow): Pick<CertificateDetail, 'RenewalSummary'> =>
  row.renewedAt === undefined
    ? {}
    : {
        RenewalSummary: {
          RenewalStatus: 'SUCCESS',
          DomainValidationOptions: [...row.validation],
          UpdatedAt: new Date(row.renewedAt),
        },
      };

/** A summary names so many of the names. */
const NAMES_SHOWN = 100;

export function showSummary(row: CertificateRow, inUse: boolean, nowMs: number): CertificateSummary {
  const certificate = read(row);
  const imported = row.type === 'IMPORTED';
  return {
    CertificateArn: row.arn,
    DomainName: row.domainName,
    SubjectAlternativeNameSummaries: row.names.slice(0, NAMES_SHOWN),
    HasAdditionalSubjectAlternativeNames: row.names.length > NAMES_SHOWN,
    Status: statusOf(row, nowMs),
    Type: row.type,
    KeyAlgorithm: row.keyAlgorithm,
    KeyUsages: keyUsagesOf(certificate),
    ExtendedKeyUsages: extendedKeyUsagesOf(certificate).flatMap(({ Name }) =>
      Name === undefined ? [] : [Name],
    ),
    InUse: inUse,
    ...(imported ? {} : { ExportOption: row.exportable ? 'ENABLED' : 'DISABLED', Exported: row.exported }),
    RenewalEligibility: imported || !inUse ? 'INELIGIBLE' : 'ELIGIBLE',
    NotBefore: new Date(certificate.validFrom),
    NotAfter: new Date(certificate.validTo),
    CreatedAt: new Date(row.createdAt),
    ...(imported ? { ImportedAt: new Date(row.issuedAt) } : { IssuedAt: new Date(row.issuedAt) }),
  };
}
