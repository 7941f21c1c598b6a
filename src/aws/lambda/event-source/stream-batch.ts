/**
 * One batch of a shard until it is dealt with: run, run again, cut in two, or given up and told of. Throttles and
 * faults are no attempt of the function's. https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
import { reasonOf } from '../../../base/fault.ts';
import type { InvocationAnswer } from '../../../base/ports.ts';
import { readFailures } from './batch-failures.ts';
import { backoffMs, type Pause, type PollerPorts, RESULTS } from './poller.ts';
import { type FailedBatch, tellOfFailure } from './stream-failure.ts';
import type { StreamRecord, StreamSource } from './stream-source.ts';

export interface BatchPorts extends PollerPorts {
  readonly source: StreamSource;
  readonly shardId: string;
  readonly pause: Pause;
}

/** Members of the event beside `Records`, for tumbling windows. */
export type EventExtras = Readonly<Record<string, unknown>>;

/** Thrown when the poller ends in the middle: the batch comes again. */
export class Stopped extends Error {}

/** Resolves when nothing is left to do for these records, with the last good answer. Throws `Stopped`. */
export async function deliver(
  ports: BatchPorts,
  records: readonly StreamRecord[],
  extras: EventExtras = {},
): Promise<InvocationAnswer | undefined> {
  let rest = records;
  let attempts = 0;
  let faults = 0;
  for (;;) {
    rest = await dropExpired(ports, rest, attempts);
    if (rest.length === 0 && records.length > 0) return undefined;
    const outcome = await attempt(ports, rest, extras);
    if (outcome.kind === 'fault') {
      await wait(ports, faults++);
      continue;
    }
    if (outcome.kind === 'done') return outcome.answer;
    // A batch that got further has not failed at the same place again.
    attempts = outcome.from > 0 ? 0 : attempts + 1;
    rest = rest.slice(outcome.from);
    const { MaximumRetryAttempts: most = -1, BisectBatchOnFunctionError: bisects } = ports.row.settings;
    if (most >= 0 && attempts > most) {
      const { answer } = outcome;
      await tellOfFailure(ports, { records: rest, condition: 'RetryAttemptsExhausted', attempts, answer });
      return undefined;
    }
    if (bisects && rest.length > 1) {
      const middle = Math.ceil(rest.length / 2);
      await deliver(ports, rest.slice(0, middle), extras);
      return deliver(ports, rest.slice(middle), extras);
    }
    await wait(ports, attempts - 1);
  }
}

type Outcome =
  | { readonly kind: 'done'; readonly answer: InvocationAnswer }
  /** The record at `from` and all behind it are still to be dealt with. */
  | { readonly kind: 'failed'; readonly from: number; readonly answer: InvocationAnswer }
  | { readonly kind: 'fault' };

async function attempt(
  ports: BatchPorts,
  records: readonly StreamRecord[],
  extras: EventExtras,
): Promise<Outcome> {
  if (ports.pause.stopped) throw new Stopped();
  const payload = Buffer.from(JSON.stringify({ Records: records.map(({ event }) => event), ...extras }));
  try {
    const answer = await ports.invoke({ functionArn: ports.functionArn, type: 'RequestResponse', payload });
    const last = records.at(-1);
    if (last)
      ports.room.observeIteratorAge?.(ports.scope, ports.row.functionName, ports.room.now() - last.arrivedAt);
    const from = failedFrom(ports, records, answer);
    ports.report(from === undefined ? RESULTS.ok : RESULTS.failed);
    return from === undefined ? { kind: 'done', answer } : { kind: 'failed', from, answer };
  } catch (thrown) {
    ports.report(`PROBLEM: ${reasonOf(thrown)}`);
    return { kind: 'fault' };
  }
}

/** Where to go on, or undefined when all is well: with several failures the lowest sequence number is the checkpoint. */
function failedFrom(
  { row }: BatchPorts,
  records: readonly StreamRecord[],
  answer: InvocationAnswer,
): number | undefined {
  if (answer.functionError !== undefined) return 0;
  if (row.settings.FunctionResponseTypes.length === 0) return undefined;
  const names = readFailures(answer.payload);
  if (names === undefined) return 0;
  if (names.length === 0) return undefined;
  const places = names.map((name) => records.findIndex(({ sequenceNumber }) => sequenceNumber === name));
  return Math.max(0, Math.min(...places));
}

async function wait({ pause }: BatchPorts, failures: number): Promise<void> {
  await pause.wait(backoffMs(failures));
  if (pause.stopped) throw new Stopped();
}

/** DynamoDB keeps a stream's records for a day; without an age of its own a mapping tries until then. */
const KEPT_SECONDS = { kinesis: Number.POSITIVE_INFINITY, dynamodb: 86_400, sqs: Number.POSITIVE_INFINITY };

async function dropExpired(
  ports: BatchPorts,
  records: readonly StreamRecord[],
  attempts: number,
): Promise<readonly StreamRecord[]> {
  const { settings, kind } = ports.row;
  const given = settings.MaximumRecordAgeInSeconds ?? -1;
  const oldest = ports.room.now() - (given < 0 ? KEPT_SECONDS[kind] : given) * 1000;
  const fresh = records.findIndex(({ arrivedAt }) => arrivedAt >= oldest);
  const count = fresh === -1 ? records.length : fresh;
  if (count === 0) return records;
  const failed: FailedBatch = {
    records: records.slice(0, count),
    condition: 'RecordAgeExceeded',
    attempts,
    answer: undefined,
  };
  await tellOfFailure(ports, failed);
  return records.slice(count);
}
