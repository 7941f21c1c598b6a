/** Custom domain names. Public ones are one table with HTTP APIs': AWS keeps one list, read through both services. */
import type { EndpointAccessMode, RoutingMode, SecurityPolicy } from '@aws-sdk/client-api-gateway';
import { table } from '../../store/store.ts';

/** What only this service says of a public name, keyed by the name. */
export interface DomainNameDetails {
  readonly certificateName?: string | undefined;
  readonly regionalCertificateName?: string | undefined;
  readonly endpointAccessMode?: EndpointAccessMode | undefined;
  /** The policy's own name where it is none of the two that HTTP APIs know. */
  readonly securityPolicy?: SecurityPolicy | undefined;
  /** Milliseconds since 1970. */
  readonly certificateUploadDate: number;
}
export const domainNameDetails = table<DomainNameDetails>('apigateway.domain-name-details');

/** A private name: several accounts and endpoints may have the same one, so it has an id as well. */
interface PrivateDomainNameRow {
  readonly domainName: string;
  readonly domainNameId: string;
  readonly certificateArn?: string | undefined;
  readonly certificateName?: string | undefined;
  readonly ipAddressType: 'ipv4' | 'dualstack';
  readonly securityPolicy?: SecurityPolicy | undefined;
  readonly endpointAccessMode?: EndpointAccessMode | undefined;
  readonly routingMode: RoutingMode;
  readonly policy?: string | undefined;
  readonly managementPolicy?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly certificateUploadDate: number;
}
/** Keyed `{domainName}/{domainNameId}`. */
export const privateDomainNames = table<PrivateDomainNameRow>('apigateway.private-domain-names');

/** Base path mappings of private names, keyed `{domainName}/{domainNameId}/{basePath}`. */
export interface BasePathMappingRow {
  readonly basePath: string;
  readonly restApiId: string;
  readonly stage?: string | undefined;
}
export const privateMappings = table<BasePathMappingRow>('apigateway.private-base-path-mappings');
