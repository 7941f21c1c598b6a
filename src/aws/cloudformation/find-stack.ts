/** Stacks by name or id. */
import type { Scope } from '../../base/scope.ts';
import type { StackResource } from '../../base/stack-engine.ts';
import type { Reader } from '../../store/store.ts';
import { noSuchStack } from './faults.ts';
import { resources, type StackRow, stackNames, stacks } from './rows.ts';

/** By name only a stack that is not deleted; by id any. */
export async function findStack(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  nameOrId: string | undefined,
): Promise<StackRow | undefined> {
  if (nameOrId === undefined) return undefined;
  if (nameOrId.startsWith('arn:')) return rows.get(stacks, scope, nameOrId);
  const name = await rows.get(stackNames, scope, nameOrId);
  return name && rows.get(stacks, scope, name.stackId);
}

export async function needStack(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  nameOrId: string | undefined,
  absent: (name: string) => Error = noSuchStack,
): Promise<StackRow> {
  const stack = await findStack(rows, scope, nameOrId);
  if (stack === undefined) throw absent(nameOrId ?? '');
  return stack;
}

export async function resourcesOf(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  stackId: string,
): Promise<(StackResource & { readonly updatedMs: number })[]> {
  const entries = await rows.list(resources, scope, { prefix: `${stackId}/` });
  return entries.map(({ row }) => row);
}
