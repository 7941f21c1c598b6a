/** All environments of this machine together: how many it holds, and what goes when it is full. */
import { totalmem } from 'node:os';
import { limits } from '../base/limits.ts';

export interface Fleet {
  /** Whether one more may start; makes room by ending one that is idle. */
  hasRoom(): boolean;
  joined(): void;
  left(): void;
}

/** The memory left to the system, the server and the functions' own data. */
const SHARE_OF_MEMORY = 0.6;
const LEAST = 8;

export const environmentsOfThisMachine = (): number =>
  Math.min(
    limits.lambdaConcurrentExecutions,
    Math.max(LEAST, Math.floor((totalmem() * SHARE_OF_MEMORY) / limits.functionEnvironmentBytes)),
  );

/** `endLongestIdle` ends one environment of any function; false when all are busy. */
export function createFleet(most: number, endLongestIdle: () => boolean): Fleet {
  let size = 0;
  return {
    hasRoom: () => size < most || endLongestIdle(),
    joined: () => {
      size += 1;
    },
    left: () => {
      size -= 1;
    },
  };
}
