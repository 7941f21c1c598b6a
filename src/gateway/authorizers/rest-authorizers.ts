/** A stage's authorizers, each compiled once: its cache is shared by every method that names it. */
import type { Authorizer } from '@aws-sdk/client-api-gateway';
import type { Engine } from '../engine.ts';
import type { StagePlan } from '../plan.ts';
import { badAuthorizer } from './call-authorizer.ts';
import { type AuthorizeCognito, compileCognitoAuthorizer } from './rest-cognito.ts';
import { type AuthorizeRest, compileRestLambdaAuthorizer } from './rest-lambda.ts';

export interface RestAuthorizers {
  /** Throws a Refusal when there is no such authorizer, or it cannot work. */
  lambda(authorizerId: string): AuthorizeRest;
  cognito(authorizerId: string): AuthorizeCognito;
}

export function compileRestAuthorizers(
  authorizers: readonly Authorizer[],
  stage: StagePlan,
  engine: Engine,
): RestAuthorizers {
  const find = (id: string): Authorizer => {
    const found = authorizers.find((authorizer) => authorizer.id === id);
    if (found === undefined) throw badAuthorizer(`Invalid Authorizer identifier specified: ${id}`);
    return found;
  };
  return {
    lambda: onceEach((id) => compileRestLambdaAuthorizer(find(id), stage, engine)),
    cognito: onceEach((id) => compileCognitoAuthorizer(find(id), engine)),
  };
}

export function onceEach<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const value = make(name);
    made.set(name, value);
    return value;
  };
}
