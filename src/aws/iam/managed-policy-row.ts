/** A managed policy's row: a customer's own from the store, AWS's from the catalogue. */
import { wholeSecond } from '../../base/clock.ts';
import type { Policy, Tag } from '@aws-sdk/client-iam';
import { parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { awsManagedPolicy } from './aws-managed-policy.ts';
import { noSuchEntity, validationError } from './faults.ts';

export interface ManagedPolicyRow {
  readonly name: string;
  readonly id: string;
  readonly arn: string;
  readonly path: string;
  readonly description?: string;
  readonly tags: readonly Tag[];
  /** Newest last; at most five. */
  readonly versions: readonly PolicyVersionRow[];
  readonly defaultVersion: string;
  /** The number that the next version gets: they are never used twice. */
  readonly nextVersion: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface PolicyVersionRow {
  readonly id: string;
  readonly document: string;
  readonly createdAtMs: number;
}

/** Key: the ARN. */
export const managedPolicies = table<ManagedPolicyRow>('iam.managed-policies');

/** Undefined when there is none. Throws ValidationError for what is no ARN. */
export async function findManagedPolicy(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  arn: string,
): Promise<ManagedPolicyRow | undefined> {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'iam' || !parsed.resource.startsWith('policy/'))
    throw validationError(`ARN ${arn} is not valid.`);
  if (parsed.account === 'aws') return awsManagedPolicy(arn);
  return rows.get(managedPolicies, scope, arn);
}

/** Throws NoSuchEntity, as reading a policy does. */
export async function readManagedPolicy(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  arn: string,
): Promise<ManagedPolicyRow> {
  const row = await findManagedPolicy(rows, scope, arn);
  if (!row) throw noSuchEntity(`Policy ${arn} was not found.`);
  return row;
}

/** Throws NoSuchEntity, as attaching a policy does. */
export async function readAttachablePolicy(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  arn: string,
): Promise<ManagedPolicyRow> {
  const row = await findManagedPolicy(rows, scope, arn);
  if (!row) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
  return row;
}

/** The document that is in force. */
export function defaultDocument(row: ManagedPolicyRow): string {
  const version = row.versions.find((one) => one.id === row.defaultVersion);
  if (!version) throw new Error(`policy ${row.arn} has no default version`);
  return version.document;
}

/** Without description and tags, as lists show it. */
export const listedPolicy = (row: ManagedPolicyRow, use: PolicyUse): Policy => ({
  PolicyName: row.name,
  PolicyId: row.id,
  Arn: row.arn,
  Path: row.path,
  DefaultVersionId: row.defaultVersion,
  AttachmentCount: use.attachments,
  PermissionsBoundaryUsageCount: use.boundaries,
  IsAttachable: true,
  CreateDate: wholeSecond(row.createdAtMs),
  UpdateDate: wholeSecond(row.updatedAtMs),
});

/** How often a policy is used. */
export interface PolicyUse {
  readonly attachments: number;
  readonly boundaries: number;
}
