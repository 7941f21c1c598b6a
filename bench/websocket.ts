/**
 * WebSocket APIs beside their peer, in turn and in one run: an echo through a route, callbacks through the management
 * API, a broadcast from one function, and what an idle connection holds. Prints a page; `--seconds N`, `--rounds N`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, Agent } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as v2 from '@aws-sdk/client-apigatewayv2';
import * as lambda from '@aws-sdk/client-lambda';
import { zipSync } from 'fflate';
import { treeOf } from './process-tree.ts';
import { frameOf, openSocket, socketLoad } from './socket-load.ts';
import { startSubject, type Subject } from './subject.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    idle: { type: 'string', default: '10000' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const root = join(import.meta.dir, '..');
const data = mkdtempSync(join(tmpdir(), 'gatehouse-websocket-'));
const started: Subject[] = [];

async function begin(command: string, args: readonly string[]): Promise<Subject> {
  const subject = await startSubject({ command, args, ready: /ready on (http:\/\/\S+)/ });
  started.push(subject);
  return subject;
}

function median(pairs: readonly (readonly [number, number])[]): [number, number] {
  const middle = (of: 0 | 1): number =>
    pairs.map((pair) => pair[of]).toSorted((a, b) => a - b)[Math.floor(pairs.length / 2)] ?? 0;
  return [middle(0), middle(1)];
}

const echo = (url: string, message: string, answerBytes: number): Promise<number> =>
  socketLoad({ url, message, answerBytes, connections: 64, depth: 4, seconds });

/** A route that echoes by itself, one that broadcasts to whoever is connected, and the stage `prod`. */
async function makeApi(endpoint: string): Promise<string> {
  const options = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const client = new v2.ApiGatewayV2Client(options);
  const { ApiId } = await client.send(
    new v2.CreateApiCommand({
      Name: 'bench',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.action',
    }),
  );
  const mock = await client.send(
    new v2.CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'MOCK',
      TemplateSelectionExpression: '\\$default',
      RequestTemplates: { $default: '{"statusCode":200}' },
    }),
  );
  await client.send(
    new v2.CreateIntegrationResponseCommand({
      ApiId,
      IntegrationId: mock.IntegrationId,
      IntegrationResponseKey: '$default',
      TemplateSelectionExpression: '\\$default',
      ResponseTemplates: { $default: '{"you":"said"}' },
    }),
  );
  const id = await client.send(
    new v2.CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'MOCK',
      TemplateSelectionExpression: '\\$default',
      RequestTemplates: { $default: '{"statusCode":200}' },
    }),
  );
  await client.send(
    new v2.CreateIntegrationResponseCommand({
      ApiId,
      IntegrationId: id.IntegrationId,
      IntegrationResponseKey: '$default',
      TemplateSelectionExpression: '\\$default',
      ResponseTemplates: { $default: '$context.connectionId' },
    }),
  );
  const uri = await broadcastFunction(options);
  const cast = await client.send(
    new v2.CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'AWS_PROXY',
      IntegrationMethod: 'POST',
      IntegrationUri: uri,
    }),
  );
  for (const [RouteKey, IntegrationId, twoWay] of [
    ['echo', mock.IntegrationId, true],
    ['id', id.IntegrationId, true],
    ['cast', cast.IntegrationId, false],
  ] as const) {
    const { RouteId } = await client.send(
      new v2.CreateRouteCommand({
        ApiId,
        RouteKey,
        Target: `integrations/${IntegrationId}`,
        ...(twoWay ? { RouteResponseSelectionExpression: '$default' } : {}),
      }),
    );
    if (twoWay)
      await client.send(new v2.CreateRouteResponseCommand({ ApiId, RouteId, RouteResponseKey: '$default' }));
  }
  await client.send(
    new v2.CreateStageCommand({
      ApiId,
      StageName: 'prod',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 1e6, ThrottlingBurstLimit: 1e6 },
    }),
  );
  return ApiId ?? '';
}

const BROADCAST = `
import { request, Agent } from 'node:http';
const agent = new Agent({ keepAlive: true, maxSockets: 16 });
export const handler = async ({ requestContext: { domainName, stage }, body }) => {
  const { ids } = JSON.parse(body);
  if (ids.length === 0) return { statusCode: 200 };
  const [host, port] = domainName.split(':');
  await Promise.all(ids.map((id) => new Promise((resolve, reject) => {
    const call = request({ agent, host, port, method: 'POST', path: '/' + stage + '/@connections/' + id, headers: { host: domainName } }, (answer) => answer.resume().on('end', resolve));
    call.on('error', reject).end('to everyone');
  })));
  return { statusCode: 200 };
};`;

async function broadcastFunction(options: lambda.LambdaClientConfig): Promise<string> {
  const client = new lambda.LambdaClient(options);
  const Code = { ZipFile: zipSync({ 'index.mjs': Buffer.from(BROADCAST) }) };
  const { FunctionArn } = await client.send(
    new lambda.CreateFunctionCommand({
      FunctionName: 'cast',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/any',
      Code,
      Timeout: 20,
    }),
  );
  await client.send(
    new lambda.AddPermissionCommand({
      FunctionName: 'cast',
      StatementId: 'api',
      Action: 'lambda:InvokeFunction',
      Principal: 'apigateway.amazonaws.com',
    }),
  );
  return `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FunctionArn}/invocations`;
}

/** The id of a connection, as the server tells it. */
async function idOf(socket: Socket, question: string): Promise<string> {
  const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
  socket.write(frameOf(question));
  return (await answer).subarray(2).toString();
}

/** Callbacks a second over 16 kept connections, to one client that counts. */
async function post(url: string, _subject: Subject, ours: boolean): Promise<number> {
  const socket = await openSocket(url);
  const id = await idOf(socket, ours ? '{"action":"id"}' : 'id');
  const target = new URL(ours ? `${url}/@connections/${id}` : `${url}${id}`);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  let done = 0;
  let running = true;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const call = httpRequest(
        { agent, host: target.hostname, port: target.port, path: target.pathname, method: 'POST' },
        (answer) => {
          answer.resume().on('end', () => {
            if (answer.statusCode !== 200) return reject(new Error(`status ${answer.statusCode}`));
            done++;
            resolve();
          });
        },
      );
      call.on('error', reject).end('a callback');
    });
  const startedAt = performance.now();
  const workers = Array.from({ length: 16 }, async () => {
    while (running) await one();
  });
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  running = false;
  await Promise.all(workers);
  const perSecond = done / ((performance.now() - startedAt) / 1000);
  agent.destroy();
  socket.destroy();
  return perSecond;
}

/** From the message that asks for it until the last of 1,000 connections has heard, warm. */
async function broadcast(url: string): Promise<number> {
  const sockets: Socket[] = [];
  const ids: string[] = [];
  while (sockets.length < 1000) {
    const more = await Promise.all(Array.from({ length: 100 }, () => openSocket(url)));
    for (const socket of more) ids.push(await idOf(socket, '{"action":"id"}'));
    sockets.push(...more);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  const times: number[] = [];
  const caster = await openSocket(url);
  for (let round = 0; round < 5; round++) {
    const heard = Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once('data', resolve))),
    );
    const startedAt = performance.now();
    caster.write(longFrame(JSON.stringify({ action: 'cast', ids })));
    await heard;
    times.push(performance.now() - startedAt);
  }
  for (const socket of [...sockets, caster]) socket.destroy();
  return Math.min(...times.slice(1));
}

function longFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 255, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

/** On a server of its own, because what a load left behind may be given back meanwhile. */
async function idle(): Promise<string> {
  const count = Number(values.idle);
  const subject = await begin(join(root, 'bin', 'gatehouse'), ['start', '--port', '0', '--ephemeral']);
  const api = await makeApi(subject.caught);
  const url = `${subject.caught}/_aws/execute-api/${api}/prod`;
  for (let at = 0; at < 20; at++) (await openSocket(url)).destroy();
  await settle();
  const before = treeOf(subject.pid).residentMb;
  const sockets: Socket[] = [];
  while (sockets.length < count) {
    sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => openSocket(url)))));
    // 500 new connections a second are what an account may open.
    await new Promise((resolve) => setTimeout(resolve, 210));
  }
  await settle();
  const after = treeOf(subject.pid).residentMb;
  for (const socket of sockets) socket.destroy();
  return (((after - before) * 1024) / count).toFixed(1);
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3000));

async function main(): Promise<void> {
  try {
    const gatehouse = await begin(join(root, 'bin', 'gatehouse'), ['start', '--port', '0', '--data', data]);
    const peer = await begin(process.execPath, [join(import.meta.dir, 'bare-websocket.ts')]);
    const api = await makeApi(gatehouse.caught);
    const url = `${gatehouse.caught}/_aws/execute-api/${api}/prod`;
    const rows: [string, number, number][] = [];
    const echoes: [number, number][] = [];
    const posts: [number, number][] = [];
    for (let round = 0; round < rounds; round++) {
      echoes.push([
        await echo(url, '{"action":"echo"}', 16),
        await echo(`${peer.caught}/`, 'a message as long', 19),
      ]);
      posts.push([await post(url, gatehouse, true), await post(`${peer.caught}/`, peer, false)]);
    }
    rows.push(['echo through a MOCK route, messages a second', ...median(echoes)]);
    rows.push(['callbacks (POST @connections), a second', ...median(posts)]);
    for (const [name, ours, theirs] of rows)
      console.log(
        `${name}: ${Math.round(ours)} beside ${Math.round(theirs)} (${(ours / theirs).toFixed(2)})`,
      );
    console.log(`broadcast to 1,000 connections from one function: ${(await broadcast(url)).toFixed(0)} ms`);
    console.log(`memory of an idle connection at ${values.idle}: ${await idle()} KB`);
  } finally {
    for (const subject of started) await subject.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

await main();
