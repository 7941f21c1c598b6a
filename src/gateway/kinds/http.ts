/** HTTP APIs: stages by name or `$default`, route keys, CORS answered by the gateway. */
import type { HttpApiDocument, HttpStage } from '../config.ts';
import { compileHttpAuthorizers } from '../authorizers/http-authorizers.ts';
import type { Engine } from '../engine.ts';
import { lazily } from '../lazily.ts';
import type { CompiledApi, Plan, Reply, Routed, Staged, StagePlan } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import { compileAccessLog } from '../steps/access-log.ts';
import { HEALTHY, isHealthCheck } from '../steps/arrive.ts';
import { Router } from '../steps/router.ts';
import { compileCors, type Cors } from './http-cors.ts';
import { compileHttpPlan } from './http-plan.ts';
import { jsonReply, refuseHttp } from './http-refusals.ts';

const DEFAULT = '$default';

export function compileHttpApi(document: HttpApiDocument, engine: Engine): CompiledApi {
  const stages = new Map<string, () => StagePlan>();
  for (const stage of Object.values(document.stages))
    stages.set(
      stage.stageName,
      lazily(() => compileStage(document, stage, engine)),
    );
  return {
    apiId: document.apiId,
    name: document.name,
    scope: document.scope,
    showsBasePath: false,
    stageOf: ({ request, target }) => {
      const { mapped } = target;
      if (document.disableExecuteApiEndpoint && mapped === undefined) return NOT_FOUND;
      if (isHealthCheck(request.rawPath)) return HEALTHY;
      const stage =
        mapped?.stage === undefined
          ? (stages.get(firstSegment(request.rawPath)) ?? stages.get(DEFAULT))
          : stages.get(mapped.stage);
      return stage === undefined ? NOT_FOUND : stage();
    },
    newIds: () => {
      const id = engine.ids.extended();
      return { requestId: id, extendedRequestId: id };
    },
  };
}

const NOT_FOUND = jsonReply(404, 'Not Found');

function firstSegment(rawPath: string): string {
  const end = rawPath.indexOf('/', 1);
  return end === -1 ? rawPath.slice(1) : rawPath.slice(1, end);
}

interface Routes {
  readonly router: Router<() => Plan>;
  readonly fallback: (() => Plan) | undefined;
}

function compileStage(document: HttpApiDocument, stage: HttpStage, engine: Engine): StagePlan {
  const authorizers = lazily(() => compileHttpAuthorizers(stage.definition.authorizers, plan, engine));
  const cors = compileCors(stage.definition.corsConfiguration);
  const routes = compileRoutes(stage, (routeKey) =>
    compileHttpPlan(plan, stage, engine, routeKey, authorizers()),
  );
  const plan: StagePlan = {
    api: document,
    stageName: stage.stageName,
    deploymentId: stage.deploymentId,
    variables: stage.stageVariables,
    inspect: null,
    match: (call) => matchHttp(routes, cors, call),
    refuse: refuseHttp,
    dress: (reply, call) => dressHttp(reply, call, cors),
    canary: undefined,
    compressFromBytes: null,
    accessLog: compileAccessLog(engine, document.scope, stage.accessLogSettings, stage.stageVariables),
    metrics: 'HTTP',
    executionLog: null,
  };
  return plan;
}

function compileRoutes(stage: HttpStage, planOf: (routeKey: string) => Plan): Routes {
  const router = new Router<() => Plan>();
  let fallback: (() => Plan) | undefined;
  for (const { RouteKey: routeKey = '' } of stage.definition.routes) {
    const plan = lazily(() => planOf(routeKey));
    const space = routeKey.indexOf(' ');
    if (routeKey === DEFAULT) fallback = plan;
    else if (space > 0) router.add(routeKey.slice(0, space), routeKey.slice(space + 1), plan);
  }
  return { router, fallback };
}

/**
 * A preflight is answered even without an OPTIONS route, but a route with an authorizer that takes it, `$default` or
 * ANY, authorizes it first: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
 */
function matchHttp(routes: Routes, cors: Cors | null, call: Staged): Routed | Reply {
  const { request, stage } = call;
  const named = stage.stageName !== DEFAULT;
  const path = named ? request.rawPath.slice(stage.stageName.length + 1) || '/' : request.rawPath;
  const found = routes.router.find(request.method, path);
  const plan = (found?.target ?? routes.fallback)?.();
  const preflight = cors?.preflight(request) ?? null;
  if (preflight !== null && (plan?.authorize ?? null) === null) return preflight;
  if (plan === undefined) throw new Refusal('RESOURCE_NOT_FOUND', 'Not Found');
  return { ...call, plan, path, pathParameters: found?.parameters ?? null };
}

function dressHttp(reply: Reply, call: Staged, cors: Cors | null): string[] {
  const headers = cors === null ? [...reply.headers] : cors.apply(reply.headers, call.request);
  headers.push('Apigw-Requestid', call.requestId);
  return headers;
}
