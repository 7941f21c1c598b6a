/** DynamoDB: what batches, transactions and PartiQL statements do is asked item by item. */
import { arnOf } from '../../../base/arn.ts';
import {
  type AccessCall,
  type Fields,
  fieldsOf,
  listOf,
  type Requirement,
  type Rule,
  type ServiceRules,
  textOf,
} from '../requirement.ts';

function tableArn(scope: AccessCall['scope'], name: unknown): string {
  const table = textOf(name) ?? '*';
  return table.startsWith('arn:') ? table : arnOf(scope, 'dynamodb', `table/${table}`);
}

/** A query of an index is one on the index. */
const read =
  (action: string): Rule =>
  ({ input, scope }) => {
    const index = textOf(input['IndexName']);
    const table = tableArn(scope, input['TableName']);
    const resources = [index === undefined ? table : `${table}/index/${index}`];
    return [{ action: `dynamodb:${action}`, resources, context: keysOf(input) }];
  };

function keysOf(input: Fields): Record<string, string> {
  const keys: Record<string, string> = {};
  const select = textOf(input['Select']);
  const values = textOf(input['ReturnValues']);
  const capacity = textOf(input['ReturnConsumedCapacity']);
  if (select !== undefined) keys['dynamodb:Select'] = select;
  if (values !== undefined) keys['dynamodb:ReturnValues'] = values;
  if (capacity !== undefined) keys['dynamodb:ReturnConsumedCapacity'] = capacity;
  return keys;
}

const batch =
  (action: string): Rule =>
  ({ input, scope }) => [
    {
      action: `dynamodb:${action}`,
      resources: Object.keys(fieldsOf(input['RequestItems']) ?? {}).map((name) => tableArn(scope, name)),
    },
  ];

const TRANSACT: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

const transact: Rule = ({ input, scope }) =>
  listOf(input['TransactItems']).flatMap((item) =>
    Object.entries(fieldsOf(item) ?? {}).map(([kind, what]) => ({
      action: `dynamodb:${TRANSACT[kind] ?? kind}`,
      resources: [tableArn(scope, fieldsOf(what)?.['TableName'])],
    })),
  );

const STATEMENT =
  /^\s*(select|insert|update|delete)\b[\s\S]*?(?:\bfrom\b|\binto\b|^\s*update\b|\bexists\b)?\s*"?([\w.-]+)"?(?:\."?([\w.-]+)"?)?/i;
const VERBS: Readonly<Record<string, string>> = {
  select: 'PartiQLSelect',
  insert: 'PartiQLInsert',
  update: 'PartiQLUpdate',
  delete: 'PartiQLDelete',
};

/** A statement that cannot be read is one on any table. */
function statement(text: unknown, scope: AccessCall['scope']): Requirement {
  const sql = textOf(text) ?? '';
  const verb = STATEMENT.exec(sql)?.[1]?.toLowerCase() ?? 'select';
  const target = /\b(?:from|into|update)\s+("[^"]+"|[\w.-]+)(?:\.("[^"]+"|[\w.-]+))?/i.exec(sql);
  const table = tableArn(scope, target?.[1]?.replaceAll('"', ''));
  const index = target?.[2]?.replaceAll('"', '');
  const resource = index === undefined ? table : `${table}/index/${index}`;
  return { action: `dynamodb:${VERBS[verb] ?? 'PartiQLSelect'}`, resources: [resource] };
}

const statements =
  (list: string): Rule =>
  ({ input, scope }) =>
    listOf(input[list]).map((one) => statement(fieldsOf(one)?.['Statement'], scope));

export const dynamoDbRules: ServiceRules = {
  operations: {
    Query: read('Query'),
    Scan: read('Scan'),
    BatchGetItem: batch('BatchGetItem'),
    BatchWriteItem: batch('BatchWriteItem'),
    TransactGetItems: transact,
    TransactWriteItems: transact,
    ExecuteStatement: ({ input, scope }) => [statement(input['Statement'], scope)],
    BatchExecuteStatement: statements('Statements'),
    ExecuteTransaction: statements('TransactStatements'),
    DescribeTimeToLive: read('DescribeTimeToLive'),
    UpdateTimeToLive: read('UpdateTimeToLive'),
  },
};
