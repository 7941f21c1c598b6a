/**
 * The management API: what a backend tells a connection, or asks of it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html
 */
import { arnOf } from '../../base/arn.ts';
import type { Caller } from '../../base/ports.ts';
import { limits } from '../../base/limits.ts';
import type { Engine } from '../engine.ts';
import { lazily } from '../lazily.ts';
import {
  ANONYMOUS,
  type Checked,
  type Plan,
  type Reply,
  type Routed,
  type Staged,
  type StagePlan,
} from '../plan.ts';
import type { ConnectionAnswer, ConnectionCommand } from '../ports.ts';
import { decodePercent } from '../query.ts';
import { isRefusal, Refusal } from '../refusal.ts';
import { runHere } from '../sockets/commands.ts';
import { authorizeIam } from '../steps/authorize-iam.ts';
import { enter } from '../trail.ts';

const METHODS = { POST: 'post', GET: 'get', DELETE: 'delete' } as const;
type Method = keyof typeof METHODS;

const isMethod = (method: string): method is Method => Object.hasOwn(METHODS, method);

const PATH = /^\/(?:@|%40)connections\/([^/]+)\/?$/i;
/** As the gateway makes them, and as AWS does: anything else was never a connection. */
const ID = /^[A-Za-z0-9_-]{1,128}={0,2}$/;

/** Routes a plain HTTP request to a WebSocket stage. Throws a Refusal for what is no command. */
export function compileManagement(engine: Engine, stage: () => StagePlan): (call: Staged) => Routed {
  const plans = lazily(() => ({
    POST: planOf(engine, stage(), 'POST'),
    GET: planOf(engine, stage(), 'GET'),
    DELETE: planOf(engine, stage(), 'DELETE'),
  }));
  return (call) => {
    const { rawPath, method } = call.request;
    const path = rawPath.slice(call.stage.stageName.length + 1);
    const id = PATH.exec(path)?.[1];
    if (id === undefined || !isMethod(method))
      throw id === undefined
        ? new Refusal('ACCESS_DENIED', 'Forbidden', { headers: ['x-amzn-ErrorType', 'ForbiddenException'] })
        : new Refusal('MISSING_AUTHENTICATION_TOKEN', 'Missing Authentication Token', {
            headers: ['x-amzn-ErrorType', 'MissingAuthenticationTokenException'],
          });
    // A broadcast's callbacks would push every request worth explaining out of memory.
    call.facts.trail = undefined;
    return { ...call, plan: plans()[method], path, pathParameters: { connectionId: decodePercent(id) } };
  };
}

function planOf(engine: Engine, stage: StagePlan, method: Method): Plan {
  const { api, stageName } = stage;
  const routeKey = `${method} /@connections/{connectionId}`;
  return {
    stage,
    routeKey,
    resourceId: '@connections',
    resourcePath: '/@connections/{connectionId}',
    signed: engine.ports.openManagement !== true,
    body: 'buffered',
    invokeAction: 'execute-api:ManageConnections',
    // As AWS's own denials name it, and as grants of `@connections/*` expect it:
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
    invokeArn: arnOf(
      api.scope,
      'execute-api',
      `${api.apiId}/${stageName}/${method}/@connections/{connectionId}`,
    ),
    authorize:
      engine.ports.openManagement === true
        ? null
        : async (call, body) => ({ ...ANONYMOUS, caller: await callerOf(engine, call, body) }),
    throttle: null,
    validate: null,
    integrate: (call) => manage(engine, call, METHODS[method]),
    detailedMetrics: false,
    rules: () => ({ authorize: 'AWS_IAM', throttle: null, validate: null, integrate: 'connection' }),
  };
}

/** A refusal carries the type of the management API's own model, by which SDKs know it. */
async function callerOf(engine: Engine, call: Routed, body: Uint8Array): Promise<Caller> {
  try {
    return await authorizeIam(engine.ports, call, body, null);
  } catch (thrown) {
    if (!isRefusal(thrown)) throw thrown;
    const { details, type, text } = thrown;
    const errorType =
      type === 'ACCESS_DENIED' ? 'ForbiddenException' : (details.errorType ?? 'ForbiddenException');
    throw new Refusal(type, text, { ...details, headers: ['x-amzn-ErrorType', errorType] });
  }
}

function manage(engine: Engine, call: Checked, kind: ConnectionCommand['kind']): Reply | Promise<Reply> {
  enter(call.facts, 'integrate');
  const connectionId = call.pathParameters?.['connectionId'] ?? '';
  if (!ID.test(connectionId))
    return errorReply(400, 'BadRequestException', `Invalid connectionId: ${connectionId}`);
  if (kind === 'post' && call.body.length > limits.webSocketPostBytes)
    return errorReply(413, 'PayloadTooLargeException', 'Payload Too Large');
  const place = { connectionId, apiId: call.stage.api.apiId, stageName: call.stage.stageName };
  const command: ConnectionCommand =
    kind === 'post' ? { ...place, kind, data: call.body } : { ...place, kind };
  const here = runHere(engine.live, command);
  const { presence } = engine.ports;
  if (here !== undefined || presence === undefined) return replyOf(here, kind);
  return presence.ask(command).then((answer) => replyOf(answer, kind));
}

function replyOf(answer: ConnectionAnswer | undefined, kind: ConnectionCommand['kind']): Reply {
  if (answer === undefined || answer.outcome === 'gone') return errorReply(410, 'GoneException', 'Gone');
  if (answer.outcome === 'full') return errorReply(429, 'LimitExceededException', 'Limit Exceeded');
  if (answer.outcome === 'done') return { status: kind === 'delete' ? 204 : 200, headers: [], body: null };
  const body = {
    connectedAt: new Date(answer.connectedAt).toISOString(),
    identity: { sourceIp: answer.sourceIp, userAgent: answer.userAgent },
    lastActiveAt: new Date(answer.lastActiveAt).toISOString(),
  };
  return { status: 200, headers: ['Content-Type', 'application/json'], body: JSON.stringify(body) };
}

/** Errors of the management API's own model: the SDKs read the type from the header. */
const errorReply = (status: number, type: string, message: string): Reply => ({
  status,
  headers: ['x-amzn-ErrorType', type, 'Content-Type', 'application/json'],
  body: JSON.stringify({ message }),
});
