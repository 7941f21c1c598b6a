/** Renewal: the same ARN, new keys, a new year. https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html */
import type { RenewCertificateRequest } from '@aws-sdk/client-acm';
import { X509Certificate } from 'node:crypto';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { type CertificateRow, certificates, idOf, needCertificate } from './certificate-row.ts';
import { invalid } from './faults.ts';
import { isDueForRenewal, issue } from './issue.ts';
import type { AcmPorts } from './ports.ts';

export const renewOperations = (ports: AcmPorts) => ({
  async RenewCertificate({ CertificateArn }: RenewCertificateRequest, { scope }: Call) {
    const row = await needCertificate(ports.store, scope, CertificateArn);
    if (row.type !== 'AMAZON_ISSUED')
      throw invalid(`Certificate ${row.arn} is imported: import its successor under the same ARN.`);
    await renewed(ports, scope, row);
    return {};
  },
});

async function renewed(ports: AcmPorts, scope: Scope, row: CertificateRow): Promise<CertificateRow> {
  const fresh = await issue(ports, row.names, row.keyAlgorithm);
  const after = await ports.store.transaction(async (rows) => {
    const current = await needCertificate(rows, scope, row.arn);
    // Somebody else was faster.
    if (current.issuedAt !== row.issuedAt) return current;
    const next: CertificateRow = { ...current, ...fresh, renewedAt: fresh.issuedAt };
    await rows.put(certificates, scope, idOf(row.arn), next);
    return next;
  });
  ports.changed();
  return after;
}

/** ACM renews before the end by itself: looked after whenever someone looks at the certificate. */
export async function upToDate(ports: AcmPorts, scope: Scope, row: CertificateRow): Promise<CertificateRow> {
  const notAfterMs = Date.parse(new X509Certificate(row.certificatePem).validTo);
  return isDueForRenewal(row, notAfterMs, ports.now()) ? renewed(ports, scope, row) : row;
}
