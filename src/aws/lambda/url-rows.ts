/** Function URLs' rows, and the index from a URL's id to its function. */
import { GLOBAL_REGION, type Scope } from '../../base/scope.ts';
import { table, type Transaction } from '../../store/store.ts';
import { urls } from './rows.ts';

export interface UrlIndexRow {
  readonly scope: Scope;
  readonly name: string;
  /** The alias; absent for the function itself. */
  readonly qualifier?: string;
}

/** Where the index lies: a URL's id says nothing of account and region. */
export const URL_INDEX: Scope = { account: GLOBAL_REGION, region: GLOBAL_REGION };
/** Keyed by URL id. */
export const urlIndex = table<UrlIndexRow>('lambda.url-index');

/** Removes one URL, when there is one under the key. */
export async function removeUrl(rows: Transaction, scope: Scope, key: string): Promise<boolean> {
  const row = await rows.get(urls, scope, key);
  if (row === undefined) return false;
  await rows.delete(urlIndex, URL_INDEX, row.urlId);
  return rows.delete(urls, scope, key);
}

/** Removes every URL of a function. */
export async function removeUrls(rows: Transaction, scope: Scope, name: string): Promise<void> {
  for (const { key } of await rows.list(urls, scope, { prefix: `${name}/` }))
    await removeUrl(rows, scope, key);
}
