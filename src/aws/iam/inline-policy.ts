/** Inline policies, the same for roles, users and groups: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html */
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { noSuchEntity } from './faults.ts';
import { type PageRequest, pageOf } from './page.ts';
import { checkIdentityPolicy, documentSize, encodedDocument } from './policy-document.ts';
import {
  deleteInlinePolicy,
  inlinePoliciesOf,
  inlinePolicyOf,
  type PrincipalRef,
  putInlinePolicy,
} from './principal.ts';

interface NewInlinePolicy {
  readonly policyName: string;
  readonly document: string;
}

/** The quota counts all inline policies of one principal together. */
export async function putPolicy(rows: Transaction, of: PrincipalRef, policy: NewInlinePolicy): Promise<void> {
  checkIdentityPolicy(policy.document);
  const others = (await inlinePoliciesOf(rows, of)).filter((row) => row.policyName !== policy.policyName);
  const size = [...others, policy].reduce((sum, one) => sum + documentSize(one.document), 0);
  const most = limits.iamInlinePolicyCharacters[of.noun];
  if (size > most)
    throw new Fault(
      'LimitExceededException',
      `Maximum policy size of ${most} bytes exceeded for ${of.noun} ${of.name}`,
    );
  await putInlinePolicy(rows, of, policy);
}

/** The document URL-encoded. Throws NoSuchEntity. */
export async function getPolicyDocument(
  rows: Pick<Reader, 'get' | 'list'>,
  of: PrincipalRef,
  policyName: string,
): Promise<string> {
  const row = await inlinePolicyOf(rows, of, policyName);
  if (!row) throw missingInline(of, policyName);
  return encodedDocument(row.document);
}

export async function deletePolicy(rows: Transaction, of: PrincipalRef, policyName: string): Promise<void> {
  if (!(await deleteInlinePolicy(rows, of, policyName))) throw missingInline(of, policyName);
}

export async function listPolicyNames(
  rows: Pick<Reader, 'get' | 'list'>,
  of: PrincipalRef,
  request: PageRequest,
) {
  const names = (await inlinePoliciesOf(rows, of)).map((row) => row.policyName);
  const page = pageOf(names, request, (name) => name);
  return { PolicyNames: page.items, ...page.rest };
}

const missingInline = ({ noun }: PrincipalRef, policyName: string): Fault =>
  noSuchEntity(`The ${noun} policy with name ${policyName} cannot be found.`);
