/** One route of an HTTP API, compiled. What cannot be compiled refuses every request of this route, and no other. */
import type { Integration, Route } from '@aws-sdk/client-apigatewayv2';
import type { HttpStage } from '../config.ts';
import type { HttpAuthorizers } from '../authorizers/http-authorizers.ts';
import type { Engine } from '../engine.ts';
import { compileHttpLambda } from '../integrations/http-lambda.ts';
import { compileHttpApiProxy } from '../integrations/http-api-proxy.ts';
import { compileHttpService } from '../integrations/http-service.ts';
import type { Plan, StagePlan } from '../plan.ts';
import { configurationError, isRefusal } from '../refusal.ts';
import { compileHttpAuthorization } from '../steps/authorize-http.ts';
import { compileThrottle } from '../steps/throttle.ts';
import { enter } from '../trail.ts';
import { httpRules } from './rules.ts';

/** What every step of a route is compiled from. */
export interface HttpRoute {
  readonly stagePlan: StagePlan;
  readonly stage: HttpStage;
  readonly route: Route;
  readonly integration: Integration;
}

export function compileHttpPlan(
  stagePlan: StagePlan,
  stage: HttpStage,
  engine: Engine,
  routeKey: string,
  authorizers: HttpAuthorizers,
): Plan {
  const route: Route = stage.definition.routes.find((candidate) => candidate.RouteKey === routeKey) ?? {
    RouteKey: routeKey,
  };
  const integrationId = (route.Target ?? '').replace(/^integrations\//, '');
  const integration = stage.definition.integrations[integrationId] ?? {};
  const http: HttpRoute = { stagePlan, stage, route, integration };
  const settings = { ...stage.defaultRouteSettings, ...stage.routeSettings[routeKey] };
  return {
    stage: stagePlan,
    routeKey,
    resourceId: routeKey,
    resourcePath: routeKey.slice(routeKey.indexOf(' ') + 1),
    signed: route.AuthorizationType === 'AWS_IAM',
    body:
      integration.IntegrationType === 'HTTP_PROXY' &&
      route.AuthorizationType !== 'AWS_IAM' &&
      !mapsBody(integration)
        ? 'streamed'
        : 'buffered',
    authorize: compileHttpAuthorization(http, engine, authorizers),
    throttle: compileThrottle(engine, {
      scope: stagePlan.api.scope,
      apiId: stagePlan.api.apiId,
      stageName: stagePlan.stageName,
      routeKey,
      perSecond: settings.ThrottlingRateLimit,
      burst: settings.ThrottlingBurstLimit,
      keyed: false,
    }),
    validate: null,
    integrate: guardedIntegration(http, engine),
    detailedMetrics: settings.DetailedMetricsEnabled === true,
    rules: () => httpRules(http, settings),
  };
}

const mapsBody = (integration: Integration): boolean =>
  Object.values(integration.RequestParameters ?? {}).some((value) => value.includes('$request.body'));

function guardedIntegration(http: HttpRoute, engine: Engine): Plan['integrate'] {
  try {
    return compileIntegration(http, engine);
  } catch (thrown) {
    const refusal = isRefusal(thrown) ? thrown : configurationError(String(thrown));
    engine.ports.log('error', 'a route cannot be served', {
      routeKey: http.route.RouteKey,
      reason: refusal.details.reason,
    });
    return (call) => {
      enter(call.facts, 'integrate');
      throw refusal;
    };
  }
}

function compileIntegration(http: HttpRoute, engine: Engine): Plan['integrate'] {
  const { integration } = http;
  if (integration.IntegrationSubtype) return compileHttpService(http, engine.ports);
  switch (integration.IntegrationType) {
    case 'AWS_PROXY':
      return compileHttpLambda(http, engine.ports);
    case 'HTTP_PROXY':
      return compileHttpApiProxy(http, engine);
    default:
      throw configurationError(
        `integration type ${integration.IntegrationType ?? '(none)'} is not supported by HTTP APIs`,
      );
  }
}
