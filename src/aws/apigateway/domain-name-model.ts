/** One custom domain name whichever table it lies in, and how it is shown. */
import type {
  DomainName,
  EndpointAccessMode,
  RoutingMode,
  SecurityPolicy,
} from '@aws-sdk/client-api-gateway';
import { partitionOf } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { type DomainNameRow, domainNames as publicDomainNames } from '../apigatewayv2/domain-name-row.ts';
import { domainNameDetails, type DomainNameDetails, privateDomainNames } from './domain-name-row.ts';
import { notFound } from './faults.ts';
import { withoutEmpty } from './shapes.ts';

export interface DomainNameModel {
  readonly domainName: string;
  /** Private names only. */
  readonly domainNameId?: string | undefined;
  readonly endpointType: 'EDGE' | 'REGIONAL' | 'PRIVATE';
  readonly ipAddressType: 'ipv4' | 'dualstack';
  readonly certificateArn?: string | undefined;
  readonly certificateName?: string | undefined;
  readonly certificateUploadDate: number;
  readonly securityPolicy: SecurityPolicy;
  readonly endpointAccessMode?: EndpointAccessMode | undefined;
  readonly mutualTls?: MutualTls | undefined;
  readonly ownershipVerificationCertificateArn?: string | undefined;
  readonly policy?: string | undefined;
  readonly managementPolicy?: string | undefined;
  readonly routingMode: RoutingMode;
  readonly tags: Readonly<Record<string, string>>;
  /** The name that DNS points at, and its zone; private names have none. */
  readonly target?: string | undefined;
  readonly hostedZoneId?: string | undefined;
}

export interface MutualTls {
  readonly truststoreUri?: string | undefined;
  readonly truststoreVersion?: string | undefined;
  readonly truststoreWarnings?: readonly string[] | undefined;
}

const domainNameMissing = () => notFound('Invalid domain name identifier specified');

export async function needDomainName(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  input: { readonly domainName?: string | undefined; readonly domainNameId?: string | undefined },
): Promise<DomainNameModel> {
  const name = input.domainName ?? '';
  if (input.domainNameId) {
    const row = await rows.get(privateDomainNames, scope, `${name}/${input.domainNameId}`);
    if (row === undefined) throw domainNameMissing();
    return { securityPolicy: 'TLS_1_2', ...row, endpointType: 'PRIVATE' };
  }
  const row = await rows.get(publicDomainNames, scope, name);
  if (row === undefined) throw domainNameMissing();
  return publicModel(row, await rows.get(domainNameDetails, scope, name));
}

export function publicModel(row: DomainNameRow, details: DomainNameDetails | undefined): DomainNameModel {
  const [configuration] = row.DomainNameConfigurations;
  const isEdge = configuration?.EndpointType === 'EDGE';
  return withoutEmpty<DomainNameModel>({
    domainName: row.DomainName,
    endpointType: isEdge ? 'EDGE' : 'REGIONAL',
    ipAddressType: configuration?.IpAddressType ?? 'ipv4',
    certificateArn: configuration?.CertificateArn,
    certificateName: details?.certificateName,
    certificateUploadDate: details?.certificateUploadDate ?? 0,
    securityPolicy: details?.securityPolicy ?? configuration?.SecurityPolicy ?? 'TLS_1_2',
    endpointAccessMode: details?.endpointAccessMode,
    mutualTls: row.MutualTlsAuthentication?.TruststoreUri
      ? withoutEmpty<MutualTls>({
          truststoreUri: row.MutualTlsAuthentication.TruststoreUri,
          truststoreVersion: row.MutualTlsAuthentication.TruststoreVersion,
          truststoreWarnings: row.MutualTlsAuthentication.TruststoreWarnings,
        })
      : undefined,
    ownershipVerificationCertificateArn: configuration?.OwnershipVerificationCertificateArn,
    routingMode: routingModeFrom(row.RoutingMode),
    tags: row.Tags ?? {},
    target: configuration?.ApiGatewayDomainName,
    hostedZoneId: configuration?.HostedZoneId,
  });
}

type V2RoutingMode = DomainNameRow['RoutingMode'];

function routingModeFrom(mode: V2RoutingMode): RoutingMode {
  if (mode === 'ROUTING_RULE_ONLY') return 'ROUTING_RULE_ONLY';
  return mode === 'ROUTING_RULE_THEN_API_MAPPING'
    ? 'ROUTING_RULE_THEN_BASE_PATH_MAPPING'
    : 'BASE_PATH_MAPPING_ONLY';
}

function routingModeTo(mode: RoutingMode): V2RoutingMode {
  if (mode === 'ROUTING_RULE_ONLY') return 'ROUTING_RULE_ONLY';
  return mode === 'ROUTING_RULE_THEN_BASE_PATH_MAPPING'
    ? 'ROUTING_RULE_THEN_API_MAPPING'
    : 'API_MAPPING_ONLY';
}

const publicArn = (scope: Scope, name: string): string =>
  `arn:${partitionOf(scope.region)}:apigateway:${scope.region}::/domainnames/${name}`;

const privateArn = (scope: Scope, name: string, id: string): string =>
  `arn:${partitionOf(scope.region)}:apigateway:${scope.region}:${scope.account}:/domainnames/${name}+${id}`;

export async function putDomainName(rows: Transaction, scope: Scope, model: DomainNameModel): Promise<void> {
  if (model.domainNameId !== undefined) {
    const { endpointType: _type, target: _target, hostedZoneId: _zone, domainNameId, ...row } = model;
    const key = `${model.domainName}/${domainNameId}`;
    await rows.put(privateDomainNames, scope, key, { ...row, domainNameId });
    return;
  }
  const { certificateName, endpointAccessMode, certificateUploadDate, securityPolicy } = model;
  const details = { certificateName, endpointAccessMode, certificateUploadDate, securityPolicy };
  await rows.put(domainNameDetails, scope, model.domainName, withoutEmpty(details));
  const before = await rows.get(publicDomainNames, scope, model.domainName);
  await rows.put(publicDomainNames, scope, model.domainName, {
    ApiMappingSelectionExpression: '$request.basepath',
    ...before,
    ...publicRow(scope, model),
  });
}

function publicRow(scope: Scope, model: DomainNameModel): DomainNameRow {
  const configuration = withoutEmpty({
    ApiGatewayDomainName: model.target,
    HostedZoneId: model.hostedZoneId,
    EndpointType: model.endpointType === 'EDGE' ? ('EDGE' as const) : ('REGIONAL' as const),
    IpAddressType: model.ipAddressType,
    CertificateArn: model.certificateArn,
    CertificateName: model.certificateName,
    DomainNameStatus: 'AVAILABLE' as const,
    OwnershipVerificationCertificateArn: model.ownershipVerificationCertificateArn,
    SecurityPolicy: model.securityPolicy === 'TLS_1_0' ? ('TLS_1_0' as const) : ('TLS_1_2' as const),
  });
  return {
    DomainName: model.domainName,
    DomainNameArn: publicArn(scope, model.domainName),
    DomainNameConfigurations: [configuration],
    MutualTlsAuthentication: model.mutualTls && {
      TruststoreUri: model.mutualTls.truststoreUri,
      TruststoreVersion: model.mutualTls.truststoreVersion,
      ...warningsOf(model.mutualTls),
    },
    RoutingMode: routingModeTo(model.routingMode),
    Tags: { ...model.tags },
  };
}

const warningsOf = ({ truststoreWarnings = [] }: MutualTls): { TruststoreWarnings?: string[] } =>
  truststoreWarnings.length > 0 ? { TruststoreWarnings: [...truststoreWarnings] } : {};

export function showDomainName(scope: Scope, model: DomainNameModel): DomainName {
  const { endpointType, domainName, domainNameId } = model;
  const certificateUploadDate = new Date(model.certificateUploadDate);
  const { certificateArn, certificateName, target, hostedZoneId } = model;
  const byType = {
    EDGE: {
      certificateArn,
      certificateName,
      certificateUploadDate,
      distributionDomainName: target,
      distributionHostedZoneId: hostedZoneId,
    },
    REGIONAL: {
      regionalCertificateArn: certificateArn,
      regionalCertificateName: certificateName,
      regionalDomainName: target,
      regionalHostedZoneId: hostedZoneId,
    },
    PRIVATE: { certificateArn, certificateName, certificateUploadDate },
  };
  return withoutEmpty<DomainName>({
    domainName,
    domainNameId,
    domainNameArn:
      domainNameId === undefined ? publicArn(scope, domainName) : privateArn(scope, domainName, domainNameId),
    ...byType[endpointType],
    endpointConfiguration: { types: [endpointType], ipAddressType: model.ipAddressType },
    domainNameStatus: 'AVAILABLE',
    securityPolicy: model.securityPolicy,
    endpointAccessMode: model.endpointAccessMode,
    mutualTlsAuthentication: model.mutualTls && {
      ...model.mutualTls,
      truststoreWarnings: model.mutualTls.truststoreWarnings && [...model.mutualTls.truststoreWarnings],
    },
    ownershipVerificationCertificateArn: model.ownershipVerificationCertificateArn,
    policy: model.policy === undefined ? undefined : JSON.stringify(model.policy).slice(1, -1),
    managementPolicy:
      model.managementPolicy === undefined ? undefined : JSON.stringify(model.managementPolicy).slice(1, -1),
    routingMode: model.routingMode,
    tags: Object.keys(model.tags).length > 0 ? { ...model.tags } : undefined,
  });
}
