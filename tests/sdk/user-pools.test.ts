/** User pools through the official SDK, Amplify's SRP client and an OpenID Connect library, against a whole server. */
import { beforeAll, describe, expect, test } from 'bun:test';
import { createHmac } from 'node:crypto';
import * as idp from '@aws-sdk/client-cognito-identity-provider';
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from './amplify.ts';
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { newTotpCode } from './totp.ts';
import { useServer } from './test-server.ts';

const server = useServer();
let client: idp.CognitoIdentityProviderClient;

beforeAll(() => {
  client = new idp.CognitoIdentityProviderClient({ ...server.options(), maxAttempts: 1 });
});

const PASSWORD = 'Correct-Horse-7';

async function makePool(
  more: Partial<idp.CreateUserPoolRequest> = {},
  clientMore: Partial<idp.CreateUserPoolClientRequest> = {},
) {
  const { UserPool } = await client.send(new idp.CreateUserPoolCommand({ PoolName: 'shop', ...more }));
  const UserPoolId = UserPool?.Id ?? '';
  const made = await client.send(
    new idp.CreateUserPoolClientCommand({
      UserPoolId,
      ClientName: 'web',
      ExplicitAuthFlows: [
        'ALLOW_USER_PASSWORD_AUTH',
        'ALLOW_USER_SRP_AUTH',
        'ALLOW_ADMIN_USER_PASSWORD_AUTH',
        'ALLOW_REFRESH_TOKEN_AUTH',
        'ALLOW_CUSTOM_AUTH',
        'ALLOW_USER_AUTH',
      ],
      ...clientMore,
    }),
  );
  return {
    UserPoolId,
    ClientId: made.UserPoolClient?.ClientId ?? '',
    secret: made.UserPoolClient?.ClientSecret ?? '',
  };
}

async function makeUser(UserPoolId: string, Username: string, attributes: Record<string, string> = {}) {
  await client.send(
    new idp.AdminCreateUserCommand({
      UserPoolId,
      Username,
      MessageAction: 'SUPPRESS',
      UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
    }),
  );
  await client.send(
    new idp.AdminSetUserPasswordCommand({ UserPoolId, Username, Password: PASSWORD, Permanent: true }),
  );
}

const signIn = (ClientId: string, USERNAME: string, PASSWORD_: string = PASSWORD) =>
  client.send(
    new idp.InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId,
      AuthParameters: { USERNAME, PASSWORD: PASSWORD_ },
    }),
  );

interface Sent {
  readonly code: string;
  readonly body: string;
  readonly destination: string;
}

async function lastMessage(userPoolId: string): Promise<Sent> {
  const answer = await fetch(`${server.url}/_gatehouse/cognito/messages?userPoolId=${userPoolId}`);
  const { messages } = (await answer.json()) as { messages: Sent[] };
  const last = messages.at(-1);
  if (last === undefined) throw new Error('no message was sent');
  return last;
}

/** `Name: words` of what a call fails with. */
async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no failure';
  } catch (thrown) {
    if (thrown instanceof oidc.ResponseBodyError) return thrown.error;
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  }
}

describe('signing up', () => {
  test('a code confirms the address, and the account', async () => {
    const { UserPoolId, ClientId } = await makePool({ AutoVerifiedAttributes: ['email'] });
    const Username = 'ada';
    const made = await client.send(
      new idp.SignUpCommand({
        ClientId,
        Username,
        Password: PASSWORD,
        UserAttributes: [{ Name: 'email', Value: 'ada@example.com' }],
      }),
    );
    expect(made.UserConfirmed).toBe(false);
    expect(made.CodeDeliveryDetails).toEqual({
      Destination: 'a***@e***',
      DeliveryMedium: 'EMAIL',
      AttributeName: 'email',
    });
    expect(await failure(signIn(ClientId, Username))).toBe(
      'UserNotConfirmedException: User is not confirmed.',
    );
    const wrong = client.send(
      new idp.ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode: '000000x' }),
    );
    expect(await failure(wrong)).toBe(
      'CodeMismatchException: Invalid verification code provided, please try again.',
    );
    const { code: ConfirmationCode } = await lastMessage(UserPoolId);
    await client.send(new idp.ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode }));
    const again = client.send(new idp.ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode }));
    expect(await failure(again)).toBe(
      'NotAuthorizedException: User cannot be confirmed. Current status is CONFIRMED',
    );
    const { AuthenticationResult } = await signIn(ClientId, Username);
    const id = decodeJwt(AuthenticationResult?.IdToken ?? '');
    expect(id).toMatchObject({
      aud: ClientId,
      token_use: 'id',
      'cognito:username': 'ada',
      email: 'ada@example.com',
      email_verified: true,
      iss: `https://cognito-idp.us-east-1.amazonaws.com/${UserPoolId}`,
      sub: made.UserSub,
    });
    const access = decodeJwt(AuthenticationResult?.AccessToken ?? '');
    expect(access).toMatchObject({
      client_id: ClientId,
      token_use: 'access',
      username: 'ada',
      scope: 'aws.cognito.signin.user.admin',
    });
    expect(AuthenticationResult).toMatchObject({ ExpiresIn: 3600, TokenType: 'Bearer' });
    expect(access['origin_jti']).toBe(id['origin_jti']);
  });

  const refusals: [string, Partial<idp.CreateUserPoolRequest>, Partial<idp.SignUpRequest>, string][] = [
    [
      'a short password',
      {},
      { Password: 'aB1!' },
      'InvalidPasswordException: Password did not conform with policy: Password not long enough',
    ],
    [
      'a password without symbols',
      {},
      { Password: 'Abcdefgh1' },
      'InvalidPasswordException: Password did not conform with policy: Password must have symbol characters',
    ],
    [
      'no email where the name is one',
      { UsernameAttributes: ['email'] },
      {},
      'InvalidParameterException: Username should be an email.',
    ],
    [
      'an email as name where it is an alias',
      { AliasAttributes: ['email'] },
      { Username: 'a@example.com' },
      'InvalidParameterException: Username cannot be of email format, since user pool is configured for email alias.',
    ],
    [
      'a required attribute left out',
      { Schema: [{ Name: 'given_name', Required: true }] },
      {},
      'InvalidParameterException: Attributes did not conform to the schema: given_name: The attribute is required\n',
    ],
    [
      'an attribute nobody declared',
      {},
      { UserAttributes: [{ Name: 'custom:size', Value: '1' }] },
      'InvalidParameterException: Attributes did not conform to the schema: Type for attribute {custom:size} could not be determined\n',
    ],
    [
      'saying oneself verified',
      {},
      { UserAttributes: [{ Name: 'email_verified', Value: 'true' }] },
      'NotAuthorizedException: A client attempted to write unauthorized attribute',
    ],
    [
      'a pool for administrators only',
      { AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } },
      {},
      'NotAuthorizedException: SignUp is not permitted for this user pool',
    ],
  ];
  for (const [name, pool, request, expected] of refusals)
    test(`refuses ${name}`, async () => {
      const { ClientId } = await makePool(pool);
      const asked = client.send(
        new idp.SignUpCommand({ ClientId, Username: 'bob', Password: PASSWORD, ...request }),
      );
      expect(await failure(asked)).toBe(expected);
    });

  test('an address that stands for the name is taken once, in any case', async () => {
    const { ClientId, UserPoolId } = await makePool({
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
    });
    const join = (Username: string) =>
      client.send(new idp.SignUpCommand({ ClientId, Username, Password: PASSWORD }));
    await join('Eve@Example.com');
    expect(await failure(join('eve@example.com'))).toBe(
      'UsernameExistsException: An account with the given email already exists.',
    );
    await client.send(new idp.AdminConfirmSignUpCommand({ UserPoolId, Username: 'eve@example.com' }));
    const { AuthenticationResult } = await signIn(ClientId, 'EVE@example.com');
    const { sub, username } = decodeJwt(AuthenticationResult?.AccessToken ?? '');
    expect(username).toBe(sub);
  });
});

describe('signing in', () => {
  test('wrong names and passwords: told apart unless the client hides who exists', async () => {
    const open = await makePool();
    await makeUser(open.UserPoolId, 'ada');
    expect(await failure(signIn(open.ClientId, 'nobody'))).toBe(
      'UserNotFoundException: User does not exist.',
    );
    expect(await failure(signIn(open.ClientId, 'ada', 'wrong'))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
    const hiding = await makePool({}, { PreventUserExistenceErrors: 'ENABLED' });
    expect(await failure(signIn(hiding.ClientId, 'nobody'))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
  });

  test('the sixth failure finds the account locked, even with the right password', async () => {
    const { UserPoolId, ClientId } = await makePool();
    await makeUser(UserPoolId, 'ada');
    for (let failures = 0; failures < 5; failures++) await failure(signIn(ClientId, 'ada', 'wrong'));
    expect(await failure(signIn(ClientId, 'ada'))).toBe('NotAuthorizedException: Password attempts exceeded');
  });

  test('a client with a secret proves it', async () => {
    const { UserPoolId, ClientId, secret } = await makePool({}, { GenerateSecret: true });
    await makeUser(UserPoolId, 'ada');
    expect(await failure(signIn(ClientId, 'ada'))).toBe(
      `NotAuthorizedException: Client ${ClientId} is configured with secret but SECRET_HASH was not received`,
    );
    const hash = (name: string) =>
      createHmac('sha256', secret)
        .update(name + ClientId)
        .digest('base64');
    const withHash = (SECRET_HASH: string) =>
      client.send(
        new idp.InitiateAuthCommand({
          AuthFlow: 'USER_PASSWORD_AUTH',
          ClientId,
          AuthParameters: { USERNAME: 'ada', PASSWORD, SECRET_HASH },
        }),
      );
    expect(await failure(withHash(hash('bob')))).toBe(
      `NotAuthorizedException: Unable to verify secret hash for client ${ClientId}`,
    );
    expect((await withHash(hash('ada'))).AuthenticationResult?.TokenType).toBe('Bearer');
  });

  test('a temporary password is changed first', async () => {
    const { UserPoolId, ClientId } = await makePool({
      Schema: [{ Name: 'nickname', Required: true, Mutable: true }],
    });
    await client.send(
      new idp.AdminCreateUserCommand({
        UserPoolId,
        Username: 'ada',
        UserAttributes: [{ Name: 'email', Value: 'ada@example.com' }],
        DesiredDeliveryMediums: ['EMAIL'],
      }),
    );
    const { code } = await lastMessage(UserPoolId);
    const first = await signIn(ClientId, 'ada', code);
    expect(first.ChallengeName).toBe('NEW_PASSWORD_REQUIRED');
    expect(first.ChallengeParameters).toEqual({
      USER_ID_FOR_SRP: 'ada',
      requiredAttributes: '["userAttributes.nickname"]',
      userAttributes: '{"email":"ada@example.com","email_verified":"false"}',
    });
    const change = (NEW_PASSWORD: string) =>
      client.send(
        new idp.RespondToAuthChallengeCommand({
          ClientId,
          ChallengeName: 'NEW_PASSWORD_REQUIRED',
          Session: first.Session,
          ChallengeResponses: { USERNAME: 'ada', NEW_PASSWORD, 'userAttributes.nickname': 'countess' },
        }),
      );
    expect(await failure(change('short'))).toStartWith('InvalidPasswordException');
    const { AuthenticationResult } = await change(PASSWORD);
    expect(decodeJwt(AuthenticationResult?.IdToken ?? '')['nickname']).toBe('countess');
    expect(await failure(change(PASSWORD))).toBe('NotAuthorizedException: Invalid session for the user.');
  });

  test('flows that a client does not allow are refused in their own words', async () => {
    const { ClientId, UserPoolId } = await makePool({}, { ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'] });
    await makeUser(UserPoolId, 'ada');
    expect(await failure(signIn(ClientId, 'ada'))).toBe(
      'InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client',
    );
    const srp = new idp.InitiateAuthCommand({
      AuthFlow: 'USER_SRP_AUTH',
      ClientId,
      AuthParameters: { USERNAME: 'ada', SRP_A: 'ab' },
    });
    expect(await failure(client.send(srp))).toBe(
      'InvalidParameterException: USER_SRP_AUTH is not enabled for the client.',
    );
  });
});

describe('Amplify', () => {
  const amplify = (UserPoolId: string, ClientId: string, Username: string) =>
    new CognitoUser({
      Username,
      Pool: new CognitoUserPool({ UserPoolId, ClientId, endpoint: server.url }),
    });

  const authenticate = (user: CognitoUser, Password: string) =>
    new Promise<string>((resolve) => {
      user.authenticateUser(new AuthenticationDetails({ Username: user.getUsername(), Password }), {
        onSuccess: (session) => resolve(session.getIdToken().getJwtToken()),
        onFailure: (error: Error) => resolve(`${error.name}: ${error.message}`),
        newPasswordRequired: () =>
          user.completeNewPasswordChallenge(
            PASSWORD,
            {},
            {
              onSuccess: (session) => resolve(session.getIdToken().getJwtToken()),
              onFailure: (error: Error) => resolve(`${error.name}: ${error.message}`),
            },
          ),
      });
    });

  test('signs in by SRP, changes a temporary password, and is refused with a wrong one', async () => {
    const { UserPoolId, ClientId } = await makePool();
    await makeUser(UserPoolId, 'ada');
    const user = amplify(UserPoolId, ClientId, 'ada');
    expect(decodeJwt(await authenticate(user, PASSWORD))['cognito:username']).toBe('ada');
    expect(await authenticate(user, 'wrong')).toBe('NotAuthorizedException: Incorrect username or password.');
    await client.send(
      new idp.AdminCreateUserCommand({ UserPoolId, Username: 'bob', TemporaryPassword: 'Temporary-1' }),
    );
    const token = await authenticate(amplify(UserPoolId, ClientId, 'bob'), 'Temporary-1');
    expect(decodeJwt(token)['cognito:username']).toBe('bob');
  });

  test('remembers its device, which then stands for the second factor', async () => {
    const { UserPoolId, ClientId } = await makePool({
      DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: false },
    });
    await client.send(
      new idp.SetUserPoolMfaConfigCommand({
        UserPoolId,
        MfaConfiguration: 'OPTIONAL',
        SoftwareTokenMfaConfiguration: { Enabled: true },
      }),
    );
    await makeUser(UserPoolId, 'ada');
    const { AccessToken } = (await signIn(ClientId, 'ada')).AuthenticationResult ?? {};
    const { SecretCode = '' } = await client.send(new idp.AssociateSoftwareTokenCommand({ AccessToken }));
    const now = Date.now();
    const UserCode = newTotpCode(SecretCode, now);
    await client.send(new idp.VerifySoftwareTokenCommand({ AccessToken, UserCode }));
    const SoftwareTokenMfaSettings = { Enabled: true, PreferredMfa: true };
    await client.send(new idp.SetUserMFAPreferenceCommand({ AccessToken, SoftwareTokenMfaSettings }));

    const user = amplify(UserPoolId, ClientId, 'ada');
    const enter = (code: string | undefined) =>
      new Promise<string>((resolve) => {
        const done = {
          onSuccess: () => resolve('in'),
          onFailure: (error: Error) => resolve(`${error.name}: ${error.message}`),
        };
        user.authenticateUser(new AuthenticationDetails({ Username: 'ada', Password: PASSWORD }), {
          ...done,
          totpRequired: () =>
            code === undefined
              ? resolve('a second factor is asked for')
              : user.sendMFACode(code, done, 'SOFTWARE_TOKEN_MFA'),
        });
      });
    expect(await enter(undefined)).toBe('a second factor is asked for');
    expect(await enter(newTotpCode(SecretCode, now + 30_000))).toBe('in');
    const listed = await client.send(new idp.AdminListDevicesCommand({ UserPoolId, Username: 'ada' }));
    expect(listed.Devices).toHaveLength(1);
    const [device] = listed.Devices ?? [];
    expect(device?.DeviceAttributes).toContainEqual({
      Name: 'dev:device_remembered_status',
      Value: 'remembered',
    });
    expect(await enter(undefined)).toBe('in');
    const refreshed = await new Promise<string>((resolve) => {
      const session = user.getSignInUserSession();
      if (session === null) return resolve('no session');
      return user.refreshSession(session.getRefreshToken(), (error: Error | null) =>
        resolve(error === null ? 'refreshed' : error.message),
      );
    });
    expect(refreshed).toBe('refreshed');
    const REFRESH_TOKEN = user.getSignInUserSession()?.getRefreshToken().getToken();
    const elsewhere = new idp.InitiateAuthCommand({
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      ClientId,
      AuthParameters: { REFRESH_TOKEN: REFRESH_TOKEN ?? '' },
    });
    expect(await failure(client.send(elsewhere))).toBe('NotAuthorizedException: Invalid Refresh Token');
    const DeviceKey = device?.DeviceKey;
    await client.send(new idp.AdminForgetDeviceCommand({ UserPoolId, Username: 'ada', DeviceKey }));
    expect(await enter(undefined)).toBe('a second factor is asked for');
  });

  test('signs in by an alias', async () => {
    const { UserPoolId, ClientId } = await makePool({ AliasAttributes: ['email'] });
    await makeUser(UserPoolId, 'ada', { email: 'ada@example.com', email_verified: 'true' });
    const token = await authenticate(amplify(UserPoolId, ClientId, 'ada@example.com'), PASSWORD);
    expect(decodeJwt(token)['cognito:username']).toBe('ada');
  });
});

describe('second factors', () => {
  test('an authenticator app, set up in the middle of signing in', async () => {
    const { UserPoolId, ClientId } = await makePool();
    await client.send(
      new idp.SetUserPoolMfaConfigCommand({
        UserPoolId,
        MfaConfiguration: 'ON',
        SoftwareTokenMfaConfiguration: { Enabled: true },
      }),
    );
    await makeUser(UserPoolId, 'ada');
    const first = await signIn(ClientId, 'ada');
    expect(first.ChallengeName).toBe('MFA_SETUP');
    expect(first.ChallengeParameters?.['MFAS_CAN_SETUP']).toBe('["SOFTWARE_TOKEN_MFA"]');
    const app = await client.send(new idp.AssociateSoftwareTokenCommand({ Session: first.Session }));
    const verify = (UserCode: string) =>
      client.send(new idp.VerifySoftwareTokenCommand({ Session: app.Session, UserCode }));
    expect(await failure(verify('000000'))).toBe('EnableSoftwareTokenMFAException: Code mismatch');
    const now = Date.now();
    const verified = await verify(newTotpCode(app.SecretCode ?? '', now));
    expect(verified.Status).toBe('SUCCESS');
    const done = await client.send(
      new idp.RespondToAuthChallengeCommand({
        ClientId,
        ChallengeName: 'MFA_SETUP',
        Session: verified.Session,
        ChallengeResponses: { USERNAME: 'ada' },
      }),
    );
    expect(done.AuthenticationResult?.TokenType).toBe('Bearer');
    const second = await signIn(ClientId, 'ada');
    expect(second.ChallengeName).toBe('SOFTWARE_TOKEN_MFA');
    const answer = (SOFTWARE_TOKEN_MFA_CODE: string) =>
      client.send(
        new idp.RespondToAuthChallengeCommand({
          ClientId,
          ChallengeName: 'SOFTWARE_TOKEN_MFA',
          Session: second.Session,
          ChallengeResponses: { USERNAME: 'ada', SOFTWARE_TOKEN_MFA_CODE },
        }),
      );
    // The code that set it up is spent; the next one is taken.
    expect(await failure(answer(newTotpCode(app.SecretCode ?? '', now)))).toBe(
      'CodeMismatchException: Invalid code or auth state for the user.',
    );
    const in30s = newTotpCode(app.SecretCode ?? '', now + 30_000);
    expect((await answer(in30s)).AuthenticationResult?.TokenType).toBe('Bearer');
  });

  test('a text message, and the choice between two', async () => {
    const sms = { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms', ExternalId: 'x' };
    const { UserPoolId, ClientId } = await makePool({ MfaConfiguration: 'OPTIONAL', SmsConfiguration: sms });
    await client.send(
      new idp.SetUserPoolMfaConfigCommand({
        UserPoolId,
        MfaConfiguration: 'OPTIONAL',
        SmsMfaConfiguration: { SmsConfiguration: sms, SmsAuthenticationMessage: 'Use {####} now' },
        EmailMfaConfiguration: { Message: 'Mailed {####}', Subject: 'Code' },
      }),
    );
    await makeUser(UserPoolId, 'ada', { phone_number: '+12065550123', email: 'ada@example.com' });
    const prefer = (more: object) =>
      client.send(
        new idp.AdminSetUserMFAPreferenceCommand({
          UserPoolId,
          Username: 'ada',
          SMSMfaSettings: { Enabled: true, PreferredMfa: true },
          ...more,
        }),
      );
    await prefer({});
    const first = await signIn(ClientId, 'ada');
    expect(first.ChallengeName).toBe('SMS_MFA');
    expect(first.ChallengeParameters).toMatchObject({
      CODE_DELIVERY_DELIVERY_MEDIUM: 'SMS',
      CODE_DELIVERY_DESTINATION: '+*******0123',
    });
    const { body, code } = await lastMessage(UserPoolId);
    expect(body).toBe(`Use ${code} now`);
    const answered = await client.send(
      new idp.RespondToAuthChallengeCommand({
        ClientId,
        ChallengeName: 'SMS_MFA',
        Session: first.Session,
        ChallengeResponses: { USERNAME: 'ada', SMS_MFA_CODE: code },
      }),
    );
    expect(answered.AuthenticationResult?.TokenType).toBe('Bearer');
    await prefer({ SMSMfaSettings: { Enabled: true }, EmailMfaSettings: { Enabled: true } });
    await prefer({ SMSMfaSettings: { Enabled: true, PreferredMfa: false } });
    const choice = await signIn(ClientId, 'ada');
    expect(choice.ChallengeName).toBe('SELECT_MFA_TYPE');
    const chosen = await client.send(
      new idp.RespondToAuthChallengeCommand({
        ClientId,
        ChallengeName: 'SELECT_MFA_TYPE',
        Session: choice.Session,
        ChallengeResponses: { USERNAME: 'ada', ANSWER: 'EMAIL_OTP' },
      }),
    );
    expect(chosen.ChallengeName).toBe('EMAIL_OTP');
    expect((await lastMessage(UserPoolId)).destination).toBe('ada@example.com');
  });
});

describe('tokens', () => {
  test('refresh, revoke, sign out everywhere', async () => {
    const { UserPoolId, ClientId } = await makePool();
    await makeUser(UserPoolId, 'ada');
    const refresh = (REFRESH_TOKEN = '') =>
      client.send(
        new idp.InitiateAuthCommand({
          AuthFlow: 'REFRESH_TOKEN_AUTH',
          ClientId,
          AuthParameters: { REFRESH_TOKEN },
        }),
      );
    const one = (await signIn(ClientId, 'ada')).AuthenticationResult;
    const two = (await signIn(ClientId, 'ada')).AuthenticationResult;
    const fresh = (await refresh(one?.RefreshToken)).AuthenticationResult;
    expect(fresh?.RefreshToken).toBeUndefined();
    expect(decodeJwt(fresh?.AccessToken ?? '')['origin_jti']).toBe(
      decodeJwt(one?.AccessToken ?? '')['origin_jti'],
    );
    await client.send(new idp.RevokeTokenCommand({ ClientId, Token: one?.RefreshToken }));
    expect(await failure(refresh(one?.RefreshToken))).toBe('NotAuthorizedException: Invalid Refresh Token');
    const who = (AccessToken = '') => client.send(new idp.GetUserCommand({ AccessToken }));
    expect(await failure(who(fresh?.AccessToken))).toBe(
      'NotAuthorizedException: Access Token has been revoked',
    );
    expect((await who(two?.AccessToken)).Username).toBe('ada');
    await client.send(new idp.GlobalSignOutCommand({ AccessToken: two?.AccessToken }));
    expect(await failure(who(two?.AccessToken))).toBe(
      'NotAuthorizedException: Access Token has been revoked',
    );
    const three = (await signIn(ClientId, 'ada')).AuthenticationResult;
    expect((await who(three?.AccessToken)).Username).toBe('ada');
    const forged = `${three?.AccessToken?.slice(0, -6)}AAAAAA`;
    expect(await failure(who(forged))).toBe(
      'NotAuthorizedException: Could not verify signature for Access Token',
    );
    expect(await failure(who('nonsense.of.mine'))).toBe('NotAuthorizedException: Invalid Access Token');
  });

  test('rotation: each refresh token is good once', async () => {
    const { UserPoolId, ClientId } = await makePool(
      {},
      {
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
        RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
      },
    );
    await makeUser(UserPoolId, 'ada');
    const { RefreshToken } = (await signIn(ClientId, 'ada')).AuthenticationResult ?? {};
    const next = (token = '') =>
      client.send(new idp.GetTokensFromRefreshTokenCommand({ ClientId, RefreshToken: token }));
    const second = (await next(RefreshToken)).AuthenticationResult?.RefreshToken;
    expect(await failure(next(RefreshToken))).toStartWith('RefreshTokenReuseException');
    expect((await next(second)).AuthenticationResult?.RefreshToken).toBeString();
  });

  test('groups come in the order of precedence, the first with its role', async () => {
    const { UserPoolId, ClientId } = await makePool();
    await makeUser(UserPoolId, 'ada');
    for (const [GroupName, Precedence] of [
      ['users', 10],
      ['admins', 1],
    ] as const) {
      const RoleArn = `arn:aws:iam::123456789012:role/${GroupName}`;
      await client.send(new idp.CreateGroupCommand({ UserPoolId, GroupName, Precedence, RoleArn }));
      await client.send(new idp.AdminAddUserToGroupCommand({ UserPoolId, GroupName, Username: 'ada' }));
    }
    const { AuthenticationResult } = await signIn(ClientId, 'ada');
    expect(decodeJwt(AuthenticationResult?.IdToken ?? '')).toMatchObject({
      'cognito:groups': ['admins', 'users'],
      'cognito:preferred_role': 'arn:aws:iam::123456789012:role/admins',
      'cognito:roles': ['arn:aws:iam::123456789012:role/admins', 'arn:aws:iam::123456789012:role/users'],
    });
    const members = await client.send(new idp.ListUsersInGroupCommand({ UserPoolId, GroupName: 'admins' }));
    expect(members.Users?.map(({ Username }) => Username)).toEqual(['ada']);
    await client.send(new idp.DeleteGroupCommand({ UserPoolId, GroupName: 'admins' }));
    const left = await client.send(new idp.AdminListGroupsForUserCommand({ UserPoolId, Username: 'ada' }));
    expect(left.Groups?.map(({ GroupName }) => GroupName)).toEqual(['users']);
  });
});

describe('OpenID Connect', () => {
  /** The library asks AWS's address, as its tokens name it; what it asks is answered here. */
  const here = (url: string, options: oidc.CustomFetchOptions) =>
    fetch(
      url.replace(/^https:\/\/[^/]+/, server.url),
      // its options are fetch's own
      options as RequestInit,
    );

  async function discover(UserPoolId: string, ClientId: string, secret?: string) {
    const issuer = new URL(`https://cognito-idp.us-east-1.amazonaws.com/${UserPoolId}`);
    return oidc.discovery(issuer, ClientId, secret, undefined, {
      execute: [oidc.allowInsecureRequests],
      [oidc.customFetch]: here,
    });
  }

  test('a browser signs in on the hosted page; the code with its verifier gives tokens, once', async () => {
    const redirect_uri = 'https://app.example.com/back';
    const { UserPoolId, ClientId } = await makePool(
      {},
      {
        CallbackURLs: [redirect_uri],
        LogoutURLs: ['https://app.example.com/out'],
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['code'],
        AllowedOAuthScopes: ['openid', 'email'],
        SupportedIdentityProviders: ['COGNITO'],
      },
    );
    await makeUser(UserPoolId, 'ada', { email: 'ada@example.com', email_verified: 'true' });
    const config = await discover(UserPoolId, ClientId);
    const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
    const expectedState = oidc.randomState();
    const expectedNonce = oidc.randomNonce();
    const start = oidc.buildAuthorizationUrl(config, {
      redirect_uri,
      scope: 'openid email',
      code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
      nonce: expectedNonce,
    });
    const toLogin = await fetch(start, { redirect: 'manual' });
    const page = await fetch(new URL(toLogin.headers.get('location') ?? '', server.url));
    const html = await page.text();
    const [, token = ''] = /name="_csrf" value="([^"]+)"/.exec(html) ?? [];
    const submit = (PASSWORD_: string, cookie: string) =>
      fetch(page.url, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie },
        body: new URLSearchParams({ USERNAME: 'ada', PASSWORD: PASSWORD_, _csrf: token }),
      });
    const cookie = (page.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await submit(PASSWORD, '')).status).toBe(403);
    expect(await (await submit('wrong', cookie)).text()).toContain('Incorrect username or password.');
    const back = new URL((await submit(PASSWORD, cookie)).headers.get('location') ?? '');
    expect(back.origin).toBe('https://app.example.com');
    const exchange = () =>
      oidc.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState, expectedNonce });
    const tokens = await exchange();
    expect(tokens.claims()).toMatchObject({ email: 'ada@example.com', aud: ClientId });
    const subject = tokens.claims()?.sub ?? '';
    const info = await oidc.fetchUserInfo(config, tokens.access_token, subject);
    expect(info).toMatchObject({ sub: subject, email: 'ada@example.com', username: 'ada' });
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(refreshed.access_token).toBeString();
    expect(await failure(exchange())).toBe('invalid_grant');
    // A code that comes twice takes back what it gave.
    expect(await failure(oidc.refreshTokenGrant(config, tokens.refresh_token ?? ''))).toBe('invalid_grant');
    const out = await fetch(
      `${server.url}/logout?client_id=${ClientId}&logout_uri=https://app.example.com/out`,
      { redirect: 'manual' },
    );
    expect(out.headers.get('location')).toBe('https://app.example.com/out');
  });

  test('a machine gets the scopes of its client, and no others', async () => {
    const { UserPoolId } = await makePool();
    await client.send(
      new idp.CreateResourceServerCommand({
        UserPoolId,
        Identifier: 'orders',
        Name: 'Orders',
        Scopes: ['read', 'write'].map((ScopeName) => ({ ScopeName, ScopeDescription: ScopeName })),
      }),
    );
    const made = await client.send(
      new idp.CreateUserPoolClientCommand({
        UserPoolId,
        ClientName: 'job',
        GenerateSecret: true,
        AllowedOAuthFlowsUserPoolClient: true,
        AllowedOAuthFlows: ['client_credentials'],
        AllowedOAuthScopes: ['orders/read'],
      }),
    );
    const { ClientId = '', ClientSecret = '' } = made.UserPoolClient ?? {};
    const config = await discover(UserPoolId, ClientId, ClientSecret);
    const granted = await oidc.clientCredentialsGrant(config, { scope: 'orders/read' });
    expect(decodeJwt(granted.access_token)).toMatchObject({
      sub: ClientId,
      client_id: ClientId,
      scope: 'orders/read',
      token_use: 'access',
      version: 2,
    });
    expect(await failure(oidc.clientCredentialsGrant(config, { scope: 'orders/write' }))).toBe(
      'invalid_grant',
    );
    const wrong = await discover(UserPoolId, ClientId, 'guess');
    expect(await failure(oidc.clientCredentialsGrant(wrong))).toBe('invalid_client');
  });
});
