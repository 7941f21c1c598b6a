/** APIs behind a user pool of the same server: REST and HTTP, id and access tokens, without leaving the machine. */
import { beforeAll, describe, expect, test } from 'bun:test';
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import * as rest from '@aws-sdk/client-api-gateway';
import * as http from '@aws-sdk/client-apigatewayv2';
import * as idp from '@aws-sdk/client-cognito-identity-provider';
import { exportSPKI, importJWK } from 'jose';
import { useServer } from './test-server.ts';

const server = useServer();
const PASSWORD = 'Correct-Horse-7';
let UserPoolId: string;
let ClientId: string;
let tokens: idp.AuthenticationResultType;
let pools: idp.CognitoIdentityProviderClient;

beforeAll(async () => {
  pools = new idp.CognitoIdentityProviderClient(server.options());
  const made = await pools.send(new idp.CreateUserPoolCommand({ PoolName: 'shop' }));
  UserPoolId = made.UserPool?.Id ?? '';
  const client = await pools.send(
    new idp.CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'web',
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  );
  ClientId = client.UserPoolClient?.ClientId ?? '';
  await pools.send(new idp.AdminCreateUserCommand({ UserPoolId, Username: 'ada' }));
  await pools.send(
    new idp.AdminSetUserPasswordCommand({ UserPoolId, Username: 'ada', Password: PASSWORD, Permanent: true }),
  );
  const signedIn = await pools.send(
    new idp.InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId,
      AuthParameters: { USERNAME: 'ada', PASSWORD },
    }),
  );
  tokens = signedIn.AuthenticationResult ?? {};
});

const mock = (template: string) => ({
  responses: { '200': { description: 'ok' } },
  'x-amazon-apigateway-integration': {
    type: 'mock',
    requestTemplates: { 'application/json': '{"statusCode":200}' },
    responses: { default: { statusCode: '200', responseTemplates: { 'application/json': template } } },
  },
});

async function restApi(): Promise<(path: string, token?: string) => Promise<Response>> {
  const client = new rest.APIGatewayClient(server.options());
  const who = mock('{"who":"$context.authorizer.claims[\'cognito:username\']"}');
  const { id } = await client.send(
    new rest.ImportRestApiCommand({
      body: Buffer.from(
        JSON.stringify({
          openapi: '3.0.1',
          info: { title: 'shop', version: '1' },
          paths: {
            '/id': { get: { ...who, security: [{ pool: [] }] } },
            '/access': { get: { ...mock('{}'), security: [{ pool: ['aws.cognito.signin.user.admin'] }] } },
          },
          components: {
            securitySchemes: {
              pool: {
                type: 'apiKey',
                name: 'Authorization',
                in: 'header',
                'x-amazon-apigateway-authtype': 'cognito_user_pools',
                'x-amazon-apigateway-authorizer': {
                  type: 'cognito_user_pools',
                  providerARNs: [`arn:aws:cognito-idp:us-east-1:123456789012:userpool/${UserPoolId}`],
                },
              },
            },
          },
        }),
      ),
    }),
  );
  await client.send(new rest.CreateDeploymentCommand({ restApiId: id, stageName: 'v1' }));
  return (path, token) =>
    fetch(`${server.url}/_aws/execute-api/${id}/v1${path}`, {
      headers: token === undefined ? {} : { authorization: token },
    });
}

async function httpApi(Issuer: string): Promise<(token?: string) => Promise<Response>> {
  const client = new http.ApiGatewayV2Client(server.options());
  const { ApiId } = await client.send(new http.CreateApiCommand({ Name: 'shop', ProtocolType: 'HTTP' }));
  const { AuthorizerId } = await client.send(
    new http.CreateAuthorizerCommand({
      ApiId,
      Name: 'pool',
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer, Audience: [ClientId] },
    }),
  );
  const { IntegrationId } = await client.send(
    new http.CreateIntegrationCommand({
      ApiId,
      IntegrationType: 'HTTP_PROXY',
      IntegrationMethod: 'GET',
      IntegrationUri: `${server.url}/_gatehouse/health`,
      PayloadFormatVersion: '1.0',
    }),
  );
  await client.send(
    new http.CreateRouteCommand({
      ApiId,
      RouteKey: 'GET /',
      AuthorizationType: 'JWT',
      AuthorizerId,
      Target: `integrations/${IntegrationId}`,
    }),
  );
  await client.send(new http.CreateStageCommand({ ApiId, StageName: '$default', AutoDeploy: true }));
  return (token) =>
    fetch(`${server.url}/_aws/execute-api/${ApiId}/`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
}

test('a REST API takes id tokens, and access tokens where scopes are named', async () => {
  const call = await restApi();
  expect((await call('/id')).status).toBe(401);
  expect(await (await call('/id', tokens.IdToken)).json()).toEqual({ who: 'ada' });
  expect((await call('/id', tokens.AccessToken)).status).toBe(401);
  expect((await call('/access', tokens.AccessToken)).status).toBe(200);
  expect((await call('/access', tokens.IdToken)).status).toBe(401);
});

test('an HTTP API takes them by the issuer that tokens name, and by this server’s own address', async () => {
  for (const issuer of [
    `https://cognito-idp.us-east-1.amazonaws.com/${UserPoolId}`,
    `${server.url}/${UserPoolId}`,
  ]) {
    const call = await httpApi(issuer);
    expect((await call()).status).toBe(401);
    expect((await call(tokens.IdToken)).status).toBe(200);
    expect((await call(tokens.AccessToken)).status).toBe(200);
  }
});

describe('tokens that nobody gave', () => {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  async function publicKey() {
    const answer = await fetch(`${server.url}/${UserPoolId}/.well-known/jwks.json`);
    const { keys } = (await answer.json()) as { keys: { kid: string; n: string; e: string }[] };
    const [key] = keys;
    if (key === undefined) throw new Error('the pool has no key');
    return {
      kid: key.kid,
      pem: await exportSPKI((await importJWK({ kty: 'RSA', ...key }, 'RS256')) as CryptoKey),
    };
  }

  const claims = (): Record<string, unknown> => ({
    ...(JSON.parse(Buffer.from(tokens.AccessToken?.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >),
    username: 'root',
  });

  const forgeries: [string, () => Promise<string>][] = [
    ['alg none', async () => `${encode({ alg: 'none', kid: (await publicKey()).kid })}.${encode(claims())}.`],
    [
      'the public key as a shared secret',
      async () => {
        const { kid, pem } = await publicKey();
        const signed = `${encode({ alg: 'HS256', kid })}.${encode(claims())}`;
        return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
      },
    ],
    [
      'a key of one’s own under the pool’s name',
      async () => {
        const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        const signed = `${encode({ alg: 'RS256', kid: (await publicKey()).kid })}.${encode(claims())}`;
        return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
      },
    ],
    [
      'a key brought along',
      async () => {
        const { privateKey, publicKey: own } = generateKeyPairSync('rsa', { modulusLength: 2048 });
        const header = { alg: 'RS256', kid: 'mine', jwk: own.export({ format: 'jwk' }) };
        const signed = `${encode(header)}.${encode(claims())}`;
        return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
      },
    ],
    [
      'other claims under a good signature',
      async () => {
        const [head, , signature] = tokens.AccessToken?.split('.') ?? [];
        return `${head}.${encode(claims())}.${signature}`;
      },
    ],
    ['an id token', async () => tokens.IdToken ?? ''],
    ['ten megabytes', async () => `${'a'.repeat(10_000_000)}.b.c`],
  ];
  for (const [name, forge] of forgeries)
    test(name, async () => {
      const asked = pools.send(new idp.GetUserCommand({ AccessToken: await forge() }));
      const thrown = await asked.then(
        () => undefined,
        (error: Error) => error,
      );
      expect(thrown?.name).toMatch(/^(NotAuthorized|InvalidParameter)Exception$/);
    });
});

test('a browser may call the pool from any origin', async () => {
  const preflight = await fetch(server.url, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-amz-target,x-amz-user-agent',
    },
  });
  expect(preflight.status).toBe(200);
  expect(preflight.headers.get('access-control-allow-origin')).toBe('*');
  expect(preflight.headers.get('access-control-allow-headers')).toContain('x-amz-target');
  const answer = await fetch(server.url, {
    method: 'POST',
    headers: {
      origin: 'https://app.example.com',
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AWSCognitoIdentityProviderService.GetUser',
    },
    body: '{"AccessToken":"x"}',
  });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  expect(await answer.json()).toMatchObject({
    __type: 'NotAuthorizedException',
    message: 'Invalid Access Token',
  });
});
