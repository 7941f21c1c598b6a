/**
 * Lambda authorizers of HTTP APIs: payload formats 1.0 and 2.0, policies and simple answers.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
 */
import type { Authorizer } from '@aws-sdk/client-apigatewayv2';
import type { CompiledPolicy } from '../../lang/policy/compile.ts';
import type { Engine } from '../engine.ts';
import { httpAuthorizerEvent1, httpAuthorizerEvent2 } from '../integrations/http-event.ts';
import { ANONYMOUS, type Identity, type Routed, type StagePlan } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import { methodArn } from '../steps/method-arn.ts';
import { authorizerFunction, badAuthorizer, callAuthorizer } from './call-authorizer.ts';
import { compileIdentitySources, keyOfParts } from './identity-sources.ts';
import { permitByPolicy, readPolicy } from './policy-answer.ts';
import { createVerdictCache, recall } from './verdict-cache.ts';

interface Verdict {
  /** Null: a simple answer that lets the caller in. */
  readonly policy: CompiledPolicy | null;
  readonly isAuthorized: boolean;
  readonly context: Readonly<Record<string, unknown>>;
}

/** One answer serves all routes unless `$context.routeKey` is an identity source. Nothing is kept unless a TTL is set. */
export function compileHttpLambdaAuthorizer(
  authorizer: Authorizer,
  stage: StagePlan,
  engine: Engine,
): (call: Routed) => Promise<Identity> {
  const { ports } = engine;
  const id = authorizer.AuthorizerId ?? '';
  const target = authorizerFunction(
    authorizer.AuthorizerUri ?? '',
    id,
    authorizer.AuthorizerCredentialsArn,
    stage.variables,
  );
  const sources = authorizer.IdentitySource ?? [];
  const ttlSeconds = sources.length === 0 ? 0 : (authorizer.AuthorizerResultTtlInSeconds ?? 0);
  const cache = createVerdictCache<Verdict>(ports.now, ttlSeconds);
  const readIdentity = compileIdentitySources(sources);
  const eventOf =
    authorizer.AuthorizerPayloadFormatVersion === '1.0' ? httpAuthorizerEvent1 : httpAuthorizerEvent2;
  const read = authorizer.EnableSimpleResponses === true ? readSimple : readWithPolicy;
  return async (call) => {
    const identity = readIdentity(call);
    if (identity === undefined) throw new Refusal('UNAUTHORIZED', 'Unauthorized');
    const ask = async (): Promise<Verdict> =>
      read(await callAuthorizer(ports, call, target, eventOf(call, methodArn(call), identity)));
    const verdict = await recall(cache, keyOfParts(stage.stageName, ...identity), call.request, ask);
    if (!verdict.isAuthorized) throw new Refusal('ACCESS_DENIED', 'Forbidden');
    if (verdict.policy !== null) permitByPolicy(call, { identity: verdict.policy, resource: null });
    return { ...ANONYMOUS, authorizer: { lambda: verdict.context } };
  };
}

function readSimple(said: Record<string, unknown>): Verdict {
  if (typeof said['isAuthorized'] !== 'boolean') throw badAuthorizer('isAuthorized is not a boolean');
  return { policy: null, isAuthorized: said['isAuthorized'], context: contextOf(said) };
}

function readWithPolicy(said: Record<string, unknown>): Verdict {
  const policy = readPolicy(said['policyDocument']);
  if (policy === undefined || typeof said['principalId'] !== 'string')
    throw badAuthorizer('Could not parse policy');
  return { policy, isAuthorized: true, context: { ...contextOf(said), principalId: said['principalId'] } };
}

/** Format 2.0 keeps nested values as they are. */
function contextOf({ context }: Record<string, unknown>): Readonly<Record<string, unknown>> {
  if (context === undefined || context === null) return {};
  if (typeof context !== 'object' || Array.isArray(context)) throw badAuthorizer('context is not an object');
  return { ...context };
}
