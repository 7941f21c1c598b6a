/** AWS_PROXY on an HTTP API: payload format 1.0 or 2.0, and 2.0's inferred answers. */
import type { HttpRoute } from '../kinds/http-plan.ts';
import type { Checked, Reply } from '../plan.ts';
import type { GatewayPorts } from '../ports.ts';
import { configurationError, Refusal } from '../refusal.ts';
import { firstHeader } from '../raw-headers.ts';
import { withStageVariables } from '../stage-variables.ts';
import { withTimeout } from '../timeouts.ts';
import { httpEvent1, httpEvent2 } from './http-event.ts';
import { parseObject } from '../../lang/json/json-object.ts';
import { headersOf, readProxyAnswer, statusOf, type FunctionAnswer } from './lambda-answer.ts';
import { callFunction, functionArnOf } from './lambda-function.ts';
import { textOf } from './lambda-proxy.ts';
import { enter } from '../trail.ts';
import { dropHopHeaders } from './hop-headers.ts';

const FORMATS = {
  '1.0': { event: httpEvent1, read: (payload: string) => readProxyAnswer(payload, false) },
  '2.0': { event: httpEvent2, read: readAnswer2 },
} as const;

export function compileHttpLambda(
  { integration, stagePlan }: HttpRoute,
  ports: GatewayPorts,
): (call: Checked) => Promise<Reply> {
  const uri = withStageVariables(integration.IntegrationUri ?? '', stagePlan.variables);
  const functionArn = functionArnOf(uri);
  if (functionArn === undefined) throw configurationError(`Invalid integration URI: ${uri}`);
  const format = FORMATS[integration.PayloadFormatVersion === '1.0' ? '1.0' : '2.0'];
  const timeoutMs = withTimeout(integration.TimeoutInMillis, 'http');
  const credentials = integration.CredentialsArn
    ? withStageVariables(integration.CredentialsArn, stagePlan.variables)
    : undefined;
  return async (call) => {
    enter(call.facts, 'transform');
    const payload = Buffer.from(JSON.stringify(format.event(call)));
    const answer = await callFunction(ports, call, { functionArn, timeoutMs, credentials, payload });
    enter(call.facts, 'transform');
    const text = textOf(answer.payload);
    if (answer.functionError !== undefined) throw failed(`Lambda function error: ${text.slice(0, 1024)}`);
    const read = format.read(text);
    if (read === undefined)
      throw failed(
        "The response from the Lambda function doesn't match the format that API Gateway expects.",
      );
    return replyOf(read);
  };
}

const failed = (reason: string): Refusal =>
  new Refusal('INTEGRATION_FAILURE', 'Internal Server Error', { status: 500, reason });

/** HTTP APIs decode base64 for every client. */
function replyOf(answer: FunctionAnswer): Reply {
  const headers = dropHopHeaders(answer.headers);
  if (firstHeader(headers, 'content-type') === undefined)
    headers.push('Content-Type', 'text/plain;charset=utf-8');
  return {
    status: answer.status,
    headers,
    body: answer.isBase64Encoded ? Buffer.from(answer.body, 'base64') : answer.body,
  };
}

/** An answer with a statusCode says everything; any other JSON is the body of a 200, a string without its quotes. */
function readAnswer2(payload: string): FunctionAnswer | undefined {
  const answer = parseObject(payload);
  if (answer === undefined || !('statusCode' in answer)) return inferred(payload, answer);
  const status = statusOf(answer['statusCode'], undefined);
  const headers = headersOf(answer['headers'], undefined);
  const body = answer['body'] ?? '';
  const cookies = answer['cookies'] ?? [];
  if (status === undefined || headers === undefined || typeof body !== 'string' || !Array.isArray(cookies))
    return undefined;
  for (const cookie of cookies) {
    if (typeof cookie !== 'string' || /[\0\r\n]/.test(cookie)) return undefined;
    headers.push('Set-Cookie', cookie);
  }
  return { status, headers, body, isBase64Encoded: answer['isBase64Encoded'] === true };
}

function inferred(payload: string, object: unknown): FunctionAnswer | undefined {
  const headers = ['Content-Type', 'application/json'];
  if (object !== undefined) return { status: 200, headers, body: payload, isBase64Encoded: false };
  try {
    const value: unknown = JSON.parse(payload);
    return {
      status: 200,
      headers,
      body: typeof value === 'string' ? value : payload,
      isBase64Encoded: false,
    };
  } catch {
    return undefined;
  }
}
