/** Principals that a trust policy names must be ones: AWS resolves them when the policy is stored. */
import { parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { parsePolicy } from '../../lang/policy/document.ts';
import type { Reader } from '../../store/store.ts';
import { malformedPolicy } from './faults.ts';
import { nameKey } from './principal.ts';
import { roles } from './role-row.ts';
import { globalScope } from './scope.ts';
import { users } from './user-row.ts';

type Rows = Pick<Reader, 'get'>;

/** `document` has been checked. Throws MalformedPolicyDocument. */
export async function checkTrustedPrincipals(rows: Rows, scope: Scope, document: string): Promise<void> {
  for (const { principal } of parsePolicy(document).statements)
    for (const { type, value } of principal?.values ?? [])
      if (type === 'AWS' && !(await isKnown(rows, scope, value)))
        throw malformedPolicy(`Invalid principal in policy: "AWS":"${value}"`);
}

const FORM = /^(\*|\d{12}|arn:[\w-]+:(iam|sts)::\d{12}:\S+|A[A-Z]{3}[A-Z0-9]{12,})$/;

/** Other accounts' principals cannot be looked up and are believed. */
async function isKnown(rows: Rows, { account }: Scope, principal: string): Promise<boolean> {
  if (!FORM.test(principal)) return false;
  const arn = parseArn(principal);
  if (arn?.service !== 'iam' || arn.account !== account) return true;
  const name = nameKey(arn.resource.split('/').at(-1) ?? '');
  if (arn.resource.startsWith('role/'))
    return (await rows.get(roles, globalScope(account), name)) !== undefined;
  if (arn.resource.startsWith('user/'))
    return (await rows.get(users, globalScope(account), name)) !== undefined;
  return arn.resource === 'root';
}
