/** What a service, or the endpoint set for it, is sent: address, protocol and a signature that holds. */
import { afterAll, beforeEach, expect, test } from 'bun:test';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AwsServiceRequest } from '../gateway/ports.ts';
import { createAuthenticate } from '../wire/sigv4/authenticate.ts';
import { createCallAwsService } from './call-aws-service.ts';
import type { SigningCredentials } from './sign-request.ts';

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

const seen: Seen[] = [];
const server = createServer((message, response) => {
  const chunks: Buffer[] = [];
  message.on('data', (chunk: Buffer) => chunks.push(chunk));
  message.on('end', () => {
    const { method = '', url = '', rawHeaders } = message;
    seen.push({ method, target: url, rawHeaders, body: Buffer.concat(chunks) });
    response.end('done');
  });
});
await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address
afterAll(() => server.close());
beforeEach(() => void seen.splice(0));

const NOW = Date.UTC(2026, 3, 9, 12, 34, 56);
const account = '123456789012';
const session = { accessKeyId: 'ASIAROLE', secretAccessKey: 'of the role', sessionToken: 'token' };
const keys = new Map<string, SigningCredentials>([
  ['ASIAROLE', session],
  ['AKIAUSER', { accessKeyId: 'AKIAUSER', secretAccessKey: 'of the user' }],
  [account, { accessKeyId: account, secretAccessKey: 'test' }],
  ['AKIAREAL', { accessKeyId: 'AKIAREAL', secretAccessKey: 'of AWS' }],
]);
const caller = (accessKeyId: string) =>
  ({ kind: 'user', account, arn: 'arn', userId: 'AIDA', accessKeyId }) as const;
const findAccessKey = async (id: string) => {
  const key = keys.get(id);
  return key && { ...key, caller: caller(id), expiresAt: NOW + 1000 };
};
const roles: string[][] = [];
const callWith = (auth: 'open' | 'enforce', environment: Record<string, string> = {}) =>
  createCallAwsService({
    url: () => address,
    auth,
    now: () => NOW,
    roleCredentials: async (...asked) => {
      roles.push(asked);
      return session;
    },
    roleTrusts: async (roleArn) => !roleArn.endsWith('stranger'),
    findAccessKey,
    environment,
  });

const role = (name: string) => ({ kind: 'role', roleArn: `arn:aws:iam::${account}:role/${name}` }) as const;
const request = (more: Partial<AwsServiceRequest>): AwsServiceRequest => ({
  service: 'dynamodb',
  region: 'eu-west-1',
  scope: { account, region: 'us-east-1' },
  method: 'POST',
  target: '/',
  rawHeaders: [],
  usualHeaders: [
    'Host',
    'dynamodb.eu-west-1.amazonaws.com',
    'Accept',
    'application/json',
    'Content-Type',
    'application/json',
  ],
  body: Buffer.from('{}'),
  credentials: role('writer'),
  signal: new AbortController().signal,
  ...more,
});
const authenticate = createAuthenticate({ findAccessKey, now: () => NOW });
const signer = async (service: string) => {
  const [sent] = seen;
  const verdict = sent && (await authenticate(sent, service));
  return verdict?.ok === true ? verdict.caller.accessKeyId : verdict;
};
const header = (name: string): string | undefined => {
  const raw = seen[0]?.rawHeaders ?? [];
  const at = raw.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return at === -1 ? undefined : raw[at + 1];
};

const ACTIONS: readonly { uri: string; sent: string; target?: string; type?: string }[] = [
  { uri: 'dynamodb PutItem', sent: 'POST /', target: 'DynamoDB_20120810.PutItem', type: '1.0' },
  { uri: 'states StartExecution', sent: 'POST /', target: 'AWSStepFunctions.StartExecution', type: '1.0' },
  { uri: 'kinesis PutRecord', sent: 'POST /', target: 'Kinesis_20131202.PutRecord', type: '1.1' },
  { uri: 'events PutEvents', sent: 'POST /', target: 'AWSEvents.PutEvents', type: '1.1' },
  {
    uri: 'secretsmanager GetSecretValue',
    sent: 'POST /',
    target: 'secretsmanager.GetSecretValue',
    type: '1.1',
  },
  { uri: 'sns Publish&TopicArn=arn:x', sent: 'POST /?Action=Publish&Version=2010-03-31&TopicArn=arn%3Ax' },
  { uri: 'iam ListUsers', sent: 'POST /?Action=ListUsers&Version=2010-05-08' },
  { uri: 's3 GetObject&Bucket=b&Key=a/c.png', sent: 'GET /b/a/c.png?x-id=GetObject' },
  {
    uri: 'lambda GetFunction&FunctionName=f&Qualifier=2',
    sent: 'GET /2015-03-31/functions/f?Qualifier=2',
  },
];
test.each([...ACTIONS])('action: $uri', async ({ uri, sent, target, type }) => {
  const [service = '', rest = ''] = uri.split(' ');
  const [name = '', ...pairs] = rest.split('&');
  const parameters = pairs.map((pair): [string, string] => [
    pair.split('=')[0] ?? '',
    pair.split('=')[1] ?? '',
  ]);
  await callWith('open')(request({ service, action: { name, parameters } }));
  expect(`${seen[0]?.method} ${seen[0]?.target}`).toBe(sent);
  expect(header('x-amz-target')).toBe(target);
  expect(header('content-type')).toBe(
    type === undefined ? 'application/json' : `application/x-amz-json-${type}`,
  );
  expect(await signer(service)).toBe('ASIAROLE');
});

test('SQS is asked in the protocol its caller writes', async () => {
  const action = { name: 'SendMessage', parameters: [] };
  await callWith('open')(request({ service: 'sqs', action, body: Buffer.from('MessageBody=a') }));
  await callWith('open')(request({ service: 'sqs', action, body: Buffer.from('{"MessageBody":"a"}') }));
  expect(seen.map(({ target }) => target)).toEqual(['/?Action=SendMessage&Version=2012-11-05', '/']);
});

test('what is mapped counts more than what is usual, and no signature of the client goes on', async () => {
  const rawHeaders = [
    'Content-Type',
    'text/x',
    'X-Amz-Target',
    'Mine',
    'Authorization',
    'AWS4-HMAC-SHA256 other',
  ];
  await callWith('open')(request({ rawHeaders, action: { name: 'PutItem', parameters: [] } }));
  expect([header('content-type'), header('x-amz-target')]).toEqual(['text/x', 'Mine']);
  expect(await signer('dynamodb')).toBe('ASIAROLE');
});

test('the path goes as it is, and S3 hashes the body', async () => {
  await callWith('open')(
    request({ service: 's3', method: 'PUT', target: '/b/a%20c.png', body: Buffer.from([0, 255]) }),
  );
  expect([seen[0]?.target, seen[0]?.body]).toEqual(['/b/a%20c.png', Buffer.from([0, 255])]);
  expect(header('x-amz-content-sha256')).toHaveLength(64);
  expect(await signer('s3')).toBe('ASIAROLE');
});

test('as whom: the role in a session of API Gateway, the caller, the account', async () => {
  roles.splice(0);
  await callWith('enforce')(request({}));
  expect(roles).toEqual([[`arn:aws:iam::${account}:role/writer`, 'BackplaneAssumeRoleSession']]);
  for (const [credentials, expected] of [
    [{ kind: 'caller', caller: caller('AKIAUSER') }, 'AKIAUSER'],
    [{ kind: 'none' }, account],
  ] as const) {
    seen.splice(0);
    await callWith('open')(request({ credentials }));
    expect(await signer('dynamodb')).toBe(expected);
  }
});

const REFUSED = [
  [
    'a role that does not trust API Gateway',
    role('stranger'),
    'API Gateway does not have permission to assume the provided role',
  ],
  [
    'a caller nobody knows',
    { kind: 'caller', caller: caller('AKIANOBODY') },
    'The credentials of the caller are not known here',
  ],
  ['no role', { kind: 'none' }, 'Role ARN must be specified for AWS integrations'],
] as const;
test.each([...REFUSED])('enforced: %s', async (_name, credentials, message) => {
  expect(await callWith('enforce')(request({ credentials })).catch((thrown: Error) => thrown.message)).toBe(
    message,
  );
  expect(seen).toEqual([]);
});

test('an endpoint set for a service gets its calls, signed with the credentials of this machine', async () => {
  const environment = {
    GATEHOUSE_ENDPOINT_STEPFUNCTIONS: address,
    AWS_ACCESS_KEY_ID: 'AKIAREAL',
    AWS_SECRET_ACCESS_KEY: 'of AWS',
  };
  const action = { name: 'StartExecution', parameters: [] };
  const states = request({ service: 'states', action });
  await callWith(
    'open',
    environment,
  )({ ...states, usualHeaders: ['Host', 'states.eu-west-1.amazonaws.com'] });
  expect(header('host')).toBe(address.slice('http://'.length));
  expect(await signer('states')).toBe('AKIAREAL');
});

test('an operation that is none', async () => {
  const action = { name: 'Nothing', parameters: [] };
  expect(
    await callWith('open')(request({ service: 's3', action })).catch((thrown: Error) => thrown.message),
  ).toBe('S3 has no operation Nothing');
});
