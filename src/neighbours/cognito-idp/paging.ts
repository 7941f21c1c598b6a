/** Pages of rows in the order of their keys; the token is the last key, in base64. */
import type { Entry } from '../../store/store.ts';
import { invalidParameter } from './fault.ts';

export function pageOf<Row>(
  all: readonly Entry<Row>[],
  token: string | undefined,
  limit = 60,
): { readonly items: Row[]; readonly next: string | undefined } {
  const after = token === undefined ? undefined : decoded(token);
  const rest = after === undefined ? all : all.filter(({ key }) => key > after);
  const cut = rest.slice(0, limit);
  const last = cut.at(-1);
  return {
    items: cut.map(({ row }) => row),
    next: rest.length > limit && last !== undefined ? Buffer.from(last.key).toString('base64') : undefined,
  };
}

function decoded(token: string): string {
  const key = Buffer.from(token, 'base64').toString();
  if (Buffer.from(key).toString('base64') !== token)
    throw invalidParameter('The pagination token is not valid.');
  return key;
}
