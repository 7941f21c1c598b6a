/** Attaching managed policies, the same for roles, users and groups. */
import type { AttachedPolicy } from '@aws-sdk/client-iam';
import { limits } from '../../base/limits.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { noSuchEntity, overQuota } from './faults.ts';
import { readAttachablePolicy } from './managed-policy-row.ts';
import { type PageRequest, pageOf } from './page.ts';
import { attach, attachmentsOf, detach, type PrincipalRef } from './principal.ts';

const QUOTA = { role: 'PoliciesPerRole', user: 'PoliciesPerUser', group: 'PoliciesPerGroup' } as const;

/** Attaching twice is no error. Throws NoSuchEntity and LimitExceeded. */
export async function attachPolicy(rows: Transaction, of: PrincipalRef, policyArn: string): Promise<void> {
  await readAttachablePolicy(rows, of.scope, policyArn);
  const attached = await attachmentsOf(rows, of);
  if (attached.some((row) => row.policyArn === policyArn)) return;
  if (attached.length >= limits.iamAttachedPolicies)
    throw overQuota(QUOTA[of.noun], limits.iamAttachedPolicies);
  await attach(rows, of, policyArn);
}

export async function detachPolicy(rows: Transaction, of: PrincipalRef, policyArn: string): Promise<void> {
  if (!(await detach(rows, of, policyArn))) throw noSuchEntity(`Policy ${policyArn} was not found.`);
}

export async function listAttached(
  rows: Pick<Reader, 'get' | 'list'>,
  of: PrincipalRef,
  request: PageRequest & { readonly PathPrefix?: string | undefined },
) {
  const prefix = request.PathPrefix ?? '/';
  const all = (await attachmentsOf(rows, of)).filter(({ policyArn }) => pathOf(policyArn).startsWith(prefix));
  const page = pageOf(all, request, (row) => row.policyArn);
  return { AttachedPolicies: page.items.map(({ policyArn }) => shownAttachment(policyArn)), ...page.rest };
}

const shownAttachment = (policyArn: string): AttachedPolicy => ({
  PolicyName: policyArn.split('/').at(-1),
  PolicyArn: policyArn,
});

/** `/service-role/` of `arn:aws:iam::aws:policy/service-role/X`. */
const pathOf = (policyArn: string): string => policyArn.replace(/^[^/]*/, '').replace(/[^/]*$/, '');
