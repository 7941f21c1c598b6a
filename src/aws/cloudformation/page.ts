/** Lists as CloudFormation pages them: an opaque NextToken. */
import { limits } from '../../base/limits.ts';
import { validationError } from './faults.ts';

export interface TokenPage<Item> {
  readonly items: Item[];
  readonly NextToken?: string;
}

export function pageFrom<Item>(
  items: readonly Item[],
  token: string | undefined,
  size: number = limits.stackPageItems,
): TokenPage<Item> {
  const start = token === undefined ? 0 : Number(Buffer.from(token, 'base64').toString());
  if (!Number.isInteger(start) || start < 0) throw validationError('Invalid NextToken');
  const end = start + size;
  return {
    items: items.slice(start, end),
    ...(end < items.length && { NextToken: Buffer.from(String(end)).toString('base64') }),
  };
}
