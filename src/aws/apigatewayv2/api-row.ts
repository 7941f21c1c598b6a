/** An HTTP or WebSocket API's row, and the index that finds the scope an API id belongs to. */
import { wholeSecond } from '../../base/clock.ts';
import type { Api } from '@aws-sdk/client-apigatewayv2';
import { partitionOf } from '../../base/arn.ts';
import { GLOBAL_REGION, type Scope } from '../../base/scope.ts';
import { type Reader, type Transaction, table } from '../../store/store.ts';
import { missingApi } from './faults.ts';

/** AWS's members as they are shown, dates as milliseconds. */
export interface ApiRow extends Omit<Api, 'ApiEndpoint' | 'CreatedDate' | 'ApiId' | 'Name' | 'ProtocolType'> {
  readonly ApiId: string;
  readonly Name: string;
  readonly ProtocolType: 'HTTP' | 'WEBSOCKET';
  readonly createdAtMs: number;
  /** What quick create made, so that `UpdateApi` with a target changes it. */
  readonly quickCreate?: { readonly routeId: string; readonly integrationId: string };
}

export const apis = table<ApiRow>('apigatewayv2.apis');

/** By API id, in the index's own scope: which scope the API lives in. */
const apiScopes = table<Scope>('apigatewayv2.api-scopes');
const INDEX: Scope = { account: 'index', region: GLOBAL_REGION };

export const scopeOfApi = (rows: Pick<Reader, 'get'>, apiId: string): Promise<Scope | undefined> =>
  rows.get(apiScopes, INDEX, apiId);

export async function putNewApi(rows: Transaction, scope: Scope, row: ApiRow): Promise<void> {
  await rows.put(apiScopes, INDEX, row.ApiId, scope);
  await rows.put(apis, scope, row.ApiId, row);
}

export async function removeApi(rows: Transaction, scope: Scope, apiId: string): Promise<void> {
  await rows.delete(apiScopes, INDEX, apiId);
  await rows.delete(apis, scope, apiId);
}

/** The API's row. Throws NotFoundException. */
export async function readApi(rows: Pick<Reader, 'get'>, scope: Scope, apiId: string): Promise<ApiRow> {
  const row = await rows.get(apis, scope, apiId);
  if (!row) throw missingApi(scope, apiId);
  return row;
}

export function showApi(row: ApiRow, scope: Scope): Api {
  const { createdAtMs, quickCreate: _, ...members } = row;
  const scheme = row.ProtocolType === 'HTTP' ? 'https' : 'wss';
  const host = `${row.ApiId}.execute-api.${scope.region}.${dnsSuffix(scope.region)}`;
  return { ...members, ApiEndpoint: `${scheme}://${host}`, CreatedDate: wholeSecond(createdAtMs) };
}

/** https://docs.aws.amazon.com/general/latest/gr/apigateway.html */
export const dnsSuffix = (region: string): string =>
  partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
