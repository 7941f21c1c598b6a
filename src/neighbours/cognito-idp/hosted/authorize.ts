/** `/oauth2/authorize`: https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html */
import type { ClientPlace } from '../places.ts';
import type { TokenRoom } from '../tokens.ts';
import { clientOf } from './client-proof.ts';
import { type HostedReply, type HostedRequest, redirect } from './http.ts';
import { errorPage } from './pages.ts';

/** An authorization that was asked for soundly. */
export interface Asked {
  readonly place: ClientPlace;
  readonly responseType: 'code' | 'token';
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state: string | null;
  readonly nonce: string | undefined;
  readonly challenge: string | undefined;
}

export async function authorizeEndpoint(room: TokenRoom, request: HostedRequest): Promise<HostedReply> {
  const asked = await readAsked(room, request);
  if ('status' in asked) return asked;
  return redirect(`/login?${request.query.toString()}`);
}

/** The authorization, or the answer where something is wrong with it: nobody is sent to an address nobody registered. */
export async function readAsked(room: TokenRoom, request: HostedRequest): Promise<Asked | HostedReply> {
  const { query } = request;
  const place = await clientOf(room, request, query.get('client_id'));
  if (place === undefined) return errorPage(400, 'Client does not exist.');
  const { client } = place;
  const redirectUri = query.get('redirect_uri') ?? client.defaultRedirectUri ?? '';
  if (!client.callbackUrls?.includes(redirectUri)) return errorPage(400, 'redirect_mismatch');
  const state = query.get('state');
  const back = (error: string, description?: string) =>
    redirect(
      withParameters(redirectUri, {
        error,
        ...(description !== undefined && { error_description: description }),
        ...(state !== null && { state }),
      }),
    );
  const provider = query.get('identity_provider') ?? query.get('idp_identifier');
  if (provider !== null && provider !== 'COGNITO')
    return errorPage(501, `Signing in through the identity provider ${provider}: not supported by gatehouse`);
  const responseType = query.get('response_type');
  if (responseType !== 'code' && responseType !== 'token') return back('invalid_request', 'response_type');
  const flow = responseType === 'code' ? 'code' : 'implicit';
  if (!client.oauthEnabled || !client.oauthFlows?.includes(flow)) return back('unauthorized_client');
  const allowed = client.oauthScopes ?? [];
  const wanted = (query.get('scope') ?? '').split(/[ +]/).filter((scope) => scope !== '');
  const scopes = wanted.length > 0 ? wanted : allowed;
  if (scopes.some((scope) => !allowed.includes(scope))) return back('invalid_scope', 'invalid_scope');
  const method = query.get('code_challenge_method');
  const challenge = query.get('code_challenge') ?? undefined;
  if ((method !== null || challenge !== undefined) && (method !== 'S256' || challenge === undefined))
    return back('invalid_request', 'code_challenge_method must be S256');
  return {
    place,
    responseType,
    redirectUri,
    scopes,
    state,
    nonce: query.get('nonce') ?? undefined,
    challenge,
  };
}

export function withParameters(address: string, parameters: Readonly<Record<string, string>>): string {
  const text = new URLSearchParams(parameters).toString();
  return `${address}${address.includes('?') ? '&' : '?'}${text}`;
}
