/** `/login`: the page a browser signs in on, and each challenge after it. */
import { createHash } from 'node:crypto';
import { isFault } from '../../../base/fault.ts';
import { limits } from '../../../base/limits.ts';
import { withPassword } from '../auth/initiate.ts';
import { respond } from '../auth/respond.ts';
import type { Answer, Attempt } from '../auth/sign-in.ts';
import { authCodes, type UserRow } from '../rows.ts';
import { sameText } from '../srp.ts';
import { makeTokens, type TokenRoom } from '../tokens.ts';
import { type Asked, readAsked, withParameters } from './authorize.ts';
import { type HostedReply, type HostedRequest, redirect } from './http.ts';
import { errorPage, type Field, formPage } from './pages.ts';

const COOKIE = 'XSRF-TOKEN';

export async function loginEndpoint(room: TokenRoom, request: HostedRequest): Promise<HostedReply> {
  const asked = await readAsked(room, request);
  if ('status' in asked) return asked;
  if (request.method === 'GET') return showLogin(room, request);
  if (request.method !== 'POST') return errorPage(405, 'Method not allowed');
  if (!isOwnForm(request)) return errorPage(403, 'The form is not one of this page: reload it.');
  try {
    return await signIn(room, request, asked);
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return showLogin(room, request, thrown.message);
  }
}

async function signIn(room: TokenRoom, request: HostedRequest, asked: Asked): Promise<HostedReply> {
  const { form } = request;
  let location: string | undefined;
  const attempt: Attempt = {
    place: asked.place,
    byAdmin: false,
    parameters: Object.fromEntries([...form].filter(([name]) => name !== '_csrf')),
    clientMetadata: undefined,
    complete: async (user) => {
      location =
        asked.responseType === 'code' ? await toCode(room, asked, user) : await toTokens(room, asked, user);
      return {};
    },
  };
  const challenge = form.get('challenge');
  const answer: Answer =
    challenge === null
      ? await withPassword(room, attempt, form.get('USERNAME') ?? '')
      : await respond(room, challenge, form.get('session') ?? '', attempt);
  return location === undefined
    ? showChallenge(room, request, answer, form.get('USERNAME') ?? '')
    : redirect(location);
}

async function toCode(room: TokenRoom, asked: Asked, user: UserRow): Promise<string> {
  const { pool, scope, client } = asked.place;
  const code = Buffer.from(room.random(32)).toString('base64url');
  const key = `${pool.id}/${createHash('sha256').update(code).digest('hex')}`;
  await room.store.transaction((rows) =>
    rows.put(authCodes, scope, key, {
      clientId: client.id,
      username: user.username,
      redirectUri: asked.redirectUri,
      scopes: asked.scopes,
      ...(asked.challenge !== undefined && { challenge: asked.challenge }),
      ...(asked.nonce !== undefined && { nonce: asked.nonce }),
      authTimeS: Math.floor(room.now() / 1000),
      expiresMs: room.now() + limits.cognitoAuthorizationCodeMs,
    }),
  );
  return withParameters(asked.redirectUri, { code, ...(asked.state !== null && { state: asked.state }) });
}

/** The implicit grant: no refresh token, and nothing in the address that a server would log. */
async function toTokens(room: TokenRoom, asked: Asked, user: UserRow): Promise<string> {
  const tokens = await makeTokens(room, asked.place, {
    user,
    source: 'TokenGeneration_HostedAuth',
    scopes: asked.scopes,
    authTimeS: Math.floor(room.now() / 1000),
    nonce: asked.nonce,
    hosted: true,
  });
  const fragment = new URLSearchParams({
    ...(tokens.IdToken && { id_token: tokens.IdToken }),
    access_token: tokens.AccessToken ?? '',
    expires_in: String(tokens.ExpiresIn),
    token_type: 'Bearer',
    ...(asked.state !== null && { state: asked.state }),
  });
  return `${asked.redirectUri}#${fragment}`;
}

const USUAL: readonly Field[] = [
  { name: 'USERNAME', label: 'Username', type: 'text' },
  { name: 'PASSWORD', label: 'Password', type: 'password' },
];

const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  NEW_PASSWORD_REQUIRED: [{ name: 'NEW_PASSWORD', label: 'New password', type: 'password' }],
  SMS_MFA: [{ name: 'SMS_MFA_CODE', label: 'Code from the text message', type: 'text' }],
  EMAIL_OTP: [{ name: 'EMAIL_OTP_CODE', label: 'Code from the email', type: 'text' }],
  SOFTWARE_TOKEN_MFA: [
    { name: 'SOFTWARE_TOKEN_MFA_CODE', label: 'Code from your authenticator app', type: 'text' },
  ],
  SELECT_MFA_TYPE: [{ name: 'ANSWER', label: 'SMS_MFA, SOFTWARE_TOKEN_MFA or EMAIL_OTP', type: 'text' }],
};

function showLogin(room: TokenRoom, request: HostedRequest, problem?: string): HostedReply {
  return withToken(room, request, 'Sign in', USUAL, {}, problem);
}

function showChallenge(
  room: TokenRoom,
  request: HostedRequest,
  { ChallengeName: challenge = '' as never, Session: session = '', ChallengeParameters = {} }: Answer,
  username: string,
): HostedReply {
  const required = JSON.parse(ChallengeParameters['requiredAttributes'] ?? '[]') as string[]; // written by the challenge
  const fields = FIELDS[challenge];
  if (fields === undefined)
    return errorPage(501, `${challenge} on the hosted page: not supported by gatehouse`);
  const more = required.map(
    (name): Field => ({ name, label: name.replace('userAttributes.', ''), type: 'text' }),
  );
  return withToken(room, request, 'Sign in', [...fields, ...more], {
    challenge,
    session,
    USERNAME: username,
  });
}

function withToken(
  room: TokenRoom,
  request: HostedRequest,
  title: string,
  fields: readonly Field[],
  hidden: Readonly<Record<string, string>>,
  problem?: string,
): HostedReply {
  const secure = request.base.startsWith('https:') ? '; Secure' : '';
  const token = cookieOf(request) ?? Buffer.from(room.random(24)).toString('base64url');
  return formPage(
    { title, action: `/login?${request.query}`, fields, hidden: { ...hidden, _csrf: token }, problem },
    { 'Set-Cookie': `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Lax${secure}` },
  );
}

/** The token in the form and the one in the cookie were given to the same browser. */
function isOwnForm(request: HostedRequest): boolean {
  const [cookie, field] = [cookieOf(request), request.form.get('_csrf')];
  return cookie !== undefined && field !== null && sameText(cookie, field);
}

const cookieOf = (request: HostedRequest): string | undefined =>
  new RegExp(`(?:^|;\\s*)${COOKIE}=([A-Za-z0-9_-]+)`).exec(request.header('cookie') ?? '')?.[1];
