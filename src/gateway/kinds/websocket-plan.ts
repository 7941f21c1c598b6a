/** One route of a WebSocket API, compiled. What cannot be compiled refuses every call of this route, and no other. */
import { arnOf } from '../../base/arn.ts';
import { reasonOf } from '../../base/fault.ts';
import type { WebSocketStage } from '../config.ts';
import type { Engine } from '../engine.ts';
import { compileWebSocketCustom } from '../integrations/websocket-custom.ts';
import { compileWebSocketHttpProxy } from '../integrations/websocket-http-proxy.ts';
import { compileWebSocketLambda } from '../integrations/websocket-lambda.ts';
import type { Plan, Reply, StagePlan } from '../plan.ts';
import { configurationError, isRefusal } from '../refusal.ts';
import { compileThrottle } from '../steps/throttle.ts';
import { enter } from '../trail.ts';
import { webSocketRules } from './rules.ts';
import { compileWebSocketAuthorization } from './websocket-authorization.ts';
import type { WebSocketRoute } from './websocket-route.ts';
import { compileWebSocketValidation } from './websocket-validation.ts';

export function compileWebSocketPlan(
  stagePlan: StagePlan,
  stage: WebSocketStage,
  engine: Engine,
  routeKey: string,
): Plan {
  const { definition } = stage;
  const route = definition.routes.find((candidate) => candidate.RouteKey === routeKey) ?? {
    RouteKey: routeKey,
  };
  const integrationId = (route.Target ?? '').replace(/^integrations\//, '');
  const socket: WebSocketRoute = {
    stagePlan,
    stage,
    route,
    integration: definition.integrations[integrationId] ?? {},
    responses: definition.integrationResponses[integrationId] ?? [],
    twoWay: routeKey === '$connect' || answersClient(stage, route.RouteId ?? '', route),
  };
  const settings = { ...stage.defaultRouteSettings, ...stage.routeSettings[routeKey] };
  const { api, stageName } = stagePlan;
  return {
    stage: stagePlan,
    routeKey,
    resourceId: routeKey,
    resourcePath: routeKey,
    signed: route.AuthorizationType === 'AWS_IAM',
    body: 'buffered',
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
    invokeArn: arnOf(api.scope, 'execute-api', `${api.apiId}/${stageName}/${routeKey}`),
    authorize: compileWebSocketAuthorization(socket, engine),
    throttle: compileThrottle(engine, {
      scope: api.scope,
      apiId: api.apiId,
      stageName,
      routeKey,
      perSecond: settings.ThrottlingRateLimit,
      burst: settings.ThrottlingBurstLimit,
      keyed: route.ApiKeyRequired === true,
    }),
    validate: guarded(() => compileWebSocketValidation(socket), engine, routeKey),
    integrate: guarded(() => compileIntegration(socket, engine), engine, routeKey),
    detailedMetrics: settings.DetailedMetricsEnabled === true,
    rules: () => webSocketRules(socket, settings),
  };
}

/** Both are wanted: a response without the expression is never chosen, and the expression chooses among none. */
const answersClient = (
  { definition }: WebSocketStage,
  routeId: string,
  route: { readonly RouteResponseSelectionExpression?: string | undefined },
): boolean =>
  Boolean(route.RouteResponseSelectionExpression) && (definition.routeResponses[routeId]?.length ?? 0) > 0;

const NOTHING: Reply = { status: 200, headers: [], body: null };

function compileIntegration(socket: WebSocketRoute, engine: Engine): Plan['integrate'] {
  const { route, integration } = socket;
  // An integration is optional for $connect and $disconnect; any other route without one has nowhere to go.
  if (!route.Target && route.RouteKey?.startsWith('$') && route.RouteKey !== '$default') return () => NOTHING;
  switch (integration.IntegrationType) {
    case 'AWS_PROXY':
      return compileWebSocketLambda(socket, engine.ports);
    case 'HTTP_PROXY':
      return compileWebSocketHttpProxy(socket, engine);
    case 'AWS':
    case 'HTTP':
    case 'MOCK':
      return compileWebSocketCustom(socket, engine);
    case undefined:
      throw configurationError('No integration defined for route');
    default:
      return integration.IntegrationType satisfies never;
  }
}

/** A step that cannot be compiled throws its refusal at every call. */
function guarded<Step extends ((call: never) => unknown) | null>(
  compile: () => Step,
  engine: Engine,
  routeKey: string,
): Step | ((call: Parameters<NonNullable<Step>>[0]) => never) {
  try {
    return compile();
  } catch (thrown) {
    const refusal = isRefusal(thrown) ? thrown : configurationError(reasonOf(thrown));
    const { reason } = refusal.details;
    engine.ports.log('error', 'a route cannot be served', { routeKey, reason });
    return (call: { readonly facts: Parameters<typeof enter>[0] }) => {
      enter(call.facts, 'integrate');
      throw refusal;
    };
  }
}
