/** REST APIs of a server that applies policies: integrations may do what their role, or their caller, may do. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import * as rest from '@aws-sdk/client-api-gateway';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as iam from '@aws-sdk/client-iam';
import { silentLog } from '../../src/base/log.ts';
import { type RunningServer, startServer } from '../../src/server/start.ts';
import { signedFetch } from './signed-fetch.ts';

const root = {
  accessKeyId: 'AKIAROOTROOTROOTROOT',
  secretAccessKey: 'root-secret-root-secret-root-secret-root',
};
const ACCOUNT = '123456789012';
let server: RunningServer;
let base = '';
let users: iam.IAMClient;

const service = (action: string, credentials: string, more: object = {}) => ({
  responses: { '200': { description: 'ok' }, '400': { description: 'no' } },
  'x-amazon-apigateway-integration': {
    type: 'aws',
    httpMethod: 'POST',
    uri: `arn:aws:apigateway:us-east-1:dynamodb:action/${action}`,
    credentials,
    requestTemplates: { 'application/json': '{"TableName":"items"}' },
    responses: {
      default: { statusCode: '200', responseTemplates: { 'application/json': '{"done":true}' } },
      '4\\d\\d': { statusCode: '400' },
    },
  },
  ...more,
});
const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const AS_CALLER = { 'x-amazon-apigateway-auth': { type: 'AWS_IAM' } };

const API = {
  openapi: '3.0.1',
  info: { title: 'enforced', version: '1' },
  paths: {
    '/allowed': { get: service('Scan', role('scanner')) },
    '/beyond': { get: service('DescribeTable', role('scanner')) },
    '/stranger': { get: service('Scan', role('stranger')) },
    '/nobody': { get: service('Scan', role('nobody')) },
    '/caller': { get: service('Scan', 'arn:aws:iam::*:user/*', AS_CALLER) },
    '/anonymous': { get: service('Scan', 'arn:aws:iam::*:user/*') },
  },
};

const policy = (actions: string[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });
const trust = (principal: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: principal } }],
  });

beforeAll(async () => {
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    httpsPort: null,
    data: null,
    auth: 'enforce',
    log: silentLog,
    environment: {
      GATEHOUSE_ROOT_ACCESS_KEY_ID: root.accessKeyId,
      GATEHOUSE_ROOT_SECRET_ACCESS_KEY: root.secretAccessKey,
    },
  });
  const options = { endpoint: server.url, region: 'us-east-1', credentials: root, maxAttempts: 1 };
  users = new iam.IAMClient(options);
  for (const [name, principal] of [
    ['scanner', 'apigateway.amazonaws.com'],
    ['stranger', 'lambda.amazonaws.com'],
  ] as const) {
    await users.send(
      new iam.CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust(principal) }),
    );
    const PolicyDocument = policy(['dynamodb:Scan']);
    await users.send(new iam.PutRolePolicyCommand({ RoleName: name, PolicyName: 'p', PolicyDocument }));
  }
  await new DynamoDBClient(options).send(
    new CreateTableCommand({
      TableName: 'items',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const client = new rest.APIGatewayClient(options);
  const { id } = await client.send(new rest.ImportRestApiCommand({ body: Buffer.from(JSON.stringify(API)) }));
  await client.send(new rest.CreateDeploymentCommand({ restApiId: id, stageName: 'prod' }));
  base = `${server.url}/_aws/execute-api/${id}/prod`;
});
afterAll(() => server.close());

async function userWith(name: string, actions: string[]) {
  await users.send(new iam.CreateUserCommand({ UserName: name }));
  const PolicyDocument = policy(actions);
  await users.send(new iam.PutUserPolicyCommand({ UserName: name, PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await users.send(new iam.CreateAccessKeyCommand({ UserName: name }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

const ROWS = [
  ['what the role may do', '/allowed', 200],
  ['what it may not', '/beyond', 400],
  ['a role that does not trust API Gateway', '/stranger', 500],
  ['a role that is not there', '/nobody', 500],
  ['a caller that did not sign', '/anonymous', 500],
] as const;
test.each([...ROWS])('%s', async (_name, path, status) => {
  const answer = await fetch(base + path);
  expect([path, answer.status, (await answer.text()).includes('"done":true')]).toEqual([
    path,
    status,
    status === 200,
  ]);
});

test('the caller’s own credentials: what it may do itself', async () => {
  const reader = await userWith('reader', ['execute-api:Invoke', 'dynamodb:Scan']);
  const other = await userWith('other', ['execute-api:Invoke']);
  expect((await signedFetch(`${base}/caller`, { credentials: reader })).status).toBe(200);
  expect((await signedFetch(`${base}/caller`, { credentials: other })).status).toBe(400);
});
