/** GATEHOUSE_USER_POOL_ISSUER=local: tokens name this server, for clients that fetch the keys from their issuer. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import * as idp from '@aws-sdk/client-cognito-identity-provider';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { silentLog } from '../../src/base/log.ts';
import { type RunningServer, startServer } from '../../src/server/start.ts';
import { credentials } from './test-server.ts';

let server: RunningServer;
beforeAll(async () => {
  const environment = { GATEHOUSE_USER_POOL_ISSUER: 'local' };
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    data: null,
    auth: 'open',
    log: silentLog,
    environment,
  });
});
afterAll(() => server.close());

test('discovery, keys and tokens agree on this server’s address', async () => {
  const client = new idp.CognitoIdentityProviderClient({
    endpoint: server.url,
    region: 'us-east-1',
    credentials,
  });
  const { UserPool } = await client.send(new idp.CreateUserPoolCommand({ PoolName: 'shop' }));
  const UserPoolId = UserPool?.Id;
  const made = await client.send(
    new idp.CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'web',
      ExplicitAuthFlows: ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  );
  const ClientId = made.UserPoolClient?.ClientId;
  const [Username, Password] = ['ada', 'Correct-Horse-7'];
  await client.send(new idp.AdminCreateUserCommand({ UserPoolId, Username }));
  await client.send(new idp.AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: true }));
  const { AuthenticationResult } = await client.send(
    new idp.AdminInitiateAuthCommand({
      UserPoolId,
      ClientId,
      AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: Username, PASSWORD: Password },
    }),
  );
  const issuer = `${server.url}/${UserPoolId}`;
  const found = await fetch(`${issuer}/.well-known/openid-configuration`);
  const discovery = (await found.json()) as { issuer: string; jwks_uri: string };
  expect(discovery.issuer).toBe(issuer);
  const keys = createRemoteJWKSet(new URL(discovery.jwks_uri));
  const { payload } = await jwtVerify(AuthenticationResult?.IdToken ?? '', keys, {
    issuer,
    audience: ClientId,
  });
  expect(payload['cognito:username']).toBe('ada');
  const { AccessToken } = AuthenticationResult ?? {};
  expect((await client.send(new idp.GetUserCommand({ AccessToken }))).Username).toBe('ada');
});
