/** Domain of an API: the domain name, its mappings and, with Route53, its records. */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { SamFault } from './faults.ts';
import {
  inherited,
  make,
  objectIn,
  refuse,
  type Resource,
  type SamResource,
  type Serverless,
  withParameters,
} from './serverless.ts';
import { getAtt, present, ref, shortHash } from './values.ts';

function needDomain(
  resource: SamResource,
  { parameters }: Serverless,
): { domain: JsonObject; name: Json; certificate: Json } {
  const domain = withParameters(objectIn(resource, 'Domain') ?? {}, parameters) as JsonObject; // an object stays one
  const { DomainName: name, CertificateArn: certificate } = domain;
  if (name === undefined) throw new SamFault(resource.logicalId, "Property 'Domain.DomainName' is required.");
  if (certificate === undefined)
    throw new SamFault(resource.logicalId, "Property 'Domain.CertificateArn' is required.");
  return { domain, name, certificate };
}

const basePathsOf = ({ BasePath: given }: JsonObject): string[] | undefined =>
  given ? [given].flat().map(String) : undefined;

export function restDomain(resource: SamResource, serverless: Serverless): Record<string, Resource> {
  const { logicalId } = resource;
  const { domain, name, certificate } = needDomain(resource, serverless);
  const endpoint = String(domain.EndpointConfiguration ?? 'REGIONAL');
  if (endpoint === 'PRIVATE') refuse(resource, 'Domain with EndpointConfiguration PRIVATE');
  if (endpoint !== 'EDGE' && endpoint !== 'REGIONAL')
    throw new SamFault(
      logicalId,
      "EndpointConfiguration for Custom Domains must be one of ['EDGE', 'REGIONAL', 'PRIVATE'].",
    );
  const domainId = `ApiGatewayDomainName${shortHash(name)}`;
  serverless.names.set(`${logicalId}.DomainName`, domainId);
  const attributes = inherited(resource);
  const made: Record<string, Resource> = {
    [domainId]: make(
      'AWS::ApiGateway::DomainName',
      {
        DomainName: name,
        [endpoint === 'REGIONAL' ? 'RegionalCertificateArn' : 'CertificateArn']: certificate,
        EndpointConfiguration: present({ Types: [endpoint], IpAddressType: domain.IpAddressType }),
        MutualTlsAuthentication: domain.MutualTlsAuthentication,
        SecurityPolicy: domain.SecurityPolicy,
        EndpointAccessMode: domain.EndpointAccessMode,
        OwnershipVerificationCertificateArn: domain.OwnershipVerificationCertificateArn,
      },
      attributes,
    ),
  };
  const stage = ref(serverless.names.get(`${logicalId}.Stage`) ?? `${logicalId}Stage`);
  const mapping = { DomainName: ref(domainId), RestApiId: ref(logicalId), Stage: stage };
  const paths = basePathsOf(domain);
  if (paths === undefined)
    made[`${logicalId}BasePathMapping`] = make('AWS::ApiGateway::BasePathMapping', mapping, attributes);
  for (const path of paths ?? []) {
    const plain = path.replace(/[^A-Za-z0-9]/g, '');
    made[`${logicalId}${plain}BasePathMapping`] = make(
      'AWS::ApiGateway::BasePathMapping',
      { ...mapping, BasePath: domain.NormalizeBasePath === false ? path : plain },
      attributes,
    );
  }
  const target: JsonObject =
    endpoint === 'REGIONAL'
      ? {
          HostedZoneId: getAtt(domainId, 'RegionalHostedZoneId'),
          DNSName: getAtt(domainId, 'RegionalDomainName'),
        }
      : { HostedZoneId: 'Z2FDTNDATAQYW2', DNSName: getAtt(domainId, 'DistributionDomainName') };
  return { ...made, ...records(resource, serverless, domain, target) };
}

export function httpDomain(
  resource: SamResource,
  serverless: Serverless,
  stageId: string,
): Record<string, Resource> {
  const { logicalId } = resource;
  const { domain, name, certificate } = needDomain(resource, serverless);
  const endpoint = domain.EndpointConfiguration ?? 'REGIONAL';
  if (endpoint !== 'REGIONAL')
    throw new SamFault(logicalId, "EndpointConfiguration for Custom Domains must be one of ['REGIONAL'].");
  const domainId = `ApiGatewayDomainNameV2${shortHash(name)}`;
  serverless.names.set(`${logicalId}.DomainName`, domainId);
  const attributes = inherited(resource);
  const made: Record<string, Resource> = {
    [domainId]: make(
      'AWS::ApiGatewayV2::DomainName',
      {
        DomainName: name,
        DomainNameConfigurations: [
          present({
            CertificateArn: certificate,
            EndpointType: endpoint,
            OwnershipVerificationCertificateArn: domain.OwnershipVerificationCertificateArn,
            SecurityPolicy: domain.SecurityPolicy,
          }),
        ],
        MutualTlsAuthentication: domain.MutualTlsAuthentication,
        Tags: { ...objectIn(resource, 'Tags'), 'httpapi:createdBy': 'SAM' },
      },
      attributes,
    ),
  };
  const mapping = { DomainName: ref(domainId), ApiId: ref(logicalId), Stage: ref(stageId) };
  const paths = basePathsOf(domain);
  if (paths === undefined)
    made[`${logicalId}ApiMapping`] = make('AWS::ApiGatewayV2::ApiMapping', mapping, attributes);
  for (const path of paths ?? []) {
    if (/[^0-9a-zA-Z/_-]/.test(path)) throw new SamFault(logicalId, 'Invalid Basepath name provided.');
    made[`${logicalId}${path.replace(/[-_/]+/g, '')}ApiMapping`] = make(
      'AWS::ApiGatewayV2::ApiMapping',
      { ...mapping, ApiMappingKey: path.replace(/^\/+|\/+$/g, '') },
      attributes,
    );
  }
  const target: JsonObject = {
    HostedZoneId: getAtt(domainId, 'RegionalHostedZoneId'),
    DNSName: getAtt(domainId, 'RegionalDomainName'),
  };
  return { ...made, ...records(resource, serverless, domain, target) };
}

function records(
  resource: SamResource,
  { resources }: Serverless,
  domain: JsonObject,
  alias: JsonObject,
): Record<string, Resource> {
  const route53 = domain.Route53;
  if (!isObject(route53)) return {};
  const zone = route53.HostedZoneId ?? route53.HostedZoneName;
  if (zone === undefined)
    throw new SamFault(
      resource.logicalId,
      'HostedZoneId or HostedZoneName is required to enable Route53 support on Custom Domains.',
    );
  const groupId = `RecordSetGroup${shortHash(route53.SeparateRecordSetGroup ? [zone, domain.DomainName ?? null] : zone)}`;
  const target = present({ EvaluateTargetHealth: route53.EvaluateTargetHealth, ...alias });
  const record = (Type: string): JsonObject =>
    present({
      Name: domain.DomainName,
      Type,
      AliasTarget: target,
      Region: route53.Region,
      SetIdentifier: route53.SetIdentifier,
    });
  const before = resources[groupId]?.Properties?.RecordSets;
  const group = make(
    'AWS::Route53::RecordSetGroup',
    {
      HostedZoneId: route53.HostedZoneId,
      HostedZoneName: route53.HostedZoneName,
      RecordSets: [
        ...(Array.isArray(before) ? before : []),
        record('A'),
        ...(route53.IpV6 === true ? [record('AAAA')] : []),
      ],
    },
    inherited(resource),
  );
  return { [groupId]: group };
}
