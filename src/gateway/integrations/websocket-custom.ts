/**
 * Integrations of WebSocket APIs that are not proxies (AWS, HTTP, MOCK): request and response templates chosen by
 * selection expressions, `$default` where nothing else fits.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-data-transformations.html
 */
import type { Engine } from '../engine.ts';
import type { WebSocketRoute } from '../kinds/websocket-route.ts';
import { compileWebSocketRequest } from '../mapping/websocket-request.ts';
import { compileWebSocketResponse } from '../mapping/websocket-response.ts';
import { MappingScope } from '../mapping/scope.ts';
import type { Checked, Reply } from '../plan.ts';
import { withStageVariables } from '../stage-variables.ts';
import { withTimeout } from '../timeouts.ts';
import { enter, keptMessage, noteOutput } from '../trail.ts';
import { compileAwsBackend } from './aws-custom.ts';
import type { Backend, BackendAnswer } from './custom.ts';
import { compileHttpBackend } from './http-custom.ts';
import { compileMockBackend } from './mock.ts';

export function compileWebSocketCustom(
  socket: WebSocketRoute,
  engine: Engine,
): (call: Checked) => Reply | Promise<Reply> {
  const backend = compileBackend(socket, engine);
  const toBackend = compileWebSocketRequest(socket);
  const toClient = compileWebSocketResponse(socket);
  const back = (scope: MappingScope, answer: BackendAnswer): Reply => {
    const { facts } = scope.call;
    noteOutput(facts, keptMessage(facts, answer));
    enter(facts, 'transform');
    return toClient(scope, answer);
  };
  return (call) => {
    enter(call.facts, 'transform');
    const scope = new MappingScope(call);
    const request = toBackend(scope);
    enter(call.facts, 'integrate', keptMessage(call.facts, request));
    const answer = backend(call, request);
    return answer instanceof Promise ? answer.then((late) => back(scope, late)) : back(scope, answer);
  };
}

function compileBackend({ integration, stagePlan }: WebSocketRoute, engine: Engine): Backend {
  const { variables, api } = stagePlan;
  const uri = withStageVariables(integration.IntegrationUri ?? '', variables);
  const timeoutMs = withTimeout(integration.TimeoutInMillis, 'rest');
  const httpMethod = integration.IntegrationMethod ?? 'POST';
  switch (integration.IntegrationType) {
    case 'MOCK':
      return compileMockBackend();
    case 'HTTP':
      return compileHttpBackend(engine, { uri, tls: { verify: true }, timeoutMs, httpMethod });
    default:
      return compileAwsBackend(engine.ports, {
        uri,
        timeoutMs,
        credentials: integration.CredentialsArn
          ? withStageVariables(integration.CredentialsArn, variables)
          : undefined,
        httpMethod,
        scope: api.scope,
      });
  }
}
