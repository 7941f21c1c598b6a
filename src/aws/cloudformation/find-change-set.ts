import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import { noSuchChangeSet, noSuchStackToChange, validationError } from './faults.ts';
import { findStack } from './find-stack.ts';
import { type ChangeSetRow, changeSets } from './rows.ts';

/** By its ARN, or by its name and the stack's. */
export async function findChangeSet(
  rows: Pick<Reader, 'get' | 'list'>,
  scope: Scope,
  nameOrId: string | undefined,
  stackName: string | undefined,
): Promise<ChangeSetRow> {
  const name = nameOrId ?? '';
  if (name.startsWith('arn:')) {
    const entries = await rows.list(changeSets, scope);
    const found = entries.find(({ row }) => row.changeSetId === name);
    if (found === undefined) throw noSuchChangeSet(name);
    return found.row;
  }
  if (stackName === undefined)
    throw validationError('StackName must be specified if ChangeSetName is not specified as an ARN.');
  const stack = await findStack(rows, scope, stackName);
  if (stack === undefined) throw noSuchStackToChange(stackName);
  const row = await rows.get(changeSets, scope, `${stack.stackId}/${name}`);
  if (row === undefined) throw noSuchChangeSet(name);
  return row;
}
