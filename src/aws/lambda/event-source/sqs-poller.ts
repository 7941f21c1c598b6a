/**
 * From a queue to a function: messages are gathered into batches, the function is run, and what it has dealt with is
 * deleted. Whatever else happens, a message stays in its queue and comes again after its visibility timeout, until the
 * queue's own redrive policy takes it away. https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
import { isFault, reasonOf } from '../../../base/fault.ts';
import { limits } from '../../../base/limits.ts';
import { readFailures } from './batch-failures.ts';
import { compileFilters } from './filter.ts';
import { createLanes } from './lanes.ts';
import { backoffMs, createPause, type Poller, type PollerPorts, RESULTS } from './poller.ts';
import { eventsOf, filteredForm, type SqsRecord, sqsRecord } from './sqs-event.ts';
import { createQueue, type Queue } from './sqs-queue.ts';

const LONGEST_WAIT_SECONDS = 20;
/** A batch that has less time left than SQS can wait for is given its rest of time in steps of this. */
const STEP_MS = 100;
const LEAST_WAIT_MS = 100;
const PATIENCE_MS = 1000;

export function startSqsPoller(
  ports: PollerPorts,
  after: (ms: number, work: () => void) => () => void,
): Poller {
  const { row, report } = ports;
  const { settings, sourceArn } = row;
  const queue = createQueue(sourceArn, ports.call);
  const lanes = createLanes(settings.ScalingConfig?.MaximumConcurrency ?? limits.lambdaQueueBatchesAtOnce);
  const matches = compileFilters(settings.FilterCriteria);
  const pause = createPause(after);
  let failures = 0;

  const loop = async (): Promise<void> => {
    while (!pause.stopped) {
      await lanes.free();
      if (pause.stopped) return;
      try {
        const startedAt = performance.now();
        const batch = await gather();
        failures = 0;
        if (batch.length > 0) lanes.run(() => work(batch));
        // Whoever does not wait when asked to must not be asked without end.
        else if (performance.now() - startedAt < LEAST_WAIT_MS) await pause.wait(LEAST_WAIT_MS);
        if (batch.length >= Math.min(settings.BatchSize, 10)) lanes.pressed();
      } catch (thrown) {
        report(`PROBLEM: ${reasonOf(thrown)}`);
        await pause.wait(backoffMs(failures++));
      }
    }
  };

  /** The first messages to come, and more until the batch is full or its window over. */
  const gather = async (): Promise<SqsRecord[]> => {
    const batch: SqsRecord[] = [];
    const take = async (waitSeconds: number): Promise<void> => {
      const messages = await queue.receive(settings.BatchSize - batch.length, waitSeconds);
      batch.push(...messages.map((message) => sqsRecord(message, sourceArn)));
    };
    await take(LONGEST_WAIT_SECONDS);
    const endAt = ports.room.now() + settings.MaximumBatchingWindowInSeconds * 1000;
    while (batch.length > 0 && batch.length < settings.BatchSize && !pause.stopped) {
      const leftMs = endAt - ports.room.now();
      if (leftMs <= 0 || bytesOf(batch) >= limits.lambdaSynchronousPayloadBytes) break;
      const before = batch.length;
      await take(Math.min(Math.floor(leftMs / 1000), LONGEST_WAIT_SECONDS));
      if (batch.length === before && leftMs < 1000) await pause.wait(Math.min(leftMs, STEP_MS));
    }
    return batch;
  };

  const work = async (batch: SqsRecord[]): Promise<void> => {
    try {
      // Stopped while it was received: nobody has seen it, and nobody should have to wait for it.
      if (pause.stopped) return await queue.release(batch.map(({ receiptHandle }) => receiptHandle));
      const wanted = batch.filter((record) => matches(filteredForm(record)));
      const unwanted = batch.filter((record) => !wanted.includes(record));
      await queue.delete(unwanted.map(({ receiptHandle }) => receiptHandle));
      for (const { records, payload } of eventsOf(wanted)) await run(ports, queue, records, payload);
    } catch (thrown) {
      report(`PROBLEM: ${reasonOf(thrown)}`);
      ports.room.log('warn', 'messages of a queue could not be settled', {
        queue: sourceArn,
        reason: reasonOf(thrown),
      });
    }
  };

  const running = loop();
  return {
    release: pause.stop,
    async stop() {
      pause.stop();
      // A queue of this server lets go of whoever waits; another's is not waited for, and what it still brings comes
      // again after its visibility timeout.
      await Promise.race([running, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref())]);
      await lanes.idle();
    },
  };
}

async function run(
  { invoke, functionArn, row, report }: PollerPorts,
  queue: Queue,
  records: readonly SqsRecord[],
  payload: Buffer,
): Promise<void> {
  const handles = records.map(({ receiptHandle }) => receiptHandle);
  const traceId = lineageOf(records);
  try {
    const answer = await invoke({
      functionArn,
      type: 'RequestResponse',
      payload,
      ...(traceId !== undefined && { traceId }),
    });
    const failed = failedAmong(records, answer, row.settings.FunctionResponseTypes.length > 0);
    report(failed.size === records.length ? RESULTS.failed : RESULTS.ok);
    await queue.delete(handles.filter((_, at) => !failed.has(records[at]?.messageId ?? '')));
  } catch (thrown) {
    report(`PROBLEM: ${reasonOf(thrown)}`);
    // The server is going down: no fault of the messages', which need not wait for their timeout.
    if (isFault(thrown) && thrown.code === 'ServiceException') await queue.release(handles);
    else if (!isFault(thrown)) throw thrown;
  }
}

function failedAmong(
  records: readonly SqsRecord[],
  answer: { readonly functionError?: string; readonly payload: Uint8Array },
  reportsFailures: boolean,
): ReadonlySet<string> {
  const all = new Set(records.map(({ messageId }) => messageId));
  if (answer.functionError !== undefined) return all;
  if (!reportsFailures) return new Set();
  const named = readFailures(answer.payload);
  // An identifier that is none of the batch's makes all of it fail, as on AWS.
  if (named === undefined || named.some((id) => !all.has(id))) return all;
  return new Set(named);
}

/** The way these messages have come, for the recursion guard: the first that carries one. */
function lineageOf(records: readonly SqsRecord[]): string | undefined {
  for (const { attributes } of records) {
    const header: unknown =
      typeof attributes === 'object' && attributes !== null
        ? Reflect.get(attributes, 'AWSTraceHeader')
        : undefined;
    if (typeof header === 'string') return header;
  }
  return undefined;
}

const bytesOf = (batch: readonly SqsRecord[]): number =>
  batch.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
