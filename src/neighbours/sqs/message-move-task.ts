/**
 * Moving dead letters back. A task is a row before its caller has its handle; each step moves a few messages and
 * counts them in one transaction, so that a task cut off goes on where it was.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
import { randomUUID } from 'node:crypto';
import type {
  CancelMessageMoveTaskRequest,
  CancelMessageMoveTaskResult,
  ListMessageMoveTasksRequest,
  ListMessageMoveTasksResult,
  StartMessageMoveTaskRequest,
  StartMessageMoveTaskResult,
} from '@aws-sdk/client-sqs';
import { Fault, isFault, reasonOf } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import { table } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { countMessages } from './counts.ts';
import { invalidParameter, missingParameter, noSuchQueue } from './fault.ts';
import { dequeue, enqueue, surfaceDue } from './line.ts';
import { lines, messageKey, messages, placeOfLine, readyPrefix } from './message-row.ts';
import { findQueue, type FoundQueue, isFifo, placeOfArn, queueUrl, queues } from './queue-row.ts';
import { sourcesOf } from './queue.ts';
import type { Rows, SqsRoom } from './room.ts';
import { nextPlaceOf, sequenceNumberOf } from './send.ts';

interface TaskRow {
  readonly handle: string;
  readonly sourceArn: string;
  readonly destinationArn?: string;
  readonly mostPerSecond?: number;
  readonly startedMs: number;
  readonly toMove: number;
  readonly moved: number;
  readonly status: 'RUNNING' | 'COMPLETED' | 'CANCELLED' | 'FAILED';
  readonly failure?: string;
}

/** By source queue's name and time: the latest last. */
const tasks = table<TaskRow>('sqs.message-move-tasks');

const MOVED_AT_ONCE = 50;
const TASKS_KEPT = 10;

export function createMoveTasks(room: SqsRoom) {
  const running = new Map<string, Promise<void>>();
  let stopped = false;

  function run(scope: Scope, key: string, mostPerSecond: number | undefined): void {
    const work = (async () => {
      const atOnce = Math.min(mostPerSecond ?? MOVED_AT_ONCE, MOVED_AT_ONCE);
      while (!stopped && (await step(room, scope, key, atOnce)))
        if (mostPerSecond !== undefined) await pause((1000 * atOnce) / mostPerSecond);
    })()
      .catch((error: unknown) =>
        room.log('error', 'a message move task broke off', { reason: reasonOf(error) }),
      )
      .finally(() => running.delete(key));
    running.set(key, work);
  }

  const operations = {
    async StartMessageMoveTask(
      input: StartMessageMoveTaskRequest,
      call: Call,
    ): Promise<StartMessageMoveTaskResult> {
      const source = await queueOfArn(room, input.SourceArn, 'SourceArn');
      if (input.DestinationArn !== undefined) await queueOfArn(room, input.DestinationArn, 'DestinationArn');
      checkRate(input.MaxNumberOfMessagesPerSecond);
      const url = queueUrl(call.endpoint, source);
      await room.open(room.store, url, { ...call, action: 'StartMessageMoveTask' });
      if ((await sourcesOf(room, source)).length === 0)
        throw invalidParameter('Source queue must be configured as a Dead Letter Queue.');
      const row = await room.store.transaction((rows) => begin(room, rows, source, input));
      run(source.scope, taskKey(row), row.mostPerSecond);
      return { TaskHandle: row.handle };
    },

    async ListMessageMoveTasks(
      input: ListMessageMoveTasksRequest,
      call: Call,
    ): Promise<ListMessageMoveTasksResult> {
      const source = await queueOfArn(room, input.SourceArn, 'SourceArn');
      const url = queueUrl(call.endpoint, source);
      await room.open(room.store, url, { ...call, action: 'ListMessageMoveTasks' });
      const most = input.MaxResults ?? 1;
      if (most < 1 || most > TASKS_KEPT)
        throw invalidParameter(
          `Value ${most} for parameter MaxResults is invalid. Reason: Must be between 1 and 10, if provided.`,
        );
      const prefix = `${input.SourceArn} `;
      const found = await room.store.list(tasks, source.scope, { prefix, reverse: true, limit: most });
      return { Results: found.map(({ row }) => show(row)) };
    },

    async CancelMessageMoveTask(
      input: CancelMessageMoveTaskRequest,
      call: Call,
    ): Promise<CancelMessageMoveTaskResult> {
      if (!input.TaskHandle) throw missingParameter('TaskHandle');
      const arn = sourceOfHandle(input.TaskHandle);
      const place = placeOfArn(arn);
      if (place === undefined) throw invalidParameter('Value for parameter TaskHandle is invalid.');
      await room.open(room.store, queueUrl(call.endpoint, place), {
        ...call,
        action: 'CancelMessageMoveTask',
      });
      return room.store.transaction(async (rows) => {
        const found = await rows.list(tasks, place.scope, { prefix: `${arn} ` });
        const task = found.find(({ row }) => row.handle === input.TaskHandle);
        if (task === undefined) throw noSuchTask();
        if (task.row.status !== 'RUNNING')
          throw new Fault('UnsupportedOperation', 'Only active tasks can be cancelled.');
        await rows.put(tasks, place.scope, task.key, { ...task.row, status: 'CANCELLED' });
        return { ApproximateNumberOfMessagesMoved: task.row.moved };
      });
    },
  };

  return {
    operations,
    /** Goes on with what an earlier process left. */
    async start(): Promise<void> {
      for (const { key, row, scope } of await room.store.listAll(tasks))
        if (row.status === 'RUNNING') run(scope, key, row.mostPerSecond);
    },
    async stop(): Promise<void> {
      stopped = true;
      await Promise.all(running.values());
    },
  };
}

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

const taskKey = ({ sourceArn, startedMs, handle }: TaskRow): string =>
  `${sourceArn} ${String(startedMs).padStart(16, '0')} ${handle.slice(-8)}`;

const handleOf = (sourceArn: string): string =>
  Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn })).toString('base64');

function sourceOfHandle(handle: string): string | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(handle, 'base64').toString());
    return typeof value === 'object' && value !== null ? String(Reflect.get(value, 'sourceArn')) : undefined;
  } catch {
    return undefined;
  }
}

const noSuchTask = (): Fault =>
  new Fault('ResourceNotFoundException', 'Task does not exist.', { status: 404 });

async function queueOfArn(room: SqsRoom, arn: string | undefined, parameter: string): Promise<FoundQueue> {
  if (!arn) throw missingParameter(parameter);
  const place = placeOfArn(arn);
  if (place === undefined)
    throw invalidParameter(
      `You must use this format to specify the ${parameter}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>`,
    );
  try {
    return await findQueue(room.store, place);
  } catch (thrown) {
    if (!isFault(thrown) || thrown.code !== noSuchQueue().code) throw thrown;
    throw new Fault(
      'ResourceNotFoundException',
      `The resource that you specified for the ${parameter} parameter doesn't exist.`,
      { status: 404 },
    );
  }
}

function checkRate(rate: number | undefined): void {
  if (rate === undefined || (rate >= 1 && rate <= 500)) return;
  throw invalidParameter(
    `Value ${rate} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: Must be between 1 and 500, if provided.`,
  );
}

async function begin(
  room: SqsRoom,
  rows: Rows,
  source: FoundQueue,
  input: StartMessageMoveTaskRequest,
): Promise<TaskRow> {
  const sourceArn = input.SourceArn ?? '';
  const before = await rows.list(tasks, source.scope, { prefix: `${sourceArn} ` });
  if (before.some(({ row }) => row.status === 'RUNNING'))
    throw new Fault(
      'UnsupportedOperation',
      'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    );
  for (const { key } of before.slice(0, Math.max(0, before.length - TASKS_KEPT + 1)))
    await rows.delete(tasks, source.scope, key);
  const counts = await countMessages(rows, source, room.now());
  const row: TaskRow = {
    handle: handleOf(sourceArn),
    sourceArn,
    ...(input.DestinationArn === undefined ? {} : { destinationArn: input.DestinationArn }),
    ...(input.MaxNumberOfMessagesPerSecond === undefined
      ? {}
      : { mostPerSecond: input.MaxNumberOfMessagesPerSecond }),
    startedMs: room.now(),
    toMove: Number(counts['ApproximateNumberOfMessages'] ?? 0),
    moved: 0,
    status: 'RUNNING',
  };
  await rows.put(tasks, source.scope, taskKey(row), row);
  return row;
}

/** Moves a few. False when the task is over. */
async function step(room: SqsRoom, scope: Scope, key: string, atOnce: number): Promise<boolean> {
  const woken: string[] = [];
  const goesOn = await room.store.transaction(async (rows) => {
    const task = await rows.get(tasks, scope, key);
    if (task?.status !== 'RUNNING') return false;
    try {
      const moved = await moveSome(room, rows, task, atOnce, woken);
      const status = moved === 0 ? ('COMPLETED' as const) : task.status;
      await rows.put(tasks, scope, key, { ...task, moved: task.moved + moved, status });
      return moved > 0;
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown;
      await rows.put(tasks, scope, key, { ...task, status: 'FAILED', failure: thrown.code });
      return false;
    }
  });
  for (const queueId of woken) room.waiting.wake(queueId, 1);
  return goesOn;
}

async function moveSome(
  room: SqsRoom,
  rows: Rows,
  task: TaskRow,
  atOnce: number,
  woken: string[],
): Promise<number> {
  const place = placeOfArn(task.sourceArn);
  if (place === undefined) throw noSuchQueue();
  const source = await findQueue(rows, place);
  const now = room.now();
  await surfaceDue(rows, source, now);
  const ready = await rows.list(lines, source.scope, { prefix: readyPrefix(source), limit: atOnce });
  for (const { key } of ready) {
    const from = placeOfLine(key);
    const message = await rows.get(messages, source.scope, messageKey(source, from));
    if (message === undefined) continue;
    const destination = await destinationOf(rows, task, message.deadLetterSource);
    await dequeue(rows, source, from, now);
    const next = await nextPlaceOf(room, rows, destination, message.groupId);
    const { deadLetterSource: _, receivesBefore: __, ...fresh } = message;
    // AWS takes redriven messages for new ones: a new id, a new time of sending.
    const moved = {
      ...fresh,
      id: randomUUID(),
      sentMs: now,
      ...(isFifo(destination) ? { sequenceNumber: sequenceNumberOf(next) } : {}),
    };
    await enqueue(rows, destination, { place: next, message: moved, visibleMs: 0 }, now);
    woken.push(destination.row.queueId);
  }
  return ready.length;
}

async function destinationOf(rows: Rows, task: TaskRow, original: string | undefined): Promise<FoundQueue> {
  const place = placeOfArn(task.destinationArn ?? original);
  const row = place && (await rows.get(queues, place.scope, place.name));
  if (place === undefined || row === undefined)
    throw new Fault(
      original === undefined && task.destinationArn === undefined
        ? 'CouldNotDetermineMessageSource'
        : 'AWS.SimpleQueueService.NonExistentQueue',
      'the destination is not there',
    );
  return { ...place, row };
}

const show = (row: TaskRow) => ({
  ...(row.status === 'RUNNING' ? { TaskHandle: row.handle } : {}),
  Status: row.status,
  SourceArn: row.sourceArn,
  ...(row.destinationArn === undefined ? {} : { DestinationArn: row.destinationArn }),
  ...(row.mostPerSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: row.mostPerSecond }),
  ApproximateNumberOfMessagesMoved: row.moved,
  ApproximateNumberOfMessagesToMove: row.toMove,
  ...(row.failure === undefined ? {} : { FailureReason: row.failure }),
  StartedTimestamp: row.startedMs,
});
