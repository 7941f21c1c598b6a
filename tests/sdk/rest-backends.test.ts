/** Private integrations of REST APIs, client certificates to backends, and backends nobody vouches for. */
import { afterAll, expect, test } from 'bun:test';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { selfSignedCertificate } from '../../src/aws/apigateway/self-signed-certificate.ts';
import {
  listen,
  portOf,
  restApi,
  startWorld,
  type Method,
  type World,
} from '../../src/gateway/testing/world.ts';

const plain = await listen((request, response) => response.end(`${request.headers.host} ${request.url}`));
const DAY_MS = 86_400_000;
const signed = (commonName: string) =>
  selfSignedCertificate({
    commonName,
    serial: Uint8Array.of(1),
    notBeforeMs: Date.now() - DAY_MS,
    notAfterMs: Date.now() + DAY_MS,
  });
const own = await signed('backend.example');
const shown = await signed('ApiGateway');
const secure = createServer(
  { cert: own.certificatePem, key: own.privateKeyPem, requestCert: true, rejectUnauthorized: false },
  (socket) => {
    socket.once('data', () => {
      const said = `client ${socket.getPeerCertificate()?.subject?.CN ?? 'nobody'}`;
      socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${said.length}\r\nConnection: close\r\n\r\n${said}`);
    });
    socket.on('error', () => {});
  },
);
await new Promise<void>((ready) => secure.listen(0, '127.0.0.1', ready));
const securePort = (secure.address() as AddressInfo).port; // a TCP server's address

const worlds: World[] = [];
afterAll(async () => {
  for (const world of worlds) await world.close();
  plain.close();
  secure.close();
});

const proxy = (more: object): Method => ({
  methodIntegration: { type: 'HTTP_PROXY', httpMethod: 'GET', uri: 'http://orders.internal/v1/a', ...more },
});
const custom = (more: object): Method => ({
  methodIntegration: {
    type: 'HTTP',
    httpMethod: 'GET',
    uri: 'http://orders.internal/v1/a',
    integrationResponses: { 200: { statusCode: '200' } },
    ...more,
  },
});
const LISTENER = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/a/1/2';
const linked = { connectionType: 'VPC_LINK' as const, connectionId: 'abc123' };

async function answerOf(method: Method, stage: object = {}): Promise<string> {
  const world = await startWorld({
    api: restApi({ 'GET /a': method }, { stage }),
    ports: {
      findPrivateTarget: async (_scope, arn) =>
        arn === LISTENER ? { host: '127.0.0.1', port: portOf(plain) } : undefined,
    },
  });
  worlds.push(world);
  const { status, body } = await world.get('/prod/a');
  return `${status} ${body}`;
}

const atPlain = `http://127.0.0.1:${portOf(plain)}/v1/a`;
const atSecure = `https://127.0.0.1:${securePort}/`;
const skip = { tlsConfig: { insecureSkipVerification: true } };
const ROWS: readonly [string, Method, object, string][] = [
  [
    'a link with the address given',
    proxy({ ...linked, uri: atPlain }),
    {},
    `200 127.0.0.1:${portOf(plain)} /v1/a`,
  ],
  [
    'a link to a listener: the address says Host and path',
    proxy({ ...linked, integrationTarget: LISTENER }),
    {},
    '200 orders.internal /v1/a',
  ],
  [
    'the same, not as a proxy',
    custom({ ...linked, integrationTarget: LISTENER }),
    {},
    '200 orders.internal /v1/a',
  ],
  [
    'a target that is not there',
    proxy({ ...linked, integrationTarget: `${LISTENER}9` }),
    {},
    '500 {"message":"Internal server error"}',
  ],
  [
    'the target from a stage variable’s address',
    proxy({ ...linked, uri: 'http://${stageVariables.host}/v1/a' }),
    { variables: { host: `127.0.0.1:${portOf(plain)}` } },
    `200 127.0.0.1:${portOf(plain)} /v1/a`,
  ],
  [
    'a certificate nobody vouches for',
    proxy({ uri: atSecure }),
    {},
    '504 {"message":"Network error communicating with endpoint"}',
  ],
  ['the same, accepted', proxy({ uri: atSecure, ...skip }), {}, '200 client nobody'],
  [
    'the stage’s client certificate',
    proxy({ uri: atSecure, ...skip }),
    { clientCertificate: shown },
    '200 client ApiGateway',
  ],
  [
    'not as a proxy',
    custom({ uri: atSecure, ...skip }),
    { clientCertificate: shown },
    '200 client ApiGateway',
  ],
];
test.each([...ROWS])('%s', async (_name, method, stage, expected) => {
  expect(await answerOf(method, stage)).toBe(expected);
});
