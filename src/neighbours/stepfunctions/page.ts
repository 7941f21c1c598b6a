/** Pages of Step Functions: `maxResults` and `nextToken`. */
import { Fault } from '../../base/fault.ts';

export interface PageInput {
  readonly maxResults?: number | undefined;
  readonly nextToken?: string | undefined;
}

/** 100 unless told, at most 1,000; tokens count the items before. */
export function pageOf<Item>(
  items: readonly Item[],
  { maxResults, nextToken }: PageInput,
): { items: readonly Item[]; nextToken: string | undefined } {
  const start = nextToken === undefined ? 0 : Number(Buffer.from(nextToken, 'base64').toString());
  if (!Number.isInteger(start) || start < 0)
    throw new Fault('InvalidToken', "Invalid Token: 'Invalid token'");
  const size = maxResults === undefined || maxResults === 0 ? 100 : Math.min(maxResults, 1000);
  const end = start + size;
  return {
    items: items.slice(start, end),
    nextToken: end < items.length ? Buffer.from(String(end)).toString('base64') : undefined,
  };
}
