/** Executions, as the API shows and starts them. */
import type {
  DescribeExecutionInput,
  DescribeExecutionOutput,
  ListExecutionsInput,
  ListExecutionsOutput,
  RedriveExecutionInput,
  RedriveExecutionOutput,
  StartExecutionInput,
  StartExecutionOutput,
  StartSyncExecutionInput,
  StartSyncExecutionOutput,
  StopExecutionInput,
  StopExecutionOutput,
} from '@aws-sdk/client-sfn';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { type Executions, newExecutionName } from './executions.ts';
import { findMachine, type FoundMachine } from './find-machine.ts';
import { forgetForRedrive } from './redrive.ts';
import { pageOf } from './page.ts';
import type { StatesRoom } from './room.ts';
import {
  executionArn,
  executionKeyOf,
  type ExecutionRow,
  executions as executionRows,
  machineArn,
  mapRunArn,
  mapRuns,
  partsOf,
} from './rows.ts';
import { checkName } from './state-machine.ts';

export const executionOperations = (room: StatesRoom, executions: Executions) => {
  const { store, now } = room;
  const find = async (scope: Scope, arn: string | undefined): Promise<ExecutionRow> => {
    const row = await store.get(executionRows, scope, executionKeyOf(arn));
    if (row === undefined) throw new Fault('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
    return row;
  };
  const roll = (): number => Buffer.from(room.random(4)).readUInt32BE(0) / 2 ** 32;

  return {
    async StartExecution(input: StartExecutionInput, { scope }: Call): Promise<StartExecutionOutput> {
      const found = await findMachine(store, scope, input.stateMachineArn, roll());
      const row = await executions.start(scope, newRow(found, input, now()));
      return { executionArn: executionArn(scope, row), startDate: new Date(row.startedAt) };
    },

    async StartSyncExecution(
      input: StartSyncExecutionInput,
      { scope, signal }: Call,
    ): Promise<StartSyncExecutionOutput> {
      const found = await findMachine(store, scope, input.stateMachineArn, roll());
      if (found.machine.type !== 'EXPRESS')
        throw new Fault(
          'StateMachineTypeNotSupported',
          'This operation is not supported by this type of state machine',
        );
      const row = await executions.runToEnd(scope, newRow(found, input, now()), signal);
      const billed = Math.max(100, Math.ceil(((row.stoppedAt ?? row.startedAt) - row.startedAt) / 100) * 100);
      return {
        executionArn: executionArn(scope, row),
        stateMachineArn: machineArn(scope, row.machine),
        name: row.name,
        startDate: new Date(row.startedAt),
        stopDate: new Date(row.stoppedAt ?? row.startedAt),
        status: row.status === 'SUCCEEDED' || row.status === 'TIMED_OUT' ? row.status : 'FAILED',
        input: row.input,
        inputDetails: { included: true },
        ...(row.output !== undefined && { output: row.output, outputDetails: { included: true } }),
        ...(row.error !== undefined && { error: row.error }),
        ...(row.cause !== undefined && { cause: row.cause }),
        ...(row.traceHeader !== undefined && { traceHeader: row.traceHeader }),
        billingDetails: { billedDurationInMilliseconds: billed, billedMemoryUsedInMB: 64 },
      };
    },

    async DescribeExecution(
      input: DescribeExecutionInput,
      { scope }: Call,
    ): Promise<DescribeExecutionOutput> {
      const row = await find(scope, input.executionArn);
      const run = row.mapRun === undefined ? undefined : await store.get(mapRuns, scope, row.mapRun);
      return {
        executionArn: executionArn(scope, row),
        stateMachineArn: machineArn(scope, row.machine),
        name: row.name,
        status: row.status,
        startDate: new Date(row.startedAt),
        ...(row.stoppedAt !== undefined && { stopDate: new Date(row.stoppedAt) }),
        input: row.input,
        inputDetails: { included: true },
        ...(row.output !== undefined && { output: row.output, outputDetails: { included: true } }),
        ...(row.error !== undefined && { error: row.error }),
        ...(row.cause !== undefined && { cause: row.cause }),
        ...(row.traceHeader !== undefined && { traceHeader: row.traceHeader }),
        ...(run !== undefined && { mapRunArn: mapRunArn(scope, run) }),
        ...(row.version !== undefined && {
          stateMachineVersionArn: `${machineArn(scope, row.machine)}:${row.version}`,
        }),
        ...(row.alias !== undefined && {
          stateMachineAliasArn: `${machineArn(scope, row.machine)}:${row.alias}`,
        }),
        redriveCount: row.redriveCount,
        ...(row.redrivenAt !== undefined && { redriveDate: new Date(row.redrivenAt) }),
        ...redriveStatus(row),
      };
    },

    async ListExecutions(input: ListExecutionsInput, { scope }: Call): Promise<ListExecutionsOutput> {
      const rows = await wantedRows(scope, input);
      const wanted = rows
        .filter(({ status }) => input.statusFilter === undefined || status === input.statusFilter)
        .toSorted((one, other) => other.startedAt - one.startedAt);
      const { items, nextToken } = pageOf(wanted, input);
      return {
        executions: items.map((row) => ({
          executionArn: executionArn(scope, row),
          stateMachineArn: machineArn(scope, row.machine),
          name: row.name,
          status: row.status,
          startDate: new Date(row.startedAt),
          ...(row.stoppedAt !== undefined && { stopDate: new Date(row.stoppedAt) }),
          redriveCount: row.redriveCount,
        })),
        ...(nextToken !== undefined && { nextToken }),
      };
    },

    async StopExecution(input: StopExecutionInput, { scope, signal }: Call): Promise<StopExecutionOutput> {
      const row = await find(scope, input.executionArn);
      if (row.status !== 'RUNNING') return { stopDate: new Date(row.stoppedAt ?? row.startedAt) };
      executions.stop(scope, row.key, input.error ?? '', input.cause ?? '');
      const ended = await executions.ended(scope, row.key, signal);
      return { stopDate: new Date(ended.stoppedAt ?? now()) };
    },

    async RedriveExecution(input: RedriveExecutionInput, { scope }: Call): Promise<RedriveExecutionOutput> {
      const row = await find(scope, input.executionArn);
      const { redriveStatus: status, redriveStatusReason } = redriveStatus(row);
      if (status !== 'REDRIVABLE')
        throw new Fault(
          'ExecutionNotRedrivable',
          `Execution is not redrivable: ${redriveStatusReason ?? ''}`,
        );
      await forgetForRedrive(store, scope, row.key);
      const redrivenAt = now();
      const { stoppedAt: _s, error: _e, cause: _c, ...kept } = row;
      const again: ExecutionRow = {
        ...kept,
        status: 'RUNNING',
        redriveCount: row.redriveCount + 1,
        redrivenAt,
      };
      await executions.resume(scope, again);
      return { redriveDate: new Date(redrivenAt) };
    },
  };

  async function wantedRows(scope: Scope, input: ListExecutionsInput): Promise<ExecutionRow[]> {
    if (input.mapRunArn !== undefined) {
      const [place = '', id = ''] = partsOf(input.mapRunArn, ['mapRun']).parts;
      const children = await store.list(executionRows, scope, { prefix: `${place}/${id}-` });
      return children.map(({ row }) => row);
    }
    const { machine, version, alias } = await findMachine(store, scope, input.stateMachineArn);
    if (machine.type === 'EXPRESS')
      throw new Fault(
        'StateMachineTypeNotSupported',
        'This operation is not supported by this type of state machine',
      );
    const all = await store.list(executionRows, scope, { prefix: `${machine.name}/` });
    return all
      .map(({ row }) => row)
      .filter(
        (row) =>
          row.mapRun === undefined &&
          (alias === undefined || row.alias === alias.name) &&
          (alias !== undefined || version === undefined || row.version === version.version),
      );
  }
};

interface Started {
  readonly name?: string | undefined;
  readonly input?: string | undefined;
  readonly traceHeader?: string | undefined;
}

/** Throws InvalidName, InvalidExecutionInput. */
function newRow(
  { machine, revisionId, version, alias }: FoundMachine,
  given: Started,
  startedAt: number,
): ExecutionRow {
  const { input = '{}', traceHeader } = given;
  const name = given.name === undefined ? newExecutionName() : checkName(given.name);
  if (Buffer.byteLength(input) > limits.stepFunctionsPayloadBytes)
    throw new Fault(
      'ValidationException',
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${limits.stepFunctionsPayloadBytes}`,
    );
  try {
    JSON.parse(input);
  } catch (thrown) {
    throw new Fault(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: '${thrown instanceof Error ? thrown.message : 'no JSON'}'`,
    );
  }
  const isExpress = machine.type === 'EXPRESS';
  // Express executions may share a name: each has an id behind it.
  const fullName = isExpress ? `${name}:${newExecutionName()}` : name;
  return {
    key: `${machine.name}/${fullName}`,
    machine: machine.name,
    name: fullName,
    type: machine.type,
    revisionId,
    ...(version !== undefined && { version: version.version }),
    ...(alias !== undefined && { alias: alias.name }),
    input,
    status: 'RUNNING',
    startedAt,
    ...(traceHeader !== undefined && { traceHeader }),
    redriveCount: 0,
  };
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html: within 14 days. */
const REDRIVE_MS = 14 * 86_400_000;

function redriveStatus(row: ExecutionRow): {
  redriveStatus: 'REDRIVABLE' | 'NOT_REDRIVABLE';
  redriveStatusReason?: string;
} {
  const not = (redriveStatusReason: string) => ({
    redriveStatus: 'NOT_REDRIVABLE' as const,
    redriveStatusReason,
  });
  if (row.status === 'RUNNING') return not('Execution is RUNNING and cannot be redriven');
  if (row.status === 'SUCCEEDED') return not('Execution is SUCCEEDED and cannot be redriven');
  if (row.mapRun !== undefined) return not('Execution is a child of a Map Run: redrive its parent');
  if ((row.stoppedAt ?? 0) - row.startedAt > REDRIVE_MS) return not('Execution is older than 14 days');
  return { redriveStatus: 'REDRIVABLE' };
}
