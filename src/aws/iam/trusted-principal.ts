/** Principals of one's own account that a trust policy names must exist, as on AWS. */
import { parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import { nameKey } from './principal.ts';
import { roles } from './role-row.ts';
import { globalScope } from './scope.ts';
import { users } from './user-row.ts';

interface TrustPolicy {
  readonly Statement: Statement | readonly Statement[];
}
interface Statement {
  readonly Principal?: '*' | { readonly AWS?: string | readonly string[] };
}

/** The first principal that does not exist; undefined when all do. `document` has been checked. */
export async function checkTrustedPrincipals(
  rows: Pick<Reader, 'get'>,
  { account }: Scope,
  document: string,
): Promise<string | undefined> {
  const { Statement } = JSON.parse(document) as TrustPolicy; // its shape was checked before
  const statements = [Statement].flat() as readonly Statement[]; // one or several
  for (const { Principal } of statements) {
    if (Principal === undefined || Principal === '*') continue;
    for (const principal of [Principal.AWS ?? []].flat())
      if (!(await exists(rows, account, String(principal)))) return String(principal);
  }
  return undefined;
}

async function exists(rows: Pick<Reader, 'get'>, account: string, principal: string): Promise<boolean> {
  const arn = parseArn(principal);
  if (arn?.service !== 'iam' || arn.account !== account) return true;
  const name = nameKey(arn.resource.split('/').at(-1) ?? '');
  if (arn.resource.startsWith('role/'))
    return (await rows.get(roles, globalScope(account), name)) !== undefined;
  if (arn.resource.startsWith('user/'))
    return (await rows.get(users, globalScope(account), name)) !== undefined;
  return true;
}
