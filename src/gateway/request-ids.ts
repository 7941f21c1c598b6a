/** Ids of requests, drawn from a pool of random bytes, because a system call a request is dear. */
import type { RandomBytes } from '../base/ids.ts';

export interface RequestIds {
  /** `c6af9ac6-7b61-11e6-9a41-93e8deadbeef`. */
  uuid(): string;
  /** `JKJaXmPLvHcESHA=`: sixteen characters, as `x-amz-apigw-id` and HTTP APIs' request ids are. */
  extended(): string;
  /** `1-{8 hex digits of seconds}-{24 hex digits}`: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html */
  traceRoot(nowMs: number): string;
  /** 16 hex digits. */
  segment(): string;
}

const POOL_BYTES = 4096;

export function createRequestIds(random: RandomBytes): RequestIds {
  let pool = Buffer.alloc(0);
  let used = 0;
  const draw = (count: number): Buffer => {
    if (used + count > pool.length) {
      pool = Buffer.from(random(POOL_BYTES));
      used = 0;
    }
    used += count;
    return pool.subarray(used - count, used);
  };
  return {
    uuid: () => uuidOf(draw(16)),
    extended: () => `${draw(11).toString('base64url').replaceAll('_', 'A')}=`,
    traceRoot: (nowMs) =>
      `1-${Math.floor(nowMs / 1000)
        .toString(16)
        .padStart(8, '0')}-${draw(12).toString('hex')}`,
    segment: () => draw(8).toString('hex'),
  };
}

function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
