/** What makes an authorizer: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html */
import { limits } from '../../base/limits.ts';
import type { AuthorizerRow } from './authorizer-row.ts';
import type { Change } from './change.ts';
import { badRequest } from './faults.ts';

const HTTP_SOURCE = /^\$(request\.(header|querystring)\.\S+|context\.\S+|stageVariables\.\S+)$/;
const WEBSOCKET_SOURCE = /^(route\.request\.(header|querystring)\.\S+|context\.\S+|stageVariables\.\S+)$/;

/** Throws BadRequestException. */
export function checkAuthorizer({ api }: Change, row: AuthorizerRow): void {
  const isHttp = api.ProtocolType === 'HTTP';
  if (!row.Name) throw badRequest('Name is a required parameter for authorizer');
  if (row.AuthorizerType === 'JWT') {
    if (!isHttp) throw badRequest('JWT authorizers are supported only for HTTP APIs');
    checkJwt(row);
  } else checkRequest(row, isHttp);
  checkSources(row, isHttp);
  checkTtl(row);
}

function checkJwt(row: AuthorizerRow): void {
  const { Issuer, Audience = [] } = row.JwtConfiguration ?? {};
  if (!Issuer) throw badRequest('Issuer is a required parameter for JWT authorizer');
  if (!/^https?:\/\/\S+$/.test(Issuer))
    throw badRequest(`Invalid issuer: ${Issuer}. Issuer must be a valid URL`);
  if (Audience.length === 0) throw badRequest('Audience is a required parameter for JWT authorizer');
  if (Audience.length > limits.httpApiAudiences)
    throw badRequest(`A JWT authorizer can have at most ${limits.httpApiAudiences} audiences`);
  if (row.AuthorizerUri) throw badRequest('AuthorizerUri cannot be specified for JWT authorizer');
  if ((row.IdentitySource ?? []).length !== 1)
    throw badRequest('A JWT authorizer must have exactly one identity source');
}

function checkRequest(row: AuthorizerRow, isHttp: boolean): void {
  if (!row.AuthorizerUri) throw badRequest('AuthorizerUri is a required parameter for REQUEST authorizer');
  if (row.JwtConfiguration) throw badRequest('JwtConfiguration cannot be specified for REQUEST authorizer');
  const version = row.AuthorizerPayloadFormatVersion;
  if (isHttp && !version)
    throw badRequest('AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizer');
  if (version && version !== '1.0' && version !== '2.0')
    throw badRequest(`AuthorizerPayloadFormatVersion ${version} is not supported`);
  if (row.EnableSimpleResponses && version !== '2.0')
    throw badRequest('EnableSimpleResponses is supported only for AuthorizerPayloadFormatVersion 2.0');
}

function checkSources(row: AuthorizerRow, isHttp: boolean): void {
  const form = isHttp ? HTTP_SOURCE : WEBSOCKET_SOURCE;
  for (const source of row.IdentitySource ?? [])
    if (!form.test(source)) throw badRequest(`Invalid identity source specified: ${source}`);
}

/** Without identity sources there is nothing to cache by. */
function checkTtl(row: AuthorizerRow): void {
  const ttl = row.AuthorizerResultTtlInSeconds;
  const { min, max } = limits.httpAuthorizerTtlSeconds;
  if (ttl === undefined) return;
  if (ttl < min || ttl > max)
    throw badRequest(`AuthorizerResultTtlInSeconds must be between ${min} and ${max}`);
  if (ttl > 0 && row.AuthorizerType === 'REQUEST' && (row.IdentitySource ?? []).length === 0)
    throw badRequest('Identity source is required when AuthorizerResultTtlInSeconds is greater than 0');
}
