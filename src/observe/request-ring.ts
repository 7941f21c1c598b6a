/** The last finished requests, oldest overwritten; nothing about them is printed before someone asks. */
import type { Observation } from '../base/observation.ts';

export interface RequestRing {
  keep(observation: Observation): void;
  /** By request id or extended request id, the newest first: ids are random, so there is one. */
  find(id: string): Observation | undefined;
}

/** Looked through from end to end when asked, so that keeping a request is one assignment. */
export function createRequestRing(size: number): RequestRing {
  const ring: (Observation | undefined)[] = Array.from({ length: size });
  let next = 0;
  return {
    keep(observation) {
      ring[next] = observation;
      next = next + 1 === size ? 0 : next + 1;
    },
    find: (id) => ring.find((one) => one?.requestId === id || one?.extendedRequestId === id),
  };
}
