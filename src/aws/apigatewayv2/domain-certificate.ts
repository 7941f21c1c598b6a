/** The certificate of a custom domain name, checked before the name has it: both services ask the same of it. */
import type { CertificateDetail, DescribeCertificateResponse } from '@aws-sdk/client-acm';
import { parseArn } from '../../base/arn.ts';
import { isFault } from '../../base/fault.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { badRequest } from './faults.ts';

export interface CertificateUse {
  readonly domainName: string;
  readonly certificateArn: string;
  /** Edge names are served by CloudFront, which lives in us-east-1. */
  readonly isEdge: boolean;
  readonly isMutual: boolean;
  readonly ownershipCertificateArn?: string | undefined;
}

/** Throws BadRequestException. Not inside of a transaction: it asks ACM. */
export async function checkDomainCertificate(
  ports: Pick<ServicePorts, 'call'>,
  call: Call,
  { domainName, certificateArn, isEdge, isMutual, ownershipCertificateArn }: CertificateUse,
): Promise<void> {
  const region = isEdge ? 'us-east-1' : call.scope.region;
  const certificate = await describe(ports, call, certificateArn, region);
  const names = [certificate.DomainName ?? '', ...(certificate.SubjectAlternativeNames ?? [])];
  if (!names.some((name) => covers(name.toLowerCase(), domainName)))
    throw badRequest(`The certificate ${certificateArn} does not cover the domain name ${domainName}`);
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
  if (isMutual && certificate.Type === 'IMPORTED' && !ownershipCertificateArn)
    throw badRequest(
      'ownershipVerificationCertificateArn is required for mutual TLS with a certificate that was imported into ACM',
    );
  if (ownershipCertificateArn) await describe(ports, call, ownershipCertificateArn, region);
}

async function describe(
  ports: Pick<ServicePorts, 'call'>,
  { scope, caller }: Call,
  CertificateArn: string,
  region: string,
): Promise<CertificateDetail> {
  const parsed = parseArn(CertificateArn);
  if (parsed?.service === 'iam') throw badRequest('Server certificates of IAM: not supported by gatehouse');
  if (parsed?.service !== 'acm') throw badRequest(`Invalid certificate ARN: ${CertificateArn}`);
  if (parsed.region !== region)
    throw badRequest(`Invalid certificate ARN: ${CertificateArn}. Certificate must be in '${region}'.`);
  const certificate = await ports
    .call({
      service: 'acm',
      operation: 'DescribeCertificate',
      input: { CertificateArn },
      scope: { ...scope, region },
      caller,
    })
    .catch((thrown: unknown) => {
      if (isFault(thrown)) throw badRequest(`The provided certificate does not exist: ${CertificateArn}`);
      throw thrown;
    });
  const { Certificate = {} } = certificate as DescribeCertificateResponse; // the handler's own answer
  if (Certificate.Status !== 'ISSUED')
    throw badRequest(`Certificate ${CertificateArn} in account ${scope.account} not yet issued`);
  return Certificate;
}

/** `*.example.com` is good for one label in front of it, and for the wildcard itself. */
const covers = (name: string, domainName: string): boolean =>
  name === domainName ||
  (name.startsWith('*.') && domainName.slice(domainName.indexOf('.')) === name.slice(1));
