/** `--auth enforce` with official clients: who signs, what policies allow, and what is said to those they do not. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import {
  BatchGetItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateStateMachineCommand, SFNClient, StartSyncExecutionCommand } from '@aws-sdk/client-sfn';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { silentLog } from '../../src/base/log.ts';
import { strToU8, zipSync } from 'fflate';
import { type RunningServer, startServer } from '../../src/server/start.ts';

const ROOT = { accessKeyId: 'AKIAFIRSTADMINISTRATOR', secretAccessKey: 'a-secret-of-my-own-making' };
const ACCOUNT = '123456789012';
let server: RunningServer;
beforeAll(async () => {
  const environment = {
    GATEHOUSE_ROOT_ACCESS_KEY_ID: ROOT.accessKeyId,
    GATEHOUSE_ROOT_SECRET_ACCESS_KEY: ROOT.secretAccessKey,
  };
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    data: null,
    auth: 'enforce',
    environment,
    log: silentLog,
  });
  expect(environment.GATEHOUSE_ROOT_SECRET_ACCESS_KEY).toBeUndefined();
});
afterAll(() => server.close());

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}
type Client<T> = new (options: object) => T;
const as = <T>(Kind: Client<T>, credentials: Credentials = ROOT): T =>
  new Kind({
    endpoint: server.url,
    region: 'us-east-1',
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
    disableHostPrefix: true,
  });

/** What a refusal says: its code, status and text; `allowed` when there was none. */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'allowed';
  } catch (thrown) {
    const { name, message, $metadata } = thrown as Error & { $metadata?: { httpStatusCode?: number } }; // the SDK's own
    return `${name} ${$metadata?.httpStatusCode}: ${message}`;
  }
}

let users = 0;
async function newUser(...statements: object[]): Promise<Credentials & { name: string }> {
  const iam = as(IAMClient);
  const name = `user-${++users}`;
  await iam.send(new CreateUserCommand({ UserName: name }));
  if (statements.length > 0) await allow(name, ...statements);
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  return {
    name,
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
}

const policyOf = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const allow = (UserName: string, ...statements: object[]) =>
  as(IAMClient).send(
    new PutUserPolicyCommand({ UserName, PolicyName: 'own', PolicyDocument: policyOf(...statements) }),
  );
const A = (Action: string | string[], Resource: string | string[] = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});

describe('who signs', () => {
  test('the first administrator may do anything', async () => {
    const identity = await as(STSClient).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(`arn:aws:iam::${ACCOUNT}:root`);
    expect(await outcome(as(LambdaClient).send(new ListFunctionsCommand({})))).toBe('allowed');
  });

  const bad: readonly [name: string, credentials: Credentials][] = [
    ['an unknown key', { accessKeyId: 'AKIANOBODYKNOWSTHIS1', secretAccessKey: 'x' }],
    ['the key of open mode', { accessKeyId: 'test', secretAccessKey: 'test' }],
    ['a wrong secret', { ...ROOT, secretAccessKey: 'wrong' }],
  ];
  for (const [name, credentials] of bad)
    test(`${name} is refused by every protocol`, async () => {
      const wrong = name === 'a wrong secret';
      expect(await outcome(as(DynamoDBClient, credentials).send(new ListTablesCommand({})))).toStartWith(
        wrong ? 'InvalidSignatureException 400' : 'UnrecognizedClientException 400',
      );
      expect(await outcome(as(IAMClient, credentials).send(new GetUserCommand({})))).toStartWith(
        wrong ? 'SignatureDoesNotMatch 403' : 'InvalidClientTokenId 403',
      );
      expect(
        await outcome(as(S3Client, credentials).send(new ListObjectsV2Command({ Bucket: 'b' }))),
      ).toStartWith(wrong ? 'SignatureDoesNotMatch 403' : 'InvalidAccessKeyId 403');
    });

  test('an unsigned call is refused', async () => {
    const answer = await fetch(`${server.url}/2015-03-31/functions/`);
    expect([answer.status, await answer.text()]).toEqual([
      403,
      expect.stringContaining('missing Authentication Token') as unknown as string,
    ]);
  });

  test('a key that is switched off is no key', async () => {
    const user = await newUser(A('*'));
    const list = () => as(DynamoDBClient, user).send(new ListTablesCommand({}));
    expect(await outcome(list())).toBe('allowed');
    await as(IAMClient).send(
      new UpdateAccessKeyCommand({ UserName: user.name, AccessKeyId: user.accessKeyId, Status: 'Inactive' }),
    );
    expect(await outcome(list())).toStartWith('UnrecognizedClientException 400');
  });
});

describe('what policies allow', () => {
  test('nothing by themselves, and the refusal says what is missing', async () => {
    const user = await newUser();
    const who = `User: arn:aws:iam::${ACCOUNT}:user/${user.name} is not authorized to perform:`;
    const rows: readonly [Promise<unknown>, string][] = [
      [
        as(DynamoDBClient, user).send(new ListTablesCommand({})),
        `AccessDeniedException 400: ${who} dynamodb:ListTables on resource: * because no identity-based policy allows the dynamodb:ListTables action`,
      ],
      [
        as(LambdaClient, user).send(new InvokeCommand({ FunctionName: 'orders:live' })),
        `AccessDeniedException 403: ${who} lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:${ACCOUNT}:function:orders:live because no identity-based policy allows the lambda:InvokeFunction action`,
      ],
      [
        as(IAMClient, user).send(new GetUserCommand({ UserName: user.name })),
        `AccessDenied 403: ${who} iam:GetUser on resource: arn:aws:iam::${ACCOUNT}:user/${user.name} because no identity-based policy allows the iam:GetUser action`,
      ],
      [
        as(S3Client, user).send(new PutObjectCommand({ Bucket: 'b', Key: 'a/b', Body: '' })),
        `AccessDenied 403: ${who} s3:PutObject on resource: "arn:aws:s3:::b/a/b" because no identity-based policy allows the s3:PutObject action`,
      ],
    ];
    for (const [work, expected] of rows) expect(await outcome(work)).toBe(expected);
    expect(await outcome(as(STSClient, user).send(new GetCallerIdentityCommand({})))).toBe('allowed');
  });

  const table = (TableName: string) =>
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      Tags: [{ Key: 'team', Value: 'blue' }],
    });

  test('actions, resources, conditions and what goes along with an action', async () => {
    const orders = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/orders-*`;
    const user = await newUser(A('dynamodb:CreateTable', orders));
    const create = (name: string) => outcome(as(DynamoDBClient, user).send(table(name)));
    expect(await create('other')).toContain('dynamodb:CreateTable on resource');
    expect(await create('orders-1')).toContain('dynamodb:TagResource on resource');
    const tagged = { Condition: { StringEquals: { 'aws:RequestTag/team': 'red' } } };
    await allow(user.name, A(['dynamodb:CreateTable', 'dynamodb:TagResource'], orders, tagged));
    expect(await create('orders-1')).toContain('dynamodb:CreateTable');
    const blue = { Condition: { StringEquals: { 'aws:RequestTag/team': 'blue' } } };
    await allow(user.name, A(['dynamodb:CreateTable', 'dynamodb:TagResource'], orders, blue));
    expect(await create('orders-1')).toBe('allowed');
  });

  test('an explicit deny wins, a boundary limits, conditions see the request', async () => {
    const user = await newUser(A('dynamodb:*'), { Effect: 'Deny', Action: 'dynamodb:List*', Resource: '*' });
    const list = () => outcome(as(DynamoDBClient, user).send(new ListTablesCommand({})));
    expect(await list()).toEndWith('with an explicit deny in an identity-based policy');
    await allow(
      user.name,
      A('dynamodb:*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }),
    );
    expect(await list()).toEndWith('because no identity-based policy allows the dynamodb:ListTables action');
    await allow(
      user.name,
      A('dynamodb:*', '*', { Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } } }),
    );
    expect(await list()).toBe('allowed');
    const iam = as(IAMClient);
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: `limit-${user.name}`, PolicyDocument: policyOf(A('s3:*')) }),
    );
    await iam.send(
      new PutUserPermissionsBoundaryCommand({ UserName: user.name, PermissionsBoundary: Policy?.Arn ?? '' }),
    );
    expect(await list()).toEndWith('because no permissions boundary allows the dynamodb:ListTables action');
  });

  test('managed policies, and roles with a session policy', async () => {
    const user = await newUser(A('sts:AssumeRole'));
    const iam = as(IAMClient);
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'reader',
        Path: '/team/',
        AssumeRolePolicyDocument: policyOf({
          Effect: 'Allow',
          Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/${user.name}` },
          Action: 'sts:AssumeRole',
        }),
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'reader',
        PolicyName: 'own',
        PolicyDocument: policyOf(
          A(['dynamodb:ListTables', 'lambda:ListFunctions'], '*', {
            Condition: { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${ACCOUNT}:role/team/reader` } },
          }),
        ),
      }),
    );
    const assume = async (Policy?: string) => {
      const { Credentials: given } = await as(STSClient, user).send(
        new AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${ACCOUNT}:role/team/reader`,
          RoleSessionName: 'session',
          ...(Policy === undefined ? {} : { Policy }),
        }),
      );
      return {
        accessKeyId: given?.AccessKeyId ?? '',
        secretAccessKey: given?.SecretAccessKey ?? '',
        sessionToken: given?.SessionToken ?? '',
      };
    };
    const whole = await assume();
    const list = (who: Credentials) => outcome(as(DynamoDBClient, who).send(new ListTablesCommand({})));
    expect(await list(whole)).toBe('allowed');
    expect(await list({ ...whole, sessionToken: `${whole.sessionToken}x` })).toStartWith(
      'UnrecognizedClient',
    );
    const narrow = await assume(policyOf(A('lambda:*')));
    expect(await list(narrow)).toBe(
      `AccessDeniedException 400: User: arn:aws:sts::${ACCOUNT}:assumed-role/reader/session is not authorized to perform: dynamodb:ListTables on resource: * because no session policy allows the dynamodb:ListTables action`,
    );
    expect(await outcome(as(LambdaClient, narrow).send(new ListFunctionsCommand({})))).toBe('allowed');
    await iam.send(
      new AttachUserPolicyCommand({
        UserName: user.name,
        PolicyArn: 'arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess',
      }),
    );
    expect(await list(user)).toBe('allowed');
  });

  test('each caller has its own items: by the leading keys of what it asks', async () => {
    const root = as(DynamoDBClient);
    await root.send(table('mine'));
    const resource = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/mine`;
    const user = await newUser(
      A(
        ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:BatchGetItem', 'dynamodb:Scan'],
        resource,
        {
          Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['${aws:username}'] } },
        },
      ),
    );
    const client = as(DynamoDBClient, user);
    const put = (id: string) =>
      outcome(client.send(new PutItemCommand({ TableName: 'mine', Item: { id: { S: id } } })));
    const query = (id: string) =>
      outcome(
        client.send(
          new QueryCommand({
            TableName: 'mine',
            KeyConditionExpression: '#k = :k',
            ExpressionAttributeNames: { '#k': 'id' },
            ExpressionAttributeValues: { ':k': { S: id } },
          }),
        ),
      );
    const batch = (...ids: string[]) =>
      outcome(
        client.send(
          new BatchGetItemCommand({ RequestItems: { mine: { Keys: ids.map((id) => ({ id: { S: id } })) } } }),
        ),
      );
    expect([await put(user.name), await query(user.name), await batch(user.name)]).toEqual([
      'allowed',
      'allowed',
      'allowed',
    ]);
    for (const refused of [await put('other'), await query('other'), await batch(user.name, 'other')])
      expect(refused).toContain('because no identity-based policy allows');
  });

  test('a condition that nobody here can read lets nobody in', async () => {
    const user = await newUser(A('s3:*'), {
      Effect: 'Deny',
      Action: 's3:*',
      Resource: '*',
      Condition: { NumericLessThan: { 's3:TlsVersion': '1.2' } },
    });
    const get = () => outcome(as(S3Client, user).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' })));
    expect(await get()).toContain('with an explicit deny in an identity-based policy');
    await allow(user.name, A('s3:*', '*', { Condition: { StringNotEquals: { 's3:authType': 'x' } } }));
    expect(await get()).toContain('because no identity-based policy allows the s3:GetObject action');
  });
});

describe('what resources allow', () => {
  test('a bucket lets in a user, everyone, or not even its root', async () => {
    const root = as(S3Client);
    await root.send(new CreateBucketCommand({ Bucket: 'shared' }));
    await root.send(new PutObjectCommand({ Bucket: 'shared', Key: 'public/a', Body: 'hello' }));
    const user = await newUser();
    const get = (client: S3Client) =>
      outcome(client.send(new GetObjectCommand({ Bucket: 'shared', Key: 'public/a' })));
    const plain = async () => (await fetch(`${server.url}/shared/public/a`)).status;
    expect([await get(as(S3Client, user)), await plain()]).toEqual([
      expect.stringContaining('AccessDenied 403') as unknown as string,
      403,
    ]);
    const put = (...statements: object[]) =>
      root.send(new PutBucketPolicyCommand({ Bucket: 'shared', Policy: policyOf(...statements) }));
    const objects = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::shared/public/*' };
    await put({
      ...objects,
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/${user.name}` },
    });
    expect([await get(as(S3Client, user)), await plain()]).toEqual(['allowed', 403]);
    await put({ ...objects, Effect: 'Allow', Principal: '*' });
    expect(await plain()).toBe(200);
    await put({ ...objects, Effect: 'Deny', Principal: '*' });
    expect(await get(root)).toEndWith('with an explicit deny in a resource-based policy');
    await put({ ...objects, Effect: 'Allow', Principal: '*' });
    expect(await get(root)).toBe('allowed');
  });
});

test('objects by their tags', async () => {
  const root = as(S3Client);
  await root.send(new CreateBucketCommand({ Bucket: 'tagged' }));
  for (const team of ['red', 'blue'])
    await root.send(
      new PutObjectCommand({ Bucket: 'tagged', Key: team, Body: 'x', Tagging: `team=${team}` }),
    );
  const user = await newUser(
    A('s3:GetObject', 'arn:aws:s3:::tagged/*', {
      Condition: { StringEquals: { 's3:ExistingObjectTag/team': 'red' } },
    }),
  );
  const read = (Key: string) =>
    outcome(as(S3Client, user).send(new GetObjectCommand({ Bucket: 'tagged', Key })));
  expect([await read('red'), (await read('blue')).split(':')[0]]).toEqual(['allowed', 'AccessDenied 403']);
});

describe('roles', () => {
  test('are passed on only by whoever may; functions then have what their role has', async () => {
    const iam = as(IAMClient);
    await as(S3Client).send(new CreateBucketCommand({ Bucket: 'mine' }));
    await as(S3Client).send(new PutObjectCommand({ Bucket: 'mine', Key: 'k', Body: 'v' }));
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'runner',
        AssumeRolePolicyDocument: policyOf({
          Effect: 'Allow',
          Principal: { Service: 'lambda.amazonaws.com' },
          Action: 'sts:AssumeRole',
        }),
      }),
    );
    const code = `
      exports.handler = async (event) => {
        const { S3Client, GetObjectCommand } = require(event.sdk);
        const client = new S3Client({ forcePathStyle: true, maxAttempts: 1, disableHostPrefix: true });
        try {
          const got = await client.send(new GetObjectCommand({ Bucket: 'mine', Key: event.key }));
          return await got.Body.transformToString();
        } catch (error) { return error.name + ': ' + error.message; }
      };`;
    const developer = await newUser(
      A(['lambda:CreateFunction', 'lambda:GetFunction', 'lambda:InvokeFunction']),
    );
    const create = () =>
      as(LambdaClient, developer).send(
        new CreateFunctionCommand({
          FunctionName: 'reader',
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: Role?.Arn ?? '',
          Timeout: 20,
          Code: { ZipFile: zipSync({ 'index.js': strToU8(code) }) },
        }),
      );
    expect(await outcome(create())).toContain(
      `iam:PassRole on resource: arn:aws:iam::${ACCOUNT}:role/runner because no identity-based policy allows the iam:PassRole action`,
    );
    const passing = (service: string) =>
      allow(
        developer.name,
        A(['lambda:CreateFunction', 'lambda:GetFunction', 'lambda:InvokeFunction']),
        A('iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/*`, {
          Condition: { StringEquals: { 'iam:PassedToService': service } },
        }),
      );
    await passing('ec2.amazonaws.com');
    expect(await outcome(create())).toContain('iam:PassRole');
    await passing('lambda.amazonaws.com');
    expect(await outcome(create())).toBe('allowed');
    const read = async (key: string): Promise<string> => {
      const sdk = require.resolve('@aws-sdk/client-s3');
      const { Payload } = await as(LambdaClient, developer).send(
        new InvokeCommand({ FunctionName: 'reader', Payload: JSON.stringify({ key, sdk }) }),
      );
      return Buffer.from(Payload ?? '').toString();
    };
    expect(await read('k')).toContain(
      `AccessDenied: User: arn:aws:sts::${ACCOUNT}:assumed-role/runner/reader is not authorized to perform: s3:GetObject`,
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'runner',
        PolicyName: 'own',
        PolicyDocument: policyOf(A('s3:GetObject', 'arn:aws:s3:::mine/*')),
      }),
    );
    expect(await read('k')).toBe('"v"');
  });
});

test('a state machine works with its role: which must trust it, and may do no more than its policies say', async () => {
  const iam = as(IAMClient);
  const states = as(SFNClient);
  const { QueueUrl = '' } = await as(SQSClient).send(new CreateQueueCommand({ QueueName: 'tasks' }));
  const trust = (Service: string) =>
    policyOf({ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' });
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName: 'machine', AssumeRolePolicyDocument: trust('lambda.amazonaws.com') }),
  );
  const { stateMachineArn = '' } = await states.send(
    new CreateStateMachineCommand({
      name: 'sender',
      type: 'EXPRESS',
      roleArn: Role?.Arn ?? '',
      definition: JSON.stringify({
        StartAt: 'Send',
        States: {
          Send: {
            Type: 'Task',
            End: true,
            Resource: 'arn:aws:states:::sqs:sendMessage',
            Parameters: { QueueUrl, MessageBody: 'hello' },
          },
        },
      }),
    }),
  );
  const run = async (): Promise<string> => {
    const execution = await states.send(new StartSyncExecutionCommand({ stateMachineArn }));
    return `${execution.status} ${execution.cause ?? ''}`;
  };
  expect(await run()).toContain('states.amazonaws.com is not authorized to perform: sts:AssumeRole');
  await iam.send(
    new UpdateAssumeRolePolicyCommand({ RoleName: 'machine', PolicyDocument: trust('states.amazonaws.com') }),
  );
  expect(await run()).toContain('is not authorized to perform: sqs:SendMessage on resource');
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'machine',
      PolicyName: 'own',
      PolicyDocument: policyOf(A('sqs:SendMessage', `arn:aws:sqs:us-east-1:${ACCOUNT}:tasks`)),
    }),
  );
  expect(await run()).toBe('SUCCEEDED ');
});

test('without a first key the server does not start, and says how to make one', async () => {
  const start = (environment: Record<string, string | undefined>) =>
    startServer({ host: '127.0.0.1', port: 0, data: null, auth: 'enforce', environment, log: silentLog });
  expect(start({})).rejects.toThrow('Set GATEHOUSE_ROOT_ACCESS_KEY_ID and GATEHOUSE_ROOT_SECRET_ACCESS_KEY');
  expect(
    start({ GATEHOUSE_ROOT_ACCESS_KEY_ID: ROOT.accessKeyId, GATEHOUSE_ROOT_SECRET_ACCESS_KEY: 'short' }),
  ).rejects.toThrow('GATEHOUSE_ROOT_SECRET_ACCESS_KEY must have at least 16 characters');
});
