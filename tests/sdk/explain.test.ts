/** `gatehouse explain` and `/_gatehouse/explain/{id}` of requests that a real server answered. */
import { beforeAll, describe, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import * as rest from '@aws-sdk/client-api-gateway';
import * as http from '@aws-sdk/client-apigatewayv2';
import type { ExplainedStep, Explanation } from '../../src/base/explanation.ts';
import { useServer } from './test-server.ts';

const server = useServer();
let restUrl: string;
let httpUrl: string;

const API = {
  openapi: '3.0.1',
  info: { title: 'shop', version: '1' },
  'x-amazon-apigateway-request-validators': {
    parameters: { validateRequestParameters: true, validateRequestBody: false },
  },
  paths: {
    '/orders/{id}': {
      get: {
        'x-amazon-apigateway-integration': {
          type: 'mock',
          requestTemplates: {
            'application/json': '{"statusCode": 200, "who": "$input.params(\'Authorization\')"}',
          },
          responses: {
            default: { statusCode: '200', responseTemplates: { 'application/json': '{"ok":true}' } },
          },
        },
        responses: { '200': { description: 'ok' } },
      },
    },
    '/checked': {
      get: {
        parameters: [{ name: 'size', in: 'query', required: true, schema: { type: 'string' } }],
        'x-amazon-apigateway-request-validator': 'parameters',
        'x-amazon-apigateway-integration': {
          type: 'mock',
          requestTemplates: { 'application/json': '{"statusCode": 200}' },
          responses: { default: { statusCode: '200' } },
        },
        responses: { '200': { description: 'ok' } },
      },
    },
    '/keyed': {
      get: {
        security: [{ api_key: [] }],
        'x-amazon-apigateway-integration': { type: 'mock' },
        responses: { '200': { description: 'ok' } },
      },
    },
  },
  components: { securitySchemes: { api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' } } },
};

beforeAll(async () => {
  const client = new rest.APIGatewayClient({ ...server.options(), maxAttempts: 1 });
  const { id: restApiId } = await client.send(
    new rest.ImportRestApiCommand({ body: Buffer.from(JSON.stringify(API)) }),
  );
  await client.send(new rest.CreateDeploymentCommand({ restApiId, stageName: 'prod' }));
  restUrl = `${server.url}/_aws/execute-api/${restApiId}/prod`;
  const v2 = new http.ApiGatewayV2Client({ ...server.options(), maxAttempts: 1 });
  const { ApiId } = await v2.send(
    new http.CreateApiCommand({ Name: 'web', ProtocolType: 'HTTP', Target: 'http://127.0.0.1:1/' }),
  );
  httpUrl = `${server.url}/_aws/execute-api/${ApiId}`;
});

async function explained(id: string | null): Promise<Explanation> {
  const answer = await fetch(`${server.url}/_gatehouse/explain/${encodeURIComponent(id ?? '')}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Explanation; // what the path answers
}

const drawn = (steps: readonly ExplainedStep[]): string[] =>
  steps.map(({ step, result, rule }) => [step, result, ...(rule === null ? [] : [rule])].join(' | '));

describe('steps', () => {
  test('of a request that is answered', async () => {
    const answer = await fetch(`${restUrl}/orders/7?x=1`);
    const explanation = await explained(answer.headers.get('x-amzn-requestid'));
    expect(drawn(explanation.steps)).toEqual([
      'match | passed | GET /orders/{id}',
      'authorize | absent',
      'throttle | passed | the account’s limit in the region',
      'read | passed',
      'validate | absent',
      'transform | passed | request template for application/json',
      'integrate | passed | MOCK',
      'transform | passed | integration response 200 (the default), template for application/json',
      'answer | passed',
    ]);
    expect(explanation).toMatchObject({ status: 200, route: 'GET /orders/{id}', stage: 'prod', error: null });
    expect(explanation.steps[0]?.in).toMatchObject({ path: '/prod/orders/7', query: 'x=1' });
    expect(explanation.steps[0]?.out).toMatchObject({ pathParameters: { id: '7' } });
    expect(explanation.steps.at(-1)?.out).toMatchObject({ status: 200, body: '{"ok":true}', bytes: 11 });
    expect(explanation.steps.every(({ ms }) => ms === null || ms >= 0)).toBe(true);
  });

  test('of a request that nothing matches', async () => {
    const answer = await fetch(`${restUrl}/nowhere`);
    const explanation = await explained(answer.headers.get('x-amz-apigw-id'));
    expect(drawn(explanation.steps)).toEqual([
      'match | refused | no route matches',
      'authorize | not reached',
      'throttle | not reached',
      'validate | not reached',
      'integrate | not reached',
      'answer | passed | gateway response MISSING_AUTHENTICATION_TOKEN',
    ]);
  });

  test('of a request without a required parameter', async () => {
    const answer = await fetch(`${restUrl}/checked`);
    const explanation = await explained(answer.headers.get('x-amzn-requestid'));
    const steps = explanation.steps.filter(({ step }) => step === 'validate' || step === 'integrate');
    expect(steps.map(({ step, result }) => `${step} ${result}`)).toEqual([
      'validate refused',
      'integrate not reached',
    ]);
    expect(steps[0]?.rule).toContain('required parameters');
    expect(steps[0]?.out).toEqual({ error: '[size]' });
    expect(explanation.error).toMatchObject({ type: 'BAD_REQUEST_PARAMETERS' });
  });

  test('of a call without its key', async () => {
    const answer = await fetch(`${restUrl}/keyed`);
    const explanation = await explained(answer.headers.get('x-amzn-requestid'));
    expect(explanation.steps[1]).toMatchObject({
      step: 'authorize',
      result: 'refused',
      rule: 'API key (HEADER)',
    });
  });

  test('of a backend that is not there, on an HTTP API', async () => {
    const answer = await fetch(`${httpUrl}/x`, { method: 'POST', body: 'hello' });
    const explanation = await explained(answer.headers.get('apigw-requestid'));
    const integrate = explanation.steps.find(({ step }) => step === 'integrate');
    expect(integrate).toMatchObject({ result: 'refused', rule: expect.stringContaining('HTTP_PROXY') });
    expect(explanation.error?.reason).toContain('network error');
  });
});

describe('secrets', () => {
  test('are masked wherever they turn up', async () => {
    const secret = 'abcdef0123456789';
    const answer = await fetch(`${restUrl}/orders/7?token=${secret}2&plain=seen`, {
      headers: {
        authorization: `Bearer ${secret}`,
        cookie: `session=${secret}3; other=${secret}4`,
        'x-api-key': `${secret}5`,
        'x-amz-client-context': `${secret}6`,
        'x-plain': 'seen',
      },
    });
    const explanation = await explained(answer.headers.get('x-amzn-requestid'));
    const text = JSON.stringify(explanation);
    expect(text).not.toContain(secret);
    expect(text).toContain('token=******');
    expect(text).toContain('x-plain: seen');
    // The template wrote the header into the request for the backend.
    expect(explanation.steps.find(({ step }) => step === 'integrate')?.in).toMatchObject({
      body: expect.stringContaining('"who": "'),
    });
  });
});

describe('the command', () => {
  test('prints the steps in order', async () => {
    const answer = await fetch(`${restUrl}/orders/7`);
    const { code, out } = await gatehouse('explain', answer.headers.get('x-amzn-requestid') ?? '');
    expect(code).toBe(0);
    const steps = out.match(/^(match|authorize|throttle|read|validate|transform|integrate|answer)/gm);
    expect(steps?.join(' ')).toBe(
      'match authorize throttle read validate transform integrate transform answer',
    );
    expect(out).toContain('GET /prod/orders/7 -> 200');
  });

  test('--json prints the same as the path answers', async () => {
    const id = (await fetch(`${restUrl}/orders/7`)).headers.get('x-amzn-requestid') ?? '';
    const { out } = await gatehouse('explain', id, '--json');
    expect(JSON.parse(out)).toEqual(await explained(id));
  });

  test('says so and fails when the id is unknown', async () => {
    const { code, err } = await gatehouse('explain', 'nobody');
    expect(code).toBe(1);
    expect(err).toContain('no request nobody is known');
  });
});

const main = join(import.meta.dir, '../../src/cli/main.ts');

function gatehouse(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [main, ...args, '--endpoint', server.url]);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}
