/** AWS_PROXY on a WebSocket API: the event, and the function's body as what is sent back where the route answers. */
import { limits } from '../../base/limits.ts';
import type { WebSocketRoute } from '../kinds/websocket-route.ts';
import type { Checked, Reply } from '../plan.ts';
import type { GatewayPorts } from '../ports.ts';
import { configurationError, Refusal } from '../refusal.ts';
import { withStageVariables } from '../stage-variables.ts';
import { withTimeout } from '../timeouts.ts';
import { enter } from '../trail.ts';
import { readProxyAnswer } from './lambda-answer.ts';
import { callFunction, functionArnOf } from './lambda-function.ts';
import { textOf } from './lambda-proxy.ts';
import { webSocketEvent } from './websocket-event.ts';

export function compileWebSocketLambda(
  { integration, stagePlan, twoWay }: WebSocketRoute,
  ports: GatewayPorts,
): (call: Checked) => Promise<Reply> {
  const functionArn = functionArnOf(
    withStageVariables(integration.IntegrationUri ?? '', stagePlan.variables),
  );
  if (functionArn === undefined) throw configurationError('Invalid endpoint address');
  const timeoutMs = withTimeout(integration.TimeoutInMillis, 'rest');
  const credentials = integration.CredentialsArn
    ? withStageVariables(integration.CredentialsArn, stagePlan.variables)
    : undefined;
  return async (call) => {
    enter(call.facts, 'transform');
    const payload = Buffer.from(JSON.stringify(webSocketEvent(call)));
    const answer = await callFunction(ports, call, { functionArn, timeoutMs, credentials, payload });
    enter(call.facts, 'transform');
    const text = textOf(answer.payload);
    if (answer.functionError !== undefined)
      throw failed(`Lambda execution failed with status 200 due to customer function error: ${cut(text)}`);
    const read = readProxyAnswer(text, true);
    if (read === undefined)
      throw failed(
        `Execution failed due to configuration error: Malformed Lambda proxy response: ${cut(text)}`,
      );
    const body = read.isBase64Encoded ? Buffer.from(read.body, 'base64') : read.body;
    if (twoWay && Buffer.byteLength(body) > limits.webSocketMessageBytes)
      throw failed('Execution failed: the answer is larger than a message may be');
    return { status: read.status, headers: read.headers, body: twoWay ? body : null };
  };
}

const cut = (text: string): string => text.slice(0, 1024);

const failed = (reason: string): Refusal =>
  new Refusal('INTEGRATION_FAILURE', 'Internal server error', { status: 502, reason });
