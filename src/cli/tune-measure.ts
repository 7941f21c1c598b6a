/** Runs one function at several memory sizes, each as a version of its own, and leaves it as it was. */
import type { FunctionConfiguration, InvocationResponse } from '@aws-sdk/client-lambda';
import { CliFailure } from './failure.ts';
import prices from './lambda-prices.json' with { type: 'json' };
import type { Remote } from './remote.ts';

export interface Measurement {
  readonly memoryMb: number;
  /** Means over the runs that are left when the fastest and slowest fifth are not counted. */
  readonly durationMs: number;
  readonly billedMs: number;
  readonly initMs: number | undefined;
  /** Of one invocation, in US dollars. */
  readonly cost: number;
}

export interface MeasureOptions {
  readonly functionName: string;
  readonly memoriesMb: readonly number[];
  readonly runs: number;
  readonly payload: string;
  readonly onProgress: (memoryMb: number, at: number) => void;
}

/** Throws `CliFailure` when the function fails: what it costs to fail is no measure. */
export async function measure(remote: Remote, options: MeasureOptions): Promise<Measurement[]> {
  const FunctionName = options.functionName;
  const before = await remote.call<FunctionConfiguration>('lambda', 'GetFunctionConfiguration', {
    FunctionName,
  });
  const made: string[] = [];
  try {
    const measured: Measurement[] = [];
    for (const [at, memoryMb] of options.memoriesMb.entries()) {
      options.onProgress(memoryMb, at);
      const version = await publishAt(remote, FunctionName, memoryMb);
      if (version.isNew) made.push(version.number);
      const runs = await invokeAll(remote, options, version.number);
      measured.push(summed(memoryMb, before.Architectures?.[0] ?? 'x86_64', runs));
    }
    return measured;
  } finally {
    await remote.call('lambda', 'UpdateFunctionConfiguration', {
      FunctionName,
      MemorySize: before.MemorySize,
      Description: before.Description ?? '',
    });
    for (const Qualifier of made) await remote.call('lambda', 'DeleteFunction', { FunctionName, Qualifier });
  }
}

/** The version that is there already when nothing differs from it. */
async function publishAt(
  remote: Remote,
  FunctionName: string,
  MemorySize: number,
): Promise<{ readonly number: string; readonly isNew: boolean }> {
  await remote.call('lambda', 'UpdateFunctionConfiguration', { FunctionName, MemorySize });
  await updated(remote, FunctionName);
  const Description = `gatehouse tune ${MemorySize}`;
  const version = await remote.call<FunctionConfiguration>('lambda', 'PublishVersion', {
    FunctionName,
    Description,
  });
  return { number: version.Version ?? '$LATEST', isNew: version.Description === Description };
}

const POLL_MS = 250;

/** At AWS a change takes a moment. */
async function updated(remote: Remote, FunctionName: string): Promise<void> {
  for (;;) {
    const shown = await remote.call<FunctionConfiguration>('lambda', 'GetFunctionConfiguration', {
      FunctionName,
    });
    if (shown.LastUpdateStatus !== 'InProgress') return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

interface Run {
  readonly durationMs: number;
  readonly billedMs: number;
  readonly initMs: number | undefined;
}

/** One after another: together they would take the processor from each other. */
async function invokeAll(remote: Remote, options: MeasureOptions, Qualifier: string): Promise<Run[]> {
  const runs: Run[] = [];
  // One more than asked for: the first is a cold start, of which only the initialisation is told.
  for (let count = 0; count <= options.runs; count++) {
    const answer = await remote.call<InvocationResponse>('lambda', 'Invoke', {
      FunctionName: options.functionName,
      Qualifier,
      LogType: 'Tail',
      Payload: new TextEncoder().encode(options.payload),
    });
    if (answer.FunctionError !== undefined)
      throw new CliFailure(
        `${options.functionName} failed: ${new TextDecoder().decode(answer.Payload).slice(0, 500)}`,
        1,
      );
    runs.push(readReport(Buffer.from(answer.LogResult ?? '', 'base64').toString()));
  }
  return runs;
}

/** The REPORT line, as text or as a JSON event. */
export function readReport(log: string): Run {
  const number = (pattern: RegExp): number | undefined => {
    const found = pattern.exec(log)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const durationMs = number(/\tDuration: ([\d.]+) ms/) ?? number(/"durationMs":([\d.]+),"billedDurationMs"/);
  const billedMs = number(/\tBilled Duration: ([\d.]+) ms/) ?? number(/"billedDurationMs":([\d.]+)/);
  if (durationMs === undefined || billedMs === undefined)
    throw new CliFailure('the log of an invocation has no REPORT line', 1);
  return {
    durationMs,
    billedMs,
    initMs: number(/\tInit Duration: ([\d.]+) ms/) ?? number(/"initDurationMs":([\d.]+)/),
  };
}

const TRIMMED = 0.2;

function summed(memoryMb: number, architecture: string, [cold, ...warm]: readonly Run[]): Measurement {
  const sorted = warm.toSorted((one, other) => one.durationMs - other.durationMs);
  const cut = Math.floor(sorted.length * TRIMMED);
  const kept = sorted.slice(cut, sorted.length - cut);
  const mean = (of: (run: Run) => number): number =>
    kept.reduce((sum, run) => sum + of(run), 0) / kept.length;
  const billedMs = mean(({ billedMs: one }) => one);
  return {
    memoryMb,
    durationMs: mean(({ durationMs }) => durationMs),
    billedMs,
    initMs: cold?.initMs,
    cost: costOf(memoryMb, billedMs, architecture),
  };
}

/** Of one invocation, without free tier and tiers of volume. */
export function costOf(memoryMb: number, billedMs: number, architecture: string): number {
  const gbSecond = architecture === 'arm64' ? prices.gbSecond.arm64 : prices.gbSecond.x86_64;
  return (memoryMb / 1024) * (billedMs / 1000) * gbSecond + prices.request;
}
