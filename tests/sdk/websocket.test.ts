/** WebSocket APIs on a real server: made by the SDK, called back from functions by the names in their events. */
import { beforeAll, expect, test } from 'bun:test';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import * as lambda from '@aws-sdk/client-lambda';
import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { zipSync } from 'fflate';
import { useServer } from './test-server.ts';

const server = useServer();
const account = '123456789012';

/** As AWS's examples write it: the endpoint from the event, `https` and all. */
const NODE = `
import { ApiGatewayManagementApiClient, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { request } from 'node:https';
export const handler = async (event) => {
  const { domainName, stage, connectionId, routeKey, apiId } = event.requestContext;
  if (routeKey === '$connect' || routeKey === '$disconnect') return { statusCode: 200 };
  const { via } = JSON.parse(event.body);
  const post = (endpoint) =>
    new ApiGatewayManagementApiClient({ endpoint }).send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'by ' + via }));
  if (via === 'domainName') await post('https://' + domainName + '/' + stage);
  if (via === 'http') await post('http://' + domainName + '/' + stage);
  if (via === 'amazonaws.com') await post('https://' + apiId + '.execute-api.us-east-1.amazonaws.com/' + stage);
  if (via === 'fetch') {
    const url = 'https://' + domainName + '/' + stage + '/@connections/' + encodeURIComponent(connectionId);
    const answer = await fetch(url, { method: 'POST', body: 'by fetch ' + 'é' });
    if (!answer.ok) throw new Error(await answer.text());
  }
  if (via === 'endpoint') await new ApiGatewayManagementApiClient({}).send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'by endpoint' }));
  if (via === 'https') await new Promise((resolve, reject) =>
    request('https://' + domainName + '/' + stage + '/@connections/' + connectionId, { method: 'POST' }, (answer) => answer.resume().on('end', resolve))
      .on('error', reject).end('by https'));
  return { statusCode: 200 };
};`;

const PYTHON = `
import json
def handler(event, context):
    context = event["requestContext"]
    if context["routeKey"] != "python":
        return {"statusCode": 200}
    via = json.loads(event["body"])["via"]
    name, stage, connection = context["domainName"], context["stage"], context["connectionId"]
    if via == "boto3":
        import boto3
        boto3.client("apigatewaymanagementapi", endpoint_url=f"https://{name}/{stage}").post_to_connection(ConnectionId=connection, Data=b"by boto3")
    if via == "asyncio":
        import asyncio
        async def post():
            reader, writer = await asyncio.open_connection(name.split(":")[0], 443, ssl=True)
            writer.write(f"POST /{stage}/@connections/{connection} HTTP/1.1\\r\\nHost: {name}\\r\\nConnection: close\\r\\nContent-Length: 10\\r\\n\\r\\nby asyncio".encode())
            await reader.read()
            writer.close()
        asyncio.run(post())
    if via == "urllib":
        import urllib.request
        urllib.request.urlopen(urllib.request.Request(f"https://{name}/{stage}/@connections/{connection}", data=b"by urllib", method="POST"))
    return {"statusCode": 200}
`;

let apiId = '';
const wire = () => server.url.replace('http:', 'ws:');
const pathUrl = (): string => `${wire()}/_aws/execute-api/${apiId}/prod`;

async function makeFunction(
  name: string,
  runtime: lambda.Runtime,
  file: string,
  code: string,
): Promise<string> {
  const client = new lambda.LambdaClient(server.options());
  const { FunctionArn = '' } = await client.send(
    new lambda.CreateFunctionCommand({
      FunctionName: name,
      Runtime: runtime,
      Handler: `${file.split('.')[0]}.handler`,
      Role: `arn:aws:iam::${account}:role/any`,
      Code: { ZipFile: zipSync({ [file]: Buffer.from(code) }) },
      Timeout: 20,
      // A processor of its own: SDKs take their time to load.
      MemorySize: 1769,
    }),
  );
  await client.send(
    new lambda.AddPermissionCommand({
      FunctionName: name,
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
    }),
  );
  return `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FunctionArn}/invocations`;
}

beforeAll(async () => {
  const client = new v2.ApiGatewayV2Client(server.options());
  const made = await client.send(
    new v2.CreateApiCommand({
      Name: 'chat',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    }),
  );
  apiId = made.ApiId ?? '';
  expect(made.ApiEndpoint).toBe(`wss://${apiId}.execute-api.us-east-1.amazonaws.com`);
  const uris = {
    node: await makeFunction('chat-node', 'nodejs22.x', 'index.mjs', NODE),
    python: await makeFunction('chat-python', 'python3.12', 'app.py', PYTHON),
  };
  const routes: Readonly<Record<string, string>> = {
    $connect: uris.node,
    $disconnect: uris.node,
    node: uris.node,
    python: uris.python,
  };
  for (const [RouteKey, IntegrationUri] of Object.entries(routes)) {
    const { IntegrationId } = await client.send(
      new v2.CreateIntegrationCommand({
        ApiId: apiId,
        IntegrationType: 'AWS_PROXY',
        IntegrationMethod: 'POST',
        IntegrationUri,
      }),
    );
    await client.send(
      new v2.CreateRouteCommand({ ApiId: apiId, RouteKey, Target: `integrations/${IntegrationId}` }),
    );
  }
  await client.send(new v2.CreateStageCommand({ ApiId: apiId, StageName: 'prod', AutoDeploy: true }));
});

interface Talk {
  readonly socket: WebSocket;
  say(message: object): void;
  next(): Promise<string>;
  closed: Promise<number>;
}

async function talk(url: string): Promise<Talk> {
  const socket = new WebSocket(url);
  const heard: string[] = [];
  const waiting: ((text: string) => void)[] = [];
  socket.addEventListener('message', ({ data }) => {
    const next = waiting.shift();
    if (next) next(String(data));
    else heard.push(String(data));
  });
  const closed = new Promise<number>((resolve) =>
    socket.addEventListener('close', ({ code }) => resolve(code)),
  );
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('refused')));
  });
  return {
    socket,
    say: (message) => socket.send(JSON.stringify(message)),
    next: () => {
      const text = heard.shift();
      return text === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(text);
    },
    closed,
  };
}

for (const via of ['domainName', 'http', 'amazonaws.com', 'fetch', 'https', 'endpoint'])
  test(`a Node function answers its client by ${via}`, async () => {
    const chat = await talk(pathUrl());
    chat.say({ action: 'node', via });
    expect(await chat.next()).toBe(via === 'fetch' ? 'by fetch é' : `by ${via}`);
    chat.socket.close();
  });

for (const via of ['boto3', 'urllib', 'asyncio'])
  test(`a Python function answers its client by ${via}`, async () => {
    const chat = await talk(pathUrl());
    chat.say({ action: 'python', via });
    expect(await chat.next()).toBe(`by ${via}`);
    chat.socket.close();
  });

test('the management client from outside, by every address', async () => {
  const chat = await talk(pathUrl());
  chat.say({ action: 'nobody' });
  const { connectionId: ConnectionId = '' } = JSON.parse(await chat.next()) as { connectionId: string };
  const endpoints = [`${server.url}/_aws/execute-api/${apiId}/prod`, server.url];
  for (const endpoint of endpoints) {
    const client = new ApiGatewayManagementApiClient({ ...server.options(), endpoint, maxAttempts: 1 });
    await client.send(new PostToConnectionCommand({ ConnectionId, Data: endpoint }));
    expect(await chat.next()).toBe(endpoint);
    const info = await client.send(new GetConnectionCommand({ ConnectionId }));
    expect([info.ConnectedAt instanceof Date, info.Identity?.SourceIp]).toEqual([true, '127.0.0.1']);
  }
  const client = new ApiGatewayManagementApiClient({
    ...server.options(),
    endpoint: endpoints[0] ?? '',
    maxAttempts: 1,
  });
  const tooLarge = client.send(new PostToConnectionCommand({ ConnectionId, Data: new Uint8Array(131_073) }));
  expect(tooLarge).rejects.toBeInstanceOf(PayloadTooLargeException);
  await client.send(new DeleteConnectionCommand({ ConnectionId }));
  expect(await chat.closed).toBe(1000);
  const late = client.send(new PostToConnectionCommand({ ConnectionId, Data: 'late' }));
  expect(late).rejects.toBeInstanceOf(GoneException);
});

test('a stage that goes takes its connections along', async () => {
  const client = new v2.ApiGatewayV2Client(server.options());
  await client.send(new v2.CreateStageCommand({ ApiId: apiId, StageName: 'short', AutoDeploy: true }));
  const chat = await talk(`${wire()}/_aws/execute-api/${apiId}/short`);
  await client.send(new v2.DeleteStageCommand({ ApiId: apiId, StageName: 'short' }));
  expect(await chat.closed).toBe(1001);
  expect(talk(`${wire()}/_aws/execute-api/${apiId}/short`)).rejects.toThrow('refused');
});

test('the ws package on Node, and a request that offers h2c', async () => {
  const client = `
    const { WebSocket } = require('ws');
    const socket = new WebSocket(process.argv[1]);
    const seen = [];
    socket.on('open', () => { socket.ping('p'); socket.send('hi'); });
    socket.on('pong', (data) => seen.push('pong ' + data));
    socket.on('message', (data) => { seen.push(JSON.parse(data).message); socket.close(4000, 'bye'); });
    socket.on('close', (code) => console.log([...seen.sort(), code, socket.extensions].join(' ')));`;
  const node = Bun.spawn(['node', '-e', client, `${pathUrl()}`], {
    cwd: `${import.meta.dir}/../..`,
    stdout: 'pipe',
  });
  expect((await new Response(node.stdout).text()).trim()).toBe('Forbidden pong p 4000');
  const health = await fetch(`${server.url}/_gatehouse/health`, {
    headers: { Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c' },
  });
  expect(health.status).toBe(200);
});
