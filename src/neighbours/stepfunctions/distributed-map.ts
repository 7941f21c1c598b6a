/**
 * Distributed maps: each item, or batch of them, in a child execution of its own.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
import { randomUUID } from 'node:crypto';
import { limits } from '../../base/limits.ts';
import { isObject } from '../../lang/states/reference-path.ts';
import { StateError } from '../../lang/states/state-error.ts';
import type { Executions } from './executions.ts';
import { readItems } from './item-reader.ts';
import type { Line } from './journal.ts';
import { writeResults } from './result-writer.ts';
import type { StatesRoom } from './room.ts';
import {
  type ExecutionRow,
  executions as executionRows,
  type MapRunRow,
  mapRunArn,
  mapRuns,
} from './rows.ts';
import type { DistributedMap, Run } from './run.ts';

/** How one child ended. */
export interface ChildEnd {
  readonly name: string;
  readonly input: string;
  readonly ok: boolean;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export async function runDistributedMap(
  room: StatesRoom,
  run: Run,
  map: DistributedMap,
  executions: Executions,
): Promise<unknown> {
  const { journal } = run;
  const { line, key } = map;
  const parent = await room.store.get(executionRows, run.scope, run.executionKey);
  const items = map.reader === undefined ? map.items : await readItems(room, run, map.reader);
  if (!Array.isArray(items)) throw new StateError('States.Runtime', 'The items of the map are no array.');
  const inputs = batchesOf(
    await Promise.all(items.map((item, index) => map.select(item, index))),
    map.batcher,
  );
  const started = await journal.step(line, `${key}.run`, (emit) => {
    const id = randomUUID();
    emit('MapStateStarted', { mapStateStartedEventDetails: { length: inputs.length } });
    emit('MapRunStarted', {
      mapRunStartedEventDetails: {
        mapRunArn: mapRunArn(run.scope, { machine: machineOf(run), label: map.label, id }),
      },
    });
    return { id, at: run.world.now() };
  });
  await journal.flush();
  const row: MapRunRow = {
    id: started.id,
    machine: machineOf(run),
    label: map.label,
    executionKey: run.executionKey,
    status: 'RUNNING',
    startedAt: started.at,
    maxConcurrency: map.maxConcurrency,
    toleratedCount: map.toleratedCount ?? 0,
    toleratedPercentage: map.toleratedPercentage ?? 0,
    total: inputs.length,
  };
  const save = (change: Partial<MapRunRow>): Promise<void> =>
    room.store.transaction((rows) => rows.put(mapRuns, run.scope, row.id, { ...row, ...change }));
  await save({});
  try {
    const ends = await runChildren(run, map, {
      row,
      inputs,
      executions,
      revisionId: parent?.revisionId ?? '',
    });
    const result =
      map.writer === undefined
        ? ends.filter(({ ok }) => ok).map(({ output = 'null' }) => JSON.parse(output) as unknown)
        : await writeResults(room, run, map.writer, row, ends);
    await journal.step(line, `${key}.ok`, (emit) => {
      emit('MapRunSucceeded');
      emit('MapStateSucceeded');
      return null;
    });
    await save({ status: 'SUCCEEDED', stoppedAt: run.world.now() });
    return result;
  } catch (thrown) {
    if (!(thrown instanceof StateError)) throw thrown;
    await save({ status: thrown.isFinal ? 'ABORTED' : 'FAILED', stoppedAt: run.world.now() });
    if (!thrown.isFinal)
      await journal.step(line, `${key}.failed`, (emit) => {
        emit('MapRunFailed', { mapRunFailedEventDetails: { error: thrown.error, cause: thrown.cause } });
        emit('MapStateFailed');
        return null;
      });
    throw thrown;
  }
}

const machineOf = (run: Run): string => run.context.StateMachine.Name;

interface Children {
  readonly row: MapRunRow;
  readonly inputs: readonly unknown[];
  readonly executions: Executions;
  readonly revisionId: string;
}

async function runChildren(run: Run, map: DistributedMap, children: Children): Promise<ChildEnd[]> {
  const { inputs, row, executions } = children;
  const most = limits.stepFunctionsMapConcurrency;
  const atOnce = Math.min(
    map.maxConcurrency > 0 ? map.maxConcurrency : most,
    most,
    Math.max(inputs.length, 1),
  );
  const ends: ChildEnd[] = [];
  const underway = new Set<string>();
  let next = 0;
  let failed = 0;
  let failure: StateError | undefined;
  const worker = async (): Promise<void> => {
    while (next < inputs.length && failure === undefined) {
      const index = next++;
      const childKey = `${row.machine}/${row.label}/${row.id}-${index}`;
      underway.add(childKey);
      const end = await runChild(run, map, children, index);
      underway.delete(childKey);
      ends[index] = end;
      if (end.ok) continue;
      failed++;
      if (exceeds(map, failed, inputs.length))
        failure ??= new StateError(
          'States.ExceedToleratedFailureThreshold',
          'The specified tolerated failure threshold was exceeded',
        );
    }
  };
  try {
    await Promise.all(Array.from({ length: atOnce }, worker));
  } finally {
    for (const key of underway) executions.stop(run.scope, key, '', 'The map run was stopped');
  }
  if (failure !== undefined) throw failure;
  return ends;
}

function exceeds(
  { toleratedCount, toleratedPercentage }: DistributedMap,
  failed: number,
  total: number,
): boolean {
  if (toleratedCount === undefined && toleratedPercentage === undefined) return true;
  return (
    (toleratedCount !== undefined && failed > toleratedCount) ||
    (toleratedPercentage !== undefined && (failed / total) * 100 > toleratedPercentage)
  );
}

/** A child that ended is not run again after a restart; one that was running goes on. */
function runChild(run: Run, map: DistributedMap, children: Children, index: number): Promise<ChildEnd> {
  const { line, key } = map;
  const { row, inputs, executions, revisionId } = children;
  const childLine: Line = {
    path: `${line.path}/${key}.${index}`,
    previous: line.previous,
    signal: line.signal,
  };
  return run.journal.step(childLine, 'end', async (): Promise<ChildEnd> => {
    const name = `${row.id}-${index}`;
    const child: ExecutionRow = {
      key: `${row.machine}/${row.label}/${name}`,
      machine: row.machine,
      name,
      type: map.executionType,
      revisionId,
      input: JSON.stringify(inputs[index] ?? null),
      status: 'RUNNING',
      startedAt: run.world.now(),
      redriveCount: 0,
      processorOf: map.place,
      mapRun: row.id,
    };
    const ended =
      map.executionType === 'EXPRESS'
        ? await executions.runToEnd(run.scope, child, line.signal)
        : await endOfStandard(run, executions, child, line.signal);
    const { output, error, cause } = ended;
    return {
      name,
      input: child.input,
      ok: ended.status === 'SUCCEEDED',
      ...(output !== undefined && { output }),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    };
  });
}

async function endOfStandard(
  run: Run,
  executions: Executions,
  child: ExecutionRow,
  signal: AbortSignal,
): Promise<ExecutionRow> {
  await executions.start(run.scope, child).catch((thrown: unknown) => {
    // It ended before a restart, and its end had not been written down here.
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ExecutionAlreadyExists'))
      throw thrown;
  });
  return executions.ended(run.scope, child.key, signal);
}

/** `{ Items, BatchInput }` for so many items or bytes; without a batcher an item is a child's whole input. */
function batchesOf(items: readonly unknown[], batcher: unknown): readonly unknown[] {
  if (!isObject(batcher)) return items;
  const most = Number(batcher['MaxItemsPerBatch'] ?? Number.POSITIVE_INFINITY);
  const mostBytes = Number(batcher['MaxInputBytesPerBatch'] ?? limits.stepFunctionsPayloadBytes);
  const batches: unknown[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item));
    const current = batches.at(-1);
    if (current === undefined || current.length >= most || bytes + size > mostBytes) {
      batches.push([item]);
      bytes = size;
    } else {
      current.push(item);
      bytes += size;
    }
  }
  const BatchInput = batcher['BatchInput'];
  return batches.map((Items) => (BatchInput === undefined ? { Items } : { BatchInput, Items }));
}
