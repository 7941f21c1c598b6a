/** Standing in line: how messages become ready and hidden. Within a transaction of the caller. */
import { table, type Transaction } from '../../store/store.ts';
import {
  groupPrefix,
  hiddenKey,
  hiddenPrefix,
  lines,
  messageKey,
  messages,
  type MessageRow,
  placeOfLine,
  queuePrefix,
  readState,
  readyKey,
  removeMessage,
  states,
  visibleMsOfLine,
} from './message-row.ts';
import { type FoundQueue, isFifo } from './queue-row.ts';

/** Which of a group's messages stands for it in the ready line; none while one of them is received and not yet deleted. */
interface GroupRow {
  readonly ready?: string;
}
export const groups = table<GroupRow>('sqs.groups');

/** Most messages one receive takes: so many of a group can be in flight. */
const GROUP_HEAD = 10;
/** Hidden messages looked after in one transaction: more become ready with the next. */
const SURFACED_AT_ONCE = 200;

export interface NewMessage {
  readonly place: string;
  readonly message: MessageRow;
  /** Hidden until then; 0: visible at once. */
  readonly visibleMs: number;
}

export async function enqueue(
  rows: Transaction,
  queue: FoundQueue,
  entry: NewMessage,
  now: number,
): Promise<void> {
  const { place, message, visibleMs } = entry;
  const { scope } = queue;
  await rows.put(messages, scope, messageKey(queue, place), message);
  if (visibleMs > 0) {
    await rows.put(states, scope, messageKey(queue, place), { visibleMs, receives: 0 });
    await rows.put(lines, scope, hiddenKey(queue, visibleMs, place), {});
  }
  if (isFifo(queue)) {
    const group = message.groupId ?? '';
    await rows.put(lines, scope, groupPrefix(queue, group) + place, {});
    // Behind others it changes nothing of whose turn it is.
    if (!(await rows.get(groups, scope, groupKey(queue, group)))) await refreshGroup(rows, queue, group, now);
  } else if (visibleMs === 0) await rows.put(lines, scope, readyKey(queue, place), {});
}

/** Hides a message until a time, or shows it again: the caller has written its new state's other members. */
export async function moveInLine(
  rows: Transaction,
  queue: FoundQueue,
  place: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<void> {
  const { scope } = queue;
  if (fromMs > 0) await rows.delete(lines, scope, hiddenKey(queue, fromMs, place));
  else if (!isFifo(queue)) await rows.delete(lines, scope, readyKey(queue, place));
  if (toMs > 0) await rows.put(lines, scope, hiddenKey(queue, toMs, place), {});
  else if (!isFifo(queue)) await rows.put(lines, scope, readyKey(queue, place), {});
}

/** Hidden messages whose time has come join the ready line. */
export async function surfaceDue(rows: Transaction, queue: FoundQueue, now: number): Promise<void> {
  const { scope } = queue;
  const hidden = await rows.list(lines, scope, { prefix: hiddenPrefix(queue), limit: 1 });
  if (hidden[0] === undefined || visibleMsOfLine(queue, hidden[0].key) > now) return;
  const touched = new Set<string>();
  for (const { key } of await rows.list(lines, scope, {
    prefix: hiddenPrefix(queue),
    limit: SURFACED_AT_ONCE,
  })) {
    const fromMs = visibleMsOfLine(queue, key);
    if (fromMs > now) break;
    const place = placeOfLine(key);
    const ofMessage = messageKey(queue, place);
    await rows.put(states, scope, ofMessage, { ...(await readState(rows, scope, ofMessage)), visibleMs: 0 });
    await moveInLine(rows, queue, place, { fromMs, toMs: 0 });
    if (isFifo(queue)) touched.add((await rows.get(messages, scope, ofMessage))?.groupId ?? '');
  }
  for (const group of touched) await refreshGroup(rows, queue, group, now);
}

const groupKey = (queue: FoundQueue, group: string): string => queuePrefix(queue) + encodeURIComponent(group);

/** A group is ready when none of its messages is in flight and its first is visible. */
export async function refreshGroup(
  rows: Transaction,
  queue: FoundQueue,
  group: string,
  now: number,
): Promise<void> {
  const { scope } = queue;
  const key = groupKey(queue, group);
  const before = await rows.get(groups, scope, key);
  const head = await headOf(rows, queue, group, now);
  if (before?.ready !== undefined && before.ready !== head.ready)
    await rows.delete(lines, scope, readyKey(queue, before.ready));
  if (head.isEmpty) {
    if (before) await rows.delete(groups, scope, key);
    return;
  }
  if (before?.ready === head.ready && before !== undefined) return;
  await rows.put(groups, scope, key, head.ready === undefined ? {} : { ready: head.ready });
  if (head.ready !== undefined) await rows.put(lines, scope, readyKey(queue, head.ready), { group });
}

async function headOf(
  rows: Transaction,
  queue: FoundQueue,
  group: string,
  now: number,
): Promise<{ readonly isEmpty: boolean; readonly ready?: string }> {
  const { scope } = queue;
  const first = await rows.list(lines, scope, { prefix: groupPrefix(queue, group), limit: GROUP_HEAD });
  let ready: string | undefined;
  for (const [index, { key }] of first.entries()) {
    const place = placeOfLine(key);
    const state = await readState(rows, scope, messageKey(queue, place));
    const isHidden = state.visibleMs > now;
    if (isHidden && state.receives > 0) return { isEmpty: false };
    if (index === 0 && !isHidden) ready = place;
  }
  return { isEmpty: first.length === 0, ...(ready === undefined ? {} : { ready }) };
}

/** Takes a message out for good; a FIFO group's next ones may then go. */
export async function dequeue(
  rows: Transaction,
  queue: FoundQueue,
  place: string,
  now: number,
): Promise<void> {
  const message = isFifo(queue) ? await rows.get(messages, queue.scope, messageKey(queue, place)) : undefined;
  await removeMessage(rows, queue, place);
  if (message) await refreshGroup(rows, queue, message.groupId ?? '', now);
}
