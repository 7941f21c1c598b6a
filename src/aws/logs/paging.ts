/** Pages of CloudWatch Logs: `nextToken` and `limit` in, `nextToken` out. */
import { invalidParameter } from './fault.ts';

export interface Paged<Item> {
  readonly items: readonly Item[];
  readonly nextToken?: string;
}

export interface PageInput {
  readonly nextToken?: string | undefined;
  readonly limit?: number | undefined;
}

/** One page of items in their order; the token is the place, which is good for as long as the order stays. */
export function pageOf<Item>(items: readonly Item[], input: PageInput, defaultLimit = 50): Paged<Item> {
  const start = input.nextToken === undefined ? 0 : readToken(input.nextToken);
  const end = start + (input.limit ?? defaultLimit);
  const page = items.slice(start, end);
  return end < items.length ? { items: page, nextToken: writeToken(end) } : { items: page };
}

const writeToken = (place: number): string => Buffer.from(`place:${place}`).toString('base64url');

function readToken(token: string): number {
  const place = /^place:(\d{1,9})$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (place === undefined) throw invalidParameter('The specified nextToken is invalid.');
  return Number(place);
}
