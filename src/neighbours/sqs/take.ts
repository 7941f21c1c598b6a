/** Taking messages off the ready line: expired ones go, those received too often become dead letters, the rest is hidden. */
import { randomUUID } from 'node:crypto';
import type { Transaction } from '../../store/store.ts';
import { deadLetterQueueOf, makeDeadLetter } from './dead-letter.ts';
import { dequeue, moveInLine, refreshGroup, surfaceDue } from './line.ts';
import {
  groupPrefix,
  lines,
  messageKey,
  messages,
  type MessageRow,
  type MessageState,
  placeOfLine,
  readState,
  readyPrefix,
  sentMsOfPlace,
  states,
} from './message-row.ts';
import { type FoundQueue, secondsOf } from './queue-row.ts';
import type { SqsRoom } from './room.ts';
import { redrivePolicyOf } from './queue-attributes.ts';

export interface Taken {
  readonly place: string;
  readonly message: MessageRow;
  readonly state: MessageState;
}

export interface Wanted {
  readonly most: number;
  readonly visibilitySeconds: number;
}

/** Expired and dead messages looked after in one receive: the next goes on. */
const PASSED_AT_ONCE = 500;

/** Queues that got dead letters are named in `woken`. */
export async function take(
  room: SqsRoom,
  rows: Transaction,
  queue: FoundQueue,
  wanted: Wanted,
): Promise<{ readonly taken: Taken[]; readonly woken: string[] }> {
  const now = room.now();
  await surfaceDue(rows, queue, now);
  const work: Work = {
    room,
    rows,
    queue,
    now,
    wanted,
    dead: await deadLetterQueueOf(rows, queue),
    expiredBefore: now - secondsOf(queue, 'MessageRetentionPeriod') * 1000,
    taken: [],
    passed: 0,
    woken: new Set(),
  };
  while (work.taken.length < wanted.most && work.passed < PASSED_AT_ONCE) {
    const limit = wanted.most - work.taken.length;
    const ready = await rows.list(lines, queue.scope, { prefix: readyPrefix(queue), limit });
    if (ready.length === 0) break;
    for (const { key, row } of ready) {
      if (row.group === undefined) await takeOne(work, placeOfLine(key));
      else await takeGroup(work, row.group);
      if (work.taken.length >= wanted.most) break;
    }
    // Hidden for no time, messages stay where they are: a second round would meet them again.
    if (wanted.visibilitySeconds === 0) break;
  }
  return { taken: work.taken, woken: [...work.woken] };
}

interface Work {
  readonly room: SqsRoom;
  readonly rows: Transaction;
  readonly queue: FoundQueue;
  readonly now: number;
  readonly wanted: Wanted;
  readonly dead: FoundQueue | undefined;
  readonly expiredBefore: number;
  readonly taken: Taken[];
  passed: number;
  readonly woken: Set<string>;
}

/** A group gives its messages in order, as many as are visible; then it rests until they are deleted or visible again. */
async function takeGroup(work: Work, group: string): Promise<void> {
  const { rows, queue, wanted, now } = work;
  const limit = wanted.most - work.taken.length;
  for (const { key } of await rows.list(lines, queue.scope, { prefix: groupPrefix(queue, group), limit })) {
    const place = placeOfLine(key);
    const state = await readState(rows, queue.scope, messageKey(queue, place));
    if (state.visibleMs > now) break;
    await takeOne(work, place);
  }
  await refreshGroup(rows, queue, group, now);
}

async function takeOne(work: Work, place: string): Promise<void> {
  const { room, rows, queue, now, wanted } = work;
  const key = messageKey(queue, place);
  const message = await rows.get(messages, queue.scope, key);
  const state = await readState(rows, queue.scope, key);
  if (message === undefined || sentMsOfPlace(place) < work.expiredBefore) {
    work.passed++;
    return dequeue(rows, queue, place, now);
  }
  const most = redrivePolicyOf(queue.row.attributes)?.maxReceiveCount ?? Number.POSITIVE_INFINITY;
  if (work.dead !== undefined && state.receives >= most) {
    work.passed++;
    work.woken.add(work.dead.row.queueId);
    await makeDeadLetter(room, rows, { queue, dead: work.dead, place, message, receives: state.receives });
    return;
  }
  const hidden: MessageState = {
    visibleMs: now + wanted.visibilitySeconds * 1000,
    receives: state.receives + 1,
    firstReceivedMs: state.firstReceivedMs ?? now,
    receipt: randomUUID(),
  };
  // Hidden for no time at all: it stays where it is.
  const visibleMs = wanted.visibilitySeconds === 0 ? 0 : hidden.visibleMs;
  const after = { ...hidden, visibleMs };
  await rows.put(states, queue.scope, key, after);
  if (visibleMs > 0) await moveInLine(rows, queue, place, { fromMs: state.visibleMs, toMs: visibleMs });
  work.taken.push({ place, message, state: after });
}
