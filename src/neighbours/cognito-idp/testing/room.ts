/** For tests: user pools over a store in memory, a clock that stands still until moved, and triggers that are functions. */
import { randomBytes } from 'node:crypto';
import { Fault, isFault } from '../../../base/fault.ts';
import { silentLog } from '../../../base/log.ts';
import { createMemoryStore } from '../../../store/memory.ts';
import type { Call } from '../../../wire/service.ts';
import { newSigningKey } from '../keys.ts';
import { createCognito } from '../service.ts';

export interface TriggerEvent {
  readonly version: string;
  readonly triggerSource: string;
  readonly userName: string;
  readonly userPoolId: string;
  readonly callerContext: { readonly awsSdkVersion: string; readonly clientId: string };
  readonly request: Record<string, unknown>;
  readonly response: Record<string, unknown>;
}

/** What a function makes of `response`, or the error it throws. */
export type FakeTrigger = (event: TriggerEvent) => Record<string, unknown>;

const scope = { account: '123456789012', region: 'us-east-1' };
export const PASSWORD = 'Correct-Horse-7';
export const TRIGGER = 'arn:aws:lambda:us-east-1:123456789012:function:trigger';

/** What custom senders' codes are sealed with. */
export const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-1111-1111-1111-111111111111';

const call: Call = {
  scope,
  caller: { kind: 'root', account: scope.account, arn: '', accessKeyId: 'test' },
  requestId: 'r',
  endpoint: 'http://127.0.0.1:4566',
  header: () => undefined,
  setStatus: () => {},
  signal: new AbortController().signal,
};

/** What operations answer; each test reads the members of the operation it called. */
export interface Answer {
  readonly UserPool: { readonly Id: string };
  readonly UserPoolClient: { readonly ClientId: string };
  readonly AuthenticationResult?: { AccessToken: string; IdToken: string; RefreshToken: string };
  readonly ChallengeName?: string;
  readonly ChallengeParameters?: Record<string, string>;
  readonly Session?: string;
  readonly UserConfirmed: boolean;
  readonly UserStatus: string;
  readonly UserAttributes: { readonly Name: string; readonly Value: string }[];
  readonly Users: { readonly Username: string }[];
  readonly PaginationToken?: string;
  readonly CodeDeliveryDetailsList?: object[];
}

/** One key for all: making one takes longer than any test. */
const key = newSigningKey(randomBytes);

export function openRoom() {
  const store = createMemoryStore();
  const clock = { now: Date.UTC(2026, 0, 1) };
  const events: TriggerEvent[] = [];
  let trigger: FakeTrigger = (event) => event.response;
  const service = createCognito({
    store,
    now: () => clock.now,
    random: randomBytes,
    log: silentLog,
    // The data key of KMS: known to the tests, which open what is sealed with it.
    call: async ({ service, operation }) => {
      if (service !== 'kms' || operation !== 'GenerateDataKey') throw new Error(`${service} ${operation}?`);
      return { KeyId: KEY, Plaintext: new Uint8Array(32).fill(7), CiphertextBlob: Buffer.from('sealed') };
    },
    url: () => 'http://127.0.0.1:4566',
    issuer: 'aws',
    makeSigningKey: () => key,
    async invoke({ payload, invoker }) {
      if (invoker?.servicePrincipal !== 'cognito-idp.amazonaws.com')
        throw new Fault('AccessDeniedException', 'who asks?');
      const event = JSON.parse(Buffer.from(payload).toString()) as TriggerEvent; // as the service wrote it
      events.push(event);
      const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
      try {
        const response = trigger(event);
        return { status: 200, requestId: '', executedVersion: '1', payload: bytes({ ...event, response }) };
      } catch (thrown) {
        if (isFault(thrown)) throw thrown;
        const errorMessage = thrown instanceof Error ? thrown.message : String(thrown);
        return {
          status: 200,
          requestId: '',
          executedVersion: '1',
          functionError: 'Unhandled',
          payload: bytes({ errorMessage, errorType: 'Error' }),
        };
      }
    },
  });
  const run = (operation: string, input: object): Promise<Answer> =>
    (service.handlers[operation] as unknown as (input: object, call: Call) => Promise<Answer>)(input, call); // by name
  return {
    run,
    clock,
    events,
    store,
    answer: (next: FakeTrigger) => (trigger = next),
    messages: async () =>
      ((await service.sentMessages(new URLSearchParams())) as { messages: { code: string; body: string }[] })
        .messages,
    async pool(more: object = {}, clientMore: object = {}) {
      const { UserPool } = await run('CreateUserPool', { PoolName: 'shop', ...more });
      const { UserPoolClient } = await run('CreateUserPoolClient', {
        UserPoolId: UserPool.Id,
        ClientName: 'web',
        ExplicitAuthFlows: [
          'ALLOW_USER_PASSWORD_AUTH',
          'ALLOW_REFRESH_TOKEN_AUTH',
          'ALLOW_CUSTOM_AUTH',
          'ALLOW_USER_AUTH',
        ],
        ...clientMore,
      });
      return { UserPoolId: UserPool.Id, ClientId: UserPoolClient.ClientId };
    },
    async user(UserPoolId: string, Username: string, attributes: Record<string, string> = {}) {
      const UserAttributes = Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
      await run('AdminCreateUser', { UserPoolId, Username, UserAttributes, MessageAction: 'SUPPRESS' });
      await run('AdminSetUserPassword', { UserPoolId, Username, Password: PASSWORD, Permanent: true });
    },
    signIn: (ClientId: string, USERNAME: string, given = PASSWORD) =>
      run('InitiateAuth', {
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId,
        AuthParameters: { USERNAME, PASSWORD: given },
      }),
  };
}

/** `Code: words` of what a call fails with. */
export async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no failure';
  } catch (thrown) {
    return isFault(thrown) ? `${thrown.code}: ${thrown.message}` : String(thrown);
  }
}
