/** What every operation that touches a function goes through: find it, change it in one transaction, forget it. */
import type { Transaction } from '../../store/store.ts';
import { notFound, staleRevision } from './fault.ts';
import { arnOfReference, type FunctionReference } from './function-reference.ts';
import type { LambdaRoom } from './ports.ts';
import { type FunctionRow, functions } from './rows.ts';

/** Runs `work` on the function's row and commits what it answers with; then invocations see the change. */
export async function changeFunction<Result>(
  room: LambdaRoom,
  reference: FunctionReference,
  work: (row: FunctionRow, rows: Transaction) => Promise<Result>,
): Promise<Result> {
  const result = await room.store.transaction(async (rows) =>
    work(await needFunction(rows, reference), rows),
  );
  room.catalog.forget(reference.scope, reference.name);
  room.provisioning.changed(reference.scope, reference.name);
  return result;
}

/** The function's row, or AWS's not-found. */
export async function needFunction(
  rows: Pick<Transaction, 'get'>,
  reference: FunctionReference,
): Promise<FunctionRow> {
  const row = await rows.get(functions, reference.scope, reference.name);
  if (row === undefined) throw notFound(`Function not found: ${arnOfReference(reference)}`);
  return row;
}

/** A caller may say which revision it means to change. */
export function checkRevision(row: FunctionRow, revisionId: string | undefined): void {
  if (revisionId !== undefined && revisionId !== row.configuration.RevisionId)
    throw staleRevision('Function');
}
