/** Map runs: what became of the children of a distributed map. */
import type {
  DescribeMapRunInput,
  DescribeMapRunOutput,
  ListMapRunsInput,
  ListMapRunsOutput,
} from '@aws-sdk/client-sfn';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { pageOf } from './page.ts';
import type { StatesRoom } from './room.ts';
import {
  executionArn,
  executionKeyOf,
  type ExecutionRow,
  executions,
  machineArn,
  mapRunArn,
  type MapRunRow,
  mapRuns,
  partsOf,
} from './rows.ts';

export const mapRunOperations = ({ store }: StatesRoom) => ({
  async DescribeMapRun(
    { mapRunArn: arn }: DescribeMapRunInput,
    { scope }: Call,
  ): Promise<DescribeMapRunOutput> {
    const [place = '', id = ''] = partsOf(arn, ['mapRun']).parts;
    const row = await store.get(mapRuns, scope, id);
    if (row === undefined) throw new Fault('ResourceNotFound', `Map Run Does Not Exist: '${arn}'`);
    const parent = await store.get(executions, scope, row.executionKey);
    const children = await store.list(executions, scope, { prefix: `${place}/${id}-` });
    const counts = countsOf(
      row,
      children.map((child) => child.row),
    );
    return {
      mapRunArn: mapRunArn(scope, row),
      executionArn: parent === undefined ? '' : executionArn(scope, parent),
      status: row.status,
      startDate: new Date(row.startedAt),
      ...(row.stoppedAt !== undefined && { stopDate: new Date(row.stoppedAt) }),
      maxConcurrency: row.maxConcurrency,
      toleratedFailureCount: row.toleratedCount,
      toleratedFailurePercentage: row.toleratedPercentage,
      itemCounts: counts,
      executionCounts: counts,
      redriveCount: 0,
    };
  },

  async ListMapRuns(input: ListMapRunsInput, { scope }: Call): Promise<ListMapRunsOutput> {
    const key = executionKeyOf(input.executionArn);
    const all = (await store.list(mapRuns, scope)).filter(({ row }) => row.executionKey === key);
    const { items, nextToken } = pageOf(all, input);
    return {
      mapRuns: items.map(({ row }) => shown(scope, row, input.executionArn ?? '')),
      ...(nextToken !== undefined && { nextToken }),
    };
  },
});

const shown = (scope: Scope, row: MapRunRow, arn: string) => ({
  executionArn: arn,
  mapRunArn: mapRunArn(scope, row),
  stateMachineArn: machineArn(scope, row.machine),
  startDate: new Date(row.startedAt),
  ...(row.stoppedAt !== undefined && { stopDate: new Date(row.stoppedAt) }),
});

function countsOf(row: MapRunRow, children: readonly ExecutionRow[]) {
  const count = (status: ExecutionRow['status']): number =>
    children.filter((child) => child.status === status).length;
  // Express children leave no rows: all of a run that succeeded did.
  const isExpress = children.length === 0 && row.status === 'SUCCEEDED';
  return {
    pending: isExpress ? 0 : row.total - children.length,
    running: count('RUNNING'),
    succeeded: isExpress ? row.total : count('SUCCEEDED'),
    failed: count('FAILED'),
    timedOut: count('TIMED_OUT'),
    aborted: count('ABORTED'),
    total: row.total,
    resultsWritten: 0,
  };
}
