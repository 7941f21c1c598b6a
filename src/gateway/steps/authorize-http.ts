/** Who may call a route of an HTTP API. Null when anyone may. */
import type { Engine } from '../engine.ts';
import type { HttpRoute } from '../kinds/http-plan.ts';
import { ANONYMOUS, type Plan } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import { authorizeIam } from './authorize-iam.ts';

export function compileHttpAuthorization({ route, stagePlan }: HttpRoute, engine: Engine): Plan['authorize'] {
  const type = route.AuthorizationType ?? 'NONE';
  if (type === 'NONE') return null;
  if (type === 'AWS_IAM')
    return async (call, body) => ({ ...ANONYMOUS, caller: await authorizeIam(engine.ports, call, body) });
  engine.ports.log(
    'error',
    `authorizationType ${type} is not supported by gatehouse; every call is refused`,
    {
      apiId: stagePlan.api.apiId,
      routeKey: route.RouteKey,
    },
  );
  return async () => {
    throw new Refusal('AUTHORIZER_CONFIGURATION_ERROR', null, {
      reason: `authorizationType ${type} is not supported`,
    });
  };
}
