/** What AppSync is handed, and how its nouns find an API. */
import type { Scope } from '../../base/scope.ts';
import type { GraphqlControl } from '../../graphql/config.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { ServicePorts } from '../../wire/service.ts';
import { apiNotFound } from './faults.ts';
import { type ApiRow, apis } from './rows.ts';

export interface AppSyncPorts extends ServicePorts {
  readonly graphql: GraphqlControl;
}

/** Throws NotFoundException. */
export async function findApi(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  apiId: string | undefined,
): Promise<ApiRow> {
  const row = await rows.get(apis, scope, apiId ?? '');
  if (row === undefined) throw apiNotFound(apiId);
  return row;
}

/** Changes something of an API, and lets the engine know once it is durable. */
export async function change<T>(
  { store, graphql }: AppSyncPorts,
  scope: Scope,
  apiId: string | undefined,
  work: (rows: Transaction, api: ApiRow) => Promise<T>,
): Promise<T> {
  const made = await store.transaction(async (rows) => work(rows, await findApi(rows, scope, apiId)));
  graphql.changed(apiId ?? '');
  return made;
}

/** Pages of AppSync: 25 at most; tokens say behind which item to go on. */
export function pageOf<Item>(
  items: readonly Item[],
  {
    maxResults,
    nextToken,
  }: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined },
): { items: Item[]; nextToken: string | undefined } {
  const start = nextToken === undefined ? 0 : Number(Buffer.from(nextToken, 'base64').toString()) || 0;
  const end = start + Math.min(maxResults || MOST, MOST);
  return {
    items: items.slice(start, end),
    nextToken: end < items.length ? Buffer.from(String(end)).toString('base64') : undefined,
  };
}

/** https://docs.aws.amazon.com/appsync/latest/APIReference/API_ListGraphqlApis.html */
const MOST = 25;
