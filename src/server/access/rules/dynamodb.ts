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
import { hashKeyOf, leadingKey, leadingKeys, queriedKey } from './leading-keys.ts';

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

/** One item, by its key or whole. */
const item =
  (action: string): Rule =>
  async (call) => {
    const { input, scope } = call;
    const key = leadingKey(input['Key'] ?? input['Item'], await hashKeyOf(call, textOf(input['TableName'])));
    return [
      {
        action: `dynamodb:${action}`,
        resources: [tableArn(scope, input['TableName'])],
        context: { ...keysOf(input), ...leadingKeys([key]) },
      },
    ];
  };

const query: Rule = async (call) => {
  const { input } = call;
  const table = textOf(input['TableName']);
  const key = queriedKey(input, await hashKeyOf(call, table, textOf(input['IndexName'])));
  const [own] = (await read('Query')(call)) ?? [];
  return own === undefined ? [] : [{ ...own, context: { ...own.context, ...leadingKeys([key]) } }];
};

const batch =
  (action: string): Rule =>
  async (call) => {
    const tables = Object.entries(fieldsOf(call.input['RequestItems']) ?? {});
    return Promise.all(
      tables.map(async ([table, requests]) => {
        const hashKey = await hashKeyOf(call, table);
        const items = [
          ...listOf(fieldsOf(requests)?.['Keys']),
          ...listOf(requests).map((request) => {
            const { PutRequest: put, DeleteRequest: remove } = fieldsOf(request) ?? {};
            return fieldsOf(put)?.['Item'] ?? fieldsOf(remove)?.['Key'];
          }),
        ];
        return {
          action: `dynamodb:${action}`,
          resources: [tableArn(call.scope, table)],
          context: { ...keysOf(call.input), ...leadingKeys(items.map((one) => leadingKey(one, hashKey))) },
        };
      }),
    );
  };

const TRANSACT: Readonly<Record<string, string>> = {
  Get: 'GetItem',
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

const transact: Rule = async (call) => {
  const parts = listOf(call.input['TransactItems']).flatMap((one) => Object.entries(fieldsOf(one) ?? {}));
  return Promise.all(
    parts.map(async ([kind, what]) => {
      const part = fieldsOf(what) ?? {};
      const key = leadingKey(part['Key'] ?? part['Item'], await hashKeyOf(call, textOf(part['TableName'])));
      return {
        action: `dynamodb:${TRANSACT[kind] ?? kind}`,
        resources: [tableArn(call.scope, part['TableName'])],
        context: { 'dynamodb:EnclosingOperation': call.operation, ...leadingKeys([key]) },
      };
    }),
  );
};

const VERB = /^\s*(select|insert|update|delete)\b/i;
const VERBS: Readonly<Record<string, string>> = {
  select: 'PartiQLSelect',
  insert: 'PartiQLInsert',
  update: 'PartiQLUpdate',
  delete: 'PartiQLDelete',
};

/** A statement that cannot be read is one on any table. */
function statement(text: unknown, scope: AccessCall['scope']): Requirement {
  const sql = textOf(text) ?? '';
  const verb = VERB.exec(sql)?.[1]?.toLowerCase() ?? 'select';
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
    Query: query,
    ...Object.fromEntries(
      ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'].map((name) => [name, item(name)]),
    ),
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
