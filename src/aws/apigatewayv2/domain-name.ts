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
import { apiMappings } from './api-mapping-row.ts';
import { dnsSuffix } from './api-row.ts';
import { type DomainNameRow, domainNames, readDomainName } from './domain-name-row.ts';
import { badRequest, conflict } from './faults.ts';
import { listPage } from './page.ts';
import { given, patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { routingRules } from './routing-rule-row.ts';

export const domainNameOperations = (ports: ApiGatewayV2Ports) => ({
  CreateDomainName: async (
    input: CreateDomainNameRequest,
    { scope }: Call,
  ): Promise<CreateDomainNameResponse> =>
    ports.store.transaction(async (rows) => {
      const name = input.DomainName ?? '';
      checkName(name);
      if (await rows.get(domainNames, scope, name))
        throw conflict('The domain name you provided already exists.');
      const row = newDomainName(ports, input, scope);
      await rows.put(domainNames, scope, name, row);
      return show(row);
    }),

  GetDomainName: async (
    { DomainName = '' }: GetDomainNameRequest,
    { scope }: Call,
  ): Promise<GetDomainNameResponse> => show(await readDomainName(ports.store, scope, DomainName)),

  GetDomainNames: async (input: GetDomainNamesRequest, { scope }: Call): Promise<GetDomainNamesResponse> => {
    const page = await listPage({ rows: ports.store, table: domainNames, scope }, input);
    return { Items: page.rows.map(show), NextToken: page.NextToken };
  },

  UpdateDomainName: async (
    input: UpdateDomainNameRequest,
    { scope }: Call,
  ): Promise<UpdateDomainNameResponse> =>
    ports.store.transaction(async (rows) => {
      const before = await readDomainName(rows, scope, input.DomainName ?? '');
      const row = changedDomainName(before, input);
      await rows.put(domainNames, scope, row.DomainName, row);
      return show(row);
    }),

  DeleteDomainName: async ({ DomainName = '' }: DeleteDomainNameRequest, { scope }: Call) => {
    await ports.store.transaction(async (rows) => {
      await readDomainName(rows, scope, DomainName);
      await rows.deleteRange(apiMappings, scope, `${DomainName}/`);
      await rows.deleteRange(routingRules, scope, `${DomainName}/`);
      await rows.delete(domainNames, scope, DomainName);
    });
    return {};
  },
});

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
  const configuration = { ...current, ...(changes && patched({}, changes)) };
  const mutualTls = input.MutualTlsAuthentication;
  const row = patched(before, {
    RoutingMode: input.RoutingMode,
    MutualTlsAuthentication: mutualTls,
    DomainNameConfigurations: [checkedConfiguration(configuration)],
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
