/** What user pools serve over plain HTTP on the one port. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFault } from '../../../base/fault.ts';
import type { TokenRoom } from '../tokens.ts';
import { authorizeEndpoint } from './authorize.ts';
import { confirmUserEndpoint } from './confirm-user.ts';
import { type HostedReply, type HostedRequest, json, readRequest, sendReply, TooLarge } from './http.ts';
import { loginEndpoint } from './login.ts';
import { tokenEndpoint } from './token.ts';
import { logoutEndpoint, revokeEndpoint, userInfoEndpoint } from './user-info.ts';
import { discoveryDocument, keysDocument } from './well-known.ts';

type Endpoint = (room: TokenRoom, request: HostedRequest) => Promise<HostedReply>;

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  '/oauth2/authorize': authorizeEndpoint,
  '/oauth2/token': tokenEndpoint,
  '/oauth2/userInfo': userInfoEndpoint,
  '/oauth2/revoke': revokeEndpoint,
  '/login': loginEndpoint,
  '/logout': logoutEndpoint,
  '/confirmUser': confirmUserEndpoint,
};

const WELL_KNOWN = /^\/([\w-]+_[0-9a-zA-Z]+)\/\.well-known\/(jwks\.json|openid-configuration)$/;

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
  'Access-Control-Allow-Headers': 'authorization, content-type',
  'Access-Control-Max-Age': '3600',
};

export async function serveHosted(
  room: TokenRoom,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const request = await readRequest(message);
    sendReply(response, await answer(room, request));
  } catch (thrown) {
    if (thrown instanceof TooLarge)
      return sendReply(response, json(413, { message: 'Request Entity Too Large' }));
    if (!isFault(thrown) || thrown.code !== 'ForbiddenException') throw thrown;
    sendReply(response, json(403, { message: thrown.message }));
  }
}

async function answer(room: TokenRoom, request: HostedRequest): Promise<HostedReply> {
  if (request.method === 'OPTIONS') return { status: 200, headers: CORS, body: '' };
  const [, poolId = '', document] = WELL_KNOWN.exec(request.path) ?? [];
  if (document !== undefined) {
    const body =
      document === 'jwks.json'
        ? await keysDocument(room, poolId)
        : await discoveryDocument(room, poolId, request.base);
    return body === undefined
      ? json(404, { code: 'ResourceNotFoundException', message: `User pool ${poolId} does not exist.` })
      : json(200, body, { 'Cache-Control': 'public, max-age=86400' });
  }
  const endpoint = Object.hasOwn(ENDPOINTS, request.path) ? ENDPOINTS[request.path] : undefined;
  return endpoint === undefined ? json(404, { message: 'Not Found' }) : endpoint(room, request);
}
