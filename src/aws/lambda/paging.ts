/** Lambda's pages: `Marker` and `MaxItems` in, `NextMarker` out. */
import type { Scope } from '../../base/scope.ts';
import type { Reader, Table } from '../../store/store.ts';
import { invalidParameter } from './fault.ts';

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html: 50 a page at most. */
const DEFAULT_ITEMS = 50;

export interface PageInput {
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

export interface RowPage<Row> {
  readonly entries: readonly { readonly key: string; readonly row: Row }[];
  readonly nextMarker: string | undefined;
}

export async function pageOfRows<Row>(
  reader: Pick<Reader, 'list'>,
  table: Table<Row>,
  scope: Scope,
  input: PageInput & { readonly prefix?: string; readonly most?: number },
): Promise<RowPage<Row>> {
  const limit = limitOf(input, input.most);
  const after = readMarker(input.Marker);
  const entries = await reader.list(table, scope, {
    ...(input.prefix !== undefined && { prefix: input.prefix }),
    ...(after !== undefined && { after }),
    limit: limit + 1,
  });
  return cut(entries, limit);
}

/** One page of entries already in memory, in the order of their keys. */
export function pageOf<Row>(
  entries: readonly { readonly key: string; readonly row: Row }[],
  input: PageInput,
): RowPage<Row> {
  const after = readMarker(input.Marker);
  return cut(after === undefined ? entries : entries.filter(({ key }) => key > after), limitOf(input));
}

function cut<Row>(entries: RowPage<Row>['entries'], limit: number): RowPage<Row> {
  const page = entries.slice(0, limit);
  const last = entries.length > limit ? page.at(-1)?.key : undefined;
  return { entries: page, nextMarker: last === undefined ? undefined : writeMarker(last) };
}

const limitOf = (input: PageInput, most = DEFAULT_ITEMS): number => Math.min(input.MaxItems || most, most);

const writeMarker = (key: string): string => Buffer.from(key).toString('base64');

function readMarker(marker: string | undefined): string | undefined {
  if (marker === undefined || marker === '') return undefined;
  const key = Buffer.from(marker, 'base64').toString();
  if (writeMarker(key) !== marker) throw invalidParameter('Invalid Marker');
  return key;
}
