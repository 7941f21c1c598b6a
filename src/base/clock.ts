/** Milliseconds since 1970. Handed in wherever time matters, so that tests can move it. */
export type Now = () => number;

export const systemNow: Now = () => Date.now();

/** A moment as most AWS services show it: to the second. */
export const wholeSecond = (ms: number): Date => new Date(ms - (ms % 1000));
