/** Certificates, read and deleted: https://docs.aws.amazon.com/acm/latest/APIReference/API_Operations.html */
import type {
  DeleteCertificateRequest,
  DescribeCertificateRequest,
  DescribeCertificateResponse,
  ExportCertificateRequest,
  ExportCertificateResponse,
  GetAccountConfigurationResponse,
  GetCertificateRequest,
  GetCertificateResponse,
  ListCertificatesRequest,
  ListCertificatesResponse,
  PutAccountConfigurationRequest,
} from '@aws-sdk/client-acm';
import { createPrivateKey } from 'node:crypto';
import { Fault } from '../../base/fault.ts';
import type { Call } from '../../wire/service.ts';
import { accounts, type CertificateRow, certificates, idOf, needCertificate } from './certificate-row.ts';
import { invalid } from './faults.ts';
import { usersOfCertificates } from './in-use.ts';
import type { AcmPorts } from './ports.ts';
import { extendedKeyUsagesOf, keyUsagesOf, certificatesOf } from './read-certificate.ts';
import { upToDate } from './renew.ts';
import { showDetail, showSummary, statusOf } from './show.ts';

export const certificateOperations = (ports: AcmPorts) => ({
  async DescribeCertificate(
    { CertificateArn }: DescribeCertificateRequest,
    call: Call,
  ): Promise<DescribeCertificateResponse> {
    const row = await upToDate(
      ports,
      call.scope,
      await needCertificate(ports.store, call.scope, CertificateArn),
    );
    const users = await usersOfCertificates(ports, call);
    return { Certificate: showDetail(row, users.get(row.arn) ?? [], ports.now()) };
  },

  async GetCertificate(
    { CertificateArn }: GetCertificateRequest,
    { scope }: Call,
  ): Promise<GetCertificateResponse> {
    const row = await upToDate(ports, scope, await needCertificate(ports.store, scope, CertificateArn));
    return {
      Certificate: row.certificatePem,
      ...(row.chainPem === '' ? {} : { CertificateChain: row.chainPem }),
    };
  },

  async ListCertificates(input: ListCertificatesRequest, call: Call): Promise<ListCertificatesResponse> {
    const entries = await ports.store.list(certificates, call.scope);
    const found = entries.map(({ row }) => row).filter((row) => isAskedFor(row, input, ports.now()));
    const sorted =
      input.SortBy === 'CREATED_AT'
        ? found.toSorted((a, b) => (a.createdAt - b.createdAt) * (input.SortOrder === 'DESCENDING' ? -1 : 1))
        : found;
    const start = startOf(input.NextToken, sorted);
    const size = input.MaxItems ?? 100;
    const page = sorted.slice(start, start + size);
    const users = await usersOfCertificates(ports, call);
    return {
      CertificateSummaryList: page.map((row) => showSummary(row, users.has(row.arn), ports.now())),
      ...(sorted.length > start + size
        ? { NextToken: Buffer.from(page.at(-1)?.arn ?? '').toString('base64') }
        : {}),
    };
  },

  async DeleteCertificate({ CertificateArn }: DeleteCertificateRequest, call: Call) {
    const row = await needCertificate(ports.store, call.scope, CertificateArn);
    if ((await usersOfCertificates(ports, call)).has(row.arn))
      throw new Fault(
        'ResourceInUseException',
        `Certificate ${row.arn} in account ${call.scope.account} is in use.`,
      );
    await ports.store.transaction((rows) => rows.delete(certificates, call.scope, idOf(row.arn)));
    return {};
  },

  /** Only what was requested so may leave: https://docs.aws.amazon.com/acm/latest/userguide/export-public-certificate.html */
  async ExportCertificate(
    input: ExportCertificateRequest & { readonly Passphrase: Uint8Array | undefined },
    { scope }: Call,
  ): Promise<ExportCertificateResponse> {
    const row = await upToDate(ports, scope, await needCertificate(ports.store, scope, input.CertificateArn));
    if (!row.exportable) throw invalid(`Certificate ARN: ${row.arn} is not a private certificate`);
    const key = createPrivateKey((await ports.authority()).open(row.sealedKey));
    await ports.store.transaction(async (rows) => {
      const current = await needCertificate(rows, scope, row.arn);
      await rows.put(certificates, scope, idOf(row.arn), { ...current, exported: true });
    });
    const passphrase = Buffer.from(input.Passphrase ?? []);
    const encrypted = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase });
    return {
      Certificate: row.certificatePem,
      CertificateChain: row.chainPem,
      PrivateKey: encrypted.toString(),
    };
  },

  async GetAccountConfiguration(_input: object, { scope }: Call): Promise<GetAccountConfigurationResponse> {
    const row = await ports.store.get(accounts, scope, 'account');
    return { ExpiryEvents: { DaysBeforeExpiry: row?.daysBeforeExpiry ?? 45 } };
  },

  async PutAccountConfiguration({ ExpiryEvents }: PutAccountConfigurationRequest, { scope }: Call) {
    const daysBeforeExpiry = ExpiryEvents?.DaysBeforeExpiry;
    if (daysBeforeExpiry !== undefined)
      await ports.store.transaction((rows) => rows.put(accounts, scope, 'account', { daysBeforeExpiry }));
    return {};
  },
});

/** Without key types asked for, those of RSA up to 2,048 bits: https://docs.aws.amazon.com/acm/latest/APIReference/API_Filters.html */
const USUAL_KEYS: readonly string[] = ['RSA_1024', 'RSA_2048'];

function isAskedFor(row: CertificateRow, input: ListCertificatesRequest, nowMs: number): boolean {
  const { keyTypes, keyUsage, extendedKeyUsage, exportOption, managedBy } = input.Includes ?? {};
  if (managedBy !== undefined) return false;
  if (exportOption !== undefined && (exportOption === 'ENABLED') !== row.exportable) return false;
  if (!((keyTypes ?? USUAL_KEYS) as readonly string[]).includes(row.keyAlgorithm)) return false;
  if (input.CertificateStatuses && !input.CertificateStatuses.includes(statusOf(row, nowMs))) return false;
  if (keyUsage === undefined && extendedKeyUsage === undefined) return true;
  const [certificate] = certificatesOf(row.certificatePem);
  if (certificate === undefined) return false;
  const uses = keyUsagesOf(certificate);
  const extended = extendedKeyUsagesOf(certificate).map(({ Name }) => Name);
  return (
    (keyUsage ?? []).every((use) => uses.includes(use)) &&
    (extendedKeyUsage ?? []).every((use) => extended.includes(use))
  );
}

function startOf(token: string | undefined, sorted: readonly CertificateRow[]): number {
  if (token === undefined) return 0;
  const after = Buffer.from(token, 'base64').toString();
  const at = sorted.findIndex(({ arn }) => arn === after);
  if (at === -1) throw new Fault('InvalidArgsException', 'The NextToken is not valid.');
  return at + 1;
}
