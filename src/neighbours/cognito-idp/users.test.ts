/** Users over time: codes and sessions that end, locks that open, names that move, lists in pages. */
import { describe, expect, test } from 'bun:test';
import { sweepExpired } from './sweep.ts';
import { failure, openRoom, PASSWORD } from './testing/room.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('a forgotten password', () => {
  async function forgetful() {
    const room = openRoom();
    const { ClientId, UserPoolId } = await room.pool();
    await room.user(UserPoolId, 'ada', { email: 'a@example.com', email_verified: 'true' });
    const reset = (ConfirmationCode: string, Password = 'Another-Horse-8') =>
      room.run('ConfirmForgotPassword', { ClientId, Username: 'ada', ConfirmationCode, Password });
    const ask = () => room.run('ForgotPassword', { ClientId, Username: 'ada' });
    const code = async () => (await room.messages()).at(-1)?.code ?? '';
    return { room, ClientId, UserPoolId, reset, ask, code };
  }

  test('a code of one hour and a new password', async () => {
    const { room, ClientId, reset, ask, code } = await forgetful();
    await ask();
    expect(await failure(reset('000000'))).toStartWith('CodeMismatchException');
    expect(await failure(reset(await code(), 'short'))).toStartWith('InvalidPasswordException');
    await reset(await code());
    expect(await failure(reset(await code()))).toStartWith('ExpiredCodeException');
    await room.signIn(ClientId, 'ada', 'Another-Horse-8');
    await ask();
    room.clock.now += HOUR + 1;
    expect(await failure(reset(await code()))).toBe(
      'ExpiredCodeException: Invalid code provided, please request a code again.',
    );
  });

  test('guessing ends', async () => {
    const { reset, ask, code } = await forgetful();
    await ask();
    for (let guess = 0; guess < 5; guess++) await failure(reset('x'));
    expect(await failure(reset(await code()))).toStartWith('ExpiredCodeException');
    for (let round = 0; round < 3; round++) {
      await ask();
      for (let guess = 0; guess < 5; guess++) await failure(reset('x'));
    }
    await ask();
    expect(await failure(reset(await code()))).toBe(
      'LimitExceededException: Attempt limit exceeded, please try after some time.',
    );
  });

  test('asking ends', async () => {
    const { room, ask } = await forgetful();
    for (let asked = 0; asked < 20; asked++) await ask();
    expect(await failure(ask())).toStartWith('LimitExceededException');
    room.clock.now += HOUR + 1;
    expect(await failure(ask())).toBe('no failure');
  });

  test('an administrator resets: the old password is no way in', async () => {
    const { room, ClientId, UserPoolId, reset, code } = await forgetful();
    await room.run('AdminResetUserPassword', { UserPoolId, Username: 'ada' });
    expect(await failure(room.signIn(ClientId, 'ada'))).toBe(
      'PasswordResetRequiredException: Password reset required for the user',
    );
    await reset(await code());
    await room.signIn(ClientId, 'ada', 'Another-Horse-8');
  });

  test('without a verified address there is no way', async () => {
    const room = openRoom();
    const { ClientId, UserPoolId } = await room.pool();
    await room.user(UserPoolId, 'ada', { email: 'a@example.com' });
    expect(await failure(room.run('ForgotPassword', { ClientId, Username: 'ada' }))).toBe(
      'InvalidParameterException: Cannot reset password for the user as there is no registered/verified email or phone_number',
    );
  });
});

test('the lock opens after a while, and twice as late each time', async () => {
  const room = openRoom();
  const { ClientId, UserPoolId } = await room.pool();
  await room.user(UserPoolId, 'ada');
  for (let failures = 0; failures < 6; failures++) {
    await failure(room.signIn(ClientId, 'ada', 'wrong'));
    room.clock.now += failures === 4 ? 1001 : 1;
  }
  room.clock.now += 1000;
  expect(await failure(room.signIn(ClientId, 'ada'))).toBe(
    'NotAuthorizedException: Password attempts exceeded',
  );
  room.clock.now += 1000;
  expect(await failure(room.signIn(ClientId, 'ada'))).toBe('no failure');
});

test('guesses at once find the lock as well', async () => {
  const room = openRoom();
  const { ClientId, UserPoolId } = await room.pool();
  await room.user(UserPoolId, 'ada');
  const guesses = Array.from({ length: 20 }, (_, guess) =>
    failure(room.signIn(ClientId, 'ada', `guess-${guess}`)),
  );
  const answers = await Promise.all(guesses);
  expect(answers.filter((answer) => answer.endsWith('Incorrect username or password.'))).toHaveLength(5);
  expect(answers.filter((answer) => answer.endsWith('Password attempts exceeded'))).toHaveLength(15);
});

test('a second factor is guessed five times, also at once', async () => {
  const room = openRoom();
  const { ClientId, UserPoolId } = await room.pool({
    Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
  });
  await room.user(UserPoolId, 'ada', { email: 'a@example.com', email_verified: 'true' });
  const { Session } = await room.run('InitiateAuth', {
    AuthFlow: 'USER_AUTH',
    ClientId,
    AuthParameters: { USERNAME: 'ada', PREFERRED_CHALLENGE: 'EMAIL_OTP' },
  });
  const answer = (EMAIL_OTP_CODE: string | undefined) =>
    failure(
      room.run('RespondToAuthChallenge', {
        ClientId,
        ChallengeName: 'EMAIL_OTP',
        Session,
        ChallengeResponses: { USERNAME: 'ada', EMAIL_OTP_CODE },
      }),
    );
  const answers = await Promise.all(Array.from({ length: 12 }, () => answer('x')));
  expect(answers.filter((text) => text.startsWith('CodeMismatchException'))).toHaveLength(5);
  expect(await answer((await room.messages()).at(-1)?.code)).toBe(
    'NotAuthorizedException: Invalid session for the user.',
  );
});

test('a refresh token that rotates is good once, also at once', async () => {
  const room = openRoom();
  const { ClientId, UserPoolId } = await room.pool(
    {},
    {
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
    },
  );
  await room.user(UserPoolId, 'ada');
  const { RefreshToken } = (await room.signIn(ClientId, 'ada')).AuthenticationResult ?? {};
  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      failure(room.run('GetTokensFromRefreshToken', { ClientId, RefreshToken })),
    ),
  );
  expect(answers.filter((answer) => answer === 'no failure')).toHaveLength(1);
});

test('a temporary password ends', async () => {
  const room = openRoom();
  const { ClientId, UserPoolId } = await room.pool();
  await room.run('AdminCreateUser', { UserPoolId, Username: 'ada', TemporaryPassword: PASSWORD });
  room.clock.now += 8 * 24 * HOUR;
  expect(await failure(room.signIn(ClientId, 'ada'))).toBe(
    'NotAuthorizedException: Temporary password has expired and must be reset by an administrator.',
  );
});

test('a session ends with its time, and what is over is swept', async () => {
  const room = openRoom();
  const { ClientId, UserPoolId } = await room.pool();
  await room.run('AdminCreateUser', { UserPoolId, Username: 'ada', TemporaryPassword: PASSWORD });
  const { Session } = await room.signIn(ClientId, 'ada');
  room.clock.now += 3 * MINUTE + 1;
  const change = room.run('RespondToAuthChallenge', {
    ClientId,
    ChallengeName: 'NEW_PASSWORD_REQUIRED',
    Session,
    ChallengeResponses: { USERNAME: 'ada', NEW_PASSWORD: 'Another-Horse-8' },
  });
  expect(await failure(change)).toBe(
    'NotAuthorizedException: Invalid session for the user, session is expired.',
  );
  await sweepExpired({ store: room.store, now: () => room.clock.now });
  expect(await room.store.listAll({ name: 'cognito-idp.sessions' })).toEqual([]);
});

test('access tokens end, refresh tokens later', async () => {
  const room = openRoom();
  const { ClientId, UserPoolId } = await room.pool(
    {},
    {
      AccessTokenValidity: 5,
      IdTokenValidity: 5,
      RefreshTokenValidity: 1,
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'hours' },
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    },
  );
  await room.user(UserPoolId, 'ada');
  const { AuthenticationResult } = await room.signIn(ClientId, 'ada');
  room.clock.now += 6 * MINUTE;
  expect(await failure(room.run('GetUser', { AccessToken: AuthenticationResult?.AccessToken }))).toBe(
    'NotAuthorizedException: Access Token has expired',
  );
  const refresh = () =>
    room.run('InitiateAuth', {
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      ClientId,
      AuthParameters: { REFRESH_TOKEN: AuthenticationResult?.RefreshToken },
    });
  const fresh = await refresh();
  await room.run('GetUser', { AccessToken: fresh.AuthenticationResult?.AccessToken });
  room.clock.now += HOUR;
  expect(await failure(refresh())).toBe('NotAuthorizedException: Refresh Token has expired');
});

test('a password that was used before is refused where the pool remembers', async () => {
  const room = openRoom();
  const { ClientId, UserPoolId } = await room.pool({
    Policies: { PasswordPolicy: { MinimumLength: 8, PasswordHistorySize: 2 } },
  });
  await room.user(UserPoolId, 'ada');
  const { AuthenticationResult } = await room.signIn(ClientId, 'ada');
  const change = (PreviousPassword: string, ProposedPassword: string) =>
    room.run('ChangePassword', {
      AccessToken: AuthenticationResult?.AccessToken,
      PreviousPassword,
      ProposedPassword,
    });
  await change(PASSWORD, 'second-one');
  expect(await failure(change('second-one', PASSWORD))).toStartWith(
    'PasswordHistoryPolicyViolationException',
  );
  await change('second-one', 'third-one');
  await change('third-one', PASSWORD);
});

describe('attributes', () => {
  test('a new address waits for its proof where the pool says so', async () => {
    const room = openRoom();
    const { ClientId, UserPoolId } = await room.pool({
      AutoVerifiedAttributes: ['email'],
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
    });
    await room.user(UserPoolId, 'ada', { email: 'old@example.com', email_verified: 'true' });
    const { AccessToken } = (await room.signIn(ClientId, 'ada')).AuthenticationResult ?? {};
    const email = async () =>
      (await room.run('GetUser', { AccessToken })).UserAttributes.filter(({ Name }) =>
        Name.startsWith('email'),
      );
    await room.run('UpdateUserAttributes', {
      AccessToken,
      UserAttributes: [{ Name: 'email', Value: 'new@example.com' }],
    });
    expect(await email()).toEqual([
      { Name: 'email', Value: 'old@example.com' },
      { Name: 'email_verified', Value: 'true' },
    ]);
    const Code = (await room.messages()).at(-1)?.code;
    await room.run('VerifyUserAttribute', { AccessToken, AttributeName: 'email', Code });
    expect(await email()).toEqual([
      { Name: 'email', Value: 'new@example.com' },
      { Name: 'email_verified', Value: 'true' },
    ]);
  });

  test('what is set once stays; what a client may not write or read it does not', async () => {
    const room = openRoom();
    const { ClientId, UserPoolId } = await room.pool(
      {
        Schema: [
          {
            Name: 'badge',
            AttributeDataType: 'Number',
            Mutable: false,
            NumberAttributeConstraints: { MinValue: '1' },
          },
        ],
      },
      {
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
        WriteAttributes: ['nickname', 'custom:badge'],
        ReadAttributes: ['nickname'],
      },
    );
    await room.user(UserPoolId, 'ada', { 'custom:badge': '7', email: 'a@example.com' });
    const { AccessToken } = (await room.signIn(ClientId, 'ada')).AuthenticationResult ?? {};
    const write = (Name: string, Value: string) =>
      room.run('UpdateUserAttributes', { AccessToken, UserAttributes: [{ Name, Value }] });
    expect(await failure(write('custom:badge', '8'))).toBe(
      'InvalidParameterException: user.custom:badge: Attribute cannot be updated.\n',
    );
    expect(await failure(write('email', 'b@example.com'))).toBe(
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
    );
    await write('nickname', 'countess');
    const { UserAttributes } = await room.run('GetUser', { AccessToken });
    expect(UserAttributes.map(({ Name }) => Name).sort()).toEqual(['nickname', 'sub']);
    const low = room.run('AdminCreateUser', {
      UserPoolId,
      Username: 'eve',
      UserAttributes: [{ Name: 'custom:badge', Value: '0' }],
    });
    expect(await failure(low)).toContain('custom:badge: Number must not be less than 1');
  });

  test('an address that names another user cannot be taken', async () => {
    const room = openRoom();
    const { ClientId, UserPoolId } = await room.pool({ UsernameAttributes: ['email'] });
    await room.user(UserPoolId, 'a@example.com');
    await room.user(UserPoolId, 'b@example.com');
    const { AccessToken } = (await room.signIn(ClientId, 'b@example.com')).AuthenticationResult ?? {};
    const take = room.run('UpdateUserAttributes', {
      AccessToken,
      UserAttributes: [{ Name: 'email', Value: 'a@example.com' }],
    });
    expect(await failure(take)).toBe('AliasExistsException: An account with the given email already exists.');
  });

  test('an alias moves to who verifies it, when asked to', async () => {
    const room = openRoom();
    const { ClientId, UserPoolId } = await room.pool({ AliasAttributes: ['email'] });
    const email = { email: 'a@example.com', email_verified: 'true' };
    await room.user(UserPoolId, 'ada', email);
    const second = {
      UserPoolId,
      Username: 'eve',
      UserAttributes: Object.entries(email).map(([Name, Value]) => ({ Name, Value })),
    };
    expect(await failure(room.run('AdminCreateUser', second))).toBe(
      'AliasExistsException: An account with the email already exists.',
    );
    await room.run('AdminCreateUser', { ...second, ForceAliasCreation: true });
    await room.run('AdminSetUserPassword', {
      UserPoolId,
      Username: 'eve',
      Password: 'Another-Horse-8',
      Permanent: true,
    });
    await room.signIn(ClientId, 'a@example.com', 'Another-Horse-8');
    const { UserAttributes } = await room.run('AdminGetUser', { UserPoolId, Username: 'ada' });
    expect(UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'false' });
  });
});

test('lists are filtered, in pages', async () => {
  const room = openRoom();
  const { UserPoolId } = await room.pool();
  for (const name of ['ada', 'adele', 'bob', 'a/b'])
    await room.user(UserPoolId, name, { email: `${name.replace('/', '')}@example.com` });
  const list = async (more: object) =>
    (await room.run('ListUsers', { UserPoolId, ...more })).Users.map(({ Username }) => Username).sort();
  expect(await list({ Filter: 'username ^= "ad"' })).toEqual(['ada', 'adele']);
  expect(await list({ Filter: 'email = "bob@example.com"' })).toEqual(['bob']);
  expect(await list({ Filter: 'cognito:user_status = "Confirmed"' })).toEqual(['a/b', 'ada', 'adele', 'bob']);
  expect(await failure(list({ Filter: 'nickname = "x"' }))).toContain('Invalid search attribute: nickname');
  const seen: string[] = [];
  let PaginationToken: string | undefined;
  do {
    const page = await room.run('ListUsers', { UserPoolId, Limit: 3, PaginationToken });
    seen.push(...page.Users.map(({ Username }) => Username));
    ({ PaginationToken } = page);
  } while (PaginationToken !== undefined);
  expect(seen.sort()).toEqual(['a/b', 'ada', 'adele', 'bob']);
});

test('a pool that is protected, or has a domain, is not deleted; one that is goes with all that is its own', async () => {
  const room = openRoom();
  const { UserPoolId, ClientId } = await room.pool({ DeletionProtection: 'ACTIVE' });
  await room.user(UserPoolId, 'ada', { email: 'a@example.com' });
  expect(await failure(room.run('DeleteUserPool', { UserPoolId }))).toContain(
    'deletion protection is activated',
  );
  await room.run('UpdateUserPool', { UserPoolId });
  await room.run('CreateUserPoolDomain', { UserPoolId, Domain: 'shop' });
  expect(await failure(room.run('DeleteUserPool', { UserPoolId }))).toContain('has a domain configured');
  await room.run('DeleteUserPoolDomain', { UserPoolId, Domain: 'shop' });
  await room.run('DeleteUserPool', { UserPoolId });
  expect(await failure(room.signIn(ClientId, 'ada'))).toBe(
    `ResourceNotFoundException: User pool client ${ClientId} does not exist.`,
  );
  for (const name of ['users', 'aliases', 'clients', 'client-places', 'pool-places', 'signing-keys'])
    expect(await room.store.listAll({ name: `cognito-idp.${name}` })).toEqual([]);
});

describe('a code as the first factor', () => {
  test('is chosen, sent and taken', async () => {
    const room = openRoom();
    const { ClientId, UserPoolId } = await room.pool({
      Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } },
    });
    await room.user(UserPoolId, 'ada', { email: 'a@example.com', email_verified: 'true' });
    const begun = await room.run('InitiateAuth', {
      AuthFlow: 'USER_AUTH',
      ClientId,
      AuthParameters: { USERNAME: 'ada', PREFERRED_CHALLENGE: 'EMAIL_OTP' },
    });
    expect(begun.ChallengeName).toBe('EMAIL_OTP');
    const answer = (EMAIL_OTP_CODE: string | undefined) =>
      room.run('RespondToAuthChallenge', {
        ClientId,
        ChallengeName: 'EMAIL_OTP',
        Session: begun.Session,
        ChallengeResponses: { USERNAME: 'ada', EMAIL_OTP_CODE },
      });
    expect(await failure(answer('x'))).toStartWith('CodeMismatchException');
    expect((await answer((await room.messages()).at(-1)?.code)).AuthenticationResult).toBeDefined();
  });
});

describe('what is not here is refused by name', () => {
  const rows: [string, object, string][] = [
    [
      'threat protection',
      { UserPoolAddOns: { AdvancedSecurityMode: 'AUDIT' } },
      'AdvancedSecurityMode AUDIT',
    ],
    [
      'inbound federation',
      { LambdaConfig: { InboundFederation: { LambdaArn: 'a', LambdaVersion: 'V1_0' } } },
      'LambdaConfig.InboundFederation',
    ],
    [
      'passkeys',
      { Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'WEB_AUTHN'] } } },
      'WEB_AUTHN (passkeys)',
    ],
  ];
  for (const [name, settings, words] of rows)
    test(name, async () => {
      const room = openRoom();
      const thrown = await failure(room.run('CreateUserPool', { PoolName: 'x', ...settings }));
      expect(thrown).toContain(`${words}`);
      expect(thrown).toContain('not supported by gatehouse');
    });
});
