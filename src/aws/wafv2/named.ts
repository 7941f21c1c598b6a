/** What IP sets, pattern sets, rule groups and web ACLs share: names, ids, lock tokens, pages. */
import { randomUUID } from 'node:crypto';
import { arnOf, parseArn } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import { pinnedId } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Table, Transaction } from '../../store/store.ts';
import { duplicate, invalidParameter, missing, overLimit, stale, unsupported } from './fault.ts';
import { generations, ipSets, type NamedRow, regexSets, ruleGroups, webAcls } from './rows.ts';

type Kind = 'ipset' | 'regexpatternset' | 'rulegroup' | 'webacl';

export interface Creation {
  readonly Name: string | undefined;
  readonly Scope: string | undefined;
  readonly Description?: string | undefined;
  readonly Tags?:
    | readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[]
    | undefined;
}

export interface Addressed {
  readonly Name?: string | undefined;
  readonly Scope?: string | undefined;
  readonly Id?: string | undefined;
  readonly LockToken?: string | undefined;
}

export function newRow(kind: Kind, scope: Scope, input: Creation): NamedRow {
  checkScope(input.Scope);
  const tags = tagsOf(input.Tags);
  const id = pinnedId(tags) ?? randomUUID();
  const name = input.Name ?? '';
  return {
    name,
    id,
    arn: arnOf(scope, 'wafv2', `regional/${kind}/${name}/${id}`),
    ...(input.Description !== undefined && { description: input.Description }),
    lockToken: randomUUID(),
    tags,
  };
}

/** CloudFront is not here, and its web ACLs protect nothing else. */
export function checkScope(scope: string | undefined): void {
  if (scope === 'CLOUDFRONT') throw unsupported('SCOPE_VALUE', 'Scope CLOUDFRONT');
}

export const tagsOf = (tags: Creation['Tags']): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));

/** Throws WAFDuplicateItemException, WAFLimitsExceededException. */
export async function insert<Row extends NamedRow>(
  rows: Transaction,
  table: Table<Row>,
  scope: Scope,
  row: Row,
): Promise<void> {
  const all = await rows.list(table, scope);
  if (all.some((each) => each.row.name === row.name)) throw duplicate();
  if (all.length >= limits.wafItems) throw overLimit(table.name);
  await rows.put(table, scope, row.id, row);
  await bump(rows, scope);
}

export async function need<Row extends NamedRow>(
  rows: Reader,
  table: Table<Row>,
  scope: Scope,
  { Id, Name, Scope: where }: Addressed,
): Promise<Row> {
  checkScope(where);
  const row = await rows.get(table, scope, Id ?? '');
  if (row === undefined || (Name !== undefined && row.name !== Name)) throw missing();
  return row;
}

/** Changes a row for whoever has seen its last state. The new lock token. */
export async function change<Row extends NamedRow>(
  rows: Transaction,
  table: Table<Row>,
  scope: Scope,
  input: Addressed,
  edit: (row: Row) => Row,
): Promise<string> {
  const row = await need(rows, table, scope, input);
  if (row.lockToken !== input.LockToken) throw stale();
  const lockToken = randomUUID();
  await rows.put(table, scope, row.id, { ...edit(row), lockToken });
  await bump(rows, scope);
  return lockToken;
}

export async function remove<Row extends NamedRow>(
  rows: Transaction,
  table: Table<Row>,
  scope: Scope,
  input: Addressed,
): Promise<Row> {
  const row = await need(rows, table, scope, input);
  if (row.lockToken !== input.LockToken) throw stale();
  await rows.delete(table, scope, row.id);
  await bump(rows, scope);
  return row;
}

/** Compiled web ACLs older than this are compiled anew. */
export async function bump(rows: Transaction, scope: Scope): Promise<void> {
  const generation = (await rows.get(generations, scope, 'generation'))?.generation ?? 0;
  await rows.put(generations, scope, 'generation', { generation: generation + 1 });
}

const TABLES: Readonly<Record<Kind, Table<NamedRow>>> = {
  ipset: ipSets,
  regexpatternset: regexSets,
  rulegroup: ruleGroups,
  webacl: webAcls,
};

/** The table and the row of an ARN of this service. Throws WAFNonexistentItemException. */
export async function byArn(
  rows: Reader,
  arn: string | undefined,
): Promise<{ readonly table: Table<NamedRow>; readonly scope: Scope; readonly row: NamedRow }> {
  const parsed = parseArn(arn ?? '');
  const [, kind = '', , id = ''] = parsed?.resource.split('/') ?? [];
  if (parsed?.service !== 'wafv2' || !Object.hasOwn(TABLES, kind))
    throw invalidParameter(
      'RESOURCE_ARN',
      arn ?? '',
      'The ARN isn’t valid. A valid ARN begins with arn: and includes other information separated by colons or slashes.',
    );
  const table = TABLES[kind as Kind]; // one of its own
  const scope = { account: parsed.account, region: parsed.region };
  const row = await rows.get(table, scope, id);
  if (row === undefined || row.arn !== arn) throw missing();
  return { table, scope, row };
}

/** Pages by name: `NextMarker` is the last one's. */
export async function pageOf<Row extends NamedRow>(
  rows: Reader,
  table: Table<Row>,
  scope: Scope,
  input: {
    readonly Scope: string | undefined;
    readonly NextMarker?: string | undefined;
    readonly Limit?: number | undefined;
  },
): Promise<{ readonly items: Row[]; readonly NextMarker?: string }> {
  checkScope(input.Scope);
  const all = (await rows.list(table, scope)).map(({ row }) => row);
  const ordered = all.sort((one, other) => (one.name < other.name ? -1 : 1));
  const after = input.NextMarker;
  const rest = after === undefined ? ordered : ordered.filter(({ name }) => name > after);
  const items = rest.slice(0, input.Limit ?? 100);
  const last = items.at(-1);
  return { items, ...(rest.length > items.length && last && { NextMarker: last.name }) };
}

export const summary = ({ name, id, description = '', lockToken, arn }: NamedRow) => ({
  Name: name,
  Id: id,
  Description: description,
  LockToken: lockToken,
  ARN: arn,
});
