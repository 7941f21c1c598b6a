/** Who may call a route of an HTTP API. Null when anyone may. */
import { reasonOf } from '../../base/fault.ts';
import { badAuthorizer } from '../authorizers/call-authorizer.ts';
import type { HttpAuthorizers } from '../authorizers/http-authorizers.ts';
import type { Engine } from '../engine.ts';
import type { HttpRoute } from '../kinds/http-plan.ts';
import { ANONYMOUS, type Plan } from '../plan.ts';
import { isRefusal } from '../refusal.ts';
import { authorizeIam } from './authorize-iam.ts';

export function compileHttpAuthorization(
  http: HttpRoute,
  engine: Engine,
  authorizers: HttpAuthorizers,
): Plan['authorize'] {
  try {
    return compile(http, engine, authorizers);
  } catch (thrown) {
    // What cannot be asked lets nobody in.
    const refusal = isRefusal(thrown) ? thrown : badAuthorizer(reasonOf(thrown));
    const facts = {
      apiId: http.stagePlan.api.apiId,
      routeKey: http.route.RouteKey,
      reason: refusal.details.reason,
    };
    engine.ports.log('error', 'a route refuses every call', facts);
    return async () => {
      throw refusal;
    };
  }
}

function compile({ route }: HttpRoute, engine: Engine, authorizers: HttpAuthorizers): Plan['authorize'] {
  const { AuthorizationType: type = 'NONE', AuthorizerId: id = '', AuthorizationScopes: scopes = [] } = route;
  switch (type) {
    case 'NONE':
      return null;
    case 'AWS_IAM':
      return async (call, body) => ({
        ...ANONYMOUS,
        caller: await authorizeIam(engine.ports, call, body, null),
      });
    case 'CUSTOM':
      return authorizers.lambda(id);
    case 'JWT': {
      const authorize = authorizers.jwt(id);
      return (call) => authorize(call, scopes);
    }
    default:
      throw badAuthorizer(`authorizationType ${type} is not supported by gatehouse`);
  }
}
