/** A table as it is kept, and as DescribeTable shows it. */
import type {
  AttributeDefinition,
  KeySchemaElement,
  Projection,
  ProvisionedThroughput,
  SSESpecification,
  TableDescription,
} from '@aws-sdk/client-dynamodb';
import { arnOf, parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { streamArn, type TableStream } from './stream-row.ts';

export interface IndexRow {
  readonly name: string;
  readonly kind: 'global' | 'local';
  readonly keySchema: readonly KeySchemaElement[];
  readonly projection: Projection;
  readonly throughput?: ProvisionedThroughput;
}

export interface TableRow {
  readonly name: string;
  /** Names the items' rows: a table made again under the same name never sees the old ones. */
  readonly tableId: string;
  readonly createdMs: number;
  readonly keySchema: readonly KeySchemaElement[];
  readonly attributes: readonly AttributeDefinition[];
  readonly indexes: readonly IndexRow[];
  readonly billingMode: 'PROVISIONED' | 'PAY_PER_REQUEST';
  readonly throughput: ProvisionedThroughput;
  readonly tableClass: 'STANDARD' | 'STANDARD_INFREQUENT_ACCESS';
  readonly deletionProtection: boolean;
  readonly sse?: SSESpecification;
  readonly tags: Readonly<Record<string, string>>;
  readonly timeToLive?: string;
  readonly pointInTimeRecovery: boolean;
  readonly resourcePolicy?: string;
  readonly stream?: TableStream;
}

export const tables = table<TableRow>('dynamodb.tables');

const tableArn = (scope: Scope, name: string): string => arnOf(scope, 'dynamodb', `table/${name}`);

/** Operations take a name or an ARN. */
export function tableNameOf(nameOrArn: string | undefined): string {
  const resource = parseArn(nameOrArn ?? '')?.resource;
  return resource?.startsWith('table/') ? (resource.split('/')[1] ?? '') : (nameOrArn ?? '');
}

/** For operations on items: DynamoDB does not name the table there. */
export async function findTable(
  rows: Reader,
  scope: Scope,
  nameOrArn: string | undefined,
): Promise<TableRow> {
  const found = await rows.get(tables, scope, tableNameOf(nameOrArn));
  if (!found) throw new Fault('ResourceNotFoundException', 'Requested resource not found');
  return found;
}

export async function findNamedTable(
  rows: Reader,
  scope: Scope,
  nameOrArn: string | undefined,
): Promise<TableRow> {
  const name = tableNameOf(nameOrArn);
  const found = await rows.get(tables, scope, name);
  if (!found)
    throw new Fault('ResourceNotFoundException', `Requested resource not found: Table: ${name} not found`);
  return found;
}

export interface Size {
  readonly items: number;
  readonly bytes: number;
}

/** Counts are AWS's estimate of every six hours; here they are what was counted when asked, 0 where it was not. */
export function showTable(
  row: TableRow,
  scope: Scope,
  status: TableDescription['TableStatus'],
  size: Size,
): TableDescription {
  const created = new Date(row.createdMs);
  const throughput = { ...row.throughput, NumberOfDecreasesToday: 0 };
  const showIndex = (index: IndexRow) => ({
    IndexName: index.name,
    KeySchema: [...index.keySchema],
    Projection: index.projection,
    IndexArn: `${tableArn(scope, row.name)}/index/${index.name}`,
    IndexSizeBytes: 0,
    ItemCount: 0,
  });
  const locals = row.indexes.filter((index) => index.kind === 'local');
  const globals = row.indexes.filter((index) => index.kind === 'global');
  return {
    AttributeDefinitions: [...row.attributes],
    TableName: row.name,
    KeySchema: [...row.keySchema],
    TableStatus: status,
    CreationDateTime: created,
    ProvisionedThroughput: throughput,
    TableSizeBytes: size.bytes,
    ItemCount: size.items,
    TableArn: tableArn(scope, row.name),
    TableId: row.tableId,
    DeletionProtectionEnabled: row.deletionProtection,
    ...(row.billingMode === 'PAY_PER_REQUEST'
      ? { BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST', LastUpdateToPayPerRequestDateTime: created } }
      : {}),
    ...(row.tableClass === 'STANDARD' ? {} : { TableClassSummary: { TableClass: row.tableClass } }),
    ...(row.sse?.Enabled
      ? {
          SSEDescription: {
            Status: 'ENABLED',
            SSEType: 'KMS',
            KMSMasterKeyArn: row.sse.KMSMasterKeyId ?? arnOf(scope, 'kms', 'alias/aws/dynamodb'),
          },
        }
      : {}),
    ...(row.stream
      ? {
          StreamSpecification: { StreamEnabled: true, StreamViewType: row.stream.viewType },
          LatestStreamLabel: row.stream.label,
          LatestStreamArn: streamArn(scope, { tableName: row.name, label: row.stream.label }),
        }
      : {}),
    ...(locals.length > 0 ? { LocalSecondaryIndexes: locals.map(showIndex) } : {}),
    ...(globals.length > 0
      ? {
          GlobalSecondaryIndexes: globals.map((index) => ({
            ...showIndex(index),
            IndexStatus: 'ACTIVE',
            ProvisionedThroughput: {
              ReadCapacityUnits: 0,
              WriteCapacityUnits: 0,
              ...index.throughput,
              NumberOfDecreasesToday: 0,
            },
          })),
        }
      : {}),
  };
}
