/** One attempt of an asynchronous invocation: run it, then done, again later, or given up and told to whom it concerns. */
import { isFault, reasonOf } from '../../base/fault.ts';
import type { KnownFunction } from './catalog.ts';
import { deliverOutcome, type FinalOutcome } from './event-destinations.ts';
import type { EventOutcome, EventRow, RunEvent } from './event-queue.ts';
import type { FunctionReference } from './function-reference.ts';
import { readyConfig } from './invoke.ts';
import { chooseVersion } from './version-choice.ts';
import { arnOfReference } from './function-reference.ts';
import type { LambdaRoom } from './ports.ts';
import { followTrace } from './recursion.ts';
import { type EventInvokeRow, eventInvokeConfigs } from './rows.ts';
import type { RunAnswer } from '../../functions/config.ts';

const DEFAULT_RETRIES = 2;
const DEFAULT_MAXIMUM_AGE_SECONDS = 6 * 60 * 60;
/** After the first and the second failure of the function. */
const RETRY_WAITS_MS = [60_000, 120_000];
/** After throttles and faults: doubled each time. */
const FIRST_DEFERRAL_MS = 1_000;
const LONGEST_DEFERRAL_MS = 5 * 60_000;

export function createRunEvent(room: LambdaRoom): RunEvent {
  return async (row, reference) => {
    const known = await room.catalog.find(reference.scope, reference.name);
    // Deleted since: AWS drops what waits for a function that is gone.
    if (known === undefined) return { kind: 'done' };
    const rules = await rulesOf(room, reference);
    const give = (outcome: FinalOutcome) => deliverOutcome(room, { row, reference, known, rules, outcome });
    if (known.reservedConcurrentExecutions === 0)
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html: no retries, straight to the end.
      return giveUp(give, { kind: 'failure', condition: 'ZeroReservedConcurrency', attempts: row.attempts });
    try {
      const { answer, version } = await runOnce(room, known, row, reference);
      return await settleAnswer(room, row, rules, give, { answer, version });
    } catch (thrown) {
      return settleFault(room, row, rules, give, thrown);
    }
  };
}

interface Ran {
  readonly answer: RunAnswer;
  readonly version: string;
}
type Give = (outcome: FinalOutcome) => Promise<void>;

async function giveUp(give: Give, outcome: FinalOutcome): Promise<EventOutcome> {
  await give(outcome);
  return { kind: 'done' };
}

async function runOnce(
  room: LambdaRoom,
  known: KnownFunction,
  row: EventRow,
  reference: FunctionReference,
): Promise<Ran> {
  const version = chooseVersion(known, reference, room.random);
  const answer = await room.runner.run(await readyConfig(known, version), {
    requestId: row.requestId,
    invokedFunctionArn: arnOfReference(reference),
    payload: new TextEncoder().encode(row.payload),
    ...(row.clientContext !== undefined && { clientContext: row.clientContext }),
    traceId: followTrace(row.traceId, known.lineage, room.now()),
    asynchronous: true,
  });
  return { answer, version };
}

async function settleAnswer(
  room: LambdaRoom,
  row: EventRow,
  rules: EventInvokeRow | undefined,
  give: Give,
  ran: Ran,
): Promise<EventOutcome> {
  const attempts = row.attempts + 1;
  if (ran.answer.functionError === undefined)
    return giveUp(give, { kind: 'success', condition: 'Success', attempts, ...ran });
  if (attempts > (rules?.maximumRetryAttempts ?? DEFAULT_RETRIES))
    return giveUp(give, { kind: 'failure', condition: 'RetriesExhausted', attempts, ...ran });
  const dueAt = room.now() + (RETRY_WAITS_MS[attempts - 1] ?? LONGEST_DEFERRAL_MS);
  if (tooOldBy(row, rules, dueAt))
    return giveUp(give, { kind: 'failure', condition: 'EventAgeExceeded', attempts, ...ran });
  return { kind: 'again', row: { ...row, attempts, dueAt } };
}

/** Throttles and our own faults are no attempt: the event waits longer each time until it is too old. */
async function settleFault(
  room: LambdaRoom,
  row: EventRow,
  rules: EventInvokeRow | undefined,
  give: Give,
  thrown: unknown,
): Promise<EventOutcome> {
  const code = isFault(thrown) ? thrown.code : 'ServiceException';
  if (code === 'ResourceNotFoundException') return { kind: 'done' };
  // A loop that was stopped is not begun again.
  if (code === 'RecursiveInvocationException')
    return giveUp(give, { kind: 'failure', condition: 'RetriesExhausted', attempts: row.attempts });
  if (code !== 'TooManyRequestsException')
    room.log('warn', 'an asynchronous invocation was put back', {
      function: row.name,
      code,
      reason: reasonOf(thrown),
    });
  const wait = Math.min(FIRST_DEFERRAL_MS * 2 ** row.deferrals, LONGEST_DEFERRAL_MS);
  const dueAt = room.now() + wait;
  if (tooOldBy(row, rules, dueAt))
    return giveUp(give, { kind: 'failure', condition: 'EventAgeExceeded', attempts: row.attempts });
  return { kind: 'again', row: { ...row, deferrals: Math.min(row.deferrals + 1, 30), dueAt } };
}

function tooOldBy(row: EventRow, rules: EventInvokeRow | undefined, time: number): boolean {
  const maximum = rules?.maximumEventAgeInSeconds ?? DEFAULT_MAXIMUM_AGE_SECONDS;
  return time - row.acceptedAt > maximum * 1000;
}

async function rulesOf(room: LambdaRoom, reference: FunctionReference): Promise<EventInvokeRow | undefined> {
  const key = `${reference.name}/${reference.qualifier ?? '$LATEST'}`;
  return room.store.get(eventInvokeConfigs, reference.scope, key);
}
