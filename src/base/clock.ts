/** Milliseconds since 1970. Handed in wherever time matters, so that tests can move it. */
export type Now = () => number;

export const systemNow: Now = () => Date.now();
