/** Custom domain names called by real clients: by Host header and by TLS server name. */
import { beforeAll, describe, expect, test } from 'bun:test';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls';
import * as acm from '@aws-sdk/client-acm';
import * as rest from '@aws-sdk/client-api-gateway';
import * as http from '@aws-sdk/client-apigatewayv2';
import * as s3 from '@aws-sdk/client-s3';
import { writeCertificate } from '../../src/neighbours/acm/write-certificate.ts';
import { useServer } from './test-server.ts';

const server = useServer();
let v1: rest.APIGatewayClient;
let v2: http.ApiGatewayV2Client;
let certificates: acm.ACMClient;
let buckets: s3.S3Client;
let authority: string;

beforeAll(async () => {
  const options = { ...server.options(), maxAttempts: 1 };
  v1 = new rest.APIGatewayClient(options);
  v2 = new http.ApiGatewayV2Client(options);
  certificates = new acm.ACMClient(options);
  buckets = new s3.S3Client({ ...options, forcePathStyle: true });
  authority = await (await fetch(`${server.url}/_gatehouse/authority.pem`)).text();
});

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request by Host header over plain HTTP. */
const call = (host: string, path: string, headers: Record<string, string> = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const request = httpRequest(
      { host: hostname, port, path, headers: { Host: host, ...headers } },
      (answer) => collect(answer).then(resolve, reject),
    );
    request.on('error', reject);
    request.end();
  });

async function collect(answer: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
}

/** One request over TLS; `host` is asked of the handshake unless the options say otherwise. */
async function callTls(host: string, path: string, options: ConnectionOptions = {}): Promise<Answer> {
  const socket = await handshake(host, options);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), body };
}

const handshake = (host: string, options: ConnectionOptions): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.httpsUrl);
    const socket = connectTls({
      host: hostname,
      port: Number(port),
      servername: host,
      ca: authority,
      ...options,
    });
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed')));
  });

async function certificateFor(domainName: string): Promise<string> {
  const { CertificateArn = '' } = await certificates.send(
    new acm.RequestCertificateCommand({
      DomainName: domainName,
      ValidationMethod: 'DNS',
      KeyAlgorithm: 'EC_prime256v1',
    }),
  );
  return CertificateArn;
}

/** A REST API of which every path says its name, and `/who` what `$context` says. */
async function restApi(name: string, stageName = 'live'): Promise<string> {
  const mock = (template: string) => ({
    type: 'mock',
    requestTemplates: { 'application/json': '{"statusCode": 200}' },
    responses: { default: { statusCode: '200', responseTemplates: { 'application/json': template } } },
  });
  const methods = (template: string) => ({
    get: { responses: { '200': { description: 'ok' } }, 'x-amazon-apigateway-integration': mock(template) },
  });
  const WHO = '$context.domainName $context.path $context.stage $context.identity.clientCert.subjectDN';
  const document = {
    openapi: '3.0.1',
    info: { title: name, version: '1' },
    paths: { '/': methods(name), '/items': methods(`${name} items`), '/who': methods(WHO) },
  };
  const { id: restApiId = '' } = await v1.send(
    new rest.ImportRestApiCommand({ body: Buffer.from(JSON.stringify(document)) }),
  );
  await v1.send(new rest.CreateDeploymentCommand({ restApiId, stageName }));
  return restApiId;
}

async function domain(domainName: string, more: Partial<rest.CreateDomainNameRequest> = {}): Promise<void> {
  await v1.send(
    new rest.CreateDomainNameCommand({
      domainName,
      regionalCertificateArn: await certificateFor(domainName),
      endpointConfiguration: { types: ['REGIONAL'] },
      ...more,
    }),
  );
}

const mapTo = (DomainName: string, ApiId: string, ApiMappingKey?: string, Stage = 'live') =>
  v2.send(new http.CreateApiMappingCommand({ DomainName, ApiId, Stage, ApiMappingKey }));

describe('mappings', () => {
  const NAME = 'maps.example.com';
  let one: string;
  let two: string;

  beforeAll(async () => {
    [one, two] = [await restApi('one'), await restApi('two')];
    await domain(NAME);
    await mapTo(NAME, one);
    await mapTo(NAME, two, 'orders/v2');
  });

  test.each([
    ['/', 'one'],
    ['/items', 'one items'],
    ['/orders/v2', 'two'],
    ['/orders/v2/items', 'two items'],
    ['/orders/v2/items?a=b', 'two items'],
    ['/who', `${NAME} /who live `],
    ['/orders/v2/who', `${NAME} /orders/v2/who live `],
  ])('%s', async (path, body) => {
    expect(await call(NAME, path)).toEqual({ status: 200, body });
    expect(await callTls(NAME, path)).toEqual({ status: 200, body });
  });

  test('explain tells which mapping decided', async () => {
    const { hostname, port } = new URL(server.url);
    const answer = await new Promise<IncomingMessage>((resolve) =>
      httpRequest({ host: hostname, port, path: '/orders/v2/items', headers: { Host: NAME } }, resolve).end(),
    );
    answer.resume();
    const told = await fetch(`${server.url}/_gatehouse/explain/${answer.headers['x-amzn-requestid']}`);
    const { steps } = (await told.json()) as { steps: { step: string; in: unknown }[] };
    expect(steps[0]).toMatchObject({
      step: 'match',
      in: { customDomain: { name: NAME, by: 'mapping orders/v2', basePath: 'orders/v2', stage: 'live' } },
    });
  });

  test('a key ends where a segment ends, and case counts', async () => {
    expect((await call(NAME, '/orders/v22')).status).toBe(403);
    expect((await call(NAME, '/Orders/v2')).status).toBe(403);
  });

  test('the name in any case, with a port', async () => {
    expect((await call('MAPS.example.com:4566', '/')).body).toBe('one');
  });

  test('both services show the same rows', async () => {
    const { items } = await v1.send(new rest.GetBasePathMappingsCommand({ domainName: NAME }));
    expect(items).toEqual([
      { basePath: '(none)', restApiId: one, stage: 'live' },
      { basePath: 'orders/v2', restApiId: two, stage: 'live' },
    ]);
  });

  test('without a stage the path names it', async () => {
    await domain('staged.example.com');
    await v1.send(
      new rest.CreateBasePathMappingCommand({
        domainName: 'staged.example.com',
        restApiId: one,
        basePath: 'b',
      }),
    );
    expect((await call('staged.example.com', '/b/live/items')).body).toBe('one items');
    expect((await call('staged.example.com', '/b/live/who')).body).toBe(
      'staged.example.com /b/live/who live ',
    );
    expect(await call('staged.example.com', '/elsewhere')).toEqual({
      status: 403,
      body: '{"message":"Forbidden"}',
    });
  });

  test('the execute-api name can be switched off, and the domain stays', async () => {
    const op = { op: 'replace', path: '/disableExecuteApiEndpoint', value: 'true' } as const;
    const restApiId = await restApi('shut');
    await v1.send(new rest.UpdateRestApiCommand({ restApiId, patchOperations: [op] }));
    await domain('shut.example.com');
    await mapTo('shut.example.com', restApiId);
    expect((await call('shut.example.com', '/')).body).toBe('shut');
    expect((await call(`${restApiId}.execute-api.us-east-1.amazonaws.com`, '/live/')).status).toBe(403);
  });

  test('a wildcard takes one label', async () => {
    await domain('*.wild.example.com');
    await mapTo('*.wild.example.com', one);
    expect((await call('a.wild.example.com', '/who')).body).toBe('a.wild.example.com /who live ');
    expect((await callTls('b.wild.example.com', '/')).body).toBe('one');
    expect((await call('a.b.wild.example.com', '/')).body).not.toBe('one');
  });

  test('blue and green: a mapping changes under load and no request is lost', async () => {
    await domain('turn.example.com');
    const { ApiMappingId } = await mapTo('turn.example.com', one);
    const bodies = new Set<string>();
    let turning = true;
    const client = async (): Promise<void> => {
      while (turning) {
        const answer = await call('turn.example.com', '/');
        expect(answer.status).toBe(200);
        bodies.add(answer.body);
      }
    };
    const clients = Array.from({ length: 4 }, client);
    for (const ApiId of [two, one, two])
      await v2.send(
        new http.UpdateApiMappingCommand({
          DomainName: 'turn.example.com',
          ApiMappingId,
          ApiId,
          Stage: 'live',
        }),
      );
    expect((await call('turn.example.com', '/')).body).toBe('two');
    turning = false;
    await Promise.all(clients);
    expect([...bodies].toSorted()).toEqual(['one', 'two']);
  });
});

describe('HTTP APIs', () => {
  test('share a name with REST APIs', async () => {
    const NAME = 'mixed.example.com';
    const { ApiId = '' } = await v2.send(
      new http.CreateApiCommand({
        Name: 'proxied',
        ProtocolType: 'HTTP',
        Target: `${server.url}/_gatehouse/health`,
      }),
    );
    await domain(NAME);
    await mapTo(NAME, await restApi('rest'), 'rest');
    await mapTo(NAME, ApiId, undefined, '$default');
    expect((await call(NAME, '/rest/items')).body).toBe('rest items');
    expect((await call(NAME, '/anything')).status).toBe(200);
  });
});

describe('WebSocket APIs', () => {
  test('open by server name, and by Host header', async () => {
    const NAME = 'sockets.example.com';
    const api = {
      Name: 'sockets',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.a',
    } as const;
    const { ApiId = '' } = await v2.send(
      new http.CreateApiCommand({ ...api, DisableExecuteApiEndpoint: true }),
    );
    await v2.send(new http.CreateStageCommand({ ApiId, StageName: 'live', AutoDeploy: true }));
    await domain(NAME);
    await mapTo(NAME, ApiId, 'ws');
    expect(await upgrade(await handshake(NAME, {}), NAME, '/ws')).toStartWith('HTTP/1.1 101');
    const plain = () => {
      const { hostname, port } = new URL(server.url);
      return connectTcp(Number(port), hostname);
    };
    expect(await upgrade(plain(), `${NAME}:4566`, '/ws')).toStartWith('HTTP/1.1 101');
    expect(await upgrade(plain(), NAME, '/elsewhere')).toStartWith('HTTP/1.1 403');
    expect(await upgrade(plain(), `${ApiId}.execute-api.localhost`, '/live')).toStartWith('HTTP/1.1 403');
  });

  const upgrade = (socket: Socket, host: string, path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('data', (head: Buffer) => {
        resolve(head.toString());
        socket.destroy();
      });
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
          'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      );
    });
});

describe('what a name takes', () => {
  test('WebSocket APIs beside no others, levels and HTTP APIs on Regional names with TLS 1.2 alone', async () => {
    const restId = await restApi('beside');
    const socket = {
      Name: 's',
      ProtocolType: 'WEBSOCKET',
      RouteSelectionExpression: '$request.body.a',
    } as const;
    const { ApiId = '' } = await v2.send(new http.CreateApiCommand(socket));
    await v2.send(new http.CreateStageCommand({ ApiId, StageName: 'live', AutoDeploy: true }));
    await domain('beside.example.com');
    await mapTo('beside.example.com', restId);
    await expect(mapTo('beside.example.com', ApiId, 'ws')).rejects.toThrow('WebSocket APIs');
    await v1.send(
      new rest.CreateDomainNameCommand({
        domainName: 'edge.example.com',
        certificateArn: await certificateFor('edge.example.com'),
      }),
    );
    await expect(mapTo('edge.example.com', ApiId)).rejects.toThrow('Only REST APIs');
    await expect(mapTo('edge.example.com', restId, 'a/b')).rejects.toThrow('multiple levels');
    await mapTo('edge.example.com', restId, 'a');
    expect((await call('edge.example.com', '/a/items')).body).toBe('beside items');
  });
});

describe('routing rules', () => {
  const NAME = 'rules.example.com';

  beforeAll(async () => {
    const [one, two, three] = [await restApi('r1'), await restApi('r2'), await restApi('r3')];
    await domain(NAME, { routingMode: 'ROUTING_RULE_THEN_BASE_PATH_MAPPING' });
    await mapTo(NAME, three);
    const rule = (
      Priority: number,
      ApiId: string,
      Conditions: http.RoutingRuleCondition[],
      StripBasePath = false,
    ) =>
      v2.send(
        new http.CreateRoutingRuleCommand({
          DomainName: NAME,
          Priority,
          Conditions,
          Actions: [{ InvokeApi: { ApiId, Stage: 'live', StripBasePath } }],
        }),
      );
    await rule(10, one, [{ MatchHeaders: { AnyOf: [{ Header: 'Hello', ValueGlob: 'World' }] } }]);
    await rule(
      50,
      two,
      [
        { MatchHeaders: { AnyOf: [{ Header: 'x-version', ValueGlob: 'beta*' }] } },
        { MatchBasePaths: { AnyOf: ['shop'] } },
      ],
      true,
    );
  });

  test.each([
    ['the first by priority', '/items', { hello: 'World', 'X-Version': 'beta' }, 'r1 items'],
    ['values count to the letter', '/items', { hello: 'world' }, 'r3 items'],
    ['a header and a path, stripped', '/shop/items', { 'X-Version': 'beta-2' }, 'r2 items'],
    ['the path alone is not enough', '/', {}, 'r3'],
    ['the header alone is not enough', '/items', { 'X-Version': 'beta-2' }, 'r3 items'],
  ])('%s', async (_name, path, headers, body) => {
    expect((await call(NAME, path, headers as Record<string, string>)).body).toBe(body);
  });

  test.each([
    ['three headers', [1, 2, 3].map(() => ({ MatchHeaders: { AnyOf: [{ Header: 'a', ValueGlob: 'b' }] } }))],
    ['two paths', [{ MatchBasePaths: { AnyOf: ['a', 'b'] } }]],
    ['a wildcard inside', [{ MatchHeaders: { AnyOf: [{ Header: 'a', ValueGlob: 'b*c' }] } }]],
  ])('refused: %s', async (_name, Conditions) => {
    const ApiId = await restApi('refused');
    const Actions = [{ InvokeApi: { ApiId, Stage: 'live' } }];
    await expect(
      v2.send(new http.CreateRoutingRuleCommand({ DomainName: NAME, Priority: 99, Conditions, Actions })),
    ).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  test('refused: a stage that is not there, and an API of another kind', async () => {
    const rule = (ApiId: string, Stage: string) =>
      v2.send(
        new http.CreateRoutingRuleCommand({
          DomainName: NAME,
          Priority: 98,
          Conditions: [],
          Actions: [{ InvokeApi: { ApiId, Stage } }],
        }),
      );
    await expect(rule(await restApi('nostage'), 'nowhere')).rejects.toMatchObject({
      name: 'BadRequestException',
    });
    const { ApiId = '' } = await v2.send(
      new http.CreateApiCommand({ Name: 'h', ProtocolType: 'HTTP', Target: server.url }),
    );
    await expect(rule(ApiId, '$default')).rejects.toThrow('Only REST APIs');
  });

  test('rules only', async () => {
    const patchOperations = [{ op: 'replace', path: '/routingMode', value: 'ROUTING_RULE_ONLY' } as const];
    await v1.send(new rest.UpdateDomainNameCommand({ domainName: NAME, patchOperations }));
    expect((await call(NAME, '/')).status).toBe(403);
    expect((await call(NAME, '/', { Hello: 'World' })).body).toBe('r1');
  });
});

describe('TLS', () => {
  test('names without a domain get a certificate of the local authority', async () => {
    const id = await restApi('secure');
    expect((await callTls(`${id}.execute-api.us-east-1.localhost`, '/live/')).body).toBe('secure');
    expect((await callTls('localhost', '/_gatehouse/health')).status).toBe(200);
  });

  test('a domain shows its own certificate', async () => {
    await domain('own.example.com');
    const socket = await handshake('own.example.com', {});
    expect(socket.getPeerCertificate().subjectaltname).toBe('DNS:own.example.com');
    socket.destroy();
  });

  test.each([
    ['TLS_1_2', 'TLSv1.2', true],
    ['TLS_1_2', 'TLSv1.1', false],
    ['SecurityPolicy_TLS13_1_3_2025_09', 'TLSv1.3', true],
    ['SecurityPolicy_TLS13_1_3_2025_09', 'TLSv1.2', false],
    ['SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09', 'TLSv1.2', true],
  ] as const)('%s and %s: %p', async (securityPolicy, maxVersion, taken) => {
    const name = `${securityPolicy}-${maxVersion}.example.com`.toLowerCase().replace(/_|v1\./g, '-');
    const endpointAccessMode = securityPolicy.startsWith('Security') ? 'BASIC' : undefined;
    await domain(name, { securityPolicy, endpointAccessMode });
    const result = await handshake(name, { minVersion: 'TLSv1.1', maxVersion }).then(
      (socket) => {
        const version = socket.getProtocol();
        socket.destroy();
        return version;
      },
      () => null,
    );
    expect(result).toBe(taken ? maxVersion : null);
  });

  test('the port for HTTPS takes plain HTTP too, and nonsense hurts nobody', async () => {
    const { hostname, port } = new URL(server.httpsUrl);
    expect((await fetch(`http://${hostname}:${port}/_gatehouse/health`)).status).toBe(200);
    const nonsense = connectTcp(Number(port), hostname);
    nonsense.resume();
    nonsense.write(Buffer.concat([Buffer.from([22, 3, 1, 0, 4, 1, 0, 0, 0]), Buffer.alloc(64, 255)]));
    await new Promise((resolve) => nonsense.once('close', resolve).once('error', resolve));
    expect((await callTls('localhost', '/_gatehouse/health')).status).toBe(200);
  });
});

describe('mutual TLS', () => {
  const NAME = 'mutual.example.com';
  const DAY_MS = 86_400_000;
  const trusted = authorityOf('Trusted');
  const other = authorityOf('Other');
  let version: string | undefined;

  beforeAll(async () => {
    await buckets.send(new s3.CreateBucketCommand({ Bucket: 'trust' }));
    const versioning = { Bucket: 'trust', VersioningConfiguration: { Status: 'Enabled' as const } };
    await buckets.send(new s3.PutBucketVersioningCommand(versioning));
    version = await upload(trusted.pem);
    await domain(NAME, { mutualTlsAuthentication: { truststoreUri: 's3://trust/store.pem' } });
    await mapTo(NAME, await restApi('mutual'));
  });

  const upload = async (Body: string): Promise<string | undefined> =>
    (await buckets.send(new s3.PutObjectCommand({ Bucket: 'trust', Key: 'store.pem', Body }))).VersionId;

  function authorityOf(name: string) {
    const keys = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const subject = [['CN', name]] as const;
    const common = { issuer: subject, issuerKey: keys.publicKey, signingKey: keys.privateKey };
    const times = (days: number) => ({
      notBeforeMs: Date.now() - 10 * DAY_MS,
      notAfterMs: Date.now() + days * DAY_MS,
    });
    const pem = writeCertificate({
      ...common,
      ...times(30),
      serial: Buffer.of(1),
      subject,
      publicKey: keys.publicKey,
      use: { kind: 'authority' },
    });
    return {
      pem,
      client(clientName: string, days = 5) {
        const own = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
        const cert = writeCertificate({
          ...common,
          ...times(days),
          serial: Buffer.of(0x4a, 0xb1),
          subject: [
            ['O', 'Acme'],
            ['CN', clientName],
          ],
          publicKey: own.publicKey,
          use: { kind: 'server', names: [], addresses: [] },
        });
        return { cert, key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
      },
    };
  }

  test('a client with a certificate of the truststore is known by it', async () => {
    const answer = await callTls(NAME, '/who', trusted.client('alice'));
    expect(answer).toEqual({ status: 200, body: `${NAME} /who live O=Acme,CN=alice` });
  });

  test.each([
    ['of another authority', () => other.client('mallory')],
    ['that has expired', () => trusted.client('late', -1)],
  ])('a certificate %s is refused', async (_name, client) => {
    expect(await callTls(NAME, '/who', client())).toEqual({ status: 403, body: '{"message":"Forbidden"}' });
  });

  test('no certificate: no connection', async () => {
    expect(await callTls(NAME, '/who').catch(() => 'closed')).not.toMatchObject({ status: 200 });
  });

  test('no way around it: plain HTTP, or a connection made for another name', async () => {
    expect((await call(NAME, '/who')).status).toBe(403);
    const around = await callTls(NAME, '/who', {
      servername: 'localhost',
      checkServerIdentity: () => undefined,
    });
    expect(around.status).toBe(403);
  });

  test('what is uploaded later counts once the name is told of it', async () => {
    const renewed = await upload(trusted.pem + other.pem);
    expect((await callTls(NAME, '/who', other.client('bob'))).status).toBe(403);
    const use = async (value: string) => {
      const path = '/mutualTlsAuthentication/truststoreVersion';
      await v1.send(
        new rest.UpdateDomainNameCommand({
          domainName: NAME,
          patchOperations: [{ op: 'replace', path, value }],
        }),
      );
    };
    await use(renewed ?? '');
    expect((await callTls(NAME, '/who', other.client('bob'))).status).toBe(200);
    await use(version ?? '');
    expect((await callTls(NAME, '/who', other.client('bob'))).status).toBe(403);
  });

  test('certificates of no use are warned of, in both services', async () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    await buckets.send(
      new s3.PutObjectCommand({ Bucket: 'trust', Key: 'mixed.pem', Body: trusted.pem + broken }),
    );
    const name = 'warned.example.com';
    await domain(name, { mutualTlsAuthentication: { truststoreUri: 's3://trust/mixed.pem' } });
    const warnings = ['Certificate 2 of the truststore is not a valid X.509 certificate'];
    const one = await v1.send(new rest.GetDomainNameCommand({ domainName: name }));
    expect(one.mutualTlsAuthentication?.truststoreWarnings).toEqual(warnings);
    const two = await v2.send(new http.GetDomainNameCommand({ DomainName: name }));
    expect(two.MutualTlsAuthentication?.TruststoreWarnings).toEqual(warnings);
  });

  test('it is switched off by an empty truststore', async () => {
    const name = 'plain-again.example.com';
    await domain(name, { mutualTlsAuthentication: { truststoreUri: 's3://trust/store.pem' } });
    await mapTo(name, await restApi('again'));
    const op = { op: 'replace', path: '/mutualTlsAuthentication/truststoreUri', value: '' } as const;
    await v1.send(new rest.UpdateDomainNameCommand({ domainName: name, patchOperations: [op] }));
    expect((await callTls(name, '/')).body).toBe('again');
  });
});

describe('refused', () => {
  test.each([
    [
      'a certificate that is not there',
      { regionalCertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/no' },
    ],
    [
      'one of another region',
      { regionalCertificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/no' },
    ],
    [
      'a truststore that is not there',
      { mutualTlsAuthentication: { truststoreUri: 's3://nowhere/store.pem' } },
    ],
  ])('%s', async (_name, more) => {
    await expect(domain('refused.example.com', more)).rejects.toMatchObject({ name: 'BadRequestException' });
  });

  test('a certificate for another name', async () => {
    const regionalCertificateArn = await certificateFor('elsewhere.example.com');
    await expect(domain('refused.example.com', { regionalCertificateArn })).rejects.toThrow('does not cover');
  });

  test('a certificate in use stays', async () => {
    await domain('used.example.com');
    const { regionalCertificateArn: CertificateArn } = await v1.send(
      new rest.GetDomainNameCommand({ domainName: 'used.example.com' }),
    );
    await expect(
      certificates.send(new acm.DeleteCertificateCommand({ CertificateArn })),
    ).rejects.toMatchObject({ name: 'ResourceInUseException' });
    const issued = await certificates.send(new acm.GetCertificateCommand({ CertificateArn }));
    expect(
      new X509Certificate(issued.Certificate ?? '').verify(new X509Certificate(authority).publicKey),
    ).toBe(true);
  });
});
