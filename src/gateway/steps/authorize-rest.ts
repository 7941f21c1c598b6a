/** Who may call a REST method: resource policy, authorization type, API key, in AWS's order. Null when anyone may. */
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { badAuthorizer } from '../authorizers/call-authorizer.ts';
import type { Engine } from '../engine.ts';
import type { RestMethod } from '../kinds/rest-method.ts';
import { ANONYMOUS, type Identity, type Plan, type Routed } from '../plan.ts';
import { isRefusal, Refusal } from '../refusal.ts';
import { requireApiKey } from './api-key.ts';
import { authorizeIam } from './authorize-iam.ts';
import { methodArn } from './method-arn.ts';
import {
  anonymousDenied,
  compileResourcePolicy,
  permitByResourcePolicy,
  refuseDenied,
  type ResourcePolicy,
} from './resource-policy.ts';

type Authorize = (call: Routed, body: Uint8Array, policy: ResourcePolicy | null) => Promise<Identity>;

export function compileRestAuthorization(method: RestMethod, engine: Engine): Plan['authorize'] {
  try {
    return compile(method, engine);
  } catch (thrown) {
    // What cannot be asked lets nobody in.
    const refusal = isRefusal(thrown) ? thrown : badAuthorizer(reasonOf(thrown));
    const { apiId } = method.stage.api;
    const place = `${method.httpMethod} ${method.resourcePath}`;
    engine.ports.log('error', 'a method refuses every call', {
      apiId,
      method: place,
      reason: refusal.details.reason,
    });
    return async () => {
      throw refusal;
    };
  }
}

function compile(method: RestMethod, engine: Engine): Plan['authorize'] {
  const { endpointTypes, policy: policyText } = method.definition;
  const isPrivate = endpointTypes.includes('PRIVATE');
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html
  if (isPrivate && !policyText) return async (call) => Promise.reject(anonymousDenied(call, false));
  const keyed = method.method.apiKeyRequired === true;
  const policy = compileResourcePolicy(policyText, method.stage, isPrivate);
  const identify = compileType(method, engine);
  if (identify === null && !keyed && policy === null) return null;
  if (identify === null && policy === null) return (call) => withKey(engine, call, method, ANONYMOUS);
  return async (call, body) => {
    const identity = await admit(identify, policy, call, body);
    return keyed ? withKey(engine, call, method, identity) : identity;
  };
}

/** Waits only where the key is not known yet. */
function withKey(
  engine: Engine,
  call: Routed,
  method: RestMethod,
  identity: Identity,
): Identity | Promise<Identity> {
  const key = requireApiKey(engine.ports, call, keyOf(call, method, identity));
  return key instanceof Promise
    ? key.then((apiKey) => ({ ...identity, apiKey }))
    : { ...identity, apiKey: key };
}

async function admit(
  identify: Authorize | null,
  policy: ResourcePolicy | null,
  call: Routed,
  body: Uint8Array,
): Promise<Identity> {
  if (identify === null) {
    if (policy !== null) permitByResourcePolicy(policy, call);
    return ANONYMOUS;
  }
  if (methodArn(call).length > limits.restMethodArnBytes) throw arnTooLong();
  if (policy !== null) refuseDenied(policy, call);
  return identify(call, body, policy);
}

const arnTooLong = (): Refusal => new Refusal('DEFAULT_4XX', 'Request URI too long', { status: 414 });

function keyOf(call: Routed, method: RestMethod, identity: Identity): string | undefined {
  if (method.definition.apiKeySource === 'HEADER') return call.request.header('x-api-key');
  const key = identity.authorizer?.['usageIdentifierKey'];
  return typeof key === 'string' ? key : undefined;
}

function compileType(method: RestMethod, engine: Engine): Authorize | null {
  const { authorizationType = 'NONE', authorizationScopes = [] } = method.method;
  switch (authorizationType) {
    case 'NONE':
      return null;
    case 'AWS_IAM':
      return async (call, body, policy) => ({
        ...ANONYMOUS,
        caller: await authorizeIam(engine.ports, call, body, policy),
      });
    case 'CUSTOM':
      return method.authorizers.lambda(method.method.authorizerId ?? '');
    case 'COGNITO_USER_POOLS': {
      const authorize = method.authorizers.cognito(method.method.authorizerId ?? '');
      return async (call, _body, policy) => {
        const identity = await authorize(call, authorizationScopes);
        // A token says who calls, not what it may call: the policy, where there is one, has to.
        if (policy !== null) permitByResourcePolicy(policy, call);
        return identity;
      };
    }
    default:
      throw badAuthorizer(`authorizationType ${authorizationType} is not supported by gatehouse`);
  }
}
