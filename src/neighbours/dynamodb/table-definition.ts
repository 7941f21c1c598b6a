/** Checks of what CreateTable and UpdateTable define, in DynamoDB's words. */
import type {
  AttributeDefinition,
  GlobalSecondaryIndex,
  KeySchemaElement,
  LocalSecondaryIndex,
  Projection,
  ProvisionedThroughput,
} from '@aws-sdk/client-dynamodb';
import { Fault } from '../../base/fault.ts';
import { hashName, keyNames, rangeName } from './key.ts';
import type { IndexRow } from './table-row.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html */
const MAX_GLOBAL_INDEXES = 20;
const MAX_LOCAL_INDEXES = 5;

export const invalid = (message: string): Fault => new Fault('ValidationException', message);
const invalidValues = (message: string): Fault =>
  invalid(`One or more parameter values were invalid: ${message}`);

export function checkDefinition(
  keySchema: readonly KeySchemaElement[],
  attributes: readonly AttributeDefinition[],
  indexes: readonly IndexRow[],
): void {
  checkKeySchema(keySchema);
  const defined = attributes.map((attribute) => attribute.AttributeName);
  const print = (names: readonly (string | undefined)[]) => `[${names.join(', ')}]`;
  const missing = keyNames(keySchema).filter((name) => !defined.includes(name));
  if (missing.length > 0) {
    throw invalidValues(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: ${print(missing)}, AttributeDefinitions: ${print(defined)}`,
    );
  }
  checkIndexes(keySchema, indexes, defined);
  const used = new Set(
    [keySchema, ...indexes.map((index) => index.keySchema)].flatMap((schema) => keyNames(schema)),
  );
  if (defined.some((name) => !used.has(name ?? ''))) {
    throw invalidValues(
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    );
  }
}

function checkKeySchema(schema: readonly KeySchemaElement[]): void {
  if (!hashName(schema))
    throw invalidValues(
      'No Hash Key specified in schema.  All Dynamo DB tables must have exactly one hash key',
    );
  if (schema[0]?.KeyType !== 'HASH')
    throw invalid('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  if (schema.length > 1 && schema[1]?.KeyType !== 'RANGE')
    throw invalid('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  if (hashName(schema) === rangeName(schema))
    throw invalidValues('Both the Hash Key and the Range Key element in the KeySchema have the same name');
}

function checkIndexes(
  keySchema: readonly KeySchemaElement[],
  indexes: readonly IndexRow[],
  defined: readonly (string | undefined)[],
): void {
  const names = indexes.map((index) => index.name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw invalidValues(`Duplicate index name: ${twice}`);
  if (indexes.filter((index) => index.kind === 'global').length > MAX_GLOBAL_INDEXES) {
    throw invalidValues(`GlobalSecondaryIndex count exceeds the per-table limit of ${MAX_GLOBAL_INDEXES}`);
  }
  if (indexes.filter((index) => index.kind === 'local').length > MAX_LOCAL_INDEXES) {
    throw invalidValues(`Number of LocalSecondaryIndexes exceeds per-table limit of ${MAX_LOCAL_INDEXES}`);
  }
  for (const index of indexes) checkIndex(keySchema, index, defined);
}

function checkIndex(
  keySchema: readonly KeySchemaElement[],
  index: IndexRow,
  defined: readonly (string | undefined)[],
): void {
  checkKeySchema(index.keySchema);
  const missing = keyNames(index.keySchema).filter((name) => !defined.includes(name));
  if (missing.length > 0) {
    throw invalidValues(
      `Some index key attributes are not defined in AttributeDefinitions. Keys: [${missing.join(', ')}], AttributeDefinitions: [${defined.join(', ')}]`,
    );
  }
  if (index.kind === 'local' && !rangeName(keySchema))
    throw invalidValues(
      'Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex',
    );
  if (index.kind === 'local' && hashName(index.keySchema) !== hashName(keySchema)) {
    throw invalidValues(
      `Index KeySchema does not have the same leading hash key as table KeySchema for index: ${index.name}. index hash key: ${hashName(index.keySchema)}, table hash key: ${hashName(keySchema)}`,
    );
  }
  checkProjection(index.projection);
}

function checkProjection({ ProjectionType, NonKeyAttributes }: Projection): void {
  if (!ProjectionType) throw invalidValues('Unknown ProjectionType: null');
  if (ProjectionType === 'INCLUDE' && !NonKeyAttributes?.length)
    throw invalidValues('ProjectionType is INCLUDE, but NonKeyAttributes is not specified');
  if (ProjectionType !== 'INCLUDE' && NonKeyAttributes)
    throw invalidValues(`ProjectionType is ${ProjectionType}, but NonKeyAttributes is specified`);
}

export function throughputOf(
  billingMode: string | undefined,
  given: ProvisionedThroughput | undefined,
): { billingMode: 'PROVISIONED' | 'PAY_PER_REQUEST'; throughput: ProvisionedThroughput } {
  if (billingMode === 'PAY_PER_REQUEST') {
    if (given)
      throw invalidValues(
        'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
      );
    return { billingMode, throughput: { ReadCapacityUnits: 0, WriteCapacityUnits: 0 } };
  }
  if (!given)
    throw invalidValues(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  return { billingMode: 'PROVISIONED', throughput: given };
}

export function indexRow(
  kind: 'global' | 'local',
  index: GlobalSecondaryIndex | LocalSecondaryIndex,
): IndexRow {
  const throughput = 'ProvisionedThroughput' in index ? index.ProvisionedThroughput : undefined;
  return {
    name: index.IndexName ?? '',
    kind,
    keySchema: index.KeySchema ?? [],
    projection: index.Projection ?? { ProjectionType: undefined },
    ...(throughput ? { throughput } : {}),
  };
}
