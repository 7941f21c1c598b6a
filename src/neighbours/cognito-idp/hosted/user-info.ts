/** `/oauth2/userInfo`, `/oauth2/revoke`, `/logout`. */
import { isFault } from '../../../base/fault.ts';
import { bearerOf } from '../access-token.ts';
import { revoke } from '../refresh.ts';
import { readableClaims, type TokenRoom } from '../tokens.ts';
import { clientOf, provenClient } from './client-proof.ts';
import { type HostedReply, type HostedRequest, json, oauthError, redirect } from './http.ts';
import { errorPage } from './pages.ts';

/** https://docs.aws.amazon.com/cognito/latest/developerguide/userinfo-endpoint.html: every value as text. */
export async function userInfoEndpoint(room: TokenRoom, request: HostedRequest): Promise<HostedReply> {
  const [, token] = /^Bearer\s+(\S+)$/i.exec(request.header('authorization') ?? '') ?? [];
  if (token === undefined) return unauthorized('invalid_request', 'Access token is missing.');
  try {
    const { pool, client, user, scopes } = await bearerOf(room, token, 'openid');
    const claims = readableClaims(pool, client, user, scopes);
    const texts = Object.entries(claims).map(([name, value]) => [
      name,
      typeof value === 'object' ? value : String(value),
    ]);
    return json(200, { sub: user.sub, ...Object.fromEntries(texts), username: user.username });
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return unauthorized('invalid_token', thrown.message);
  }
}

const unauthorized = (error: string, description: string): HostedReply =>
  json(
    401,
    { error, error_description: description },
    { 'WWW-Authenticate': `error="${error}", error_description="${description}"` },
  );

/** https://docs.aws.amazon.com/cognito/latest/developerguide/revocation-endpoint.html */
export async function revokeEndpoint(room: TokenRoom, request: HostedRequest): Promise<HostedReply> {
  if (request.method !== 'POST') return oauthError('invalid_request', 405);
  const place = await provenClient(room, request);
  if (place === undefined) return oauthError('invalid_client', 401);
  const token = request.form.get('token');
  if (token === null) return oauthError('invalid_request');
  if (token.split('.').length === 3) return oauthError('unsupported_token_type');
  try {
    await revoke(room, place, token);
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    return oauthError('invalid_request', 400, thrown.message);
  }
  return { status: 200, headers: { 'Access-Control-Allow-Origin': '*' }, body: '' };
}

/** https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html: out, or out and in again. */
export async function logoutEndpoint(room: TokenRoom, request: HostedRequest): Promise<HostedReply> {
  const { query } = request;
  const place = await clientOf(room, request, query.get('client_id'));
  if (place === undefined) return errorPage(400, 'Client does not exist.');
  const out = query.get('logout_uri');
  if (out !== null) {
    if (place.client.logoutUrls?.includes(out)) return redirect(out);
    return errorPage(400, 'logout_uri is not one of the client.');
  }
  if (query.get('redirect_uri') === null)
    return errorPage(400, 'Required String parameter logout_uri is not present');
  return redirect(`/login?${query.toString()}`);
}
