/** Who may call a REST method: resource policy, authorization type, API key, in AWS's order. Null when anyone may. */
import type { Engine } from '../engine.ts';
import type { RestMethod } from '../kinds/rest-method.ts';
import { ANONYMOUS, type Identity, type Plan, type Routed } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import { requireApiKey } from './api-key.ts';
import { anonymousDenied, authorizeIam } from './authorize-iam.ts';

type Authorize = NonNullable<Plan['authorize']>;

export function compileRestAuthorization(method: RestMethod, engine: Engine): Plan['authorize'] {
  const type = method.method.authorizationType ?? 'NONE';
  const keyed = method.method.apiKeyRequired === true;
  const policed = method.definition.policy !== undefined && method.definition.policy !== '';
  if (type === 'NONE' && !keyed && !policed) return null;
  const identify = compileType(type, method, engine);
  return async (call, body) => {
    if (policed) throw anonymousDenied(call);
    const identity = await identify(call, body);
    if (!keyed) return identity;
    return { ...identity, apiKey: await requireApiKey(engine.ports, call, keyOf(call, method, identity)) };
  };
}

function keyOf(call: Routed, method: RestMethod, identity: Identity): string | undefined {
  if (method.definition.apiKeySource === 'HEADER') return call.request.header('x-api-key');
  const key = identity.authorizer?.['usageIdentifierKey'];
  return typeof key === 'string' ? key : undefined;
}

function compileType(type: string, method: RestMethod, engine: Engine): Authorize {
  switch (type) {
    case 'NONE':
      return async () => ANONYMOUS;
    case 'AWS_IAM':
      return async (call, body) => ({ ...ANONYMOUS, caller: await authorizeIam(engine.ports, call, body) });
    default:
      return unsupported(type, method, engine);
  }
}

/** Refused whole: a check that is not there lets nobody in. */
function unsupported(type: string, method: RestMethod, engine: Engine): Authorize {
  const { apiId } = method.stage.api;
  engine.ports.log(
    'error',
    `authorizationType ${type} is not supported by gatehouse; every call is refused`,
    {
      apiId,
      method: `${method.httpMethod} ${method.resourcePath}`,
    },
  );
  return async () => {
    throw new Refusal('AUTHORIZER_CONFIGURATION_ERROR', null, {
      reason: `authorizationType ${type} is not supported`,
    });
  };
}
