/** An API's endpoint: edge, regional or private, and the addresses it speaks. */
import type { EndpointConfiguration } from '@aws-sdk/client-api-gateway';
import { badRequest } from './faults.ts';
import type { EndpointRow } from './rest-api-row.ts';

export function endpointRow(input: EndpointConfiguration | undefined): EndpointRow {
  const types = input?.types ?? ['EDGE'];
  if (types.length === 0)
    throw badRequest('REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.');
  if (types.length > 1) throw badRequest('Cannot create an api with multiple Endpoint Types.');
  const isPrivate = types[0] === 'PRIVATE';
  const row: EndpointRow = {
    types,
    ipAddressType: input?.ipAddressType ?? (isPrivate ? 'dualstack' : 'ipv4'),
    ...(input?.vpcEndpointIds?.length ? { vpcEndpointIds: input.vpcEndpointIds } : {}),
  };
  checkEndpoint(row);
  return row;
}

export function checkEndpoint(row: EndpointRow): void {
  const isPrivate = row.types[0] === 'PRIVATE';
  if (isPrivate && row.ipAddressType !== 'dualstack')
    throw badRequest('Only dualstack ipAddressType is supported for Private APIs.');
  if (!isPrivate && row.vpcEndpointIds?.length)
    throw badRequest('VPCEndpoints can only be specified with PRIVATE apis.');
}
