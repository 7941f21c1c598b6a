/** InitiateAuth and AdminInitiateAuth. */
import type {
  AdminInitiateAuthRequest,
  InitiateAuthRequest,
} from '@aws-sdk/client-cognito-identity-provider';
import type { Call } from '../../../wire/service.ts';
import { invalidParameter, userNotFound, wrongPassword } from '../fault.ts';
import { findClient, needClient } from '../places.ts';
import { refresh } from '../refresh.ts';
import type { ClientRow } from '../rows.ts';
import { checkSecretHash } from '../secret-hash.ts';
import { provesPassword } from '../srp.ts';
import type { TokenRoom } from '../tokens.ts';
import { findUser } from '../user-store.ts';
import { migrate } from '../user-migration.ts';
import { beginChoice } from './choice.ts';
import { beginCustom } from './custom.ts';
import { afterFirstFactor } from './second-factor.ts';
import { type Answer, type Attempt, checkPasswordOf, preAuthenticate } from './sign-in.ts';
import { beginSrp, pretendedVerifier } from './srp-flow.ts';

export const initiateAuthOperations = (room: TokenRoom) => ({
  InitiateAuth: async (input: InitiateAuthRequest) =>
    initiate(room, input.AuthFlow, {
      place: await findClient(room.store, input.ClientId),
      byAdmin: false,
      parameters: input.AuthParameters ?? {},
      clientMetadata: input.ClientMetadata,
    }),

  AdminInitiateAuth: async (input: AdminInitiateAuthRequest, { scope }: Call) =>
    initiate(room, input.AuthFlow, {
      place: await needClient(room.store, scope, input.UserPoolId, input.ClientId),
      byAdmin: true,
      parameters: input.AuthParameters ?? {},
      clientMetadata: input.ClientMetadata,
    }),
});

async function initiate(room: TokenRoom, flow: string | undefined, attempt: Attempt): Promise<Answer> {
  const { parameters, place } = attempt;
  checkFlow(place.client, flow ?? '', attempt.byAdmin);
  if (flow === 'REFRESH_TOKEN' || flow === 'REFRESH_TOKEN_AUTH') return refreshed(room, attempt);
  const username = parameters['USERNAME'];
  if (username === undefined) throw invalidParameter('Missing required parameter USERNAME');
  checkSecretHash(place.client, [username], parameters['SECRET_HASH']);
  switch (flow) {
    case 'USER_SRP_AUTH':
      return beginSrp(room, attempt, await findUser(room.store, place.scope, place.pool, username), username);
    case 'CUSTOM_AUTH':
      return beginCustom(room, attempt);
    case 'USER_AUTH':
      return beginChoice(room, attempt, username);
    default:
      return withPassword(room, attempt, username);
  }
}

async function refreshed(room: TokenRoom, attempt: Attempt): Promise<Answer> {
  const { parameters, place, clientMetadata } = attempt;
  if (place.client.rotation !== undefined)
    throw invalidParameter(
      'Refresh token rotation is enabled for this client: use GetTokensFromRefreshToken.',
    );
  const AuthenticationResult = await refresh(room, place, {
    token: parameters['REFRESH_TOKEN'] ?? '',
    secretHash: parameters['SECRET_HASH'],
    deviceKey: parameters['DEVICE_KEY'],
    clientMetadata,
  });
  return { ChallengeParameters: {}, AuthenticationResult };
}

/** USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH: the only flows that can bring users over from elsewhere. */
export async function withPassword(room: TokenRoom, attempt: Attempt, username: string): Promise<Answer> {
  const { place, parameters, clientMetadata } = attempt;
  const password = parameters['PASSWORD'];
  if (password === undefined) throw invalidParameter('Missing required parameter PASSWORD');
  const known = await findUser(room.store, place.scope, place.pool, username);
  const user =
    known ??
    (await migrate(room, place, {
      source: 'UserMigration_Authentication',
      username,
      password,
      clientMetadata,
      validationData: clientMetadata,
    }));
  if (user === undefined) {
    if (!place.client.hidesExistence) throw userNotFound();
    // As long as a check takes: time tells who exists as well as words do.
    provesPassword(place.pool.id, username, password, pretendedVerifier(attempt, username));
    throw wrongPassword();
  }
  await preAuthenticate(room, attempt, user);
  await checkPasswordOf(room, place, user, password);
  return afterFirstFactor(room, attempt, user, username);
}

const ADMIN_PASSWORD = ['ADMIN_NO_SRP_AUTH', 'ADMIN_USER_PASSWORD_AUTH'];

/** What is allowed when a client names no flows: API_CreateUserPoolClient, ExplicitAuthFlows. */
const USUAL = ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH'];

function checkFlow(client: ClientRow, flow: string, byAdmin: boolean): void {
  if (!byAdmin && ADMIN_PASSWORD.includes(flow))
    throw invalidParameter(`Initiate Auth method not supported.`);
  if (byAdmin && flow === 'USER_PASSWORD_AUTH') throw invalidParameter('Initiate Auth method not supported.');
  const flows = client.flows ?? USUAL;
  if (isAllowed(flows, flow)) return;
  if (ADMIN_PASSWORD.includes(flow)) throw invalidParameter('Auth flow not enabled for this client');
  if (flow === 'USER_PASSWORD_AUTH')
    throw invalidParameter('USER_PASSWORD_AUTH flow not enabled for this client');
  throw invalidParameter(`${flow} is not enabled for the client.`);
}

function isAllowed(flows: readonly string[], flow: string): boolean {
  const isNew = flows.some((one) => one.startsWith('ALLOW_'));
  switch (flow) {
    case 'REFRESH_TOKEN':
    case 'REFRESH_TOKEN_AUTH':
      return !isNew || flows.includes('ALLOW_REFRESH_TOKEN_AUTH');
    case 'ADMIN_NO_SRP_AUTH':
    case 'ADMIN_USER_PASSWORD_AUTH':
      return flows.includes('ADMIN_NO_SRP_AUTH') || flows.includes('ALLOW_ADMIN_USER_PASSWORD_AUTH');
    case 'USER_SRP_AUTH':
      return isNew ? flows.includes('ALLOW_USER_SRP_AUTH') : !flows.includes('CUSTOM_AUTH_FLOW_ONLY');
    case 'CUSTOM_AUTH':
      return !isNew || flows.includes('ALLOW_CUSTOM_AUTH');
    default:
      return flows.includes(flow) || flows.includes(`ALLOW_${flow}`);
  }
}
