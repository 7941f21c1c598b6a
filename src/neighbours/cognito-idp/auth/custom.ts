/**
 * Custom challenges: three triggers say which comes next, what it asks, and whether the answer is right.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html
 */
import { Fault } from '../../../base/fault.ts';
import { invalidParameter, userNotFound, wrongPassword } from '../fault.ts';
import type { SessionRow, UserRow } from '../rows.ts';
import { triggerAttributes } from '../show-user.ts';
import type { TokenRoom } from '../tokens.ts';
import { runTrigger } from '../trigger.ts';
import { findUser } from '../user-store.ts';
import {
  type Answer,
  type Attempt,
  challenge,
  checkState,
  finish,
  preAuthenticate,
  useSession,
} from './sign-in.ts';
import { beginSrp } from './srp-flow.ts';

export interface Round {
  readonly challengeName: string;
  readonly challengeResult: boolean;
  readonly challengeMetadata: string | null;
}

/** Whom it is about: a name nobody has is played through where the client hides who exists. */
interface Subject {
  readonly username: string;
  readonly user: UserRow | undefined;
  readonly typedName: string;
}

export async function beginCustom(room: TokenRoom, attempt: Attempt): Promise<Answer> {
  const { place, parameters } = attempt;
  for (const name of ['DefineAuthChallenge', 'CreateAuthChallenge', 'VerifyAuthChallengeResponse'] as const)
    if (place.pool.triggers[name] === undefined)
      throw invalidParameter('Custom auth lambda trigger is not configured for the user pool.');
  const typedName = parameters['USERNAME'] ?? '';
  const user = await findUser(room.store, place.scope, place.pool, typedName);
  if (user === undefined && !place.client.hidesExistence) throw userNotFound();
  if (user !== undefined) {
    await preAuthenticate(room, attempt, user);
    if (user.status !== 'FORCE_CHANGE_PASSWORD') checkState(room, user);
  }
  const rounds: Round[] =
    parameters['CHALLENGE_NAME'] === 'SRP_A'
      ? [{ challengeName: 'SRP_A', challengeResult: true, challengeMetadata: null }]
      : [];
  return nextRound(room, attempt, { username: user?.username ?? typedName, user, typedName }, rounds);
}

export async function nextRound(
  room: TokenRoom,
  attempt: Attempt,
  subject: Subject,
  rounds: readonly Round[],
): Promise<Answer> {
  const said = await ask(room, attempt, subject, 'DefineAuthChallenge', {
    request: { session: rounds },
    response: { challengeName: null, issueTokens: null, failAuthentication: null },
  });
  const { user } = subject;
  if (said['failAuthentication'] === true) throw wrongPassword();
  if (said['issueTokens'] === true) {
    // Nobody is let in as someone who is not there, whatever a trigger says.
    if (user === undefined) throw wrongPassword();
    return finish(room, attempt, user);
  }
  switch (said['challengeName']) {
    case 'PASSWORD_VERIFIER':
      return beginSrp(room, attempt, user, subject.typedName, { rounds });
    case 'CUSTOM_CHALLENGE':
      return createChallenge(room, attempt, subject, rounds);
    default:
      throw new Fault(
        'InvalidLambdaResponseException',
        'DefineAuthChallenge must return a challengeName, issueTokens or failAuthentication.',
      );
  }
}

async function createChallenge(
  room: TokenRoom,
  attempt: Attempt,
  subject: Subject,
  rounds: readonly Round[],
): Promise<Answer> {
  const said = await ask(room, attempt, subject, 'CreateAuthChallenge', {
    request: { challengeName: 'CUSTOM_CHALLENGE', session: rounds },
    response: { publicChallengeParameters: null, privateChallengeParameters: null, challengeMetadata: null },
  });
  const metadata = said['challengeMetadata'];
  const state = {
    rounds,
    secret: textsOf(said['privateChallengeParameters']),
    metadata: typeof metadata === 'string' ? metadata : null,
  };
  const { username, typedName } = subject;
  return challenge(
    room,
    attempt,
    { username, typedName, challenge: 'CUSTOM_CHALLENGE', state },
    { ...textsOf(said['publicChallengeParameters']), USERNAME: username },
  );
}

export async function answerCustom(
  room: TokenRoom,
  attempt: Attempt,
  session: SessionRow,
  user: UserRow | undefined,
  id: string | undefined,
): Promise<Answer> {
  const answer = attempt.parameters['ANSWER'];
  if (answer === undefined) throw invalidParameter('Missing required parameter ANSWER');
  await useSession(room, attempt.place, id);
  const subject: Subject = { username: session.username, user, typedName: session.typedName };
  const said = await ask(room, attempt, subject, 'VerifyAuthChallengeResponse', {
    request: { privateChallengeParameters: session.state['secret'], challengeAnswer: answer },
    response: { answerCorrect: null },
  });
  const rounds: Round[] = [
    ...roundsOf(session),
    {
      challengeName: 'CUSTOM_CHALLENGE',
      challengeResult: said['answerCorrect'] === true,
      challengeMetadata: typeof session.state['metadata'] === 'string' ? session.state['metadata'] : null,
    },
  ];
  return nextRound(room, attempt, subject, rounds);
}

export const roundsOf = (session: SessionRow): readonly Round[] =>
  Array.isArray(session.state['rounds']) ? (session.state['rounds'] as Round[]) : []; // written above

async function ask(
  room: TokenRoom,
  attempt: Attempt,
  { username, user }: Subject,
  name: 'DefineAuthChallenge' | 'CreateAuthChallenge' | 'VerifyAuthChallengeResponse',
  said: { readonly request: object; readonly response: Readonly<Record<string, unknown>> },
) {
  const answer = await runTrigger(room, attempt.place, {
    name,
    source: `${name}_Authentication`,
    clientId: attempt.place.client.id,
    username,
    request: {
      userAttributes: user === undefined ? {} : triggerAttributes(user),
      ...said.request,
      ...(attempt.clientMetadata && { clientMetadata: attempt.clientMetadata }),
      ...(user === undefined && { userNotFound: true }),
    },
    response: said.response,
  });
  if (answer === undefined)
    throw invalidParameter('Custom auth lambda trigger is not configured for the user pool.');
  return answer;
}

const textsOf = (value: unknown): Record<string, string> =>
  typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one)]))
    : {};
