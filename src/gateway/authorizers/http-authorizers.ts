/** A stage's authorizers, each compiled once: its cache is shared by every route that names it. */
import type { Authorizer } from '@aws-sdk/client-apigatewayv2';
import type { Engine } from '../engine.ts';
import type { Identity, Routed, StagePlan } from '../plan.ts';
import { badAuthorizer } from './call-authorizer.ts';
import { type AuthorizeJwt, compileJwtAuthorizer } from './http-jwt.ts';
import { compileHttpLambdaAuthorizer } from './http-lambda.ts';
import { onceEach } from './rest-authorizers.ts';

export interface HttpAuthorizers {
  /** Throws a Refusal when there is no such authorizer, or it cannot work. */
  lambda(authorizerId: string): (call: Routed) => Promise<Identity>;
  jwt(authorizerId: string): AuthorizeJwt;
}

export function compileHttpAuthorizers(
  authorizers: Readonly<Record<string, Authorizer>>,
  stage: StagePlan,
  engine: Engine,
): HttpAuthorizers {
  const find = (id: string): Authorizer => {
    const found = authorizers[id];
    if (found === undefined) throw badAuthorizer(`Invalid Authorizer identifier specified: ${id}`);
    return found;
  };
  return {
    lambda: onceEach((id) => compileHttpLambdaAuthorizer(find(id), stage, engine)),
    jwt: onceEach((id) => compileJwtAuthorizer(find(id), engine)),
  };
}
