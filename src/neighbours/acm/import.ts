/** Certificates that were issued elsewhere: https://docs.aws.amazon.com/acm/latest/userguide/import-certificate-prerequisites.html */
import type { ImportCertificateRequest, ImportCertificateResponse, KeyAlgorithm } from '@aws-sdk/client-acm';
import { createPrivateKey, type KeyObject, randomUUID, type X509Certificate } from 'node:crypto';
import { arnOf } from '../../base/arn.ts';
import { pinnedId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { type CertificateRow, certificates, needCertificate, idOf } from './certificate-row.ts';
import { invalid, invalidParameter, limitExceeded } from './faults.ts';
import type { AcmPorts } from './ports.ts';
import { certificatesOf, keyAlgorithmOf, namesOf } from './read-certificate.ts';
import { tagRecord } from './tag-set.ts';

/** The SDK's blobs arrive as bytes. */
type ImportInput = Omit<ImportCertificateRequest, 'Certificate' | 'PrivateKey' | 'CertificateChain'> & {
  readonly Certificate: Uint8Array | undefined;
  readonly PrivateKey: Uint8Array | undefined;
  readonly CertificateChain?: Uint8Array | undefined;
};

export const importOperations = (ports: AcmPorts) => ({
  async ImportCertificate(input: ImportInput, { scope }: Call): Promise<ImportCertificateResponse> {
    if (input.CertificateArn !== undefined && (input.Tags ?? []).length > 0)
      throw invalid('Tagging is not permitted on re-import.');
    const read = readImport(input, ports.now());
    const sealedKey = (await ports.authority()).seal(read.keyPem);
    const tags = tagRecord(input.Tags);
    const arn = await ports.store.transaction(async (rows) => {
      const nowMs = ports.now();
      const { keyPem: _key, ...members } = read;
      const before =
        input.CertificateArn === undefined
          ? undefined
          : await needCertificate(rows, scope, input.CertificateArn);
      if (before !== undefined && before.type !== 'IMPORTED')
        throw invalid(`Certificate ${before.arn} was not imported: it cannot be imported again.`);
      if (before === undefined && (await rows.list(certificates, scope)).length >= limits.acmCertificates)
        throw limitExceeded(
          `Error: you have reached your limit of ${limits.acmCertificates} imported certificates.`,
        );
      const row: CertificateRow = {
        ...(before ?? newRow(scope, tags, nowMs)),
        ...members,
        sealedKey,
        issuedAt: nowMs,
      };
      await rows.put(certificates, scope, idOf(row.arn), row);
      return row.arn;
    });
    if (input.CertificateArn !== undefined) ports.changed();
    return { CertificateArn: arn };
  },
});

const newRow = (scope: Scope, tags: Record<string, string>, createdAt: number) => ({
  arn: arnOf(scope, 'acm', `certificate/${pinnedId(tags) ?? randomUUID()}`),
  type: 'IMPORTED' as const,
  createdAt,
  validation: [],
  transparency: 'ENABLED' as const,
  exportable: false,
  exported: false,
  tags,
});

interface Read {
  readonly domainName: string;
  readonly names: readonly string[];
  readonly keyAlgorithm: KeyAlgorithm;
  readonly certificatePem: string;
  readonly chainPem: string;
  readonly keyPem: string;
}

function readImport({ Certificate, PrivateKey, CertificateChain }: ImportInput, nowMs: number): Read {
  const [certificate, ...more] = certificatesOf(textOf(Certificate));
  if (certificate === undefined)
    throw invalid('Could not parse the certificate. Please provide a certificate in PEM format.');
  if (more.length > 0)
    throw invalid(
      'Provided certificate is a chain. Please provide the certificate alone, and the rest as its chain.',
    );
  const key = readKey(textOf(PrivateKey));
  const keyAlgorithm = keyAlgorithmOf(certificate.publicKey);
  if (keyAlgorithm === undefined)
    throw invalidParameter('The key algorithm of the certificate is not supported.');
  if (!certificate.checkPrivateKey(key)) throw invalid('The private key does not match the certificate.');
  checkTimes(certificate, nowMs);
  const chain = readChain(certificate, textOf(CertificateChain));
  const names = namesOf(certificate);
  return {
    domainName: /(?:^|\n)CN=([^\n]+)/.exec(certificate.subject)?.[1] ?? names[0] ?? '',
    names,
    keyAlgorithm,
    certificatePem: certificate.toString(),
    chainPem: chain.map(String).join(''),
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

function readKey(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw invalid('The private key must not be encrypted.');
  try {
    return createPrivateKey(pem);
  } catch {
    throw invalid('The private key is not supported.');
  }
}

function checkTimes(certificate: X509Certificate, nowMs: number): void {
  if (nowMs > Date.parse(certificate.validTo)) throw invalid('The certificate has expired.');
  if (nowMs < Date.parse(certificate.validFrom)) throw invalid('The certificate is not valid yet.');
}

/** From the certificate's issuer upwards, each signed by the next: AWS's texts where they are known. */
function readChain(certificate: X509Certificate, pem: string): X509Certificate[] {
  const chain: X509Certificate[] = [];
  let signed = certificate;
  for (const issuer of certificatesOf(pem)) {
    if (issuer === undefined || !isSignedBy(signed, issuer))
      throw invalid('Could not validate the certificate with the certificate chain.');
    chain.push(issuer);
    signed = issuer;
  }
  if (chain.length === 0 && pem.trim() !== '')
    throw invalid('Could not validate the certificate with the certificate chain.');
  if (chain.length === 0 && !isSelfSigned(certificate))
    throw invalid(
      'Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain.',
    );
  return chain;
}

const isSignedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/** Such a certificate need not be one of an authority. */
const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
