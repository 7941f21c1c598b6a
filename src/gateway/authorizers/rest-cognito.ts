/**
 * User pool authorizers of REST APIs: an id token, or an access token where the method names scopes.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
 */
import type { Authorizer } from '@aws-sdk/client-api-gateway';
import { parseArn } from '../../base/arn.ts';
import type { Engine } from '../engine.ts';
import { ANONYMOUS, type Identity, type Routed } from '../plan.ts';
import { configurationError, Refusal } from '../refusal.ts';
import { compileSelection } from '../mapping/selection-pattern.ts';
import { compileIdentitySources } from './identity-sources.ts';
import { createIssuerKeys, KeysUnavailable } from '../../lang/jwt/issuer-keys.ts';
import { BadToken, type Claims, createJwtVerifier, type VerifyJwt } from '../../lang/jwt/verify-jwt.ts';
import { claimsAsText, scopesOf } from './claims.ts';

export type AuthorizeCognito = (call: Routed, scopes: readonly string[]) => Promise<Identity>;

export function compileCognitoAuthorizer(authorizer: Authorizer, engine: Engine): AuthorizeCognito {
  const verifiers = (authorizer.providerARNs ?? []).map((arn) => verifierOf(arn, engine));
  if (verifiers.length === 0) throw configurationError('the authorizer names no user pool');
  const read = compileIdentitySources([authorizer.identitySource ?? 'method.request.header.Authorization']);
  const expression = authorizer.identityValidationExpression;
  const isValid = expression ? compileSelection(expression) : () => true;
  return async (call, scopes) => {
    const token = read(call)?.[0]?.replace(/^Bearer\s+/i, '');
    if (token === undefined || !isValid(token)) throw unauthorized('Unauthorized');
    const claims = await firstThatVerifies(verifiers, token, call);
    if (!isWanted(claims, scopes)) throw unauthorized('Unauthorized');
    return { ...ANONYMOUS, authorizer: { claims: claimsAsText(claims) } };
  };
}

function verifierOf(poolArn: string, engine: Engine): VerifyJwt {
  const arn = parseArn(poolArn);
  const poolId = arn?.resource.replace(/^userpool\//, '');
  if (arn?.service !== 'cognito-idp' || poolId === undefined)
    throw configurationError(`not a user pool: ${poolArn}`);
  const issuer = `https://cognito-idp.${arn.region}.amazonaws.com/${poolId}`;
  const keys = createIssuerKeys(engine.ports, async () => `${issuer}/.well-known/jwks.json`);
  return createJwtVerifier(keys, { issuer, audience: [] }, engine.ports.now);
}

async function firstThatVerifies(
  verifiers: readonly VerifyJwt[],
  token: string,
  call: Routed,
): Promise<Claims> {
  let expired = false;
  for (const verify of verifiers) {
    try {
      return await verify(token);
    } catch (thrown) {
      if (!(thrown instanceof BadToken) && !(thrown instanceof KeysUnavailable)) throw thrown;
      call.facts.authorizerError = thrown.message;
      expired ||= thrown instanceof BadToken && thrown.expired;
    }
  }
  throw unauthorized(expired ? 'The incoming token has expired' : 'Unauthorized');
}

/** Without scopes an id token is meant, with scopes an access token that has one of them. */
function isWanted(claims: Claims, scopes: readonly string[]): boolean {
  if (scopes.length === 0) return claims['token_use'] === 'id';
  return claims['token_use'] === 'access' && scopesOf(claims).some((scope) => scopes.includes(scope));
}

const unauthorized = (text: string): Refusal => new Refusal('UNAUTHORIZED', text);
