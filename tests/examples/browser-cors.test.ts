/** What a page in a browser learns of an API that keeps it out: the status where the API's CORS says so, else nothing. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  APIGatewayClient,
  CreateDeploymentCommand,
  ImportRestApiCommand,
  PutGatewayResponseCommand,
} from '@aws-sdk/client-api-gateway';
import { ApiGatewayV2Client, CreateStageCommand, ImportApiCommand } from '@aws-sdk/client-apigatewayv2';
import type { Browser, Page } from 'playwright-core';
import { useServer } from '../sdk/test-server.ts';
import { launchChromium } from './chromium.ts';

const server = useServer();
let browser: Browser;
let page: Page;
let shop: Server;
let origin = '';

const MOCK = {
  type: 'mock',
  requestTemplates: { 'application/json': '{"statusCode": 200}' },
  responses: {
    default: {
      statusCode: '200',
      responseParameters: { 'method.response.header.Access-Control-Allow-Origin': "'*'" },
    },
  },
};
const OPTIONS = {
  responses: {
    '204': {
      description: '',
      headers: { 'Access-Control-Allow-Origin': {}, 'Access-Control-Allow-Headers': {} },
    },
  },
  'x-amazon-apigateway-integration': {
    ...MOCK,
    requestTemplates: { 'application/json': '{"statusCode": 204}' },
    responses: {
      default: {
        statusCode: '204',
        responseParameters: {
          'method.response.header.Access-Control-Allow-Origin': "'*'",
          'method.response.header.Access-Control-Allow-Headers': "'x-api-key,authorization'",
        },
      },
    },
  },
};

/** A REST API whose method needs a key; its preflight needs none. */
async function restApi(name: string): Promise<string> {
  const client = new APIGatewayClient(server.options());
  const definition = {
    openapi: '3.0.1',
    info: { title: name, version: '1' },
    components: { securitySchemes: { key: { type: 'apiKey', name: 'x-api-key', in: 'header' } } },
    paths: {
      '/orders': {
        get: {
          security: [{ key: [] }],
          responses: { '200': { description: '', headers: { 'Access-Control-Allow-Origin': {} } } },
          'x-amazon-apigateway-integration': MOCK,
        },
        options: OPTIONS,
      },
    },
  };
  const { id = '' } = await client.send(
    new ImportRestApiCommand({ body: Buffer.from(JSON.stringify(definition)) }),
  );
  if (name === 'open about it')
    await client.send(
      new PutGatewayResponseCommand({
        restApiId: id,
        responseType: 'DEFAULT_4XX',
        responseParameters: { 'gatewayresponse.header.Access-Control-Allow-Origin': "'*'" },
      }),
    );
  await client.send(new CreateDeploymentCommand({ restApiId: id, stageName: 'prod' }));
  return `${server.url}/_aws/execute-api/${id}/prod/orders`;
}

async function httpApi(): Promise<string> {
  const client = new ApiGatewayV2Client(server.options());
  const definition = {
    openapi: '3.0.1',
    info: { title: 'http', version: '1' },
    components: {
      securitySchemes: {
        jwt: {
          type: 'oauth2',
          'x-amazon-apigateway-authorizer': {
            type: 'jwt',
            jwtConfiguration: { issuer: origin, audience: ['shop'] },
            identitySource: '$request.header.Authorization',
          },
        },
      },
    },
    'x-amazon-apigateway-cors': {
      allowOrigins: [origin],
      allowMethods: ['GET'],
      allowHeaders: ['authorization'],
    },
    paths: {
      '/orders': {
        get: {
          security: [{ jwt: [] }],
          'x-amazon-apigateway-integration': {
            type: 'HTTP_PROXY',
            httpMethod: 'GET',
            uri: `${origin}/`,
            payloadFormatVersion: '1.0',
          },
        },
      },
    },
  };
  const { ApiId = '' } = await client.send(new ImportApiCommand({ Body: JSON.stringify(definition) }));
  await client.send(new CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }));
  return `${server.url}/_aws/execute-api/${ApiId}/$default/orders`;
}

beforeAll(async () => {
  shop = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/html' });
    response.end('<title>shop</title>');
  });
  await new Promise<void>((done) => shop.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  browser = await launchChromium();
  page = await (await browser.newContext({ locale: 'en-US' })).newPage();
  await page.goto(`${origin}/`);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  shop.close();
});

/** Status and body as the page's own script sees them, or the error it gets. */
const seen = (url: string, headers: Readonly<Record<string, string>>): Promise<string> =>
  page.evaluate(
    async ([address, given]) => {
      try {
        const response = await fetch(address, { headers: given });
        return `${response.status} ${await response.text()}`;
      } catch (thrown) {
        return String(thrown);
      }
    },
    [url, headers] as const,
  );

test('an HTTP API tells its own pages why, after a preflight that nobody authorizes', async () => {
  const url = await httpApi();
  expect(await seen(url, { Authorization: 'Bearer no.token.here' })).toBe('401 {"message":"Unauthorized"}');
  expect(await seen(url, {})).toBe('401 {"message":"Unauthorized"}');
  // A header that the API does not allow ends at the preflight.
  expect(await seen(url, { 'X-Other': '1' })).toBe('TypeError: Failed to fetch');
});

test('a REST API tells it by its gateway responses, or the browser keeps it to itself', async () => {
  const headers = { 'X-Api-Key': 'none-of-the-keys-there-are' };
  expect(await seen(await restApi('open about it'), headers)).toBe('403 {"message":"Forbidden"}');
  expect(await seen(await restApi('silent'), headers)).toBe('TypeError: Failed to fetch');
});
