/**
 * Reads one shard from its checkpoint on, in order. A checkpoint is a row written when everything up to it is dealt
 * with: after a crash a batch may come again, none is left out.
 */
import { reasonOf } from '../../../base/fault.ts';
import { limits } from '../../../base/limits.ts';
import { compileFilters } from './filter.ts';
import { backoffMs } from './poller.ts';
import { type CheckpointRow, checkpoints, mappings } from './rows.ts';
import { type BatchPorts, deliver, Stopped } from './stream-batch.ts';
import type { StreamRecord } from './stream-source.ts';
import { createWindows, type Windows } from './tumbling-window.ts';

/** Resolves when the shard has ended and is dealt with, or the poller is stopped. */
export async function readShard(ports: BatchPorts): Promise<void> {
  const { room, scope, row, shardId, pause, source } = ports;
  const key = `${row.uuid}/${shardId}`;
  const before = (await room.store.get(checkpoints, scope, key)) ?? {};
  if (before.finished) return;
  const state: ShardState = { key, checkpoint: before, readTo: before.sequenceNumber, pending: [] };
  const windows = windowsOf(ports, before);
  let iterator: string | undefined;
  let failures = 0;
  let idleMs: number = limits.lambdaStreamPollMs.min;
  while (!pause.stopped) {
    try {
      iterator ??= await source.iterator(shardId, state.readTo);
      const page = await source.read(shardId, iterator, most(ports) - state.pending.length);
      failures = 0;
      state.pending.push(...page.records.filter(({ arrivedAt }) => arrivedAt >= source.since));
      state.readTo = page.records.at(-1)?.sequenceNumber ?? state.readTo;
      iterator = page.next;
      const closed = (await windows?.closeDue()) === true;
      if (closed) await save(ports, state, windows);
      if (isDue(ports, state) || page.next === undefined) await process(ports, state, windows);
      if (page.next === undefined) return await finish(ports, state, windows);
      idleMs =
        page.records.length > 0
          ? limits.lambdaStreamPollMs.min
          : Math.min(idleMs * 2, limits.lambdaStreamPollMs.max);
      if (page.records.length === 0) await pause.wait(waitMs(ports, state, idleMs));
    } catch (thrown) {
      if (thrown instanceof Stopped) return;
      // An iterator lives five minutes; the next one begins where reading had come to.
      iterator = undefined;
      ports.report(`PROBLEM: ${reasonOf(thrown)}`);
      await pause.wait(backoffMs(failures++));
    }
  }
}

interface ShardState {
  readonly key: string;
  checkpoint: CheckpointRow;
  /** The last record read; those behind the checkpoint are pending. */
  readTo: string | undefined;
  pending: StreamRecord[];
  pendingSince?: number;
}

function windowsOf(ports: BatchPorts, before: CheckpointRow): Windows | undefined {
  const seconds = ports.row.settings.TumblingWindowInSeconds ?? 0;
  return seconds > 0 ? createWindows(ports, seconds, before.window) : undefined;
}

const most = ({ row: { settings } }: BatchPorts): number =>
  Math.min(settings.BatchSize * (settings.ParallelizationFactor ?? 1), limits.lambdaStreamPageRecords);

/** Full, or the batching window that began with the first record is over. */
function isDue(ports: BatchPorts, state: ShardState): boolean {
  if (state.pending.length === 0) return false;
  state.pendingSince ??= ports.room.now();
  const windowMs = ports.row.settings.MaximumBatchingWindowInSeconds * 1000;
  return state.pending.length >= most(ports) || ports.room.now() >= state.pendingSince + windowMs;
}

/** Not past the end of the batching window. */
function waitMs(ports: BatchPorts, state: ShardState, idleMs: number): number {
  if (state.pendingSince === undefined) return idleMs;
  const endAt = state.pendingSince + ports.row.settings.MaximumBatchingWindowInSeconds * 1000;
  return Math.max(1, Math.min(idleMs, endAt - ports.room.now()));
}

async function process(ports: BatchPorts, state: ShardState, windows: Windows | undefined): Promise<void> {
  const records = state.pending;
  const matches = compileFilters(ports.row.settings.FilterCriteria);
  const wanted = records.filter((record) => matches(record.filtered()));
  const reached = (last: StreamRecord): Promise<void> => save(ports, state, windows, last);
  if (windows) await windows.take(wanted, reached);
  else await deliverInLanes(ports, wanted, reached);
  state.pending = [];
  delete state.pendingSince;
  const last = records.at(-1);
  // What no filter let through is dealt with too.
  if (last && state.checkpoint.sequenceNumber !== last.sequenceNumber) await reached(last);
}

/** With a parallelization factor records are spread over so many lanes by their key; each lane keeps its order. */
async function deliverInLanes(
  ports: BatchPorts,
  records: readonly StreamRecord[],
  reached: (last: StreamRecord) => Promise<void>,
): Promise<void> {
  const factor = ports.row.settings.ParallelizationFactor ?? 1;
  if (factor === 1) {
    for (const batch of batchesOf(records, ports.row.settings.BatchSize)) {
      await deliver(ports, batch);
      const last = batch.at(-1);
      if (last) await reached(last);
    }
    return;
  }
  const lanes: StreamRecord[][] = Array.from({ length: factor }, () => []);
  for (const record of records) lanes[laneOf(record.key, factor)]?.push(record);
  const running = lanes.map(async (lane) => {
    for (const batch of batchesOf(lane, ports.row.settings.BatchSize)) await deliver(ports, batch);
  });
  const ended = await Promise.allSettled(running);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}

function laneOf(key: string, factor: number): number {
  let hash = 0;
  for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0;
  return Math.abs(hash) % factor;
}

const ENVELOPE_BYTES = 1024;

/** By number and by the size of an invocation's payload. */
function* batchesOf(records: readonly StreamRecord[], size: number): Generator<StreamRecord[]> {
  let batch: StreamRecord[] = [];
  let bytes = ENVELOPE_BYTES;
  for (const record of records) {
    const more = Buffer.byteLength(JSON.stringify(record.event)) + 1;
    if (batch.length >= size || (batch.length > 0 && bytes + more > limits.lambdaSynchronousPayloadBytes)) {
      yield batch;
      batch = [];
      bytes = ENVELOPE_BYTES;
    }
    batch.push(record);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}

async function save(
  ports: BatchPorts,
  state: ShardState,
  windows: Windows | undefined,
  last?: StreamRecord,
): Promise<void> {
  const { window: _, ...before } = state.checkpoint;
  await put(ports, state, {
    ...before,
    ...(last && { sequenceNumber: last.sequenceNumber }),
    ...(windows?.open && { window: windows.open }),
  });
}

async function finish(ports: BatchPorts, state: ShardState, windows: Windows | undefined): Promise<void> {
  // The shard is over, its last window not: it is closed when its time comes.
  while (windows?.open !== undefined) {
    if (await windows.closeDue()) break;
    await ports.pause.wait(limits.lambdaStreamPollMs.max);
    if (ports.pause.stopped) return;
  }
  await put(ports, state, { finished: true });
}

/** A mapping that was deleted meanwhile leaves no checkpoint behind. */
async function put({ room, scope, row }: BatchPorts, state: ShardState, next: CheckpointRow): Promise<void> {
  state.checkpoint = next;
  await room.store.transaction(async (rows) => {
    if (await rows.get(mappings, scope, row.uuid)) await rows.put(checkpoints, scope, state.key, next);
  });
}
