/**
 * Who may connect, and whose key is good: authorization is there for `$connect` only, because a connection keeps who it
 * was opened by. Null when anyone may.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html
 */
import type { Authorizer } from '@aws-sdk/client-apigatewayv2';
import { reasonOf } from '../../base/fault.ts';
import { compileSelection } from '../../lang/selection/compile.ts';
import { authorizerFunction, badAuthorizer, callAuthorizer } from '../authorizers/call-authorizer.ts';
import { compileIdentitySources } from '../authorizers/identity-sources.ts';
import { permitByPolicy } from '../authorizers/policy-answer.ts';
import { readVerdict } from '../authorizers/rest-lambda.ts';
import type { Engine } from '../engine.ts';
import { webSocketAuthorizerEvent } from '../integrations/websocket-event.ts';
import { selectionValues } from '../mapping/websocket-selection.ts';
import { ANONYMOUS, type Admitted, type Identity, type Plan, type Routed } from '../plan.ts';
import { isRefusal, Refusal } from '../refusal.ts';
import { requireApiKey } from '../steps/api-key.ts';
import { authorizeIam } from '../steps/authorize-iam.ts';
import type { WebSocketRoute } from './websocket-route.ts';

type Identify = (call: Routed, body: Uint8Array) => Promise<Identity>;

export function compileWebSocketAuthorization(socket: WebSocketRoute, engine: Engine): Plan['authorize'] {
  try {
    return compile(socket, engine);
  } catch (thrown) {
    // What cannot be asked lets nobody in.
    const refusal = isRefusal(thrown) ? thrown : badAuthorizer(reasonOf(thrown));
    engine.ports.log('error', 'a route refuses every call', {
      apiId: socket.stagePlan.api.apiId,
      routeKey: socket.route.RouteKey,
      reason: refusal.details.reason,
    });
    return async () => {
      throw refusal;
    };
  }
}

function compile(socket: WebSocketRoute, engine: Engine): Plan['authorize'] {
  const { route, stage } = socket;
  const identify = compileType(socket, engine);
  if (route.ApiKeyRequired !== true) return identify;
  const select = compileSelection(stage.definition.apiKeySelectionExpression ?? USUAL_KEY);
  return async (call, body) => {
    const identity = identify === null ? identityOf(call) : await identify(call, body);
    const key = select(selectionValues({ ...call, identity } as Admitted));
    return { ...identity, apiKey: await requireApiKey(engine.ports, call, key) };
  };
}

const USUAL_KEY = '$request.header.x-api-key';

/** A message comes from whoever opened the connection. */
const identityOf = (call: Routed): Identity => ('identity' in call ? (call as Admitted).identity : ANONYMOUS); // set by sockets/serve-message.ts

function compileType(socket: WebSocketRoute, engine: Engine): Identify | null {
  const { AuthorizationType: type = 'NONE', AuthorizerId: id = '', RouteKey: key } = socket.route;
  if (type === 'NONE') return null;
  if (key !== '$connect') throw badAuthorizer(`authorization of ${key}: only $connect can have one`);
  switch (type) {
    case 'AWS_IAM':
      return async (call, body) => ({
        ...ANONYMOUS,
        caller: await authorizeIam(engine.ports, call, body, null),
      });
    case 'CUSTOM':
      return compileLambda(socket, engine, id);
    default:
      throw badAuthorizer(`authorizationType ${type} is not supported by WebSocket APIs`);
  }
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-lambda-auth.html */
function compileLambda(socket: WebSocketRoute, engine: Engine, id: string): Identify {
  const authorizer: Authorizer | undefined = socket.stage.definition.authorizers[id];
  if (authorizer === undefined) throw badAuthorizer(`Invalid Authorizer identifier specified: ${id}`);
  const { variables } = socket.stagePlan;
  const credentials = authorizer.AuthorizerCredentialsArn;
  const target = authorizerFunction(authorizer.AuthorizerUri ?? '', id, credentials, variables);
  const sources = authorizer.IdentitySource ?? [];
  const read = compileIdentitySources(sources);
  return async (call) => {
    // "If you attempt to connect without a valid identity value, you'll receive a 401 response."
    if (sources.length > 0 && read(call) === undefined) throw new Refusal('UNAUTHORIZED', 'Unauthorized');
    const said = await callAuthorizer(engine.ports, call, target, webSocketAuthorizerEvent(call));
    const verdict = readVerdict(said, call);
    permitByPolicy(call, { identity: verdict.policy, resource: null });
    return { ...ANONYMOUS, authorizer: verdict.authorizer };
  };
}
