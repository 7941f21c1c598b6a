/** Web identities: who may assume a role by a token of somebody else's. Tokens are made by `jose`. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { policy, refusal, rootCall, startTestIam } from '../iam/testing/iam.ts';
import { createSts } from './service.ts';

const HOST = 'token.issuer.example';
const ISSUER = `https://${HOST}`;
const ACCOUNT = '123456789012';
const iam = startTestIam();
let signing: CryptoKey;
let stranger: CryptoKey;
let down = false;
let jwks = '';
const sts = createSts({
  ...iam.ports,
  fetchDocument: async (url) => {
    if (down) throw new Error('down');
    return url.endsWith('openid-configuration') ? `{"jwks_uri":"${ISSUER}/keys"}` : jwks;
  },
});

beforeAll(async () => {
  const pair = await generateKeyPair('RS256', { extractable: true });
  signing = pair.privateKey;
  stranger = (await generateKeyPair('RS256')).privateKey;
  jwks = JSON.stringify({
    keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }],
  });
  await iam.handlers.CreateOpenIDConnectProvider(
    { Url: ISSUER, ClientIDList: ['sts.amazonaws.com'] },
    rootCall,
  );
  await iam.handlers.CreateRole(
    {
      RoleName: 'ci',
      AssumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${HOST}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: {
          StringEquals: { [`${HOST}:aud`]: 'sts.amazonaws.com' },
          StringLike: { [`${HOST}:sub`]: 'repo:acme/*:ref:refs/heads/main' },
        },
      }),
    },
    rootCall,
  );
});
afterAll(() => iam.ports.store.close());

interface TokenOptions {
  readonly iss?: string;
  readonly aud?: string;
  readonly sub?: string;
  readonly lifeSeconds?: number;
  readonly by?: CryptoKey;
}
function token({
  iss = ISSUER,
  aud = 'sts.amazonaws.com',
  sub = 'repo:acme/shop:ref:refs/heads/main',
  lifeSeconds = 60,
  by,
}: TokenOptions = {}) {
  const now = Math.floor(iam.clock.ms / 1000);
  return new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', kid: 'k' })
    .setIssuer(iss)
    .setAudience(aud)
    .setSubject(sub)
    .setIssuedAt(now)
    .setExpirationTime(now + lifeSeconds)
    .sign(by ?? signing);
}
const assume = async (options: TokenOptions = {}, more: object = {}) =>
  sts.handlers.AssumeRoleWithWebIdentity({
    RoleArn: `arn:aws:iam::${ACCOUNT}:role/ci`,
    RoleSessionName: 'build',
    WebIdentityToken: await token(options),
    ...more,
  });

test('a token of a known issuer makes credentials of the role', async () => {
  const answer = await assume();
  expect(answer).toMatchObject({
    SubjectFromWebIdentityToken: 'repo:acme/shop:ref:refs/heads/main',
    Audience: 'sts.amazonaws.com',
    Provider: `arn:aws:iam::${ACCOUNT}:oidc-provider/${HOST}`,
    AssumedRoleUser: { Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/ci/build` },
  });
  const key = await iam.findAccessKey(answer.Credentials?.AccessKeyId ?? '');
  if (!key) throw new Error('no key');
  const { conditions } = await iam.principalPolicies(key.caller);
  expect(conditions['aws:FederatedProvider']).toBe(`arn:aws:iam::${ACCOUNT}:oidc-provider/${HOST}`);
});

const rows: readonly [name: string, options: TokenOptions, refused: string, more?: object][] = [
  [
    'another repository',
    { sub: 'repo:evil/shop:ref:refs/heads/main' },
    'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
  ],
  [
    'another branch',
    { sub: 'repo:acme/shop:ref:refs/heads/x' },
    'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
  ],
  [
    'an audience the provider does not list',
    { aud: 'other' },
    'InvalidIdentityTokenException: Incorrect token audience',
  ],
  [
    'an unknown issuer',
    { iss: 'https://evil.example' },
    'InvalidIdentityTokenException: No OpenIDConnect provider found in your account for https://evil.example',
  ],
  [
    'an issuer without its scheme',
    { iss: HOST },
    `InvalidIdentityTokenException: No OpenIDConnect provider found in your account for ${HOST}`,
  ],
  ['an expired token', { lifeSeconds: -1 }, 'ExpiredTokenException: Token expired'],
  [
    'a role that is not there',
    {},
    'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
    { RoleArn: `arn:aws:iam::${ACCOUNT}:role/none` },
  ],
  [
    'no token at all',
    {},
    'InvalidIdentityTokenException: The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    { WebIdentityToken: 'x.y.z' },
  ],
];
for (const [name, options, refused, more] of rows)
  test(`refused: ${name}`, async () => expect(await refusal(assume(options, more))).toBe(refused));

test('refused: signed by somebody else', async () =>
  expect(await refusal(assume({ by: stranger }))).toStartWith(
    'InvalidIdentityTokenException: The web identity token could not be validated',
  ));

test('an issuer that cannot be reached', async () => {
  down = true;
  iam.clock.ms += 3 * 3_600_000;
  expect(await refusal(assume())).toStartWith("IDPCommunicationError: Couldn't retrieve verification key");
  down = false;
  expect((await assume()).Audience).toBe('sts.amazonaws.com');
});
