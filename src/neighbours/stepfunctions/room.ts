/** What Step Functions is handed, and what its parts share. */
import type { Caller, WriteLogEvents } from '../../base/ports.ts';
import type { ServicePorts } from '../../wire/service.ts';

export interface StepFunctionsPorts extends ServicePorts {
  readonly writeLogEvents: WriteLogEvents;
  /** This server's own URL, for calls of its APIs. */
  readonly endpoint: () => string;
  /** Runs `work` after so many milliseconds; returns what cancels it. The default is a timer that keeps no process alive. */
  readonly after?: (delayMs: number, work: () => void) => () => void;
}

export interface StatesRoom extends StepFunctionsPorts {
  /** Rejects with the signal's reason. */
  readonly sleepUntil: (dueAt: number, signal: AbortSignal) => Promise<void>;
}

/** Longer than a timer can hold are waits of a year: they are slept in pieces. */
const LONGEST_TIMER_MS = 24 * 3_600_000;

export function openRoom(ports: StepFunctionsPorts): StatesRoom {
  const after = ports.after ?? timer;
  const nap = (delayMs: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const abort = (): void => {
        cancel();
        reject(signal.reason as Error);
      };
      const cancel = after(delayMs, () => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  return {
    ...ports,
    async sleepUntil(dueAt, signal) {
      for (let left = dueAt - ports.now(); left > 0; left = dueAt - ports.now())
        await nap(Math.min(left, LONGEST_TIMER_MS), signal);
      signal.throwIfAborted();
    },
  };
}

function timer(delayMs: number, work: () => void): () => void {
  const handle = setTimeout(work, delayMs);
  handle.unref();
  return () => clearTimeout(handle);
}

/** A state machine's tasks are done as its role. */
export function callerOfRole(roleArn: string, session: string, account: string): Caller {
  const role = roleArn.split('/').at(-1) ?? '';
  return {
    kind: 'assumed-role',
    account: roleArn.split(':')[4] || account,
    arn: `arn:aws:sts::${roleArn.split(':')[4] || account}:assumed-role/${role}/${session}`,
    userId: `${role}:${session}`,
    accessKeyId: '',
  };
}
