/** A REST API's own row, and how to find one. What hangs from it lies in its own tables, keyed `{apiId}/...`. */
import type { EndpointAccessMode, SecurityPolicy } from '@aws-sdk/client-api-gateway';
import { GLOBAL_REGION, type Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { notFound } from './faults.ts';

export interface RestApiRow {
  readonly id: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly version?: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdDate: number;
  readonly binaryMediaTypes?: readonly string[] | undefined;
  readonly minimumCompressionSize?: number | undefined;
  readonly apiKeySource: 'HEADER' | 'AUTHORIZER';
  readonly endpointConfiguration: EndpointRow;
  /** The policy's JSON, compact. */
  readonly policy?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly disableExecuteApiEndpoint: boolean;
  readonly rootResourceId: string;
  readonly securityPolicy?: SecurityPolicy | undefined;
  readonly endpointAccessMode?: EndpointAccessMode | undefined;
  /** What the last import had to say. */
  readonly warnings?: readonly string[] | undefined;
}

export interface EndpointRow {
  readonly types: readonly ('EDGE' | 'REGIONAL' | 'PRIVATE')[];
  readonly ipAddressType: 'ipv4' | 'dualstack';
  readonly vpcEndpointIds?: readonly string[] | undefined;
}

export const restApis = table<RestApiRow>('apigateway.rest-apis');

/** Whose an API id is: a request to the data plane names the id alone. */
export const apiScopes = table<Scope>('apigateway.api-scopes');
export const API_SCOPES: Scope = { account: GLOBAL_REGION, region: GLOBAL_REGION };

const apiMissing = (scope: Scope, id: string | undefined) =>
  notFound(`Invalid API identifier specified ${scope.account}:${id ?? ''}`);

export async function needRestApi(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  id: string | undefined,
): Promise<RestApiRow> {
  const row = id ? await rows.get(restApis, scope, id) : undefined;
  if (row === undefined) throw apiMissing(scope, id);
  return row;
}
