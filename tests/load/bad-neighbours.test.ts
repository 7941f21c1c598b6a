/** 10,000 requests at 256 connections: a function that crashes and one that hangs take nothing from one that is fine. */
import { beforeAll, expect, test } from 'bun:test';
import { Agent, request } from 'node:http';
import * as gateway from '@aws-sdk/client-apigatewayv2';
import { createFunction } from '../sdk/function.ts';
import { useServer } from '../sdk/test-server.ts';

const REQUESTS = 10_000;
/** Connections of each function, and how many of the requests are its own. */
const SHARES = {
  fine: { connections: 208, requests: REQUESTS - 400 - 40 },
  crashes: { connections: 40, requests: 400 },
  hangs: { connections: 8, requests: 40 },
};
const CODE = {
  fine: `export const handler = async ({ rawQueryString }) => rawQueryString;`,
  crashes: `export const handler = async () => process.exit(1);`,
  hangs: `export const handler = () => new Promise(() => setInterval(() => {}, 60_000));`,
};
type Name = keyof typeof SHARES;
const NAMES: readonly Name[] = ['fine', 'crashes', 'hangs'];

const server = useServer();
let host: string;

beforeAll(async () => {
  const client = new gateway.ApiGatewayV2Client({ ...server.options(), maxAttempts: 1 });
  const { ApiId = '' } = await client.send(
    new gateway.CreateApiCommand({ Name: 'neighbours', ProtocolType: 'HTTP' }),
  );
  for (const name of NAMES) {
    const made = await createFunction(
      server.options(),
      name,
      { 'index.mjs': CODE[name] },
      { Timeout: name === 'hangs' ? 1 : 60 },
    );
    await made.allowApi(ApiId);
    const { IntegrationId } = await client.send(
      new gateway.CreateIntegrationCommand({
        ApiId,
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: made.arn,
        PayloadFormatVersion: '2.0',
      }),
    );
    const Target = `integrations/${IntegrationId}`;
    await client.send(new gateway.CreateRouteCommand({ ApiId, RouteKey: `GET /${name}`, Target }));
  }
  await client.send(new gateway.CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }));
  host = `${ApiId}.execute-api.localhost`;
});

test('the fine one loses nothing, the others fail as they must', async () => {
  const answers = await Promise.all(NAMES.map(async (name) => [name, await sendAll(name)] as const));
  expect(Object.fromEntries(answers)).toEqual({
    fine: { '200 its own': SHARES.fine.requests },
    crashes: { '500 {"message":"Internal Server Error"}': SHARES.crashes.requests },
    hangs: { '500 {"message":"Internal Server Error"}': SHARES.hangs.requests },
  });
  // And the server answers as before.
  expect(await send(new Agent(), '/fine?after')).toEqual('200 after');
}, 120_000);

/** How often each answer came. */
async function sendAll(name: Name): Promise<Record<string, number>> {
  const { connections, requests } = SHARES[name];
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const counted: Record<string, number> = {};
  let next = 0;
  const work = async (): Promise<void> => {
    for (let n = next++; n < requests; n = next++) {
      const answer = await send(agent, `/${name}?${n}`).catch((error: unknown) => String(error));
      const told = answer === `200 ${n}` ? '200 its own' : answer;
      counted[told] = (counted[told] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  return counted;
}

function send(agent: Agent, path: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, hostname, port, path, headers: { host } }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => resolve(`${incoming.statusCode} ${Buffer.concat(chunks)}`));
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}
