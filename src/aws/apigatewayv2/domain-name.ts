/** Custom domain names: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames.html */
import type {
  CreateDomainNameRequest,
  CreateDomainNameResponse,
  DeleteDomainNameRequest,
  DomainName,
  DomainNameConfiguration,
  GetDomainNameRequest,
  GetDomainNameResponse,
  GetDomainNamesRequest,
  GetDomainNamesResponse,
  UpdateDomainNameRequest,
  UpdateDomainNameResponse,
} from '@aws-sdk/client-apigatewayv2';
import { partitionOf } from '../../base/arn.ts';
import { apiGatewayId } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { limits } from '../../base/limits.ts';
import type { Transaction } from '../../store/store.ts';
import { domainNameDetails } from '../apigateway/domain-name-row.ts';
import { apiMappings } from './api-mapping-row.ts';
import { changingDomains } from './changing-domains.ts';
import { checkDomainCertificate } from './domain-certificate.ts';
import { dnsSuffix } from './api-row.ts';
import { type DomainNameRow, domainNames, readDomainName } from './domain-name-row.ts';
import { badRequest, conflict, tooMany } from './faults.ts';
import { listPage } from './page.ts';
import { given, patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { routingRules } from './routing-rule-row.ts';
import { readTruststore } from './truststore.ts';
import { truststores } from './truststore-row.ts';

export const domainNameOperations = (ports: ApiGatewayV2Ports) => ({
  CreateDomainName: async (input: CreateDomainNameRequest, call: Call): Promise<CreateDomainNameResponse> => {
    const { scope } = call;
    checkName(input.DomainName ?? '');
    const { row, truststore } = await secured(ports, call, newDomainName(ports, input, scope));
    await changingDomains(ports, async (rows) => {
      const everywhere = await rows.listAll(domainNames);
      if (everywhere.some((one) => one.key === row.DomainName && isTaken(one.scope, scope)))
        throw conflict('The domain name you provided already exists.');
      if (everywhere.filter((one) => isTaken(one.scope, scope)).length >= limits.customDomains)
        throw tooMany('domain names');
      await rows.put(domainNames, scope, row.DomainName, row);
      await putTruststore(rows, scope, row, truststore);
    });
    return show(row);
  },

  GetDomainName: async (
    { DomainName = '' }: GetDomainNameRequest,
    { scope }: Call,
  ): Promise<GetDomainNameResponse> => show(await readDomainName(ports.store, scope, DomainName)),

  GetDomainNames: async (input: GetDomainNamesRequest, { scope }: Call): Promise<GetDomainNamesResponse> => {
    const page = await listPage({ rows: ports.store, table: domainNames, scope }, input);
    return { Items: page.rows.map(show), NextToken: page.NextToken };
  },

  UpdateDomainName: async (input: UpdateDomainNameRequest, call: Call): Promise<UpdateDomainNameResponse> => {
    const { scope } = call;
    const name = input.DomainName ?? '';
    const wanted = changedDomainName(await readDomainName(ports.store, scope, name), input);
    const security =
      input.DomainNameConfigurations || input.MutualTlsAuthentication
        ? await secured(ports, call, wanted)
        : undefined;
    const row = await changingDomains(ports, async (rows) => {
      const changed = changedDomainName(await readDomainName(rows, scope, name), input);
      const checked = security === undefined ? changed : withMutualTls(changed, security.row);
      await rows.put(domainNames, scope, name, checked);
      if (security !== undefined) await putTruststore(rows, scope, checked, security.truststore);
      if (input.DomainNameConfigurations?.[0]?.SecurityPolicy) await keepPolicy(rows, scope, checked);
      return checked;
    });
    return show(row);
  },

  DeleteDomainName: async ({ DomainName = '' }: DeleteDomainNameRequest, { scope }: Call) => {
    await changingDomains(ports, async (rows) => {
      await readDomainName(rows, scope, DomainName);
      await rows.deleteRange(apiMappings, scope, `${DomainName}/`);
      await rows.deleteRange(routingRules, scope, `${DomainName}/`);
      await rows.delete(truststores, scope, DomainName);
      await rows.delete(domainNameDetails, scope, DomainName);
      await rows.delete(domainNames, scope, DomainName);
    });
    return {};
  },
});

interface Secured {
  readonly row: DomainNameRow;
  readonly truststore: string | undefined;
}

/** Outside of any transaction: it asks ACM and reads from S3. */
async function secured(ports: ApiGatewayV2Ports, call: Call, row: DomainNameRow): Promise<Secured> {
  const [configuration] = row.DomainNameConfigurations;
  const { TruststoreUri: uri, TruststoreVersion: version } = row.MutualTlsAuthentication ?? {};
  await checkDomainCertificate(ports, call, {
    domainName: row.DomainName,
    certificateArn: configuration?.CertificateArn ?? '',
    isEdge: configuration?.EndpointType === 'EDGE',
    isMutual: Boolean(uri),
    ownershipCertificateArn: configuration?.OwnershipVerificationCertificateArn,
  });
  if (!uri) return { row, truststore: undefined };
  const { pem, warnings } = await readTruststore(ports, call, uri, version);
  const MutualTlsAuthentication = given({
    TruststoreUri: uri,
    TruststoreVersion: version,
    ...(warnings.length > 0 ? { TruststoreWarnings: warnings } : {}),
  });
  return { row: { ...row, MutualTlsAuthentication }, truststore: pem };
}

function withMutualTls(row: DomainNameRow, { MutualTlsAuthentication }: DomainNameRow): DomainNameRow {
  const { MutualTlsAuthentication: _, ...rest } = row;
  return MutualTlsAuthentication === undefined ? rest : { ...rest, MutualTlsAuthentication };
}

async function putTruststore(
  rows: Transaction,
  scope: Scope,
  { DomainName }: DomainNameRow,
  pem: string | undefined,
): Promise<void> {
  if (pem === undefined) await rows.delete(truststores, scope, DomainName);
  else await rows.put(truststores, scope, DomainName, { pem });
}

/** REST APIs know more security policies: what was chosen here replaces theirs. */
async function keepPolicy(rows: Transaction, scope: Scope, row: DomainNameRow): Promise<void> {
  const details = await rows.get(domainNameDetails, scope, row.DomainName);
  const securityPolicy = row.DomainNameConfigurations[0]?.SecurityPolicy;
  if (details !== undefined && securityPolicy !== undefined)
    await rows.put(domainNameDetails, scope, row.DomainName, { ...details, securityPolicy });
}

/** A name belongs to one account, which may have it once a region. */
const isTaken = (by: Scope, wanted: Scope): boolean =>
  by.account !== wanted.account || by.region === wanted.region;

function newDomainName(
  ports: ApiGatewayV2Ports,
  input: CreateDomainNameRequest,
  scope: Scope,
): DomainNameRow {
  const [configuration] = input.DomainNameConfigurations ?? [];
  const target = `d-${apiGatewayId(10, ports.random)}.execute-api.${scope.region}.${dnsSuffix(scope.region)}`;
  const name = input.DomainName ?? '';
  return given({
    DomainName: name,
    DomainNameArn: `arn:${partitionOf(scope.region)}:apigateway:${scope.region}::/domainnames/${name}`,
    ApiMappingSelectionExpression: '$request.basepath',
    DomainNameConfigurations: [
      {
        ...checkedConfiguration(configuration),
        ApiGatewayDomainName: target,
        HostedZoneId: hostedZone(scope),
      },
    ],
    MutualTlsAuthentication: input.MutualTlsAuthentication,
    RoutingMode: input.RoutingMode ?? 'API_MAPPING_ONLY',
    Tags: input.Tags ?? {},
  });
}

function changedDomainName(before: DomainNameRow, input: UpdateDomainNameRequest): DomainNameRow {
  const [current] = before.DomainNameConfigurations;
  const [changes] = input.DomainNameConfigurations ?? [];
  const mutualTls = input.MutualTlsAuthentication;
  const row = patched(before, {
    RoutingMode: input.RoutingMode,
    MutualTlsAuthentication: mutualTls && { ...before.MutualTlsAuthentication, ...given(mutualTls) },
    ...(changes === undefined
      ? {}
      : { DomainNameConfigurations: [checkedConfiguration({ ...current, ...patched({}, changes) })] }),
  });
  if (mutualTls?.TruststoreUri !== '') return row;
  const { MutualTlsAuthentication: _, ...rest } = row;
  return rest;
}

function checkedConfiguration(configuration: DomainNameConfiguration | undefined) {
  if (!configuration?.CertificateArn)
    throw badRequest('CertificateArn is a required parameter for domain name');
  const { EndpointType = 'REGIONAL', SecurityPolicy = 'TLS_1_2', IpAddressType = 'ipv4' } = configuration;
  if (EndpointType !== 'REGIONAL') throw badRequest('Only REGIONAL endpoint type is supported');
  if (SecurityPolicy !== 'TLS_1_2') throw badRequest('Only TLS_1_2 security policy is supported');
  const { CertificateUploadDate: _, ...members } = configuration;
  return { ...members, EndpointType, SecurityPolicy, IpAddressType, DomainNameStatus: 'AVAILABLE' as const };
}

function checkName(name: string): void {
  if (!/^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/.test(name) || name.length > 253)
    throw badRequest('Invalid domain name specified');
}

const show = ({ DomainNameConfigurations, ...members }: DomainNameRow): DomainName => ({
  ...members,
  DomainNameConfigurations: [...DomainNameConfigurations],
});

/** https://docs.aws.amazon.com/general/latest/gr/apigateway.html; where the page lists none, the first region's. */
const HOSTED_ZONES: Partial<Record<string, string>> = {
  'us-east-1': 'Z1UJRXOUMOOFQ8',
  'us-east-2': 'ZOJJZC49E0EPZ',
  'us-west-1': 'Z2MUQ32089INYE',
  'us-west-2': 'Z2OJLYMUO9EFXC',
  'eu-west-1': 'ZLY8HYME6SFDD',
  'eu-west-2': 'ZJ5UAJN8Y3Z2Q',
  'eu-central-1': 'Z1U9ULNL0V5AJ3',
  'ap-southeast-1': 'ZL327KTPIQFUL',
  'ap-southeast-2': 'Z2RPCDW04V8134',
  'ap-northeast-1': 'Z1YSHQZHG15GKL',
};
const hostedZone = ({ region }: Scope): string => HOSTED_ZONES[region] ?? 'Z1UJRXOUMOOFQ8';
