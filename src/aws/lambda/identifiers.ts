import type { RandomBytes } from '../../base/ids.ts';

/** A version 4 UUID, as request and revision ids are. */
export function uuid(random: RandomBytes): string {
  const hex = Buffer.from(random(16)).toString('hex');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** `2024-03-27T09:14:35.000+0000`: how Lambda writes times in its records. */
export const lambdaTime = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace('Z', '+0000');
