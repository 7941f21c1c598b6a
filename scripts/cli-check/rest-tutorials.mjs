/**
 * The tutorials of API Gateway's developer guide for REST APIs, walked with the AWS CLI against a server of its own:
 * Lambda proxy, Lambda custom, HTTP proxy and custom, DynamoDB and S3, mock, caching, canary.
 *   node scripts/cli-check/rest-tutorials.mjs
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-tutorials.html
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const { zipSync, strToU8 } = createRequire(import.meta.url)('fflate');
const folder = mkdtempSync(join(tmpdir(), 'cli-check-'));
const ACCOUNT = '123456789012';
const REGION = 'us-east-1';

/** The pet store that the guide's tutorials call. */
const pets = [
  { id: 1, type: 'dog', price: 249.99 },
  { id: 2, type: 'cat', price: 124.99 },
  { id: 3, type: 'fish', price: 0.99 },
];
const petStore = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://pets');
  const id = /^\/petstore\/pets\/(\d+)$/.exec(pathname)?.[1];
  const type = searchParams.get('type');
  const found = id === undefined ? pets.filter((pet) => type === null || pet.type === type) : pets[Number(id) - 1];
  response.writeHead(found === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(found ?? { errors: [{ message: 'no such pet' }] }));
});
await new Promise((done) => petStore.listen(0, '127.0.0.1', done));
const store = `http://127.0.0.1:${petStore.address().port}/petstore`;

const server = spawn(join(here, '../../bin/gatehouse'), ['start', '--port', '0', '--ephemeral'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const endpoint = await new Promise((resolve, reject) => {
  let printed = '';
  server.stdout.on('data', (chunk) => {
    printed += chunk;
    const url = /ready on (http:\S+)/.exec(printed)?.[1];
    if (url) resolve(url);
  });
  server.once('exit', () => reject(new Error('the server did not start')));
});

/** One command of the CLI, as it is typed; `{ }` arguments are JSON. */
function aws(service, operation, options = {}, ...positional) {
  const args = Object.entries(options).flatMap(([name, value]) => {
    if (value === true) return [`--${name}`];
    return [`--${name}`, typeof value === 'string' ? value : JSON.stringify(value)];
  });
  const { status, stdout, stderr } = spawnSync(
    'aws',
    [service, operation, ...args, ...positional, '--output', 'json', '--endpoint-url', endpoint],
    {
      encoding: 'utf8',
      env: {
        ...process.env,
        AWS_PAGER: '',
        AWS_ACCESS_KEY_ID: 'test',
        AWS_SECRET_ACCESS_KEY: 'test',
        AWS_DEFAULT_REGION: REGION,
      },
    },
  );
  if (status !== 0) throw new Error(`aws ${service} ${operation}: ${stderr}`);
  return stdout.trim() === '' ? {} : JSON.parse(stdout);
}
const gateway = (operation, options, ...positional) => aws('apigateway', operation, options, ...positional);

let walked = 0;
function expectEqual(name, found, wanted) {
  if (!isDeepStrictEqual(found, wanted))
    throw new Error(`${name}\n  found  ${JSON.stringify(found)}\n  wanted ${JSON.stringify(wanted)}`);
}
async function tutorial(name, walk) {
  await walk();
  walked += 1;
  console.log(`ok  ${name}`);
}

function newApi(name) {
  const { id: api, rootResourceId: root } = gateway('create-rest-api', {
    name,
    'endpoint-configuration': { types: ['REGIONAL'] },
  });
  const at = (...parts) =>
    parts.reduce(
      (parent, part) => gateway('create-resource', { 'rest-api-id': api, 'parent-id': parent, 'path-part': part }).id,
      root,
    );
  const method = (resource, verb, integration, { parameters, responses = {} } = {}) => {
    const place = { 'rest-api-id': api, 'resource-id': resource, 'http-method': verb };
    gateway('put-method', {
      ...place,
      'authorization-type': 'NONE',
      ...(parameters ? { 'request-parameters': parameters } : {}),
    });
    gateway('put-integration', { ...place, ...integration });
    for (const [status, { integrationResponse = {}, ...methodResponse }] of Object.entries(responses)) {
      gateway('put-method-response', { ...place, 'status-code': status, ...methodResponse });
      gateway('put-integration-response', { ...place, 'status-code': status, ...integrationResponse });
    }
    return place;
  };
  const deploy = (stage, more = {}) => gateway('create-deployment', { 'rest-api-id': api, 'stage-name': stage, ...more });
  const call = async (path, init = {}) => {
    const answer = await fetch(`${endpoint}/_aws/execute-api/${api}${path}`, init);
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  };
  return { api, root, at, method, deploy, call };
}

function newFunction(name, source) {
  const file = join(folder, `${name}.zip`);
  writeFileSync(file, zipSync({ 'index.mjs': [strToU8(source), { mtime: '2026-01-01' }] }));
  const { FunctionArn: arn } = aws('lambda', 'create-function', {
    'function-name': name,
    runtime: 'nodejs22.x',
    handler: 'index.handler',
    role: `arn:aws:iam::${ACCOUNT}:role/lambda`,
    'zip-file': `fileb://${file}`,
  });
  return arn;
}
const uriOf = (arn) => `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${arn}/invocations`;
const allow = (name, api) =>
  aws('lambda', 'add-permission', {
    'function-name': name,
    'statement-id': `apigateway-${api}`,
    action: 'lambda:InvokeFunction',
    principal: 'apigateway.amazonaws.com',
    'source-arn': `arn:aws:execute-api:${REGION}:${ACCOUNT}:${api}/*`,
  });

try {
  await tutorial('Lambda proxy: hello world', async () => {
    const { api, at, method, deploy, call } = newApi('HelloWorld');
    const arn = newFunction(
      'GetStartedLambdaProxyIntegration',
      `export const handler = async (event) => {
         const given = event.body ? JSON.parse(event.body) : {};
         const { name = 'you', city = 'World' } = event.queryStringParameters ?? {};
         const day = event.headers?.day ?? event.headers?.Day;
         const time = given.time ?? 'day';
         const message = 'Good ' + time + ', ' + name + ' of ' + city + '.' + (day ? ' Happy ' + day + '!' : '');
         return { statusCode: 200, headers: { 'x-custom-header': 'my custom header value' }, body: JSON.stringify({ message, input: event.path }) };
       };`,
    );
    allow('GetStartedLambdaProxyIntegration', api);
    method(at('helloworld'), 'ANY', { type: 'AWS_PROXY', 'integration-http-method': 'POST', uri: uriOf(arn) });
    deploy('test');
    const answer = await call('/test/helloworld?name=John&city=Seattle', {
      method: 'POST',
      headers: { 'content-type': 'application/json', day: 'Thursday' },
      body: '{"time":"evening"}',
    });
    expectEqual('answer', [answer.status, JSON.parse(answer.body), answer.headers.get('x-custom-header')], [
      200,
      { message: 'Good evening, John of Seattle. Happy Thursday!', input: '/helloworld' },
      'my custom header value',
    ]);
  });

  await tutorial('Lambda custom: greeting, and an error that selects its response', async () => {
    const { api, at, method, deploy, call } = newApi('LambdaCustom');
    const arn = newFunction(
      'GetStartedLambdaIntegration',
      `export const handler = async ({ greeter, fail }) => {
         if (fail) throw new Error('Malformed input: ' + fail);
         return { greeting: 'Hello, ' + greeter + '!' };
       };`,
    );
    allow('GetStartedLambdaIntegration', api);
    const place = method(
      at('greeting'),
      'GET',
      {
        type: 'AWS',
        'integration-http-method': 'POST',
        uri: uriOf(arn),
        'request-templates': {
          'application/json': `{"greeter":"$input.params('greeter')","fail":"$input.params('fail')"}`,
        },
      },
      {
        parameters: { 'method.request.querystring.greeter': false },
        responses: {
          200: {},
          400: {
            integrationResponse: {
              'selection-pattern': 'Malformed.*',
              'response-templates': {
                'application/json': `#set($error = $input.path('$')){"message":"$error.errorMessage"}`,
              },
            },
          },
        },
      },
    );
    const tested = gateway('test-invoke-method', { ...place, 'path-with-query-string': '/greeting?greeter=you' });
    expectEqual('test', [tested.status, tested.body], [200, '{"greeting":"Hello, you!"}']);
    if (!tested.log.includes('Successfully completed execution')) throw new Error(tested.log);
    deploy('test');
    expectEqual('answer', (await call('/test/greeting?greeter=John')).body, '{"greeting":"Hello, John!"}');
    const failed = await call('/test/greeting?fail=x');
    expectEqual('failure', [failed.status, failed.body], [400, '{"message":"Malformed input: x"}']);
  });

  await tutorial('HTTP proxy and HTTP custom: the pet store', async () => {
    const { at, method, deploy, call } = newApi('PetStore');
    method(
      at('{proxy+}'),
      'ANY',
      {
        type: 'HTTP_PROXY',
        'integration-http-method': 'ANY',
        uri: `${store}/{proxy}`,
        'request-parameters': { 'integration.request.path.proxy': 'method.request.path.proxy' },
      },
      { parameters: { 'method.request.path.proxy': true } },
    );
    method(
      at('custom', '{petId}'),
      'GET',
      {
        type: 'HTTP',
        'integration-http-method': 'GET',
        uri: `${store}/pets/{id}`,
        'request-parameters': { 'integration.request.path.id': 'method.request.path.petId' },
      },
      {
        parameters: { 'method.request.path.petId': true },
        responses: {
          200: {
            integrationResponse: {
              'response-templates': {
                'application/json': `#set($pet = $input.path('$')){"description":"Item $pet.id is a $pet.type.","askingPrice":$pet.price}`,
              },
            },
          },
          404: { integrationResponse: { 'selection-pattern': '4\\d{2}' } },
        },
      },
    );
    deploy('test');
    expectEqual('proxied list', JSON.parse((await call('/test/pets?type=fish')).body), [pets[2]]);
    expectEqual('proxied pet', JSON.parse((await call('/test/pets/1')).body), pets[0]);
    expectEqual('custom', (await call('/test/custom/1')).body, '{"description":"Item 1 is a dog.","askingPrice":249.99}');
    expectEqual('missing', (await call('/test/custom/9')).status, 404);
  });

  await tutorial('Mock with CORS', async () => {
    const { at, method, deploy, call } = newApi('Mock');
    const cors = ['Headers', 'Methods', 'Origin'].map((name) => `method.response.header.Access-Control-Allow-${name}`);
    const resource = at('pets');
    method(
      resource,
      'GET',
      {
        type: 'MOCK',
        'request-templates': {
          'application/json': `#if($input.params('scope') == "internal"){"statusCode": 200}#else{"statusCode": 500}#end`,
        },
      },
      {
        responses: {
          200: {
            integrationResponse: {
              'selection-pattern': '200',
              'response-templates': { 'application/json': '{"statusCode": 200, "message": "Go ahead without me"}' },
            },
          },
          500: {
            integrationResponse: {
              'selection-pattern': '5\\d{2}',
              'response-templates': {
                'application/json': '{"statusCode": 500, "message": "The invoked method is not supported on the API resource."}',
              },
            },
          },
        },
      },
    );
    method(
      resource,
      'OPTIONS',
      { type: 'MOCK', 'request-templates': { 'application/json': '{"statusCode": 200}' } },
      {
        responses: {
          200: {
            'response-parameters': Object.fromEntries(cors.map((name) => [name, false])),
            integrationResponse: {
              'response-parameters': {
                [cors[0]]: "'Content-Type'",
                [cors[1]]: "'GET,OPTIONS'",
                [cors[2]]: "'*'",
              },
            },
          },
        },
      },
    );
    deploy('test');
    expectEqual('internal', JSON.parse((await call('/test/pets?scope=internal')).body).message, 'Go ahead without me');
    expectEqual('others', (await call('/test/pets')).status, 500);
    const preflight = await call('/test/pets', { method: 'OPTIONS' });
    expectEqual(
      'preflight',
      [preflight.status, preflight.headers.get('access-control-allow-origin')],
      [200, '*'],
    );
  });

  await tutorial('AWS services: DynamoDB through a role', async () => {
    const role = aws('iam', 'create-role', {
      'role-name': 'gateway',
      'assume-role-policy-document': {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'apigateway.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
    }).Role.Arn;
    aws('dynamodb', 'create-table', {
      'table-name': 'Comments',
      'attribute-definitions': [{ AttributeName: 'commentId', AttributeType: 'S' }],
      'key-schema': [{ AttributeName: 'commentId', KeyType: 'HASH' }],
      'billing-mode': 'PAY_PER_REQUEST',
    });
    const { at, method, deploy, call } = newApi('CommentsApi');
    const resource = at('comments');
    const action = (name, template, response) => ({
      integration: {
        type: 'AWS',
        'integration-http-method': 'POST',
        uri: `arn:aws:apigateway:${REGION}:dynamodb:action/${name}`,
        credentials: role,
        'request-templates': { 'application/json': template },
      },
      responses: { 200: response ? { integrationResponse: { 'response-templates': { 'application/json': response } } } : {} },
    });
    const put = action(
      'PutItem',
      `{"TableName":"Comments","Item":{"commentId":{"S":"$context.requestId"},"message":{"S":"$input.path('$.message')"}}}`,
    );
    method(resource, 'POST', put.integration, { responses: put.responses });
    const scan = action(
      'Scan',
      '{"TableName":"Comments"}',
      `#set($root = $input.path('$'))[#foreach($one in $root.Items){"message":"$one.message.S"}#if($foreach.hasNext),#end#end]`,
    );
    method(resource, 'GET', scan.integration, { responses: scan.responses });
    deploy('test');
    const posted = await call('/test/comments', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"message":"first"}',
    });
    expectEqual('post', posted.status, 200);
    expectEqual('get', (await call('/test/comments')).body, '[{"message":"first"}]');
  });

  await tutorial('AWS services: S3 with folders, items and binary content', async () => {
    const { api, at, root, method, deploy, call } = newApi('my-s3');
    gateway('update-rest-api', {
      'rest-api-id': api,
      'patch-operations': [{ op: 'add', path: '/binaryMediaTypes/image~1png' }],
    });
    const role = `arn:aws:iam::${ACCOUNT}:role/gateway`;
    const s3 = (verb, path, parameters) => ({
      type: 'AWS',
      'integration-http-method': verb,
      uri: `arn:aws:apigateway:${REGION}:s3:path/${path}`,
      credentials: role,
      ...(parameters ? { 'request-parameters': parameters } : {}),
    });
    const typed = {
      'response-parameters': { 'method.response.header.Content-Type': true },
      integrationResponse: {
        'response-parameters': { 'method.response.header.Content-Type': 'integration.response.header.Content-Type' },
      },
    };
    const failures = { 400: { integrationResponse: { 'selection-pattern': '4\\d{2}' } } };
    method(root, 'GET', s3('GET', '/'), { responses: { 200: typed, ...failures } });
    const folderAt = at('{folder}');
    const inFolder = { 'integration.request.path.bucket': 'method.request.path.folder' };
    method(folderAt, 'PUT', s3('PUT', '{bucket}', inFolder), {
      parameters: { 'method.request.path.folder': true },
      responses: { 200: {}, ...failures },
    });
    const item = gateway('create-resource', { 'rest-api-id': api, 'parent-id': folderAt, 'path-part': '{item}' }).id;
    const inItem = { ...inFolder, 'integration.request.path.object': 'method.request.path.item' };
    const parameters = { 'method.request.path.folder': true, 'method.request.path.item': true };
    method(
      item,
      'PUT',
      s3('PUT', '{bucket}/{object}', {
        ...inItem,
        'integration.request.header.Content-Type': 'method.request.header.Content-Type',
      }),
      { parameters: { ...parameters, 'method.request.header.Content-Type': false }, responses: { 200: {}, ...failures } },
    );
    method(item, 'GET', s3('GET', '{bucket}/{object}', inItem), { parameters, responses: { 200: typed, ...failures } });
    deploy('test');
    expectEqual('a folder', (await call('/test/pictures', { method: 'PUT' })).status, 200);
    const picture = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const headers = { 'content-type': 'image/png' };
    expectEqual('an item', (await call('/test/pictures/a.png', { method: 'PUT', headers, body: picture })).status, 200);
    const got = await fetch(`${endpoint}/_aws/execute-api/${api}/test/pictures/a.png`, { headers: { accept: 'image/png' } });
    expectEqual('the same bytes', Buffer.from(await got.arrayBuffer()).equals(picture), true);
    expectEqual('the list', (await call('/test')).body.includes('<Name>pictures</Name>'), true);
    expectEqual('none', (await call('/test/pictures/none')).status, 400);
  });

  const stamped = (api) => {
    const resource = api.at('time');
    api.method(
      resource,
      'GET',
      { type: 'MOCK', 'request-templates': { 'application/json': '{"statusCode": 200}' } },
      {
        responses: {
          200: {
            integrationResponse: {
              'response-templates': { 'application/json': '{"at":"$context.requestId","version":"$stageVariables.version"}' },
            },
          },
        },
      },
    );
    return resource;
  };

  await tutorial('Caching: enabled for a stage, invalidated, flushed', async () => {
    const api = newApi('Cached');
    stamped(api);
    api.deploy('prod', { 'cache-cluster-enabled': true, 'cache-cluster-size': '0.5' });
    const place = { 'rest-api-id': api.api, 'stage-name': 'prod' };
    gateway('update-stage', {
      ...place,
      'patch-operations': [
        { op: 'replace', path: '/*/*/caching/enabled', value: 'true' },
        { op: 'replace', path: '/*/*/caching/requireAuthorizationForCacheControl', value: 'false' },
      ],
    });
    expectEqual('status', gateway('get-stage', place).cacheClusterStatus, 'AVAILABLE');
    const first = (await api.call('/prod/time')).body;
    expectEqual('cached', (await api.call('/prod/time')).body, first);
    const anew = (await api.call('/prod/time', { headers: { 'cache-control': 'max-age=0' } })).body;
    expectEqual('invalidated', [anew === first, (await api.call('/prod/time')).body], [false, anew]);
    gateway('flush-stage-cache', place);
    expectEqual('flushed', (await api.call('/prod/time')).body === anew, false);
  });

  await tutorial('Canary: released, promoted, and the stage rolled back', async () => {
    const api = newApi('Canary');
    stamped(api);
    const first = api.deploy('prod', { variables: { version: 'one' } }).id;
    const version = async () => JSON.parse((await api.call('/prod/time')).body).version;
    const place = { 'rest-api-id': api.api, 'stage-name': 'prod' };
    const canary = api.deploy('prod', {
      'canary-settings': { percentTraffic: 100, useStageCache: false, stageVariableOverrides: { version: 'two' } },
    }).id;
    expectEqual('the canary answers', await version(), 'two');
    gateway('update-stage', {
      ...place,
      'patch-operations': [{ op: 'replace', path: '/canarySettings/percentTraffic', value: '0' }],
    });
    expectEqual('the stage answers', await version(), 'one');
    const promoted = gateway('update-stage', {
      ...place,
      'patch-operations': [
        { op: 'copy', from: '/canarySettings/stageVariableOverrides', path: '/variables' },
        { op: 'copy', from: '/canarySettings/deploymentId', path: '/deploymentId' },
        { op: 'remove', path: '/canarySettings' },
      ],
    });
    expectEqual('promoted', [promoted.deploymentId, promoted.canarySettings, await version()], [canary, undefined, 'two']);
    gateway('update-stage', { ...place, 'patch-operations': [{ op: 'replace', path: '/deploymentId', value: first }] });
    expectEqual('rolled back', gateway('get-stage', place).deploymentId, first);
  });

  await tutorial('Export, import, keys and usage plans', async () => {
    const api = newApi('Exported');
    const resource = stamped(api);
    const place = { 'rest-api-id': api.api, 'resource-id': resource, 'http-method': 'GET' };
    gateway('update-method', { ...place, 'patch-operations': [{ op: 'replace', path: '/apiKeyRequired', value: 'true' }] });
    api.deploy('prod');
    const file = join(folder, 'exported.json');
    gateway(
      'get-export',
      { parameters: 'extensions=apigateway', 'rest-api-id': api.api, 'stage-name': 'prod', 'export-type': 'oas30' },
      file,
    );
    const again = gateway('import-rest-api', { body: `fileb://${file}` });
    expectEqual('its name', [again.name, JSON.parse(readFileSync(file, 'utf8')).openapi], ['Exported', '3.0.1']);
    expectEqual('without a key', (await api.call('/prod/time')).status, 403);
    const key = gateway('create-api-key', { name: 'k', enabled: true });
    const plan = gateway('create-usage-plan', { name: 'p', 'api-stages': [{ apiId: api.api, stage: 'prod' }] });
    gateway('create-usage-plan-key', { 'usage-plan-id': plan.id, 'key-id': key.id, 'key-type': 'API_KEY' });
    expectEqual('with one', (await api.call('/prod/time', { headers: { 'x-api-key': key.value } })).status, 200);
  });

  console.log(`tutorials: all ${walked} are well`);
} finally {
  server.kill();
  petStore.close();
  rmSync(folder, { recursive: true, force: true });
}
