/** Sizes by endpoint type, unencoded queries, compressed bodies, and the log lines of a canary. */
import { afterAll, expect, test } from 'bun:test';
import { gzipSync, deflateSync } from 'node:zlib';
import { mock, restApi, startWorld, type World } from '../testing/world.ts';

const worlds: World[] = [];
afterAll(() => Promise.all(worlds.map((world) => world.close())));
const open = async (...given: Parameters<typeof restApi>): Promise<World> => {
  const world = await startWorld({ api: restApi(...given) });
  worlds.push(world);
  return world;
};

const LIMITS = [
  { type: 'REGIONAL', url: 10_240, header: 10_240 },
  { type: 'EDGE', url: 8192, header: 10_240 },
  { type: 'PRIVATE', url: 8192, header: 8000 },
] as const;
test.each([...LIMITS])('$type: address and headers', async ({ type, url, header }) => {
  const policy = JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 'execute-api:Invoke', Resource: '*' }],
  });
  const world = await open({ 'GET /a': mock() }, { definition: { endpointTypes: [type], policy } });
  const withQuery = (bytes: number) => `/prod/a?${'q'.repeat(bytes - '/prod/a'.length)}`;
  expect((await world.get(withQuery(url))).status).toBe(200);
  const long = await world.get(withQuery(url + 1));
  expect([long.status, long.body]).toEqual([414, '{"message":"Request URI too long"}']);
  const used = 'Host: rest123456.execute-api.localhost\r\nX: \r\n'.length;
  expect((await world.get('/prod/a', { X: 'x'.repeat(header - used) })).status).toBe(200);
  expect((await world.get('/prod/a', { X: 'x'.repeat(header - used + 1) })).status).toBe(431);
});

test.each(['a={', 'a=}', 'a|b'])('a query with %s in it is none', async (query) => {
  const world = await open({ 'GET /a': mock() });
  expect((await world.get(`/prod/a?${query}`)).status).toBe(400);
  expect((await world.get(`/prod/a?${encodeURIComponent(query)}`)).status).toBe(200);
});

const echo = {
  methodIntegration: {
    type: 'MOCK' as const,
    requestTemplates: {
      'application/json': '#set($context.responseOverride.header.X = $input.json("$.a")){"statusCode": 200}',
    },
    integrationResponses: { 200: { statusCode: '200' } },
  },
};
const post = (world: World, body: Uint8Array, coding: string) =>
  world.send(
    Buffer.concat([
      Buffer.from(
        `POST /prod/echo HTTP/1.1\r\nHost: rest123456.execute-api.localhost\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n\r\n`,
      ),
      body,
    ]),
  );

const CODINGS = [
  ['gzip', gzipSync('{"a":"packed"}'), '"packed"'],
  ['deflate', deflateSync('{"a":"packed"}'), '"packed"'],
  ['identity', Buffer.from('{"a":"plain"}'), '"plain"'],
] as const;
test.each([...CODINGS])('a body sent with %s is read plain', async (coding, body, expected) => {
  const world = await open({ 'POST /echo': echo }, { definition: { minimumCompressionSize: 0 } });
  const answer = await post(world, body, coding);
  expect([answer.status, answer.headers['x']]).toEqual([200, expected]);
});

test('a body that is not what it says, and one that grows beyond the limit', async () => {
  const world = await open({ 'POST /echo': echo }, { definition: { minimumCompressionSize: 0 } });
  expect((await post(world, Buffer.from('{}'), 'gzip')).status).toBe(400);
  const bomb = gzipSync(Buffer.alloc(10 * 1024 * 1024 + 1));
  expect((await post(world, bomb, 'gzip')).status).toBe(413);
});

test('where the API does not compress, the body is nobody’s business', async () => {
  const world = await open({ 'POST /echo': echo });
  expect((await post(world, Buffer.from('{"a":"as it is"}'), 'gzip')).headers['x']).toBe('"as it is"');
});

test('a canary: its part of the requests, its variables, its own logs', async () => {
  const api = restApi({ 'GET /a': mock('$stageVariables.v $context.isCanaryRequest $context.deploymentId') });
  const prod = api.stages['prod'];
  if (prod === undefined) throw new Error('the stage is there');
  const canaryWith = async (percentTraffic: number) => {
    const world = await startWorld({
      api: {
        ...api,
        stages: {
          prod: {
            ...prod,
            variables: { v: 'base' },
            methodSettings: { '*/*': { loggingLevel: 'INFO' } },
            accessLogSettings: {
              destinationArn: 'arn:aws:logs:us-east-1:123456789012:log-group:access',
              format: '$context.isCanaryRequest',
            },
            canary: {
              percentTraffic,
              deploymentId: 'dep999',
              stageVariableOverrides: { v: 'canary' },
              useStageCache: false,
              definition: prod.definition,
            },
          },
        },
      },
    });
    worlds.push(world);
    return world;
  };
  const all = await canaryWith(100);
  expect((await all.get('/prod/a')).body).toBe('canary true dep999');
  expect(new Set(all.logged.map(({ group }) => group))).toEqual(
    new Set(['API-Gateway-Execution-Logs_rest123456/prod/Canary', 'access/Canary']),
  );
  expect(all.observations.at(-1)?.canary).toBe(true);
  const none = await canaryWith(0);
  expect((await none.get('/prod/a')).body).toBe('base false dep123');
  expect(new Set(none.logged.map(({ group }) => group))).toEqual(
    new Set(['API-Gateway-Execution-Logs_rest123456/prod', 'access']),
  );
  const half = await canaryWith(50);
  const answers = await Promise.all(Array.from({ length: 256 }, () => half.get('/prod/a')));
  const canaried = answers.filter(({ body }) => body.startsWith('canary')).length;
  expect(canaried).toBeGreaterThan(64);
  expect(canaried).toBeLessThan(192);
});

const SETTINGS = [
  ['all methods', { '*/*': 'INFO' }, true],
  ['a path with every method', { '~1a/*': 'INFO' }, true],
  ['a path without its slash', { 'a/GET': 'INFO' }, true],
  ['a method on every path', { '*/GET': 'INFO' }, true],
  ['another method', { '*/POST': 'INFO' }, false],
  ['the method wins over its path', { '~1a/*': 'INFO', '~1a/GET': 'OFF' }, false],
  ['the path wins over the method everywhere', { '*/GET': 'INFO', '~1a/*': 'OFF' }, false],
  ['anything wins over all', { '*/*': 'OFF', '*/GET': 'INFO' }, true],
] as const;
test.each([...SETTINGS])('method settings: %s', async (_name, levels, logged) => {
  const methodSettings = Object.fromEntries(
    Object.entries(levels).map(([key, loggingLevel]) => [key, { loggingLevel }]),
  );
  const world = await open({ 'GET /a': mock() }, { stage: { methodSettings } });
  await world.get('/prod/a');
  expect(world.logged.length > 0).toBe(logged);
});
