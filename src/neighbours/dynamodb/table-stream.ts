/** A table's stream: begun with the table or later, ended with it or before. */
import { randomUUID } from 'node:crypto';
import type { StreamSpecification, UpdateTableInput } from '@aws-sdk/client-dynamodb';
import type { Now } from '../../base/clock.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import { beginStream, endStream, type TableStream, type ViewType } from './stream-row.ts';
import { invalid } from './table-definition.ts';
import type { TableRow } from './table-row.ts';

export function tableStreams(now: Now) {
  /** The stream that a specification asks for. */
  async function streamOf(
    rows: Transaction,
    scope: Scope,
    row: Pick<TableRow, 'name' | 'keySchema'>,
    given: StreamSpecification | undefined,
  ): Promise<TableStream | undefined> {
    if (!given?.StreamEnabled) {
      if (given?.StreamViewType !== undefined)
        throw invalid(
          'One or more parameter values were invalid: StreamViewType is only allowed when StreamEnabled is true',
        );
      return undefined;
    }
    const viewType = viewTypeOf(given);
    return beginStream(rows, scope, row, { viewType, streamId: randomUUID(), now: now() });
  }

  async function changeStream(
    rows: Transaction,
    scope: Scope,
    row: TableRow,
    { StreamSpecification: given }: UpdateTableInput,
  ): Promise<TableRow> {
    if (given === undefined) return row;
    if (given.StreamEnabled && row.stream)
      throw invalid(`Table already has an enabled stream: TableName: ${row.name}`);
    if (!given.StreamEnabled && !row.stream) throw invalid('Table has no stream to disable.');
    await endStream(rows, scope, row, now());
    const { stream: _, ...rest } = row;
    const stream = await streamOf(rows, scope, row, given);
    return stream ? { ...rest, stream } : rest;
  }

  return { streamOf, changeStream };
}

function viewTypeOf({ StreamViewType: type }: StreamSpecification): ViewType {
  if (type !== undefined) return type;
  throw invalid(
    'One or more parameter values were invalid: StreamViewType is required when StreamEnabled is true',
  );
}
