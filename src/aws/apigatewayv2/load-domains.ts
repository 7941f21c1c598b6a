/** Every custom domain name, as the data plane is handed them. */
import type { DomainDocument, DomainMapping, LoadDomains } from '../../gateway/config.ts';
import type { Scope } from '../../base/scope.ts';
import type { Entry, Reader, Store, Table } from '../../store/store.ts';
import { domainNameDetails, privateDomainNames } from '../apigateway/domain-name-row.ts';
import { apiMappings } from './api-mapping-row.ts';
import { domainNames } from './domain-name-row.ts';
import { routingRules } from './routing-rule-row.ts';

export const createLoadDomains =
  (store: Store): LoadDomains =>
  () =>
    store.read(async (rows) => {
      const mappings = await byDomain(rows, apiMappings);
      const rules = await byDomain(rows, routingRules);
      const details = await byKey(rows, domainNameDetails);
      const open = (await rows.listAll(domainNames)).map(({ row, scope }): DomainDocument => {
        const [configuration] = row.DomainNameConfigurations;
        const place = placeOf(scope, row.DomainName);
        return {
          domainName: row.DomainName,
          scope,
          endpointType: configuration?.EndpointType === 'EDGE' ? 'EDGE' : 'REGIONAL',
          routingMode: row.RoutingMode ?? 'API_MAPPING_ONLY',
          mappings: (mappings.get(place) ?? []).map(mappingOf),
          rules: rules.get(place) ?? [],
          securityPolicy: details.get(place)?.securityPolicy ?? configuration?.SecurityPolicy ?? 'TLS_1_2',
          certificateArn: configuration?.CertificateArn,
          mutualTls: Boolean(row.MutualTlsAuthentication?.TruststoreUri),
        };
      });
      const shut = (await rows.listAll(privateDomainNames)).map(
        ({ row, scope }): DomainDocument => ({
          domainName: row.domainName,
          scope,
          endpointType: 'PRIVATE',
          routingMode: 'API_MAPPING_ONLY',
          mappings: [],
          rules: [],
          securityPolicy: row.securityPolicy ?? 'TLS_1_2',
          certificateArn: row.certificateArn,
          mutualTls: false,
        }),
      );
      return [...open, ...shut].toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
    });

const orderOf = ({ scope, domainName }: DomainDocument): string => placeOf(scope, domainName);

const placeOf = ({ account, region }: Scope, domainName: string): string =>
  `${account}/${region}/${domainName}`;

const mappingOf = (row: {
  ApiMappingKey?: string;
  ApiId?: string | undefined;
  Stage?: string | undefined;
}): DomainMapping => ({
  key: row.ApiMappingKey ?? '',
  apiId: row.ApiId ?? '',
  stage: row.Stage,
});

/** Rows that are kept under `{domain name}/{id}`. */
async function byDomain<Row>(rows: Reader, of: Table<Row>): Promise<Map<string, Row[]>> {
  const found = new Map<string, Row[]>();
  for (const { key, row, scope } of await rows.listAll(of)) {
    const place = placeOf(scope, key.slice(0, key.lastIndexOf('/')));
    found.set(place, [...(found.get(place) ?? []), row]);
  }
  return found;
}

async function byKey<Row>(rows: Reader, of: Table<Row>): Promise<Map<string, Row>> {
  const entries: readonly (Entry<Row> & { readonly scope: Scope })[] = await rows.listAll(of);
  return new Map(entries.map(({ key, row, scope }) => [placeOf(scope, key), row]));
}
