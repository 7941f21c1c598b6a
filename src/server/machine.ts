/** What this machine has for functions to run on: for `gatehouse doctor`. */
import type { Description } from '../functions/machine-description.ts';
import { describeRuntimes } from '../functions/runtimes.ts';

export const describeMachine = (): Promise<readonly Description[]> => describeRuntimes();
