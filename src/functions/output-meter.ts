/** Makes a function that floods its log wait: no more than so many bytes a second are read from the stream. */
import type { Readable } from 'node:stream';

/** Returned function: these bytes of output have been read. */
export type SpendOutput = (bytes: number) => void;

/** How far the allowance may be overdrawn before the stream waits, and the least wait, in milliseconds. */
const WAIT_MS = 10;

export function createOutputMeter(stream: Readable, bytesPerSecond: number): SpendOutput {
  let allowance = bytesPerSecond;
  let refilledAt = performance.now();
  return (bytes) => {
    allowance -= bytes;
    if (allowance > 0) return;
    const time = performance.now();
    allowance = Math.min(bytesPerSecond, allowance + ((time - refilledAt) / 1000) * bytesPerSecond);
    refilledAt = time;
    if (allowance > 0) return;
    stream.pause();
    setTimeout(() => stream.resume(), WAIT_MS - (allowance / bytesPerSecond) * 1000);
  };
}
