/** AWS's own managed policies, by ARN: those that templates for APIs, functions and their neighbours name. */
import { createHash } from 'node:crypto';
import { parseArn, partitionOf } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { type CatalogueEntry, catalogue } from './aws-managed-policies.ts';
import type { ManagedPolicyRow } from './managed-policy-row.ts';

const byResource = new Map(catalogue.map((entry) => [`policy/${entry.name}`, entry]));

/** `arn:aws:iam::aws:policy/service-role/X`; undefined when the catalogue has none. */
export function awsManagedPolicy(arn: string): ManagedPolicyRow | undefined {
  const parsed = parseArn(arn);
  const entry = byResource.get(parsed?.resource ?? '');
  return entry && rowOf(arn, entry);
}

/** All of them, with the ARNs of the scope's partition. */
export const awsManagedPolicies = (scope: Scope): ManagedPolicyRow[] =>
  catalogue.map((entry) => rowOf(`arn:${partitionOf(scope.region)}:iam::aws:policy/${entry.name}`, entry));

function rowOf(arn: string, { name, version, description, statements }: CatalogueEntry): ManagedPolicyRow {
  const slash = name.lastIndexOf('/');
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const id = `v${version}`;
  return {
    name: name.slice(slash + 1),
    id: idOf(name),
    arn,
    path: `/${name.slice(0, slash + 1)}`,
    description,
    tags: [],
    versions: [{ id, document, createdAtMs: CREATED_AT_MS }],
    defaultVersion: id,
    nextVersion: version + 1,
    createdAtMs: CREATED_AT_MS,
    updatedAtMs: CREATED_AT_MS,
  };
}

/** The day most of them appeared: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html */
const CREATED_AT_MS = Date.UTC(2015, 1, 6, 18, 40);

/** The same id at every start. AWS's own differ: nobody can rely on them. */
function idOf(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex').toUpperCase();
  return `ANPA${digest.slice(0, 17)}`;
}
