/**
 * Requests for certificates. The local authority issues them at once: nobody but this machine trusts it, so there is
 * nothing to prove. What DNS or mail would have had to say is shown all the same, as Terraform and others read it.
 */
import type {
  DomainValidation,
  DomainValidationOption,
  RequestCertificateRequest,
  RequestCertificateResponse,
  ResendValidationEmailRequest,
  UpdateCertificateOptionsRequest,
} from '@aws-sdk/client-acm';
import { createHash, randomUUID } from 'node:crypto';
import { arnOf } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { pinnedId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { type CertificateRow, certificates, idOf, needCertificate } from './certificate-row.ts';
import { invalid, invalidParameter, limitExceeded } from './faults.ts';
import { issue } from './issue.ts';
import type { AcmPorts } from './ports.ts';
import { tagRecord } from './tag-set.ts';

export const requestOperations = (ports: AcmPorts) => ({
  async RequestCertificate(
    input: RequestCertificateRequest,
    call: Call,
  ): Promise<RequestCertificateResponse> {
    const { scope } = call;
    const names = namesAsked(input);
    refuseUnsupported(input);
    const digest = digestOf({ ...input, IdempotencyToken: undefined });
    const token = input.IdempotencyToken;
    const known = token === undefined ? undefined : await repeated(ports, call, token, digest);
    if (known !== undefined) return { CertificateArn: known };
    const keyAlgorithm = input.KeyAlgorithm ?? 'RSA_2048';
    const issued = await issue(ports, names, keyAlgorithm);
    const tags = tagRecord(input.Tags);
    const id = pinnedId(tags) ?? randomUUID();
    const row: CertificateRow = {
      ...issued,
      arn: arnOf(scope, 'acm', `certificate/${id}`),
      type: 'AMAZON_ISSUED',
      domainName: names[0] ?? '',
      names,
      keyAlgorithm,
      createdAt: issued.issuedAt,
      validation: names.map((name) => validationOf(name, input)),
      transparency: input.Options?.CertificateTransparencyLoggingPreference ?? 'ENABLED',
      exportable: input.Options?.Export === 'ENABLED',
      exported: false,
      ...(token === undefined ? {} : { request: { token, digest } }),
      tags,
    };
    return ports.store.transaction(async (rows) => {
      // Two with one token at the same time: the first has made it.
      const twin =
        token === undefined ? undefined : await repeated({ ...ports, store: rows }, call, token, digest);
      if (twin !== undefined) return { CertificateArn: twin };
      if ((await rows.list(certificates, scope)).length >= limits.acmCertificates)
        throw limitExceeded(
          `Error: you have reached your limit of ${limits.acmCertificates} certificates in the last year.`,
        );
      await rows.put(certificates, scope, id, row);
      return { CertificateArn: row.arn };
    });
  },

  /** Nothing waits for a mail here: what was requested is issued. */
  async ResendValidationEmail(input: ResendValidationEmailRequest, { scope }: Call) {
    const row = await needCertificate(ports.store, scope, input.CertificateArn);
    throw new Fault('InvalidStateException', `Certificate ${row.arn} is not in a state to be validated.`);
  },

  async UpdateCertificateOptions(input: UpdateCertificateOptionsRequest, { scope }: Call) {
    await ports.store.transaction(async (rows) => {
      const row = await needCertificate(rows, scope, input.CertificateArn);
      if (row.type === 'IMPORTED') throw invalid('Options of imported certificates cannot be updated.');
      const { CertificateTransparencyLoggingPreference: transparency, Export } = input.Options ?? {};
      // https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateOptions.html: cannot be changed later.
      if (Export !== undefined && (Export === 'ENABLED') !== row.exportable)
        throw invalid('The Export option of a certificate cannot be changed.');
      await rows.put(certificates, scope, idOf(row.arn), {
        ...row,
        transparency: transparency ?? row.transparency,
      });
    });
    return {};
  },
});

/** The domain name first, then the others, each once. */
function namesAsked({ DomainName = '', SubjectAlternativeNames = [] }: RequestCertificateRequest): string[] {
  const names = [...new Set([DomainName, ...SubjectAlternativeNames].map((name) => name.toLowerCase()))];
  if (names.length > limits.acmNames)
    throw limitExceeded(
      `The number of domain names in the certificate exceeds the limit of ${limits.acmNames}.`,
    );
  return names;
}

function refuseUnsupported({
  CertificateAuthorityArn,
  ManagedBy,
  ValidationMethod,
}: RequestCertificateRequest): void {
  if (CertificateAuthorityArn !== undefined)
    throw invalidParameter('CertificateAuthorityArn (AWS Private CA): not supported by gatehouse');
  if (ManagedBy !== undefined) throw invalidParameter('ManagedBy (CloudFront): not supported by gatehouse');
  if (ValidationMethod === 'HTTP')
    throw invalidParameter('ValidationMethod HTTP (CloudFront only): not supported by gatehouse');
}

const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

async function repeated(
  { store, now }: { readonly store: Pick<AcmPorts['store'], 'list'>; readonly now: AcmPorts['now'] },
  { scope }: Call,
  token: string,
  digest: string,
): Promise<string | undefined> {
  const entries = await store.list(certificates, scope);
  return entries.find(
    ({ row }) =>
      row.request?.token === token &&
      row.request.digest === digest &&
      now() - row.createdAt < limits.acmIdempotencyMs,
  )?.row.arn;
}

/** https://docs.aws.amazon.com/acm/latest/userguide/email-validation.html */
const MAILBOXES = ['administrator', 'hostmaster', 'postmaster', 'webmaster', 'admin'];

function validationOf(name: string, input: RequestCertificateRequest): DomainValidation {
  const method = input.ValidationMethod ?? 'EMAIL';
  const bare = name.replace(/^\*\./, '');
  const common = { DomainName: name, ValidationStatus: 'SUCCESS', ValidationMethod: method } as const;
  const domain = validationDomain(name, input.DomainValidationOptions) ?? bare;
  if (method === 'EMAIL')
    return {
      ...common,
      ValidationDomain: domain,
      ValidationEmails: MAILBOXES.map((mailbox) => `${mailbox}@${domain}`),
    };
  return { ...common, ValidationDomain: domain, ResourceRecord: recordOf(bare) };
}

const validationDomain = (
  name: string,
  options: readonly DomainValidationOption[] = [],
): string | undefined =>
  options.find(({ DomainName }) => DomainName?.toLowerCase() === name)?.ValidationDomain;

/** A name and its wildcard have one record, the same for every request of it. */
function recordOf(bare: string): DomainValidation['ResourceRecord'] {
  const hex = createHash('sha256').update(`acm ${bare}`).digest('hex');
  return {
    Name: `_${hex.slice(0, 32)}.${bare}.`,
    Type: 'CNAME',
    Value: `_${hex.slice(32)}.${hex.slice(8, 18)}.acm-validations.aws.`,
  };
}
