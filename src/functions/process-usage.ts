/** How much processor time a process and what it started have used, in milliseconds. */
import { readFileSync } from 'node:fs';

/** The kernel's clock tick, the same on every Linux that Node.js runs on. */
const TICK_MS = 10;
/** Deeper trees of processes are counted no further. */
const MOST_PROCESSES = 64;

/** Linux only; undefined when the process is gone. */
export function processorMs(pid: number): number | undefined {
  const own = usedBy(pid);
  if (own === undefined) return undefined;
  let sum = own;
  const waiting = childrenOf(pid);
  for (let count = 0; waiting.length > 0 && count < MOST_PROCESSES; count++) {
    const child = waiting.pop() ?? 0;
    sum += usedBy(child) ?? 0;
    waiting.push(...childrenOf(child));
  }
  return sum;
}

/** User and system time, its ended children's included. */
function usedBy(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold anything; the fields behind it begin with the third.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS;
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}
