/** How inputs, outputs and errors look on the wire in each protocol, drawn whole. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { crc32 } from 'node:zlib';
import type { Handler } from '../../src/wire/service.ts';
import { coverage } from '../../src/wire/check-handlers.ts';
import { services } from '../../src/wire/services.ts';
import {
  fails,
  form,
  json,
  put,
  rest,
  send,
  serve,
  type RawReply,
  type RawRequest,
  type Served,
} from './testing.ts';

let served: Served;
let answer: Handler = async () => ({});
let last: unknown;
const logged: object[] = [];

const any: Handler = async (input, call) => {
  last = input;
  return answer(input, call);
};

beforeAll(async () => {
  served = await serve(
    {
      dynamodb: { PutItem: any, GetItem: any, DescribeTable: any },
      logs: { CreateLogGroup: any, PutLogEvents: any },
      iam: { GetRole: any, DeleteRole: any, ListRoles: any },
      lambda: { GetFunction: any, CreateFunction: any, Invoke: any },
      apigateway: { GetRestApi: any, CreateRestApi: any, GetRestApis: any },
      s3: {
        ListBuckets: any,
        HeadObject: any,
        GetObject: any,
        GetBucketLocation: any,
        PutBucketVersioning: any,
        DeleteObjects: any,
      },
    },
    { log: (level, message, fields) => void logged.push({ level, message, ...fields }) },
  );
});
afterAll(() => served.stop());

/** Ids are made up anew each time. */
const drawn = ({ status, headers, text }: RawReply) => ({
  status,
  type: headers['content-type'],
  ...(headers['x-amzn-errortype'] !== undefined && { errorType: headers['x-amzn-errortype'] }),
  text: text
    .replace(/<(RequestId|requestId|RequestID|HostId)>[^<]+/g, '<$1>id')
    .replace(/^<\?xml version="1.0" encoding="UTF-8"\?>\n/, ''),
});

interface Row {
  readonly name: string;
  readonly request: RawRequest;
  readonly answer?: Handler;
  readonly reply: object;
}

const iamNs = 'https://iam.amazonaws.com/doc/2010-05-08/';
const s3Ns = 'http://s3.amazonaws.com/doc/2006-03-01/';
const jsonType = { type: 'application/json' };

const rows: readonly Row[] = [
  {
    name: 'DynamoDB output',
    request: put('{"TableName":"t","Item":{}}'),
    answer: async () => ({ Attributes: { b: { B: Buffer.from('hi') }, n: { N: '1.50' }, l: { L: [] } } }),
    reply: {
      status: 200,
      type: 'application/x-amz-json-1.0',
      text: '{"Attributes":{"b":{"B":"aGk="},"n":{"N":"1.50"},"l":{"L":[]}}}',
    },
  },
  {
    name: 'DynamoDB error of the model',
    request: put('{"TableName":"t","Item":{}}'),
    answer: fails('ConditionalCheckFailedException', 'The conditional request failed', {
      members: { Item: { a: { S: 'x' } } },
    }),
    reply: {
      status: 400,
      type: 'application/x-amz-json-1.0',
      text: '{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed","Item":{"a":{"S":"x"}}}',
    },
  },
  {
    name: 'an operation without output answers nothing',
    request: json('Logs_20140328.CreateLogGroup', '{"logGroupName":"g"}'),
    reply: { status: 200, type: 'application/x-amz-json-1.1', text: '' },
  },
  {
    name: 'Logs error',
    request: json('Logs_20140328.CreateLogGroup', '{"logGroupName":"g"}'),
    answer: fails('ResourceAlreadyExistsException', 'The specified log group already exists'),
    reply: {
      status: 400,
      type: 'application/x-amz-json-1.1',
      text: '{"__type":"ResourceAlreadyExistsException","message":"The specified log group already exists"}',
    },
  },
  {
    name: 'query output',
    request: form('iam', 'Action=ListRoles&Version=2010-05-08'),
    answer: async () => ({ Roles: [], IsTruncated: false, Marker: 'a<b' }),
    reply: {
      status: 200,
      type: 'text/xml',
      text: `<ListRolesResponse xmlns="${iamNs}"><ListRolesResult><Roles></Roles><IsTruncated>false</IsTruncated><Marker>a&lt;b</Marker></ListRolesResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></ListRolesResponse>`,
    },
  },
  {
    name: 'query without output',
    request: form('iam', 'Action=DeleteRole&Version=2010-05-08&RoleName=r'),
    reply: {
      status: 200,
      type: 'text/xml',
      text: `<DeleteRoleResponse xmlns="${iamNs}"><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DeleteRoleResponse>`,
    },
  },
  {
    name: 'query error, by the name of its shape',
    request: form('iam', 'Action=GetRole&Version=2010-05-08&RoleName=r'),
    answer: fails('NoSuchEntityException', 'The role with name r cannot be found.'),
    reply: {
      status: 404,
      type: 'text/xml',
      text: `<ErrorResponse xmlns="${iamNs}"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>The role with name r cannot be found.</Message></Error><RequestId>id</RequestId></ErrorResponse>`,
    },
  },
  {
    name: 'query error, by its code',
    request: form('iam', 'Action=GetRole&Version=2010-05-08&RoleName=r'),
    answer: fails('NoSuchEntity', 'x'),
    reply: {
      status: 404,
      type: 'text/xml',
      text: `<ErrorResponse xmlns="${iamNs}"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>x</Message></Error><RequestId>id</RequestId></ErrorResponse>`,
    },
  },
  {
    name: 'REST JSON output: seconds, its own status',
    request: rest('apigateway', 'POST', '/restapis', '{"name":"a"}'),
    answer: async () => ({ id: 'x', createdDate: new Date(1_500_000_000_500), tags: {} }),
    reply: { status: 201, ...jsonType, text: '{"id":"x","createdDate":1500000000.5,"tags":{}}' },
  },
  {
    name: 'REST JSON error, with a header of the model',
    request: rest('apigateway', 'GET', '/restapis/x'),
    answer: fails('TooManyRequestsException', 'Too Many Requests', { members: { retryAfterSeconds: '3' } }),
    reply: {
      status: 429,
      ...jsonType,
      errorType: 'TooManyRequestsException',
      text: '{"message":"Too Many Requests"}',
    },
  },
  {
    name: 'Lambda error: whose fault it was',
    request: rest('lambda', 'GET', '/2015-03-31/functions/f'),
    answer: fails('ResourceNotFoundException', 'Function not found: f'),
    reply: {
      status: 404,
      ...jsonType,
      errorType: 'ResourceNotFoundException',
      text: '{"Type":"User","Message":"Function not found: f"}',
    },
  },
  {
    name: 'an error the model does not have',
    request: rest('lambda', 'GET', '/2015-03-31/functions/f'),
    answer: fails('AccessDeniedException', 'No'),
    reply: { status: 403, ...jsonType, errorType: 'AccessDeniedException', text: '{"message":"No"}' },
  },
  {
    name: 'S3 list',
    request: rest('s3', 'GET', '/'),
    answer: async () => ({ Buckets: [{ Name: 'b', CreationDate: new Date(0) }], Owner: { ID: 'o' } }),
    reply: {
      status: 200,
      type: 'application/xml',
      text: `<ListAllMyBucketsResult xmlns="${s3Ns}"><Buckets><Bucket><Name>b</Name><CreationDate>1970-01-01T00:00:00Z</CreationDate></Bucket></Buckets><Owner><ID>o</ID></Owner></ListAllMyBucketsResult>`,
    },
  },
  {
    name: 'S3 location',
    request: rest('s3', 'GET', '/b?location'),
    answer: async () => ({ LocationConstraint: 'eu-west-1' }),
    reply: {
      status: 200,
      type: 'application/xml',
      text: `<LocationConstraint xmlns="${s3Ns}">eu-west-1</LocationConstraint>`,
    },
  },
  {
    name: 'S3 error with members of its own',
    request: rest('s3', 'GET', '/b/k'),
    answer: fails('NoSuchKey', 'The specified key does not exist.', { status: 404, members: { Key: 'k&k' } }),
    reply: {
      status: 404,
      type: 'application/xml',
      text: '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message><Key>k&amp;k</Key><RequestId>id</RequestId><HostId>id</HostId></Error>',
    },
  },
  {
    name: 'HEAD has no body',
    request: rest('s3', 'HEAD', '/b/k'),
    answer: fails('NotFound', 'Not Found', { status: 404 }),
    reply: { status: 404, type: 'application/xml', text: '' },
  },
  {
    name: 'our own mistake',
    request: rest('lambda', 'GET', '/2015-03-31/functions/f'),
    answer: async () => {
      throw new TypeError('secret detail');
    },
    reply: {
      status: 500,
      ...jsonType,
      errorType: 'InternalFailure',
      text: '{"message":"We encountered an internal error. Please try again."}',
    },
  },
];

describe('replies', () => {
  for (const row of rows)
    test(row.name, async () => {
      answer = row.answer ?? (async () => ({}));
      expect(drawn(await send(served, row.request))).toEqual(row.reply as never);
    });

  test('HEAD tells the length of what is not sent', async () => {
    answer = async () => ({ ContentLength: 12, LastModified: new Date(0), Metadata: { a: 'b' } });
    const reply = await send(served, rest('s3', 'HEAD', '/b/k'));
    expect(reply.headers).toMatchObject({
      'content-length': '12',
      'last-modified': 'Thu, 01 Jan 1970 00:00:00 GMT',
      'x-amz-meta-a': 'b',
    });
  });

  test('each kind of service has its own ids', async () => {
    answer = async () => ({});
    const [dynamodb, s3, iam] = await Promise.all([
      send(served, put('{"TableName":"t","Item":{}}')),
      send(served, rest('s3', 'GET', '/')),
      send(served, form('iam', 'Action=ListRoles&Version=2010-05-08')),
    ]);
    expect(dynamodb.headers['x-amzn-requestid']).toMatch(/^[0-9A-Z]{52}$/);
    expect(dynamodb.headers['x-amz-crc32']).toBe(String(crc32('{}')));
    expect(s3.headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/);
    expect(s3.headers['x-amz-id-2']).toBeString();
    expect(iam.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('a form without an action is S3’s, its body still there', async () => {
    answer = async () => ({});
    const reply = await send(served, {
      method: 'POST',
      path: '/?delete',
      headers: { host: 'b.s3.localhost', 'content-type': 'application/x-www-form-urlencoded' },
      body: '<Delete><Object><Key>a</Key></Object></Delete>',
    });
    expect([reply.status, last]).toEqual([200, { Bucket: 'b', Delete: { Objects: [{ Key: 'a' }] } }]);
  });

  test('our own mistakes are logged whole', () => {
    expect(JSON.stringify(logged)).toContain('TypeError: secret detail');
  });
});

describe('refusals by name', () => {
  const table: readonly [string, RawRequest, number, string][] = [
    [
      'JSON',
      json('Logs_20140328.StartQuery', '{}'),
      501,
      '{"__type":"NotImplementedException","message":"Gatehouse does not implement logs StartQuery"}',
    ],
    [
      'query',
      form('iam', 'Action=CreateSAMLProvider&Version=2010-05-08'),
      501,
      '<Message>Gatehouse does not implement iam CreateSAMLProvider</Message>',
    ],
    [
      'REST JSON',
      rest('lambda', 'POST', '/2020-04-22/code-signing-configs', '{}'),
      501,
      '{"message":"Gatehouse does not implement lambda CreateCodeSigningConfig"}',
    ],
    [
      'S3',
      rest('s3', 'GET', '/b?website'),
      501,
      '<Code>NotImplemented</Code><Message>Gatehouse does not implement s3 GetBucketWebsite</Message>',
    ],
    [
      'a service',
      rest('glacier', 'GET', '/'),
      501,
      '{"message":"Gatehouse does not implement the service glacier"}',
    ],
    [
      'a target',
      json('Firehose_20150804.PutRecord', '{}'),
      501,
      '"message":"Gatehouse does not implement the service Firehose_20150804"',
    ],
    [
      'no such operation, JSON',
      json('DynamoDB_20120810.Nothing', '{}'),
      400,
      '{"__type":"com.amazon.coral.service#UnknownOperationException","message":"Unknown operation: Nothing"}',
    ],
    [
      'no such operation, query',
      form('iam', 'Action=Nothing&Version=2010-05-08'),
      400,
      '<Code>InvalidAction</Code><Message>Could not find operation Nothing for version 2010-05-08</Message>',
    ],
    [
      'no such path, API Gateway',
      rest('apigateway', 'GET', '/nothing'),
      403,
      '{"message":"Missing Authentication Token"}',
    ],
    [
      'no such path, Lambda',
      rest('lambda', 'GET', '/nothing'),
      404,
      '{"message":"Unable to determine service/operation name to be authorized"}',
    ],
    ['no such method, S3', rest('s3', 'PATCH', '/b'), 405, '<Code>MethodNotAllowed</Code>'],
  ];
  for (const [name, request, status, text] of table)
    test(name, async () => {
      const reply = await send(served, request);
      expect(reply.status).toBe(status);
      expect(reply.text).toContain(text);
    });
});

describe('handlers', () => {
  test('one that is no operation is an error at the first call', async () => {
    const lines: string[] = [];
    const mistyped = await serve(
      { iam: { LstRoles: any } },
      { log: (level, message, fields) => void lines.push(`${level} ${message} ${JSON.stringify(fields)}`) },
    );
    expect((await send(mistyped, form('iam', 'Action=ListRoles&Version=2010-05-08'))).status).toBe(500);
    expect(lines.join()).toContain('iam has handlers that are no operations: LstRoles');
    mistyped.stop();
  });

  test('coverage lists every operation once', async () => {
    const all = await coverage(async (id) =>
      id === 'sts' ? { handlers: { GetCallerIdentity: any } } : undefined,
    );
    const sts = all.find(({ id }) => id === 'sts');
    expect(sts?.done).toEqual(['GetCallerIdentity']);
    expect(sts?.refused).toContain('AssumeRole');
    expect(all).toHaveLength(services.length);
  });
});

describe('from inside', () => {
  const caller = { kind: 'root', account: '1', arn: 'arn:aws:iam::1:root', accessKeyId: 'k' } as const;
  const scope = { account: '1', region: 'us-east-1' };
  const call = (service: string, operation: string, input: object) =>
    served.wire.call({ service, operation, input, scope, caller });

  test('the same handler, the same checks, the same refusals', async () => {
    answer = async (_, { scope: { account } }) => ({ account });
    expect(await call('logs', 'CreateLogGroup', { logGroupName: 'g' })).toEqual({ account: '1' });
    const refusals: readonly [() => Promise<unknown>, string][] = [
      [() => call('logs', 'CreateLogGroup', {}), 'InvalidParameterException'],
      [
        () => call('logs', 'StartQuery', { startTime: 1, endTime: 2, queryString: 'x' }),
        'NotImplementedException',
      ],
      [() => call('logs', 'Nothing', {}), 'UnknownOperationException'],
      [() => call('glacier', 'ListVaults', {}), 'NotImplementedException'],
    ];
    for (const [refused, code] of refusals) await expect(refused()).rejects.toMatchObject({ code });
  });
});
