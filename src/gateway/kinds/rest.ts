/** REST APIs: stages by name, (resource, method) pairs, gateway responses. */
import { limits } from '../../base/limits.ts';
import type { RestApiDocument, RestDefinition, RestStage } from '../config.ts';
import { compileRestAuthorizers } from '../authorizers/rest-authorizers.ts';
import type { Engine } from '../engine.ts';
import { lazily } from '../lazily.ts';
import { compileBinaryTypes } from '../media-types.ts';
import type { CompiledApi, Plan, Reply, Routed, Staged, StagePlan } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import { HEALTHY, isHealthCheck, refuseUnsuited, type RequestBounds } from '../steps/arrive.ts';
import { Router } from '../steps/router.ts';
import { compileTrace } from '../steps/trace.ts';
import { compileAccessLog } from '../steps/access-log.ts';
import { compileExecutionLog } from '../steps/execution-log.ts';
import { compileRestPlan } from './rest-plan.ts';
import { compileWebAcl } from '../steps/web-acl.ts';
import { compileRefusals } from './rest-refusals.ts';

export function compileRestApi(document: RestApiDocument, engine: Engine): CompiledApi {
  const stages = new Map<string, () => StagePlan>();
  for (const stage of Object.values(document.stages))
    stages.set(stage.stageName, compileVariants(document, stage, engine));
  const bounds = boundsOf(document);
  return {
    apiId: document.apiId,
    name: document.name,
    scope: document.scope,
    showsBasePath: true,
    stageOf: ({ request, target }) => {
      if (document.disableExecuteApiEndpoint && target.mapped === undefined) return FORBIDDEN;
      const stage = stages.get(target.mapped?.stage ?? stageNameOf(request.rawPath));
      if (stage !== undefined) return refuseUnsuited(request, bounds) ?? stage();
      return isHealthCheck(request.rawPath) ? HEALTHY : FORBIDDEN;
    },
    newIds: () => ({ requestId: engine.ids.uuid(), extendedRequestId: engine.ids.extended() }),
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html */
function boundsOf(document: RestApiDocument): RequestBounds | null {
  const [stage] = Object.values(document.stages);
  switch (stage?.definition.endpointTypes[0]) {
    case 'PRIVATE':
      return { headerBytes: limits.privateApiHeaderBytes, urlBytes: limits.narrowApiUrlBytes };
    case 'EDGE':
      return { headerBytes: limits.apiGatewayHeaderBytes, urlBytes: limits.narrowApiUrlBytes };
    default:
      return null;
  }
}

/** What a client gets where there is no stage, hence no gateway response either. */
const FORBIDDEN: Reply = {
  status: 403,
  headers: ['x-amzn-ErrorType', 'ForbiddenException', 'Content-Type', 'application/json'],
  body: '{"message":"Forbidden"}',
};

function stageNameOf(rawPath: string): string {
  const end = rawPath.indexOf('/', 1);
  return end === -1 ? rawPath.slice(1) : rawPath.slice(1, end);
}

/** The stage, and for its percentage of requests the canary. */
function compileVariants(document: RestApiDocument, stage: RestStage, engine: Engine): () => StagePlan {
  const cacheName = `${document.scope.account}/${document.scope.region}/${document.apiId}/${stage.stageName}`;
  const usual = lazily(() => compileStage({ document, stage, engine, cacheName, canary: false }));
  const { canary } = stage;
  if (canary === undefined) return usual;
  const released: RestStage = {
    ...stage,
    deploymentId: canary.deploymentId,
    definition: canary.definition,
    variables: { ...stage.variables, ...canary.stageVariableOverrides },
  };
  const ownCache = canary.useStageCache ? cacheName : `${cacheName}/Canary`;
  const canaried = lazily(() =>
    compileStage({ document, stage: released, engine, cacheName: ownCache, canary: true }),
  );
  return () => (percentOf(engine) < canary.percentTraffic ? canaried() : usual());
}

const percentOf = (engine: Engine): number => {
  const [high = 0, low = 0] = engine.ports.random(2);
  return ((high * 256 + low) / 65_536) * 100;
};

/** A stage, or its canary release. */
interface Variant {
  readonly document: RestApiDocument;
  readonly stage: RestStage;
  readonly engine: Engine;
  readonly cacheName: string;
  readonly canary: boolean;
}

function compileStage(variant: Variant): StagePlan {
  const { document, stage, engine, cacheName, canary } = variant;
  const { definition } = stage;
  const isBinary = compileBinaryTypes(definition.binaryMediaTypes);
  const router = compileRouter(definition, (resource, httpMethod) =>
    compileRestPlan({
      stagePlan: plan,
      stage,
      engine,
      resource,
      httpMethod,
      isBinary,
      authorizers: authorizers(),
      cacheName,
    }),
  );
  const authorizers = lazily(() => compileRestAuthorizers(definition.authorizers, plan, engine));
  const plan: StagePlan = {
    api: document,
    stageName: stage.stageName,
    deploymentId: stage.deploymentId,
    canary: stage.canary === undefined ? undefined : canary,
    variables: stage.variables,
    inspect: compileWebAcl(stage.webAclArn, engine),
    match: (call) => matchRest(router, call),
    refuse: compileRefusals(definition.gatewayResponses),
    dress: dressRest,
    compressFromBytes: definition.minimumCompressionSize ?? null,
    accessLog: compileAccessLog(engine, document.scope, accessLogOf(stage, canary), stage.variables),
    trace: stage.tracingEnabled ? compileTrace(engine, document, stage.stageName) : null,
    metrics: 'REST',
    executionLog: compileExecutionLog(engine, document, stage, canary),
  };
  return plan;
}

/** A canary's requests are logged beside those of its stage: https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html */
const accessLogOf = ({ accessLogSettings: settings }: RestStage, canary: boolean) =>
  canary && settings?.destinationArn !== undefined
    ? { ...settings, destinationArn: `${settings.destinationArn}/Canary` }
    : settings;

type PlanOf = (resource: RestDefinition['resources'][number], httpMethod: string) => Plan;

function compileRouter(definition: RestDefinition, planOf: PlanOf): Router<() => Plan> {
  const router = new Router<() => Plan>();
  for (const resource of definition.resources)
    for (const httpMethod of Object.keys(resource.resourceMethods ?? {}))
      router.add(
        httpMethod,
        resource.path ?? '/',
        lazily(() => planOf(resource, httpMethod)),
      );
  return router;
}

/**
 * Slashes between stage and path count as one, those at the end as none; inside the path they stay (recorded).
 * `X-HTTP-Method-Override` is honoured: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
function matchRest(router: Router<() => Plan>, call: Staged): Routed {
  const { request } = call;
  const override = request.header('x-http-method-override');
  if (override !== undefined) request.method = override.toUpperCase();
  const path = pathBehindStage(request.rawPath);
  const found = router.find(request.method, withoutTrailingSlashes(path));
  if (found === undefined) throw new Refusal('MISSING_AUTHENTICATION_TOKEN', 'Missing Authentication Token');
  const routed = { ...call, plan: found.target(), path, pathParameters: found.parameters };
  call.stage.executionLog?.begin(routed);
  return routed;
}

function pathBehindStage(rawPath: string): string {
  let start = rawPath.indexOf('/', 1);
  if (start === -1) return '/';
  while (rawPath.charCodeAt(start + 1) === SLASH) start++;
  return rawPath.slice(start);
}

function withoutTrailingSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path.charCodeAt(end - 1) === SLASH) end--;
  return end === path.length ? path : path.slice(0, end);
}

const SLASH = 47;

function dressRest(reply: Reply, call: Staged): string[] {
  const headers = ['x-amzn-RequestId', call.requestId, 'x-amz-apigw-id', call.extendedRequestId];
  if (reply.traced === true) headers.push('X-Amzn-Trace-Id', call.traceId);
  for (const header of reply.headers) headers.push(header);
  return headers;
}
