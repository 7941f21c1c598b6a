/** Long-term access keys, by id over all accounts: a request's signature names nothing but the id. */
import { GLOBAL_REGION, type Scope } from '../../base/scope.ts';
import { type Reader, type Transaction, table } from '../../store/store.ts';
import { nameKey } from './principal.ts';

export interface AccessKeyRow {
  readonly id: string;
  readonly secret: string;
  readonly account: string;
  readonly userName: string;
  readonly status: 'Active' | 'Inactive';
  readonly createdAtMs: number;
}

/** Key: the id, in a scope of its own. */
export const ACCESS_KEYS_TABLE = 'iam.access-keys';
const accessKeys = table<AccessKeyRow>(ACCESS_KEYS_TABLE);
const ALL: Scope = { account: 'index', region: GLOBAL_REGION };

export const findAccessKeyRow = (rows: Pick<Reader, 'get'>, id: string): Promise<AccessKeyRow | undefined> =>
  rows.get(accessKeys, ALL, id);

export const putAccessKey = (rows: Transaction, row: AccessKeyRow): Promise<void> =>
  rows.put(accessKeys, ALL, row.id, row);

export const removeAccessKey = (rows: Transaction, id: string): Promise<boolean> =>
  rows.delete(accessKeys, ALL, id);

export async function accessKeysOf(
  rows: Pick<Reader, 'list'>,
  { account }: Scope,
  userName: string,
): Promise<AccessKeyRow[]> {
  const all = (await rows.list(accessKeys, ALL)).map((entry) => entry.row);
  return all.filter((row) => row.account === account && nameKey(row.userName) === nameKey(userName));
}

export async function moveAccessKeys(
  rows: Transaction,
  scope: Scope,
  from: string,
  userName: string,
): Promise<void> {
  for (const row of await accessKeysOf(rows, scope, from)) await putAccessKey(rows, { ...row, userName });
}
