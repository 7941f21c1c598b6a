/** Quotas survive kill -9: none is overdrawn, and what is lost of one stays within its stated bound. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateDeploymentCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  GetUsageCommand,
  ImportRestApiCommand,
} from '@aws-sdk/client-api-gateway';
import { type ServerProcess, startProcess } from './killed-server.ts';

const QUOTA = 1000;
const KILLS = 2;
const KEY = 'a-key-of-more-than-twenty-characters';
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-usage-'));
let server: ServerProcess;
let path = '';
let planId = '';
let keyId = '';
const client = () =>
  new APIGatewayClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

beforeAll(async () => {
  server = await startProcess(folder);
  const document = {
    openapi: '3.0.1',
    info: { title: 'metered', version: '1' },
    paths: {
      '/': {
        get: {
          security: [{ api_key: [] }],
          responses: { 200: { description: 'ok' } },
          'x-amazon-apigateway-integration': {
            type: 'mock',
            requestTemplates: { 'application/json': '{"statusCode":200}' },
            responses: { default: { statusCode: '200' } },
          },
        },
      },
    },
    components: { securitySchemes: { api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' } } },
  };
  const api = client();
  const { id: restApiId = '' } = await api.send(
    new ImportRestApiCommand({ body: Buffer.from(JSON.stringify(document)) }),
  );
  await api.send(new CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  const plan = await api.send(
    new CreateUsagePlanCommand({
      name: 'plan',
      apiStages: [{ apiId: restApiId, stage: 'prod' }],
      quota: { limit: QUOTA, period: 'MONTH' },
    }),
  );
  planId = plan.id ?? '';
  const key = await api.send(new CreateApiKeyCommand({ name: 'key', value: KEY, enabled: true }));
  keyId = key.id ?? '';
  await api.send(new CreateUsagePlanKeyCommand({ usagePlanId: planId, keyId, keyType: 'API_KEY' }));
  path = `/_aws/execute-api/${restApiId}/prod/`;
});
afterAll(async () => {
  await server.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends so many requests, ten at a time, until one is over the quota. Returns how many were served. */
async function send(most: number): Promise<number> {
  let served = 0;
  for (let sent = 0; sent < most; sent += 10) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => fetch(server.url + path, { headers: { 'x-api-key': KEY } })),
    );
    served += answers.filter(({ status }) => status === 200).length;
    if (answers.some(({ status }) => status === 429)) break;
  }
  return served;
}

test('a quota is served once, however often the server is killed', async () => {
  let served = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    served += await send(200);
    await server.kill();
    server = await startProcess(folder);
  }
  served += await send(QUOTA);
  expect(served).toBeLessThanOrEqual(QUOTA);
  // A lease is a hundredth of what is left, and at most one and a half are lost with a process.
  expect(served).toBeGreaterThanOrEqual(QUOTA - KILLS * 15);
  const day = new Date().toISOString().slice(0, 10);
  const usage = await client().send(
    new GetUsageCommand({ usagePlanId: planId, startDate: day, endDate: day }),
  );
  expect(usage.items?.[keyId]).toEqual([[QUOTA, 0]]);
});
