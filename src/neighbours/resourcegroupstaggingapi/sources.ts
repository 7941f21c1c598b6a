/** Where tagged resources are: the services next door by their rows, the others by their own operations. */
import type { Caller, CallOperation } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import { arnOf } from '../../base/arn.ts';
import type { Store, Table } from '../../store/store.ts';
import { tables } from '../dynamodb/table-row.ts';
import { busArn, buses, ruleArn, rules } from '../events/bus-row.ts';
import { streamArn, streams } from '../kinesis/stream-row.ts';
import { keyArn, keys } from '../kms/key-row.ts';
import { groupArn, groups } from '../scheduler/schedule-row.ts';
import { secretArn, secrets } from '../secretsmanager/secret-row.ts';
import { topicArn, topics } from '../sns/topic-row.ts';
import { queueArn, queues } from '../sqs/queue-row.ts';
import { parameterArn, parameters } from '../ssm/parameter-row.ts';

export interface TaggedResource {
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SourcePorts {
  readonly store: Store;
  readonly call: CallOperation;
}

interface Asking {
  readonly scope: Scope;
  readonly caller: Caller;
}

/** `type` as the API's filters name it: `sqs`, or `sqs:queue`. */
interface Source {
  readonly type: string;
  readonly list: (ports: SourcePorts, asking: Asking) => Promise<readonly TaggedResource[]>;
}

const rowsOf = <Row extends { readonly tags: TaggedResource['tags'] }>(
  type: string,
  table: Table<Row>,
  arn: (scope: Scope, row: Row) => string,
): Source => ({
  type,
  list: async ({ store }, { scope }) =>
    (await store.list(table, scope)).map(({ row }) => ({ arn: arn(scope, row), tags: row.tags })),
});

const operation = async <Output>(
  ports: SourcePorts,
  asking: Asking,
  service: string,
  name: string,
  input: object,
) => (await ports.call({ ...asking, service, operation: name, input })) as Output; // that operation's output

type Tags = Readonly<Record<string, string>>;

export const SOURCES: readonly Source[] = [
  rowsOf('sqs:queue', queues, (scope, row) => queueArn({ scope, name: row.name })),
  rowsOf('sns:topic', topics, (scope, row) => topicArn(scope, row.name)),
  rowsOf('dynamodb:table', tables, (scope, row) => arnOf(scope, 'dynamodb', `table/${row.name}`)),
  rowsOf('kinesis:stream', streams, (scope, row) => streamArn(scope, row.name)),
  rowsOf('events:event-bus', buses, (scope, row) => busArn({ scope, name: row.name })),
  rowsOf('events:rule', rules, ruleArn),
  rowsOf('scheduler:schedule-group', groups, (scope, row) => groupArn(scope, row.name)),
  rowsOf('kms:key', keys, (scope, row) => keyArn(scope, row.keyId)),
  rowsOf('secretsmanager:secret', secrets, secretArn),
  rowsOf('ssm:parameter', parameters, (scope, row) => parameterArn(scope, row.name)),
  { type: 'lambda:function', list: functions },
  { type: 'apigateway:restapis', list: restApis },
  { type: 's3:bucket', list: buckets },
];

async function functions(ports: SourcePorts, asking: Asking): Promise<readonly TaggedResource[]> {
  const found: TaggedResource[] = [];
  let Marker: string | undefined;
  do {
    const page = await operation<{ Functions?: { FunctionArn?: string }[]; NextMarker?: string }>(
      ports,
      asking,
      'lambda',
      'ListFunctions',
      Marker === undefined ? {} : { Marker },
    );
    for (const { FunctionArn: arn = '' } of page.Functions ?? []) {
      const { Tags: tags = {} } = await operation<{ Tags?: Tags }>(ports, asking, 'lambda', 'ListTags', {
        Resource: arn,
      });
      found.push({ arn, tags });
    }
    Marker = page.NextMarker;
  } while (Marker);
  return found;
}

async function restApis(ports: SourcePorts, asking: Asking): Promise<readonly TaggedResource[]> {
  const found: TaggedResource[] = [];
  let position: string | undefined;
  do {
    const page = await operation<{ items?: { id?: string; tags?: Tags }[]; position?: string }>(
      ports,
      asking,
      'apigateway',
      'GetRestApis',
      { limit: 500, ...(position === undefined ? {} : { position }) },
    );
    for (const { id = '', tags = {} } of page.items ?? [])
      found.push({ arn: `arn:aws:apigateway:${asking.scope.region}::/restapis/${id}`, tags });
    position = page.position;
  } while (position);
  return found;
}

async function buckets(ports: SourcePorts, asking: Asking): Promise<readonly TaggedResource[]> {
  const { Buckets = [] } = await operation<{ Buckets?: { Name?: string }[] }>(
    ports,
    asking,
    's3',
    'ListBuckets',
    {},
  );
  const found: TaggedResource[] = [];
  for (const { Name: Bucket = '' } of Buckets) {
    const answer = await operation<{ TagSet?: { Key: string; Value: string }[] }>(
      ports,
      asking,
      's3',
      'GetBucketTagging',
      {
        Bucket,
      },
    ).catch(() => ({ TagSet: [] }));
    const tags = Object.fromEntries((answer.TagSet ?? []).map(({ Key, Value }) => [Key, Value]));
    found.push({ arn: `arn:aws:s3:::${Bucket}`, tags });
  }
  return found;
}
