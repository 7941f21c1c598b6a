/**
 * Lambda authorizers of REST APIs: TOKEN and REQUEST.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
import type { Authorizer } from '@aws-sdk/client-api-gateway';
import type { CompiledPolicy } from '../../lang/policy/compile.ts';
import type { Engine } from '../engine.ts';
import { compileSelection } from '../mapping/selection-pattern.ts';
import { restAuthorizerEvent } from '../integrations/rest-event.ts';
import { ANONYMOUS, type Identity, type Routed, type StagePlan } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import { methodArn } from '../steps/method-arn.ts';
import type { ResourcePolicy } from '../steps/resource-policy.ts';
import { authorizerFunction, badAuthorizer, callAuthorizer, readContext } from './call-authorizer.ts';
import { compileIdentitySources, keyOfParts, type ReadIdentity } from './identity-sources.ts';
import { permitByPolicy, readPolicy } from './policy-answer.ts';
import { createVerdictCache, recall } from './verdict-cache.ts';

interface Verdict {
  readonly policy: CompiledPolicy;
  readonly authorizer: Readonly<Record<string, unknown>>;
}

const DEFAULT_TTL_SECONDS = 300;

export type AuthorizeRest = (
  call: Routed,
  body: Uint8Array,
  resourcePolicy: ResourcePolicy | null,
) => Promise<Identity>;

export function compileRestLambdaAuthorizer(
  authorizer: Authorizer,
  stage: StagePlan,
  engine: Engine,
): AuthorizeRest {
  const { ports } = engine;
  const id = authorizer.id ?? '';
  const target = authorizerFunction(
    authorizer.authorizerUri ?? '',
    id,
    authorizer.authorizerCredentials,
    stage.variables,
  );
  const cache = createVerdictCache<Verdict>(
    ports.now,
    authorizer.authorizerResultTtlInSeconds ?? DEFAULT_TTL_SECONDS,
  );
  const recognise = compileRecognition(authorizer, cache !== null);
  return async (call, _body, resourcePolicy) => {
    const { key, event } = recognise(call);
    const ask = async (): Promise<Verdict> =>
      readVerdict(await callAuthorizer(ports, call, target, event), call);
    const verdict = await recall(cache, keyOfParts(stage.stageName, ...key), call.request, ask);
    permitByPolicy(call, { identity: verdict.policy, resource: resourcePolicy });
    return { ...ANONYMOUS, authorizer: verdict.authorizer };
  };
}

/** Asks the function and keeps nothing: its answer, which has been found to be one, as it is. */
export function compileLambdaQuestion(
  authorizer: Authorizer,
  stage: StagePlan,
  engine: Engine,
): (call: Routed) => Promise<Record<string, unknown>> {
  const { authorizerUri = '', id = '', authorizerCredentials } = authorizer;
  const target = authorizerFunction(authorizerUri, id, authorizerCredentials, stage.variables);
  const ttlSeconds = authorizer.authorizerResultTtlInSeconds ?? DEFAULT_TTL_SECONDS;
  const recognise = compileRecognition(authorizer, ttlSeconds > 0);
  return async (call) => {
    const said = await callAuthorizer(engine.ports, call, target, recognise(call).event);
    readVerdict(said, call);
    return said;
  };
}

/** Who asks, by what is cached, and what the function is told. Throws UNAUTHORIZED without calling it. */
type Recognise = (call: Routed) => { readonly key: readonly string[]; readonly event: object };

function compileRecognition(authorizer: Authorizer, cached: boolean): Recognise {
  const sources = (authorizer.identitySource ?? '').split(',').filter((source) => source.trim() !== '');
  const read = compileIdentitySources(sources);
  return authorizer.type === 'TOKEN' ? byToken(authorizer, read) : byRequest(read, cached);
}

const unauthorized = (): Refusal => new Refusal('UNAUTHORIZED', 'Unauthorized');

function byToken(authorizer: Authorizer, read: ReadIdentity): Recognise {
  const { identityValidationExpression: expression } = authorizer;
  const isValid = expression ? compileSelection(expression) : () => true;
  return (call) => {
    const token = read(call)?.[0];
    if (token === undefined || !isValid(token)) throw unauthorized();
    return { key: [token], event: { type: 'TOKEN', methodArn: methodArn(call), authorizationToken: token } };
  };
}

/** Sources must be there only where answers are kept by them. */
const byRequest =
  (read: ReadIdentity, cached: boolean): Recognise =>
  (call) => {
    const values = read(call);
    if (cached && values === undefined) throw unauthorized();
    return { key: values ?? [], event: restAuthorizerEvent(call, methodArn(call)) };
  };

export function readVerdict(said: Record<string, unknown>, call: Routed): Verdict {
  const { principalId, policyDocument, usageIdentifierKey } = said;
  const policy = readPolicy(policyDocument);
  const context = readContext(said['context']);
  if (typeof principalId !== 'string' || policy === undefined) throw badAuthorizer('Could not parse policy');
  if (context === undefined)
    throw badAuthorizer('Invalid JSON in response: context values must be strings, numbers or booleans');
  return {
    policy,
    authorizer: {
      ...context,
      principalId,
      integrationLatency: call.facts.authorizerLatencyMs ?? 0,
      ...(typeof usageIdentifierKey === 'string' ? { usageIdentifierKey } : {}),
    },
  };
}
