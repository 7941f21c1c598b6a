/** Pages as API Gateway hands them out: `position` and `limit` in, `items` and `position` out. */
import { Fault } from '../../base/fault.ts';
import type { Reader, Table } from '../../store/store.ts';
import type { Scope } from '../../base/scope.ts';

export interface PageRequest {
  readonly position?: string | undefined;
  readonly limit?: number | undefined;
}

export interface Page<Item> {
  readonly items: Item[];
  /** Absent on the last page. */
  readonly position: string | undefined;
}

/** https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html: 25 unless told, at most 500. */
const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 500;

/** One page of items already in memory and in order; `keyOf` must be unique and rise. */
export function pageOf<Item>(
  items: readonly Item[],
  request: PageRequest,
  keyOf: (item: Item) => string,
): Page<Item> {
  const after = request.position === undefined ? undefined : decodePosition(request.position);
  const rest = after === undefined ? items : items.filter((item) => keyOf(item) > after);
  return cut([...rest], limitOf(request), keyOf);
}

/** One page of a table's rows in the order of their keys. */
export async function pageOfRows<Row>(
  rows: Pick<Reader, 'list'>,
  table: Table<Row>,
  scope: Scope,
  request: PageRequest & { readonly prefix?: string },
): Promise<Page<Row>> {
  const limit = limitOf(request);
  const after = request.position === undefined ? undefined : decodePosition(request.position);
  const entries = await rows.list(table, scope, {
    ...(request.prefix === undefined ? {} : { prefix: request.prefix }),
    ...(after === undefined ? {} : { after }),
    limit: limit + 1,
  });
  const page = cut(entries, limit, (entry) => entry.key);
  return { items: page.items.map((entry) => entry.row), position: page.position };
}

function cut<Item>(items: Item[], limit: number, keyOf: (item: Item) => string): Page<Item> {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  const position = items.length > limit && last !== undefined ? encodePosition(keyOf(last)) : undefined;
  return { items: page, position };
}

const limitOf = (request: PageRequest): number => {
  const limit = request.limit ?? DEFAULT_LIMIT;
  if (limit < 1)
    throw new Fault('BadRequestException', 'Invalid page size requested. Page sizes must be greater than 0');
  return Math.min(limit, MAX_LIMIT);
};

const encodePosition = (key: string): string => Buffer.from(key).toString('base64');

function decodePosition(position: string): string {
  const key = Buffer.from(position, 'base64').toString();
  if (encodePosition(key) !== position) throw new Fault('BadRequestException', 'Invalid position parameter');
  return key;
}
