/** Task tokens: who waits for whose word. A word that was acknowledged is a row, and found again after a restart. */
import { Fault } from '../../base/fault.ts';
import type { RandomBytes } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import { StateError } from '../../lang/states/state-error.ts';
import { Halted } from './halted.ts';
import { activityTasks, type TokenOutcome, type TokenRow, tokens } from './rows.ts';
import type { StatesRoom } from './room.ts';

/** Long and of no meaning, as AWS's are; the beginning tells a token of ours from any text. */
const PREFIX = 'AQCAAAAAKgAAAAMAAAAA';
export const newToken = (random: RandomBytes): string =>
  `${PREFIX}${Buffer.from(random(180)).toString('base64')}`;

export interface Tokens {
  expect(scope: Scope, token: string, row: TokenRow): Promise<void>;
  /** The word sent with a token. `onStarted` runs when a worker took the activity's task. */
  wait(scope: Scope, token: string, terms: Terms): Promise<unknown>;
  /** Throws TaskDoesNotExist, TaskTimedOut or InvalidToken. */
  send(scope: Scope, token: string | undefined, outcome: TokenOutcome): Promise<void>;
  heartbeat(scope: Scope, token: string | undefined): Promise<void>;
  /** The oldest task of an activity nobody took; undefined when there is none. */
  take(
    scope: Scope,
    activity: string,
    worker: string | undefined,
  ): Promise<{ token: string; input: string } | undefined>;
  /** Resolves when a task of the activity may have come, or the signal aborts. */
  arrival(scope: Scope, activity: string, signal: AbortSignal): Promise<void>;
}

export interface Terms {
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
  readonly signal: AbortSignal;
  readonly onStarted: (worker: string | undefined) => void;
}

export function createTokens({
  store,
  now,
  sleepUntil,
}: Pick<StatesRoom, 'store' | 'now' | 'sleepUntil'>): Tokens {
  /** Woken when something changed about a token or an activity. */
  const sleepers = new Map<string, Set<() => void>>();
  const wake = (name: string): void => {
    for (const wakeUp of sleepers.get(name) ?? []) wakeUp();
  };
  const change = (name: string, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const set = sleepers.get(name) ?? new Set();
      sleepers.set(name, set);
      const done = (): void => {
        set.delete(done);
        if (set.size === 0) sleepers.delete(name);
        signal.removeEventListener('abort', done);
        resolve();
      };
      set.add(done);
      if (signal.aborted) done();
      else signal.addEventListener('abort', done, { once: true });
    });

  const edit = async (
    scope: Scope,
    token: string | undefined,
    make: (row: TokenRow) => TokenRow,
  ): Promise<void> => {
    if (token?.startsWith(PREFIX) !== true) throw new Fault('InvalidToken', "Invalid Token: 'Invalid token'");
    await store.transaction(async (rows) => {
      const row = await rows.get(tokens, scope, token);
      if (row === undefined || row.outcome !== undefined)
        throw new Fault('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
      await rows.put(tokens, scope, token, make(row));
    });
    wake(token);
  };
  const activityName = (scope: Scope, activity: string): string =>
    `${scope.account}/${scope.region}/${activity}`;

  return {
    async expect(scope, token, row) {
      await store.transaction(async (rows) => {
        if ((await rows.get(tokens, scope, token)) !== undefined) return;
        await rows.put(tokens, scope, token, row);
        if (row.activity === undefined) return;
        const [last] = await rows.list(activityTasks, scope, {
          prefix: `${row.activity}/`,
          reverse: true,
          limit: 1,
        });
        const next = Number(last?.key.split('/').at(-1) ?? 0) + 1;
        await rows.put(activityTasks, scope, `${row.activity}/${String(next).padStart(12, '0')}`, { token });
      });
      if (row.activity !== undefined) wake(activityName(scope, row.activity));
    },

    async wait(scope, token, { timeoutSeconds, heartbeatSeconds, signal, onStarted }) {
      const begun = now();
      let startTold = false;
      try {
        for (;;) {
          const turn = new AbortController();
          const changed = change(token, AbortSignal.any([signal, turn.signal]));
          const row = await store.get(tokens, scope, token);
          if (row?.startedAt !== undefined && !startTold) {
            startTold = true;
            onStarted(row.worker);
          }
          if (row?.outcome !== undefined) {
            turn.abort();
            return resultOf(row.outcome);
          }
          signal.throwIfAborted();
          const ends = endsOf(row, begun, timeoutSeconds, heartbeatSeconds);
          const [first] = ends.toSorted((one, other) => one.at - other.at);
          if (first !== undefined && first.at <= now()) throw new StateError(first.error, '');
          await (first === undefined
            ? changed
            : Promise.race([
                changed,
                sleepUntil(first.at, AbortSignal.any([signal, turn.signal])).catch(() => {}),
              ]));
          turn.abort();
        }
      } finally {
        if (!(signal.reason instanceof Halted))
          await store.transaction((rows) => rows.delete(tokens, scope, token));
      }
    },

    send: (scope, token, outcome) => edit(scope, token, (row) => ({ ...row, outcome })),
    heartbeat: (scope, token) => edit(scope, token, (row) => ({ ...row, heartbeatAt: now() })),

    async take(scope, activity, worker) {
      const taken = await store.transaction(async (rows) => {
        for (const { key, row } of await rows.list(activityTasks, scope, { prefix: `${activity}/` })) {
          await rows.delete(activityTasks, scope, key);
          const known = await rows.get(tokens, scope, row.token);
          // Its execution ended, or its time was up, before anybody took it.
          if (known === undefined || known.outcome !== undefined) continue;
          const startedAt = now();
          await rows.put(tokens, scope, row.token, {
            ...known,
            startedAt,
            heartbeatAt: startedAt,
            ...(worker !== undefined && { worker }),
          });
          return { token: row.token, input: known.input ?? '{}' };
        }
        return undefined;
      });
      if (taken !== undefined) wake(taken.token);
      return taken;
    },

    arrival: (scope, activity, signal) => change(activityName(scope, activity), signal),
  };
}

function endsOf(
  row: TokenRow | undefined,
  begun: number,
  timeoutSeconds: number | undefined,
  heartbeatSeconds: number | undefined,
): { readonly at: number; readonly error: string }[] {
  const ends: { readonly at: number; readonly error: string }[] = [];
  if (timeoutSeconds !== undefined) ends.push({ at: begun + timeoutSeconds * 1000, error: 'States.Timeout' });
  // A worker's heart beats from when it took the task.
  const beating = row?.activity === undefined || row.startedAt !== undefined;
  if (heartbeatSeconds !== undefined && beating)
    ends.push({ at: (row?.heartbeatAt ?? begun) + heartbeatSeconds * 1000, error: 'States.Timeout' });
  return ends;
}

function resultOf(outcome: TokenOutcome): unknown {
  if (outcome.kind === 'failure') throw new StateError(outcome.error, outcome.cause);
  return JSON.parse(outcome.output) as unknown;
}
