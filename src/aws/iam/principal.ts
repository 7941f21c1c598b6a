/** What roles, users and groups share: they carry inline policies and have managed ones attached. */
import type { Reader, Transaction } from '../../store/store.ts';
import { table } from '../../store/store.ts';
import type { Scope } from '../../base/scope.ts';

/** As texts about them name it. */
export type PrincipalNoun = 'role' | 'user' | 'group';

export interface PrincipalRef {
  readonly noun: PrincipalNoun;
  /** The global scope of its account. */
  readonly scope: Scope;
  readonly name: string;
}

/** IAM does not tell names apart by case: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const nameKey = (name: string): string => name.toLowerCase();

const prefixOf = ({ noun, name }: PrincipalRef): string => `${noun}/${nameKey(name)}/`;

export interface InlinePolicyRow {
  readonly policyName: string;
  readonly document: string;
}

/** Key: `{noun}/{name}/{policy name}`. */
const inlinePolicies = table<InlinePolicyRow>('iam.inline-policies');

export interface AttachmentRow {
  readonly noun: PrincipalNoun;
  readonly name: string;
  readonly policyArn: string;
}

/** Key: `{noun}/{name}/{policy ARN}`. */
const attachments = table<AttachmentRow>('iam.attachments');

type Rows = Pick<Reader, 'get' | 'list'>;

export async function inlinePoliciesOf(rows: Rows, of: PrincipalRef): Promise<InlinePolicyRow[]> {
  return (await rows.list(inlinePolicies, of.scope, { prefix: prefixOf(of) })).map((entry) => entry.row);
}

export const inlinePolicyOf = (rows: Rows, of: PrincipalRef, policyName: string) =>
  rows.get(inlinePolicies, of.scope, prefixOf(of) + policyName);

export const putInlinePolicy = (rows: Transaction, of: PrincipalRef, row: InlinePolicyRow): Promise<void> =>
  rows.put(inlinePolicies, of.scope, prefixOf(of) + row.policyName, row);

export const deleteInlinePolicy = (
  rows: Transaction,
  of: PrincipalRef,
  policyName: string,
): Promise<boolean> => rows.delete(inlinePolicies, of.scope, prefixOf(of) + policyName);

export async function attachmentsOf(rows: Rows, of: PrincipalRef): Promise<AttachmentRow[]> {
  return (await rows.list(attachments, of.scope, { prefix: prefixOf(of) })).map((entry) => entry.row);
}

/** Who has the policy attached, in the account of `scope`. */
export async function attachmentsTo(rows: Rows, scope: Scope, policyArn: string): Promise<AttachmentRow[]> {
  const all = await rows.list(attachments, scope);
  return all.map((entry) => entry.row).filter((row) => row.policyArn === policyArn);
}

/** How often each policy is attached, by ARN. */
export async function attachmentCounts(rows: Rows, scope: Scope): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { row } of await rows.list(attachments, scope))
    counts.set(row.policyArn, (counts.get(row.policyArn) ?? 0) + 1);
  return counts;
}

export const attach = (rows: Transaction, of: PrincipalRef, policyArn: string): Promise<void> =>
  rows.put(attachments, of.scope, prefixOf(of) + policyArn, { noun: of.noun, name: of.name, policyArn });

export const detach = (rows: Transaction, of: PrincipalRef, policyArn: string): Promise<boolean> =>
  rows.delete(attachments, of.scope, prefixOf(of) + policyArn);

/** Moves what a user or group carries when its name changes. */
export async function movePolicies(rows: Transaction, from: PrincipalRef, name: string): Promise<void> {
  const to = { ...from, name };
  const inline = await inlinePoliciesOf(rows, from);
  const attached = await attachmentsOf(rows, from);
  await rows.deleteRange(inlinePolicies, from.scope, prefixOf(from));
  await rows.deleteRange(attachments, from.scope, prefixOf(from));
  for (const row of inline) await putInlinePolicy(rows, to, row);
  for (const row of attached) await attach(rows, to, row.policyArn);
}
