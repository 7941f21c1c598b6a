/**
 * Tumbling windows: records of one shard are grouped by the time they arrived, and the function hands a state from one
 * run to the next until the window ends, told by `isFinalInvokeForWindow`.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
 */
import type { InvocationAnswer } from '../../../base/ports.ts';
import { limits } from '../../../base/limits.ts';
import type { CheckpointRow } from './rows.ts';
import { type BatchPorts, deliver } from './stream-batch.ts';
import type { StreamRecord } from './stream-source.ts';

type Window = NonNullable<CheckpointRow['window']>;

export interface Windows {
  readonly open: Window | undefined;
  /** The records, in batches, each with the state of its window; windows that they leave behind are closed. */
  take(records: readonly StreamRecord[], onDone: (last: StreamRecord) => Promise<void>): Promise<void>;
  /** Closes the window when its time is over. True when it did. */
  closeDue(): Promise<boolean>;
}

export function createWindows(ports: BatchPorts, seconds: number, before: Window | undefined): Windows {
  const lengthMs = seconds * 1000;
  let open = before;

  const run = async (
    window: Window,
    records: readonly StreamRecord[],
    { final, early = false }: { final: boolean; early?: boolean },
  ): Promise<unknown> => {
    const answer = await deliver(ports, records, {
      shardId: ports.shardId,
      eventSourceARN: ports.row.sourceArn,
      window: { start: isoSeconds(window.startMs), end: isoSeconds(window.startMs + lengthMs) },
      state: window.state,
      isFinalInvokeForWindow: final,
      isWindowTerminatedEarly: early,
    });
    return stateOf(answer, window.state);
  };
  const close = async (early = false): Promise<void> => {
    if (open === undefined) return;
    await run(open, [], { final: true, early });
    open = undefined;
  };
  return {
    get open() {
      return open;
    },
    async take(records, onDone) {
      for (const batch of batchesOf(records, lengthMs, ports.row.settings.BatchSize)) {
        if (open !== undefined && open.startMs !== batch.startMs) await close();
        const window = open ?? { startMs: batch.startMs, state: {} };
        const state = await run(window, batch.records, { final: false });
        open = { startMs: batch.startMs, state };
        // A state that has grown too large ends its window.
        if (Buffer.byteLength(JSON.stringify(state ?? {})) > limits.lambdaWindowStateBytes) await close(true);
        const last = batch.records.at(-1);
        if (last) await onDone(last);
      }
    },
    async closeDue() {
      if (open === undefined || ports.room.now() < open.startMs + lengthMs) return false;
      await close();
      return true;
    },
  };
}

interface WindowBatch {
  readonly startMs: number;
  readonly records: StreamRecord[];
}

function batchesOf(records: readonly StreamRecord[], lengthMs: number, most: number): WindowBatch[] {
  const batches: WindowBatch[] = [];
  for (const record of records) {
    const startMs = Math.floor(record.arrivedAt / lengthMs) * lengthMs;
    const last = batches.at(-1);
    if (last?.startMs === startMs && last.records.length < most) last.records.push(record);
    else batches.push({ startMs, records: [record] });
  }
  return batches;
}

/** The function's `state`; without one, what it was given. */
function stateOf(answer: InvocationAnswer | undefined, before: unknown): unknown {
  if (answer === undefined) return before;
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(answer.payload));
    if (typeof value === 'object' && value !== null && 'state' in value) return value.state;
  } catch {
    // No JSON, no state.
  }
  return before;
}

const isoSeconds = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
