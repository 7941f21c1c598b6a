/**
 * WebSocket APIs: stages by name, routes by the route selection expression, `$connect`, `$disconnect` and `$default`,
 * and the management API under each stage.
 */
import { compileSelection } from '../../lang/selection/compile.ts';
import type { WebSocketApiDocument, WebSocketStage } from '../config.ts';
import type { Engine } from '../engine.ts';
import { lazily } from '../lazily.ts';
import { parseJson, selectionValues } from '../mapping/websocket-selection.ts';
import type { CompiledApi, Plan, Routed, SocketStage, StagePlan } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import type { ApiTarget } from '../target.ts';
import { compileAccessLog } from '../steps/access-log.ts';
import { HEALTHY, isHealthCheck } from '../steps/arrive.ts';
import { executionLogOf } from '../steps/execution-log.ts';
import { compileManagement } from './websocket-management.ts';
import { compileWebSocketPlan } from './websocket-plan.ts';
import { FORBIDDEN, refuseWebSocket } from './websocket-refusals.ts';

export function compileWebSocketApi(document: WebSocketApiDocument, engine: Engine): CompiledApi {
  const stages = new Map<string, () => SocketStage>();
  for (const stage of Object.values(document.stages))
    stages.set(
      stage.stageName,
      lazily(() => compileStage(document, stage, engine)),
    );
  const stageOf = (name: string, addressedBy?: ApiTarget['addressedBy']): SocketStage | null => {
    const isShut =
      document.disableExecuteApiEndpoint && addressedBy !== undefined && addressedBy !== 'domain';
    return isShut ? null : (stages.get(name)?.() ?? null);
  };
  return {
    apiId: document.apiId,
    name: document.name,
    scope: document.scope,
    showsBasePath: false,
    stageOf: ({ request, target }) => {
      if (isHealthCheck(request.rawPath)) return HEALTHY;
      const end = request.rawPath.indexOf('/', 1);
      const name = end === -1 ? request.rawPath.slice(1) : request.rawPath.slice(1, end);
      return stageOf(name, target.addressedBy)?.plan ?? FORBIDDEN;
    },
    // "requestId: same as extendedRequestId":
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
    newIds: () => {
      const id = engine.ids.extended();
      return { requestId: id, extendedRequestId: id };
    },
    socketStage: stageOf,
  };
}

const CONNECT = '$connect';
const DISCONNECT = '$disconnect';
const DEFAULT = '$default';

function compileStage(document: WebSocketApiDocument, stage: WebSocketStage, engine: Engine): SocketStage {
  const management = compileManagement(engine, () => plan);
  const plan: StagePlan = {
    api: document,
    stageName: stage.stageName,
    deploymentId: stage.deploymentId,
    canary: false,
    variables: stage.stageVariables,
    inspect: null,
    match: (call): Routed => management(call),
    refuse: refuseWebSocket,
    dress: (reply, call) => ['x-amzn-RequestId', call.requestId, ...reply.headers],
    compressFromBytes: null,
    accessLog: compileAccessLog(engine, document.scope, stage.accessLogSettings, stage.stageVariables),
    metrics: 'WEBSOCKET',
    executionLog: compileLog(document, stage, engine),
  };
  const plans = new Map<string, () => Plan>();
  for (const { RouteKey: key = '' } of stage.definition.routes)
    plans.set(
      key,
      lazily(() => compileWebSocketPlan(plan, stage, engine, key)),
    );
  return {
    plan,
    connect: plans.get(CONNECT)?.() ?? null,
    disconnect: plans.get(DISCONNECT)?.() ?? null,
    routeOf: compileRoutes(stage, plans),
  };
}

/**
 * A message that names `$connect` or `$disconnect` is for neither: those are the gateway's own. What is no JSON, or
 * names no route, is for `$default`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html
 */
function compileRoutes(
  { definition }: WebSocketStage,
  plans: ReadonlyMap<string, () => Plan>,
): SocketStage['routeOf'] {
  const select = compileSelection(definition.routeSelectionExpression);
  const named = new Map(plans);
  for (const key of [CONNECT, DISCONNECT, DEFAULT]) named.delete(key);
  const usual = plans.get(DEFAULT);
  const member = /^\$(?:\{request\.body\.(\w+)\}|request\.body\.(\w+))$/.exec(
    definition.routeSelectionExpression,
  );
  const name = member?.[1] ?? member?.[2];
  return (call, text) => {
    if (named.size > 0) {
      const key = name === undefined ? select(selectionValues(call, undefined, text)) : ownMember(text, name);
      const found = key === undefined ? undefined : named.get(key);
      if (found !== undefined) return found();
    }
    if (usual === undefined)
      throw new Refusal('RESOURCE_NOT_FOUND', 'Forbidden', { reason: 'No route matches' });
    return usual();
  };
}

/** `$request.body.action`, what nearly every API selects by, without a path to walk. */
function ownMember(text: string, name: string): string | undefined {
  const body = parseJson(text);
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined;
  const value = (body as Record<string, unknown>)[name]; // an object with that member, as just seen
  if (value === null || value === undefined) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html */
function compileLog(
  document: WebSocketApiDocument,
  stage: WebSocketStage,
  engine: Engine,
): StagePlan['executionLog'] {
  const all = [stage.defaultRouteSettings ?? {}, ...Object.values(stage.routeSettings)];
  if (!all.some(({ LoggingLevel: level }) => level === 'INFO' || level === 'ERROR')) return null;
  return executionLogOf(engine, {
    scope: document.scope,
    group: `/aws/apigateway/${document.apiId}/${stage.stageName}`,
    admitted: (call) => [
      `Starting execution for request: ${call.requestId}`,
      `Event Type: ${call.connection?.eventType ?? 'MANAGEMENT'}, Route Key: ${call.plan.routeKey}, Connection Id: ${call.connection?.connectionId ?? '-'}`,
    ],
    settingsOf: (call) => {
      const routeKey = 'plan' in call ? call.plan.routeKey : '';
      const settings = { ...stage.defaultRouteSettings, ...stage.routeSettings[routeKey] };
      return { loggingLevel: settings.LoggingLevel, dataTraceEnabled: settings.DataTraceEnabled };
    },
  });
}
