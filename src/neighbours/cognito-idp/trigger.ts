/**
 * Lambda triggers: one event shape, one way to fail.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
 */
import type { LambdaConfigType } from '@aws-sdk/client-cognito-identity-provider';
import { Fault, isFault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { type PoolPlace, poolArn } from './places.ts';
import type { CognitoPorts } from './ports.ts';

type SenderName = 'CustomSMSSender' | 'CustomEmailSender';
type TriggerName = Exclude<
  keyof LambdaConfigType,
  'PreTokenGenerationConfig' | SenderName | 'KMSKeyID' | 'InboundFederation'
>;

export interface Trigger<Name = TriggerName> {
  readonly name: Name;
  /** `PreSignUp_SignUp`. */
  readonly source: string;
  readonly clientId: string | undefined;
  readonly username: string;
  readonly request: Readonly<Record<string, unknown>>;
  /** What the function finds in `response`, to fill in. */
  readonly response: Readonly<Record<string, unknown>>;
  readonly version?: string;
}

export type TriggerAnswer = Readonly<Record<string, unknown>>;

/** What the function made of `response`; undefined where the pool has no such trigger. Throws AWS's faults. */
export async function runTrigger(
  ports: CognitoPorts,
  place: PoolPlace,
  trigger: Trigger,
): Promise<TriggerAnswer | undefined> {
  const functionArn = place.pool.triggers[trigger.name];
  if (functionArn === undefined) return undefined;
  const response = memberOf(await ask(ports, place, functionArn, trigger), 'response');
  if (typeof response !== 'object' || response === null)
    throw new Fault('InvalidLambdaResponseException', 'Unrecognizable lambda output');
  return response as TriggerAnswer; // an object of JSON
}

/** A function whose answer nobody waits for more than the end of. Throws AWS's faults. */
export async function notifyTrigger(
  ports: CognitoPorts,
  place: PoolPlace,
  functionArn: string,
  trigger: Trigger<SenderName>,
): Promise<void> {
  await ask(ports, place, functionArn, trigger);
}

function ask(
  ports: CognitoPorts,
  { scope, pool }: PoolPlace,
  functionArn: string,
  trigger: Trigger<TriggerName | SenderName>,
): Promise<unknown> {
  const event = {
    version: trigger.version ?? '1',
    region: scope.region,
    userPoolId: pool.id,
    userName: trigger.username,
    callerContext: {
      awsSdkVersion: 'aws-sdk-unknown-unknown',
      // Calls of administrators have no client; AWS then says so in these words.
      clientId: trigger.clientId ?? 'CLIENT_ID_NOT_APPLICABLE',
    },
    triggerSource: trigger.source,
    request: trigger.request,
    response: trigger.response,
  };
  const payload = Buffer.from(JSON.stringify(event));
  return invokeInTime(ports, functionArn, payload, {
    name: trigger.name,
    sourceArn: poolArn(scope, pool.id),
  });
}

interface Asked {
  readonly name: TriggerName | SenderName;
  readonly sourceArn: string;
}

/** Five seconds, three times: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html#important-lambda-considerations */
async function invokeInTime(
  ports: CognitoPorts,
  functionArn: string,
  payload: Uint8Array,
  asked: Asked,
): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const signal = AbortSignal.timeout(limits.cognitoTriggerMs);
    try {
      return await invokeOnce(ports, functionArn, payload, asked, signal);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      if (attempt < limits.cognitoTriggerAttempts) continue;
      throw unexpected(
        `${asked.name} invocation failed due to error Socket timeout while invoking Lambda function.`,
      );
    }
  }
}

async function invokeOnce(
  ports: CognitoPorts,
  functionArn: string,
  payload: Uint8Array,
  { name, sourceArn }: Asked,
  signal: AbortSignal,
): Promise<unknown> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the function takes too long')), { once: true });
  });
  const invoker = { servicePrincipal: 'cognito-idp.amazonaws.com', sourceArn };
  const running = ports
    .invoke({ functionArn, type: 'RequestResponse', payload, signal, invoker })
    .catch((thrown: unknown) => {
      if (!isFault(thrown)) throw thrown;
      throw unexpected(`${name} invocation failed due to error ${thrown.code}.`);
    });
  const answer = await Promise.race([running, aborted]);
  const parsed = parse(answer.payload);
  if (answer.functionError !== undefined)
    throw new Fault(
      'UserLambdaValidationException',
      `${name} failed with error ${String(memberOf(parsed, 'errorMessage') ?? '')}.`,
    );
  return parsed;
}

const unexpected = (message: string): Fault => new Fault('UnexpectedLambdaException', message);

function parse(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'));
  } catch {
    return undefined;
  }
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
