/** What every poller has in common: how it is handed things, waits, and ends. */
import type { Scope } from '../../../base/scope.ts';
import type { InvokeVersion } from '../invoke.ts';
import type { LambdaRoom } from '../ports.ts';
import type { MappingRow } from './rows.ts';
import type { SourceCall } from '../source-call.ts';

export interface PollerPorts {
  readonly room: LambdaRoom;
  readonly scope: Scope;
  readonly row: MappingRow;
  /** With its qualifier, as it is invoked. */
  readonly functionArn: string;
  readonly roleArn: string;
  readonly invoke: InvokeVersion;
  readonly call: SourceCall;
  /** What GetEventSourceMapping tells as LastProcessingResult. */
  readonly report: (result: string) => void;
}

export interface Poller {
  /** Begins nothing more. */
  release(): void;
  /** Begins nothing more; resolves once what is under way has ended. */
  stop(): Promise<void>;
}

export const RESULTS = {
  none: 'No records processed',
  ok: 'OK',
  failed: 'PROBLEM: Function call failed',
} as const;

/** A poller's waits, which end early when it is stopped. */
export interface Pause {
  wait(milliseconds: number): Promise<void>;
  readonly stopped: boolean;
  stop(): void;
}

export function createPause(after: (delayMs: number, work: () => void) => () => void): Pause {
  const waiting = new Set<() => void>();
  let stopped = false;
  return {
    wait: (milliseconds) =>
      stopped
        ? Promise.resolve()
        : new Promise((resolve) => {
            const end = (): void => {
              waiting.delete(end);
              cancel();
              resolve();
            };
            const cancel = after(milliseconds, end);
            waiting.add(end);
          }),
    get stopped() {
      return stopped;
    },
    stop() {
      stopped = true;
      for (const end of waiting) end();
    },
  };
}

const FIRST_BACKOFF_MS = 200;
const LONGEST_BACKOFF_MS = 30_000;

/** 200 ms, doubled each time, half a minute at most. */
export const backoffMs = (failures: number): number =>
  Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(failures, 20), LONGEST_BACKOFF_MS);
