/** Paging of every list: `MaxResults` and `NextToken`. */
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Table } from '../../store/store.ts';
import { badRequest } from './faults.ts';

export interface PageRequest {
  readonly MaxResults?: string | undefined;
  readonly NextToken?: string | undefined;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly NextToken?: string;
}

interface Listing<Row> {
  readonly rows: Pick<Reader, 'list'>;
  readonly table: Table<Row>;
  readonly scope: Scope;
  readonly prefix?: string;
}

export async function listPage<Row>(listing: Listing<Row>, request: PageRequest): Promise<Page<Row>> {
  const size = pageSize(request.MaxResults);
  const after = request.NextToken === undefined ? undefined : keyOf(request.NextToken);
  const entries = await listing.rows.list(listing.table, listing.scope, {
    prefix: listing.prefix,
    after,
    limit: size + 1,
  });
  const rows = entries.slice(0, size);
  const last = entries.length > size ? rows.at(-1) : undefined;
  return { rows: rows.map((entry) => entry.row), ...(last && { NextToken: tokenOf(last.key) }) };
}

function pageSize(maxResults: string | undefined): number {
  if (maxResults === undefined) return limits.apiGatewayV2Page.default;
  const size = Number(maxResults);
  if (!Number.isInteger(size) || size < 1) throw badRequest('Invalid value for maxResults');
  return Math.min(size, limits.apiGatewayV2Page.max);
}

const tokenOf = (key: string): string => Buffer.from(key).toString('base64url');

function keyOf(token: string): string {
  const key = Buffer.from(token, 'base64url').toString();
  if (tokenOf(key) !== token) throw badRequest('Invalid NextToken');
  return key;
}
