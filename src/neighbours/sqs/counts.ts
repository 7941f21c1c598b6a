/** How many messages a queue has: AWS says approximately, here it is what the rows hold. */
import type { Reader } from '../../store/store.ts';
import {
  allGroupsPrefix,
  hiddenPrefix,
  lines,
  messageKey,
  placeOfLine,
  readState,
  readyPrefix,
  sentMsOfPlace,
  visibleMsOfLine,
} from './message-row.ts';
import { type FoundQueue, isFifo, secondsOf } from './queue-row.ts';

export async function countMessages(
  rows: Reader,
  queue: FoundQueue,
  now: number,
): Promise<Readonly<Record<string, string>>> {
  const expiredBefore = now - secondsOf(queue, 'MessageRetentionPeriod') * 1000;
  const isAlive = (key: string): boolean => sentMsOfPlace(placeOfLine(key)) >= expiredBefore;
  let visible = 0;
  let inFlight = 0;
  let delayed = 0;
  for (const { key } of await rows.list(lines, queue.scope, { prefix: hiddenPrefix(queue) })) {
    if (!isAlive(key)) continue;
    const place = placeOfLine(key);
    if (visibleMsOfLine(queue, key) <= now) visible += isFifo(queue) ? 0 : 1;
    else if ((await readState(rows, queue.scope, messageKey(queue, place))).receives > 0) inFlight++;
    else delayed++;
  }
  // Of a FIFO queue only groups are in the ready line, so its messages are counted where they all stand.
  const prefix = isFifo(queue) ? allGroupsPrefix(queue) : readyPrefix(queue);
  const alive = (await rows.list(lines, queue.scope, { prefix })).filter(({ key }) => isAlive(key)).length;
  visible += isFifo(queue) ? alive - inFlight - delayed : alive;
  return {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
}
