/**
 * What REST APIs cost beside plain MOCK, in the same run: a cached answer, a request through key, validator and
 * template, one method of 300, one API of 1,000; and a mapping template beside the function one would write by hand.
 */
import { join } from 'node:path';
import * as rest from '@aws-sdk/client-api-gateway';
import { apiGatewayInput, apiGatewayUtil } from '../src/lang/vtl/api-gateway.ts';
import { compileTemplate } from '../src/lang/vtl/compile.ts';
import { load, type Measured } from './load.ts';
import { treeOf } from './process-tree.ts';
import { startSubject, type Subject } from './subject.ts';
import { handWritten, TEMPLATE, type Order } from './rest-template.ts';

export interface RestOptions {
  readonly gatehouse: string;
  readonly folder: string;
  readonly seconds: number;
  readonly rounds: number;
}

const APIS = 1000;
const RESOURCES = 300;
/** Code is compiled while it runs: before that, figures say little. */
const WARM_UP_SECONDS = 4;

/** Lines of the page of performance. */
export async function measureRest(options: RestOptions): Promise<string[]> {
  const [server, crowded] = [await startServer(options, 'rest'), await startServer(options, 'crowded')];
  try {
    return [...templateLines(), ...(await served(server, crowded, options))];
  } finally {
    await server.stop();
    await crowded.stop();
  }
}

const startServer = ({ gatehouse, folder }: RestOptions, name: string): Promise<Subject> =>
  startSubject({
    command: gatehouse,
    args: ['start', '--port', '0', '--data', join(folder, name)],
    ready: /ready on (http:\S+)/,
  });

const mock = (text: string, more: object = {}) => ({
  responses: { '200': { description: 'ok' } },
  'x-amazon-apigateway-integration': {
    type: 'mock',
    requestTemplates: { 'application/json': '{"statusCode": 200}' },
    responses: { default: { statusCode: '200', responseTemplates: { 'application/json': text } } },
  },
  ...more,
});

const DOCUMENT = {
  openapi: '3.0.1',
  info: { title: 'bench', version: '1' },
  'x-amazon-apigateway-request-validators': {
    all: { validateRequestParameters: true, validateRequestBody: true },
  },
  paths: {
    '/mock': { get: mock('{"hello":"world"}') },
    '/cached': { get: mock('{"hello":"world"}') },
    '/guarded/{id}': {
      get: {
        ...mock(
          `#set($id = $input.params('id')){"id":"$util.escapeJavaScript($id)","kind":"$input.params('kind')","stage":"$context.stage"}`,
        ),
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'kind', in: 'query', required: true, schema: { type: 'string' } },
        ],
        security: [{ api_key: [] }],
        'x-amazon-apigateway-request-validator': 'all',
      },
    },
  },
  components: { securitySchemes: { api_key: { type: 'apiKey', name: 'x-api-key', in: 'header' } } },
};

/** One request of a server, over and over. */
interface Case {
  readonly name: string;
  readonly server: Subject;
  readonly url: string;
  readonly args: readonly string[];
}

async function served(
  server: Subject,
  crowded: Subject,
  { seconds, rounds }: RestOptions,
): Promise<string[]> {
  const client = clientOf(server.caught, 'us-east-1');
  const key = 'bench-key-0123456789abcdef';
  const one = await deployed(client, DOCUMENT, true);
  const many = await deployed(client, manyResources(), false);
  await keyFor(client, one, key);
  const amongAll = await deployed(clientOf(crowded.caught, 'us-east-1'), DOCUMENT, false);
  const before = treeOf(crowded.pid).residentMb;
  const apis = await manyApis(crowded.caught);
  for (const api of apis) await (await fetch(urlOf(crowded, api, '/mock'))).text();
  const grown = treeOf(crowded.pid).residentMb - before;
  const keyed = ['-H', `x-api-key=${key}`];
  const costs = await interleaved(
    [
      { name: 'MOCK', server, url: urlOf(server, one, '/mock'), args: [] },
      { name: 'cached', server, url: urlOf(server, one, '/cached'), args: [] },
      { name: 'guarded', server, url: urlOf(server, one, '/guarded/7?kind=a'), args: keyed },
      { name: 'resources', server, url: urlOf(server, many, `/r${RESOURCES - 1}`), args: [] },
      { name: 'APIs', server: crowded, url: urlOf(crowded, amongAll, '/mock'), args: [] },
    ],
    seconds,
    rounds,
  );
  const mocked = costs.get('MOCK') ?? 0;
  const ratio = (name: string): string => (mocked / (costs.get(name) ?? 1)).toFixed(2);
  const more = (name: string): string => `${(((costs.get(name) ?? 0) / mocked - 1) * 100).toFixed(0)} %`;
  return [
    `- REST, by the CPU a request takes: a cached answer to plain MOCK ${ratio('cached')}; API key, validation and template to plain MOCK ${ratio('guarded')}`,
    `- REST, a method of ${RESOURCES} resources: ${more('resources')} more CPU a request than one of three`,
    `- REST, a method among ${APIS} deployed APIs: ${more('APIs')} more CPU a request than alone; ${(grown / APIS).toFixed(2)} MB an API`,
  ];
}

const urlOf = (server: Subject, api: string, path: string): string =>
  `${server.caught}/_aws/execute-api/${api}/bench${path}`;

const clientOf = (endpoint: string, region: string): rest.APIGatewayClient =>
  new rest.APIGatewayClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

/** Medians of the CPU a request took; the cases take turns, so that what else the machine does meets all of them. */
async function interleaved(
  cases: readonly Case[],
  seconds: number,
  rounds: number,
): Promise<ReadonlyMap<string, number>> {
  const costs = new Map<string, number[]>();
  for (let round = 0; round <= rounds; round++)
    for (const { name, server, url, args } of cases) {
      const measured: Measured = await load(
        url,
        server.pid,
        round === 0 ? WARM_UP_SECONDS : seconds,
        64,
        args,
      );
      if (measured.failed > 0) throw new Error(`${name}: ${measured.failed} requests failed`);
      // The first round only warms up.
      if (round > 0) costs.set(name, [...(costs.get(name) ?? []), measured.cpuMicrosecondsPerRequest]);
    }
  return new Map(
    [...costs].map(([name, all]) => [name, all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0]),
  );
}

async function deployed(client: rest.APIGatewayClient, document: object, cached: boolean): Promise<string> {
  const body = Buffer.from(JSON.stringify(document));
  const { id: restApiId = '' } = await client.send(new rest.ImportRestApiCommand({ body }));
  const stage = { restApiId, stageName: 'bench' };
  await client.send(
    new rest.CreateDeploymentCommand({ ...stage, ...(cached ? { cacheClusterEnabled: true } : {}) }),
  );
  if (cached) {
    // A setting of a method brings AWS's own throttle with it.
    const set = (path: string, value: string) => ({
      op: 'replace' as const,
      path: `/~1cached/GET/${path}`,
      value,
    });
    const patchOperations = [set('caching/enabled', 'true'), set('throttling/rateLimit', '-1')];
    await client.send(new rest.UpdateStageCommand({ ...stage, patchOperations }));
  }
  return restApiId;
}

const manyResources = () => ({
  ...DOCUMENT,
  info: { title: 'many', version: '1' },
  paths: Object.fromEntries(
    Array.from({ length: RESOURCES }, (_, at) => [`/r${at}`, { get: mock('{"hello":"world"}') }]),
  ),
});

async function manyApis(endpoint: string): Promise<string[]> {
  const apis: string[] = [];
  // So many in one Region: the quota of regional APIs is 600, of edge ones 120.
  for (let at = 0; at < APIS; at++) {
    const region = `us-east-${Math.floor(at / 100) + 2}`;
    const there = clientOf(endpoint, region);
    apis.push(await deployed(there, { ...DOCUMENT, info: { title: `api ${at}`, version: '1' } }, false));
  }
  return apis;
}

async function keyFor(client: rest.APIGatewayClient, apiId: string, value: string): Promise<void> {
  const key = await client.send(new rest.CreateApiKeyCommand({ name: 'bench', value, enabled: true }));
  const apiStages = [{ apiId, stage: 'bench' }];
  const plan = await client.send(new rest.CreateUsagePlanCommand({ name: 'bench', apiStages }));
  await client.send(
    new rest.CreateUsagePlanKeyCommand({ usagePlanId: plan.id, keyId: key.id, keyType: 'API_KEY' }),
  );
}

/** Both in this process, turn and turn about. */
function templateLines(): string[] {
  const render = compileTemplate(TEMPLATE);
  const order: Order = {
    items: Array.from({ length: 10 }, (_, at) => ({
      id: at,
      name: `item "${at}"`,
      price: at * 1.5,
      tags: ['a', 'b'],
    })),
  };
  const text = JSON.stringify(order);
  const params = { path: {}, querystring: { currency: 'EUR' }, header: {} };
  const byTemplate = (): string =>
    render({
      input: apiGatewayInput({ bodyText: text, params }),
      util: apiGatewayUtil,
      context: {},
      stageVariables: {},
    });
  const byHand = (): string => handWritten(text, 'EUR');
  if (JSON.stringify(JSON.parse(byTemplate())) !== JSON.stringify(JSON.parse(byHand())))
    throw new Error('the template and the function do not say the same');
  const times = { template: [] as number[], hand: [] as number[] };
  for (let turn = 0; turn < 21; turn++) {
    times.template.push(microseconds(byTemplate));
    times.hand.push(microseconds(byHand));
  }
  const middle = (all: number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0;
  const [template, hand] = [middle(times.template), middle(times.hand)];
  return [
    `- A mapping template of 15 lines over 10 items: ${template.toFixed(1)} µs, a function written by hand ${hand.toFixed(1)} µs (${(template / hand).toFixed(1)} times)`,
  ];
}

function microseconds(work: () => string): number {
  const turns = 2000;
  const began = performance.now();
  for (let turn = 0; turn < turns; turn++) work();
  return ((performance.now() - began) * 1000) / turns;
}
