/** Lambda triggers: what each is told, what it may decide, and how its failures are told. */
import { describe, expect, test } from 'bun:test';
import { createDecipheriv, hkdfSync } from 'node:crypto';
import { decodeJwt } from 'jose';
import { Fault } from '../../base/fault.ts';
import { failure, KEY, openRoom, PASSWORD, TRIGGER } from './testing/room.ts';

const signUp = {
  Username: 'ada',
  Password: PASSWORD,
  UserAttributes: [{ Name: 'email', Value: 'a@example.com' }],
};

describe('PreSignUp', () => {
  test('is told what is known, and may confirm and verify', async () => {
    const room = openRoom();
    const { ClientId, UserPoolId } = await room.pool({
      LambdaConfig: { PreSignUp: TRIGGER, PostConfirmation: TRIGGER },
    });
    room.answer((event) => ({ ...event.response, autoConfirmUser: true, autoVerifyEmail: true }));
    const made = await room.run('SignUp', {
      ClientId,
      ...signUp,
      ValidationData: [{ Name: 'invite', Value: '42' }],
      ClientMetadata: { from: 'web' },
    });
    expect(made.UserConfirmed).toBe(true);
    expect(room.events[0]).toEqual({
      version: '1',
      region: 'us-east-1',
      userPoolId: UserPoolId,
      userName: 'ada',
      callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId: ClientId },
      triggerSource: 'PreSignUp_SignUp',
      request: {
        userAttributes: { email: 'a@example.com', email_verified: 'false' },
        validationData: { invite: '42' },
        clientMetadata: { from: 'web' },
      },
      response: { autoConfirmUser: false, autoVerifyEmail: false, autoVerifyPhone: false },
    } as never);
    expect(room.events.map(({ triggerSource }) => triggerSource)).toEqual([
      'PreSignUp_SignUp',
      'PostConfirmation_ConfirmSignUp',
    ]);
    const user = await room.run('AdminGetUser', { UserPoolId, Username: 'ada' });
    expect(user.UserStatus).toBe('CONFIRMED');
    expect(user.UserAttributes).toContainEqual({ Name: 'email_verified', Value: 'true' });
  });

  const failures: [string, () => never, string][] = [
    [
      'its own error',
      () => {
        throw new Error('not invited');
      },
      'UserLambdaValidationException: PreSignUp failed with error not invited.',
    ],
    [
      'what Lambda refuses',
      () => {
        throw new Fault('TooManyRequestsException', 'busy');
      },
      'UnexpectedLambdaException: PreSignUp invocation failed due to error TooManyRequestsException.',
    ],
  ];
  for (const [name, fail, expected] of failures)
    test(`fails with ${name}, and nobody is signed up`, async () => {
      const room = openRoom();
      const { ClientId, UserPoolId } = await room.pool({ LambdaConfig: { PreSignUp: TRIGGER } });
      room.answer(fail);
      expect(await failure(room.run('SignUp', { ClientId, ...signUp }))).toBe(expected);
      expect((await room.run('ListUsers', { UserPoolId })).Users).toEqual([]);
    });

  test('an answer that is no event is refused', async () => {
    const room = openRoom();
    const { ClientId } = await room.pool({ LambdaConfig: { PreSignUp: TRIGGER } });
    room.answer(() => null as never);
    expect(await failure(room.run('SignUp', { ClientId, ...signUp }))).toBe(
      'InvalidLambdaResponseException: Unrecognizable lambda output',
    );
  });
});

test('CustomMessage words what is sent; the code is put in', async () => {
  const room = openRoom();
  const { ClientId } = await room.pool({
    AutoVerifiedAttributes: ['email'],
    LambdaConfig: { CustomMessage: TRIGGER },
  });
  room.answer(({ request }) => ({
    emailSubject: 'Hello',
    emailMessage: `Your code: ${String(request['codeParameter'])}`,
    smsMessage: null,
  }));
  await room.run('SignUp', { ClientId, ...signUp });
  const [message] = await room.messages();
  expect(message?.body).toBe(`Your code: ${message?.code}`);
  expect(room.events[0]?.triggerSource).toBe('CustomMessage_SignUp');
});

test('a custom sender gets the code, sealed as the AWS Encryption SDK does, and the pool sends nothing', async () => {
  const room = openRoom();
  const { ClientId, UserPoolId } = await room.pool({
    AutoVerifiedAttributes: ['email'],
    LambdaConfig: { KMSKeyID: KEY, CustomEmailSender: { LambdaArn: TRIGGER, LambdaVersion: 'V1_0' } },
  });
  await room.run('SignUp', { ClientId, ...signUp });
  expect(await room.messages()).toEqual([]);
  expect(room.events).toHaveLength(1);
  const { triggerSource, request } = room.events[0] ?? {};
  expect(triggerSource).toBe('CustomEmailSender_SignUp');
  expect(request).toMatchObject({
    type: 'customEmailSenderRequestV1',
    userAttributes: { email: 'a@example.com' },
  });
  const opened = open(Buffer.from(String(request?.['code']), 'base64'));
  expect(opened).toMatchObject({ provider: 'aws-kms', key: KEY, context: { 'userpool-id': UserPoolId } });
  await room.run('ConfirmSignUp', { ClientId, Username: 'ada', ConfirmationCode: opened.text });
});

/** Reads a message of the AWS Encryption SDK, written apart from what writes them. */
function open(message: Buffer) {
  let at = 0;
  const take = (count: number): Buffer => message.subarray(at, (at += count));
  const number = (size: number): number => take(size).readUIntBE(0, size);
  const text = (): string => take(number(2)).toString();
  expect(take(4).toString('hex')).toBe('01800178');
  const id = take(16);
  number(2);
  const context = Object.fromEntries(Array.from({ length: number(2) }, () => [text(), text()]));
  expect(number(2)).toBe(1);
  const [provider, key] = [text(), text()];
  expect(text()).toBe('sealed');
  expect(take(10).toString('hex')).toBe('01000000000c00000000');
  const header = message.subarray(0, at);
  const info = Buffer.concat([Buffer.from('0178', 'hex'), id]);
  const secret = Buffer.from(hkdfSync('sha256', new Uint8Array(32).fill(7), new Uint8Array(), info, 32));
  const decrypt = (iv: Buffer, about: Buffer, bytes: Buffer, tag: Buffer): string => {
    const cipher = createDecipheriv('aes-256-gcm', secret, iv).setAAD(about).setAuthTag(tag);
    return cipher.update(bytes).toString() + cipher.final('utf8');
  };
  decrypt(take(12), header, Buffer.alloc(0), take(16));
  const iv = take(12);
  const length = take(8);
  const about = Buffer.concat([
    id,
    Buffer.from('AWSKMSEncryptionClient Single Block'),
    Buffer.from('00000001', 'hex'),
    length,
  ]);
  const body = take(Number(length.readBigUInt64BE()));
  return { provider, key, context, text: decrypt(iv, about, body, take(16)) };
}

test('PreAuthentication refuses; PostAuthentication is told of a success', async () => {
  const room = openRoom();
  const { ClientId, UserPoolId } = await room.pool({
    LambdaConfig: { PreAuthentication: TRIGGER, PostAuthentication: TRIGGER },
  });
  await room.user(UserPoolId, 'ada');
  await room.signIn(ClientId, 'ada');
  expect(room.events.map(({ triggerSource }) => triggerSource)).toEqual([
    'PreAuthentication_Authentication',
    'PostAuthentication_Authentication',
  ]);
  expect(room.events[1]?.request).toMatchObject({ newDeviceUsed: false });
  room.answer(() => {
    throw new Error('not today');
  });
  expect(await failure(room.signIn(ClientId, 'ada'))).toBe(
    'UserLambdaValidationException: PreAuthentication failed with error not today.',
  );
});

describe('PreTokenGeneration', () => {
  test('version 1 changes the id token and the groups, and nothing that is fixed', async () => {
    const room = openRoom();
    const { ClientId, UserPoolId } = await room.pool({ LambdaConfig: { PreTokenGeneration: TRIGGER } });
    await room.user(UserPoolId, 'ada', { email: 'a@example.com' });
    room.answer(() => ({
      claimsOverrideDetails: {
        claimsToAddOrOverride: { tenant: 'blue', sub: 'forged', aud: 'forged' },
        claimsToSuppress: ['email', 'exp'],
        groupOverrideDetails: { groupsToOverride: ['admins'], iamRolesToOverride: [], preferredRole: '' },
      },
    }));
    const { AuthenticationResult } = await room.signIn(ClientId, 'ada');
    const id = decodeJwt(AuthenticationResult?.IdToken ?? '');
    expect(id).toMatchObject({ tenant: 'blue', aud: ClientId, 'cognito:groups': ['admins'] });
    expect(id['email']).toBeUndefined();
    expect(id.exp).toBeNumber();
    expect(id.sub).not.toBe('forged');
    const access = decodeJwt(AuthenticationResult?.AccessToken ?? '');
    expect(access['tenant']).toBeUndefined();
    expect(access['cognito:groups']).toEqual(['admins']);
  });

  test('version 2 changes the access token and its scopes as well', async () => {
    const room = openRoom();
    const { ClientId, UserPoolId } = await room.pool({
      LambdaConfig: { PreTokenGenerationConfig: { LambdaArn: TRIGGER, LambdaVersion: 'V2_0' } },
    });
    await room.user(UserPoolId, 'ada');
    room.answer(() => ({
      claimsAndScopeOverrideDetails: {
        idTokenGeneration: { claimsToAddOrOverride: { nested: { deep: [1] } } },
        accessTokenGeneration: {
          claimsToAddOrOverride: { tenant: 'blue' },
          scopesToAdd: ['orders/read'],
          scopesToSuppress: ['aws.cognito.signin.user.admin'],
        },
      },
    }));
    const { AuthenticationResult } = await room.signIn(ClientId, 'ada');
    expect(room.events[0]?.version).toBe('2');
    expect(room.events[0]?.request['scopes']).toEqual(['aws.cognito.signin.user.admin']);
    expect(decodeJwt(AuthenticationResult?.IdToken ?? '')['nested']).toEqual({ deep: [1] });
    expect(decodeJwt(AuthenticationResult?.AccessToken ?? '')).toMatchObject({
      tenant: 'blue',
      scope: 'orders/read',
    });
    expect(await failure(room.run('GetUser', { AccessToken: AuthenticationResult?.AccessToken }))).toBe(
      'NotAuthorizedException: Access Token does not have required scopes',
    );
  });
});

describe('custom challenges', () => {
  const triggers = {
    LambdaConfig: {
      DefineAuthChallenge: TRIGGER,
      CreateAuthChallenge: TRIGGER,
      VerifyAuthChallengeResponse: TRIGGER,
    },
  };
  const begin = (ClientId: string, USERNAME: string) => ({
    AuthFlow: 'CUSTOM_AUTH',
    ClientId,
    AuthParameters: { USERNAME },
  });
  const respond = (ClientId: string, Session: string | undefined, ANSWER: string) => ({
    ClientId,
    ChallengeName: 'CUSTOM_CHALLENGE',
    Session,
    ChallengeResponses: { USERNAME: 'ada', ANSWER },
  });

  function openWithRiddle() {
    const room = openRoom();
    room.answer(({ triggerSource, request, response }) => {
      const session = request['session'] as { challengeResult: boolean }[];
      switch (triggerSource) {
        case 'DefineAuthChallenge_Authentication':
          if (session.at(-1)?.challengeResult) return { issueTokens: true, failAuthentication: false };
          if (session.length >= 3) return { issueTokens: false, failAuthentication: true };
          return { challengeName: 'CUSTOM_CHALLENGE', issueTokens: false, failAuthentication: false };
        case 'CreateAuthChallenge_Authentication':
          return {
            publicChallengeParameters: { riddle: 'two and two?' },
            privateChallengeParameters: { answer: '4' },
            challengeMetadata: 'SUM',
          };
        case 'VerifyAuthChallengeResponse_Authentication': {
          const secret = request['privateChallengeParameters'] as { answer: string };
          return { answerCorrect: request['challengeAnswer'] === secret.answer };
        }
        default:
          return response;
      }
    });
    return room;
  }

  test('a wrong answer, then the right one', async () => {
    const room = openWithRiddle();
    const { ClientId, UserPoolId } = await room.pool(triggers);
    await room.user(UserPoolId, 'ada');
    const first = await room.run('InitiateAuth', begin(ClientId, 'ada'));
    expect(first.ChallengeName).toBe('CUSTOM_CHALLENGE');
    expect(first.ChallengeParameters).toEqual({ riddle: 'two and two?', USERNAME: 'ada' });
    const second = await room.run('RespondToAuthChallenge', respond(ClientId, first.Session, '5'));
    const replay = room.run('RespondToAuthChallenge', respond(ClientId, first.Session, '4'));
    expect(await failure(replay)).toBe('NotAuthorizedException: Invalid session for the user.');
    const done = await room.run('RespondToAuthChallenge', respond(ClientId, second.Session, '4'));
    expect(decodeJwt(done.AuthenticationResult?.AccessToken ?? '')['username']).toBe('ada');
    expect(room.events.at(-1)?.request['session']).toEqual([
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: false, challengeMetadata: 'SUM' },
      { challengeName: 'CUSTOM_CHALLENGE', challengeResult: true, challengeMetadata: 'SUM' },
    ]);
  });

  test('three wrong answers', async () => {
    const room = openWithRiddle();
    const { ClientId, UserPoolId } = await room.pool(triggers);
    await room.user(UserPoolId, 'ada');
    let { Session } = await room.run('InitiateAuth', begin(ClientId, 'ada'));
    for (let round = 0; round < 2; round++)
      ({ Session } = await room.run('RespondToAuthChallenge', respond(ClientId, Session, 'no')));
    expect(await failure(room.run('RespondToAuthChallenge', respond(ClientId, Session, 'no')))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
  });

  test('a name that nobody has is played through where that is hidden, and never let in', async () => {
    const room = openWithRiddle();
    const { ClientId } = await room.pool(triggers, { PreventUserExistenceErrors: 'ENABLED' });
    const { Session } = await room.run('InitiateAuth', begin(ClientId, 'ada'));
    expect(room.events[0]?.request['userNotFound']).toBe(true);
    expect(await failure(room.run('RespondToAuthChallenge', respond(ClientId, Session, '4')))).toBe(
      'NotAuthorizedException: Incorrect username or password.',
    );
  });

  test('without its triggers there is no such flow', async () => {
    const room = openRoom();
    const { ClientId } = await room.pool();
    expect(await failure(room.run('InitiateAuth', begin(ClientId, 'ada')))).toBe(
      'InvalidParameterException: Custom auth lambda trigger is not configured for the user pool.',
    );
  });
});

test('UserMigration brings a user over at its first sign-in', async () => {
  const room = openRoom();
  const { ClientId, UserPoolId } = await room.pool({ LambdaConfig: { UserMigration: TRIGGER } });
  room.answer(({ request }) => {
    if (request['password'] !== 'old-secret') throw new Error('Bad password');
    return {
      userAttributes: { email: 'a@example.com', email_verified: 'true' },
      finalUserStatus: 'CONFIRMED',
      messageAction: 'SUPPRESS',
    };
  });
  expect(await failure(room.signIn(ClientId, 'ada', 'guess'))).toBe(
    'UserLambdaValidationException: UserMigration failed with error Bad password.',
  );
  const { AuthenticationResult } = await room.signIn(ClientId, 'ada', 'old-secret');
  expect(decodeJwt(AuthenticationResult?.IdToken ?? '')['email_verified']).toBe(true);
  await room.signIn(ClientId, 'ada', 'old-secret');
  expect(room.events.map(({ triggerSource }) => triggerSource)).toEqual([
    'UserMigration_Authentication',
    'UserMigration_Authentication',
  ]);
  expect((await room.run('AdminGetUser', { UserPoolId, Username: 'ada' })).UserStatus).toBe('CONFIRMED');
});
