/** Function URLs through the official client: authorization, CORS, buffered and streamed answers. */
import { beforeAll, expect, test } from 'bun:test';
import { createHash, createHmac } from 'node:crypto';
import { request } from 'node:http';
import {
  IAMClient,
  CreateUserCommand,
  CreateAccessKeyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { zipSync } from 'fflate';
import { useServer } from './test-server.ts';

const server = useServer();
let lambda: LambdaClient;
beforeAll(() => {
  lambda = new LambdaClient(server.options());
});

const CODE = `
const { text, stream } = require('./modes.js');
exports.handler = async (event) => text(event);
exports.streamed = awslambda.streamifyResponse(stream);
`;
const MODES = `
exports.text = (event) => {
  if (event.rawPath === '/fail') throw new Error('no');
  if (event.rawPath === '/plain') return 'just text';
  if (event.rawPath === '/binary')
    return { statusCode: 200, isBase64Encoded: true, body: Buffer.from([0, 1, 2]).toString('base64') };
  if (event.rawPath === '/cors')
    return { statusCode: 200, headers: { 'Access-Control-Allow-Origin': 'https://wrong' }, body: '' };
  return { statusCode: 201, headers: { 'X-Made': 'yes' }, cookies: ['a=1', 'b=2'], body: JSON.stringify(event) };
};
exports.stream = async (event, out) => {
  if (event.rawPath === '/raw') {
    out.setContentType('text/plain');
    out.write('one ');
    await new Promise((r) => setTimeout(r, 20));
    out.write('two');
    return out.end();
  }
  const http = awslambda.HttpResponseStream.from(out, { statusCode: 202, headers: { 'X-Streamed': 'yes' }, cookies: ['c=3'] });
  http.write('first,');
  http.write('second');
  http.end();
};
`;

const zip = zipSync({ 'index.js': Buffer.from(CODE), 'modes.js': Buffer.from(MODES) });

async function makeUrl(name: string, more: { handler?: string; url?: object; open?: boolean } = {}) {
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs22.x',
      Handler: more.handler ?? 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/r',
      Timeout: 20,
      Code: { ZipFile: zip },
    }),
  );
  const made = await lambda.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: name, AuthType: 'NONE', ...more.url }),
  );
  if (more.open !== false) {
    for (const [Action, condition] of [
      ['lambda:InvokeFunctionUrl', { FunctionUrlAuthType: 'NONE' }],
      ['lambda:InvokeFunction', { InvokedViaFunctionUrl: true }],
    ] as const)
      await lambda.send(
        new AddPermissionCommand({
          FunctionName: name,
          StatementId: Action.replace(':', '-'),
          Action,
          Principal: '*',
          ...condition,
        }),
      );
  }
  return new URL(made.FunctionUrl ?? '');
}

interface Got {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  readonly bytes: Buffer;
  readonly chunks: number;
}

/** By address, so that no resolver is needed; the name goes in the Host header. */
function get(
  url: URL,
  path: string,
  more: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Got> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: hostname,
        port,
        path,
        method: more.method ?? 'GET',
        headers: { host: url.host, ...more.headers },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', reject);
        answer.on('end', () => {
          const bytes = Buffer.concat(chunks);
          const { statusCode: status = 0, headers, rawHeaders } = answer;
          resolve({ status, headers, rawHeaders, bytes, body: bytes.toString(), chunks: chunks.length });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(more.body);
  });
}

test('a buffered URL: the event, the answer, and what it cannot say', async () => {
  const url = await makeUrl('buffered');
  const got = await get(url, '/a%20b/c?x=1&x=2&y=%C3%A4', {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: 'k=v; l=w', 'X-Two': 'a' },
    body: '{"n":1}',
  });
  expect(got.status).toBe(201);
  expect(got.headers['x-made']).toBe('yes');
  expect(got.headers['set-cookie']).toEqual(['a=1', 'b=2']);
  const event = JSON.parse(got.body);
  expect(event).toMatchObject({
    version: '2.0',
    routeKey: '$default',
    rawPath: '/a%20b/c',
    rawQueryString: 'x=1&x=2&y=%C3%A4',
    queryStringParameters: { x: '1,2', y: 'ä' },
    cookies: ['k=v', 'l=w'],
    body: '{"n":1}',
    isBase64Encoded: false,
    requestContext: {
      accountId: 'anonymous',
      apiId: url.hostname.split('.')[0],
      domainName: url.host,
      stage: '$default',
      routeKey: '$default',
      http: { method: 'POST', path: '/a%20b/c', protocol: 'HTTP/1.1' },
    },
  });
  expect(event.headers['x-two']).toBe('a');
  expect(event.headers.cookie).toBeUndefined();
  expect(event.requestContext.authorizer).toBeUndefined();

  expect((await get(url, '/plain')).body).toBe('just text');
  expect((await get(url, '/plain')).headers['content-type']).toBe('application/json');
  expect([...(await get(url, '/binary')).bytes]).toEqual([0, 1, 2]);
  const failed = await get(url, '/fail');
  expect([failed.status, failed.body]).toEqual([502, 'Internal Server Error']);
  const binary = await get(url, '/', {
    method: 'POST',
    body: 'raw',
    headers: { 'content-type': 'image/png' },
  });
  expect(JSON.parse(binary.body)).toMatchObject({ body: 'cmF3', isBase64Encoded: true });
});

test('without both permissions nobody gets in, and an unknown URL is not there', async () => {
  const url = await makeUrl('closed', { open: false });
  const refused = await get(url, '/');
  expect(refused.status).toBe(403);
  expect(refused.body).toBe(
    '{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}',
  );
  const permit = (Action: string, more: object) =>
    lambda.send(
      new AddPermissionCommand({
        FunctionName: 'closed',
        StatementId: Action.slice(7),
        Action,
        Principal: '*',
        ...more,
      }),
    );
  await permit('lambda:InvokeFunctionUrl', { FunctionUrlAuthType: 'NONE' });
  expect((await get(url, '/')).status).toBe(403);
  await permit('lambda:InvokeFunction', { InvokedViaFunctionUrl: true });
  expect((await get(url, '/')).status).toBe(201);
  const nobody = new URL(`http://${'a'.repeat(32)}.lambda-url.us-east-1.localhost/`);
  expect(await get(nobody, '/')).toMatchObject({ status: 404, body: '{"Message":null}' });
});

test('IAM: a signature of somebody who may', async () => {
  const url = await makeUrl('signed', { url: { AuthType: 'AWS_IAM' }, open: false });
  const sign = (keys: { accessKeyId: string; secretAccessKey: string }) =>
    get(url, '/', { headers: signed(url.host, keys) });
  expect((await get(url, '/')).status).toBe(403);
  const root = await sign({ accessKeyId: 'test', secretAccessKey: 'test' });
  expect(root.status).toBe(201);
  expect(JSON.parse(root.body).requestContext.authorizer.iam.userArn).toBe('arn:aws:iam::123456789012:root');
  expect((await sign({ accessKeyId: 'test', secretAccessKey: 'wrong' })).status).toBe(403);

  const iam = new IAMClient(server.options());
  await iam.send(new CreateUserCommand({ UserName: 'caller' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'caller' }));
  const keys = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
  expect((await sign(keys)).status).toBe(403);
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'caller',
      PolicyName: 'p',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'], Resource: '*' },
        ],
      }),
    }),
  );
  expect((await sign(keys)).status).toBe(201);
});

test('CORS: preflights are answered, and the configuration replaces what the function says', async () => {
  const cors = {
    AllowOrigins: ['https://app.example'],
    AllowMethods: ['GET'],
    AllowHeaders: ['x-a'],
    MaxAge: 60,
  };
  const url = await makeUrl('cors', { url: { Cors: cors } });
  const preflight = await get(url, '/', {
    method: 'OPTIONS',
    headers: { origin: 'https://app.example', 'access-control-request-method': 'GET' },
  });
  expect(preflight.status).toBe(200);
  expect(preflight.headers).toMatchObject({
    'access-control-allow-origin': 'https://app.example',
    'access-control-allow-methods': 'GET',
    'access-control-allow-headers': 'x-a',
    'access-control-max-age': '60',
  });
  const stranger = await get(url, '/cors', { headers: { origin: 'https://other.example' } });
  expect(stranger.headers['access-control-allow-origin']).toBeUndefined();
  const known = await get(url, '/cors', { headers: { origin: 'https://app.example' } });
  expect(known.headers['access-control-allow-origin']).toBe('https://app.example');
  await lambda.send(new UpdateFunctionUrlConfigCommand({ FunctionName: 'cors', Cors: {} }));
  const own = await get(url, '/cors', { headers: { origin: 'https://app.example' } });
  expect(own.headers['access-control-allow-origin']).toBe('https://wrong');
});

test('a streaming URL sends head and body as they come', async () => {
  const url = await makeUrl('streaming', {
    handler: 'index.streamed',
    url: { InvokeMode: 'RESPONSE_STREAM' },
  });
  const got = await get(url, '/');
  expect(got).toMatchObject({ status: 202, body: 'first,second' });
  expect(got.headers['x-streamed']).toBe('yes');
  expect(got.headers['set-cookie']).toEqual(['c=3']);
  const raw = await get(url, '/raw');
  expect(raw).toMatchObject({ status: 200, body: 'one two' });
  expect(raw.headers['content-type']).toBe('text/plain');
  expect(raw.chunks).toBeGreaterThan(1);
  await lambda.send(
    new UpdateFunctionUrlConfigCommand({ FunctionName: 'streaming', InvokeMode: 'BUFFERED' }),
  );
  expect(await get(url, '/')).toMatchObject({ status: 202, body: 'first,second' });
});

test('no concurrency: 429', async () => {
  const url = await makeUrl('off');
  await lambda.send(
    new PutFunctionConcurrencyCommand({ FunctionName: 'off', ReservedConcurrentExecutions: 0 }),
  );
  expect((await get(url, '/')).status).toBe(429);
});

/** SigV4 of `GET /` without a body: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
function signed(
  host: string,
  keys: { accessKeyId: string; secretAccessKey: string },
): Record<string, string> {
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const day = date.slice(0, 8);
  const scope = `${day}/us-east-1/lambda/aws4_request`;
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const canonical = `GET\n/\n\nhost:${host}\nx-amz-date:${date}\n\nhost;x-amz-date\n${sha256('')}`;
  const key = [day, 'us-east-1', 'lambda', 'aws4_request'].reduce<Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    Buffer.from(`AWS4${keys.secretAccessKey}`),
  );
  const signature = createHmac('sha256', key)
    .update(`AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`)
    .digest('hex');
  return {
    'x-amz-date': date,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
  };
}
