/**
 * Messages as rows. A message lies in three tables: what was sent (never changed), what happened to it since (who
 * received it, until when it is hidden), and its place in line, whose key is its order. The rows are the queue: memory
 * holds nothing of it, so a restart takes up exactly what was there.
 */
import type { Scope } from '../../base/scope.ts';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import { createRising, RISING_DIGITS, risingText } from '../kit/rising.ts';
import type { StoredAttributes } from './message-attributes.ts';
import { type FoundQueue, isFifo } from './queue-row.ts';

export interface MessageRow {
  readonly id: string;
  readonly body: string;
  readonly bodyMd5: string;
  readonly attributes: StoredAttributes;
  readonly attributesMd5?: string;
  readonly traceHeader?: string;
  readonly sentMs: number;
  readonly senderId: string;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly sequenceNumber?: string;
  /** The queue it came from as a dead letter. */
  readonly deadLetterSource?: string;
  /** Kept when a message becomes a dead letter of a standard queue; AWS counts on from there. */
  readonly receivesBefore?: number;
}

/** What happened to a message since it was sent. */
export interface MessageState {
  /** Hidden until then: delayed, or received. */
  readonly visibleMs: number;
  readonly receives: number;
  readonly firstReceivedMs?: number;
  /** Of the last receive: older handles are void. */
  readonly receipt?: string;
}

/** A place in line. Of a FIFO queue's ready line: the group whose turn it is. */
export interface LineRow {
  readonly group?: string;
}

export const messages = table<MessageRow>('sqs.messages');
export const states = table<MessageState>('sqs.message-states');
export const lines = table<LineRow>('sqs.lines');

/** Everything of a queue begins so. */
export const queuePrefix = ({ row }: FoundQueue): string => `${row.queueId}/`;
export const messageKey = (queue: FoundQueue, place: string): string => queuePrefix(queue) + place;

/** Ready: in order of sending. Hidden: in order of when they become visible. Group: a FIFO group's messages in order. */
export const readyPrefix = (queue: FoundQueue): string => `${queuePrefix(queue)}r/`;
export const hiddenPrefix = (queue: FoundQueue): string => `${queuePrefix(queue)}h/`;
export const groupPrefix = (queue: FoundQueue, group: string): string =>
  `${queuePrefix(queue)}g/${encodeURIComponent(group)}/`;
export const allGroupsPrefix = (queue: FoundQueue): string => `${queuePrefix(queue)}g/`;
export const readyKey = (queue: FoundQueue, place: string): string => readyPrefix(queue) + place;
export const hiddenKey = (queue: FoundQueue, visibleMs: number, place: string): string =>
  `${hiddenPrefix(queue)}${risingText(visibleMs)}/${place}`;

/** The message a line's key names. */
export const placeOfLine = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
export const visibleMsOfLine = (queue: FoundQueue, key: string): number =>
  Number(key.slice(hiddenPrefix(queue).length, hiddenPrefix(queue).length + RISING_DIGITS));

/** When a message was sent, in its place: expiry needs no look at the message. */
export const sentMsOfPlace = (place: string): number => Math.floor(numberOf(place) / 1000);

/** Places rise, and end in a mark of this process. */
export function createPlaces(now: () => number, mark: string): (after?: string) => string {
  const next = createRising(now);
  return (after) => `${risingText(next(after === undefined ? 0 : numberOf(after)))}-${mark}`;
}

const numberOf = (place: string): number => Number(place.slice(0, RISING_DIGITS));

const NEW_STATE: MessageState = { visibleMs: 0, receives: 0 };

export const readState = async (rows: Reader, scope: Scope, key: string): Promise<MessageState> =>
  (await rows.get(states, scope, key)) ?? NEW_STATE;

/** Takes a message out of a standard or FIFO queue, wherever it stands in line. */
export async function removeMessage(rows: Transaction, queue: FoundQueue, place: string): Promise<void> {
  const { scope } = queue;
  const key = messageKey(queue, place);
  const message = isFifo(queue) ? await rows.get(messages, scope, key) : undefined;
  const state = await readState(rows, scope, key);
  await rows.delete(messages, scope, key);
  await rows.delete(states, scope, key);
  if (state.visibleMs > 0) await rows.delete(lines, scope, hiddenKey(queue, state.visibleMs, place));
  else await rows.delete(lines, scope, readyKey(queue, place));
  if (message?.groupId !== undefined)
    await rows.delete(lines, scope, groupPrefix(queue, message.groupId) + place);
}
