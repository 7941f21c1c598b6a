/** AWS_PROXY on a REST API: the request as an event, the function's answer as the response. */
import type { InvocationAnswer } from '../../base/ports.ts';
import { withTimeout } from '../timeouts.ts';
import type { Checked, Reply } from '../plan.ts';
import type { GatewayPorts } from '../ports.ts';
import { configurationError, Refusal } from '../refusal.ts';
import { firstHeader } from '../raw-headers.ts';
import type { RestMethod } from '../kinds/rest-method.ts';
import { compileProxyMapping } from '../mapping/proxy-mapping.ts';
import { withStageVariables } from '../stage-variables.ts';
import { parseObject } from '../../lang/json/json-object.ts';
import { readProxyAnswer, type FunctionAnswer } from './lambda-answer.ts';
import { callFunction, functionArnOf } from './lambda-function.ts';
import { streamLambda } from './lambda-stream.ts';
import { remapResponseHeaders } from './response-headers.ts';
import { restEvent } from './rest-event.ts';
import { enter } from '../trail.ts';

export function compileLambdaProxy(
  method: RestMethod,
  ports: GatewayPorts,
): (call: Checked) => Promise<Reply> {
  const { integration, stage, isBinary } = method;
  if (integration.httpMethod !== 'POST') throw configurationError('Invalid endpoint address');
  const functionArn = functionArnOf(withStageVariables(integration.uri ?? '', stage.variables));
  if (functionArn === undefined) throw configurationError('Invalid permissions on Lambda function');
  const timeoutMs = withTimeout(integration.timeoutInMillis, 'rest');
  const map = compileProxyMapping(integration.requestParameters ?? {}, true);
  const target = { functionArn, timeoutMs, credentials: credentialsOf(method) };
  const payloadOf = (call: Checked): Uint8Array => {
    enter(call.facts, 'transform');
    const mapped = map === null ? null : map(call);
    const options = {
      isBinary: isBinary(call.request.header('content-type')),
      operationName: method.operationName,
      ...(mapped === null
        ? {}
        : { mappedHeaders: mapped.headers, mappedQuery: mapped.query, mappedPath: mapped.path }),
    };
    return Buffer.from(JSON.stringify(restEvent(call, options)));
  };
  if (integration.responseTransferMode === 'STREAM')
    return (call) => streamLambda(ports, call, { ...target, payload: payloadOf(call) });
  return async (call) => {
    const answer = await callFunction(ports, call, { ...target, payload: payloadOf(call) });
    enter(call.facts, 'transform');
    if (answer.functionError !== undefined) throw functionFailed(answer);
    const read = readProxyAnswer(textOf(answer.payload), true);
    if (read === undefined) throw malformed();
    call.facts.functionStatus = read.status;
    return replyOf(read, isBinary(call.request.header('accept')));
  };
}

export const credentialsOf = ({ integration, stage }: RestMethod): string | undefined =>
  integration.credentials ? withStageVariables(integration.credentials, stage.variables) : undefined;

export const textOf = (payload: Uint8Array): string =>
  Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('utf8');

/** Base64 is decoded only for a client whose first Accept type is binary for the API; others get the text as it is. */
function replyOf(answer: FunctionAnswer, acceptsBinary: boolean): Reply {
  const headers = remapResponseHeaders(answer.headers, 'lambda');
  if (firstHeader(headers, 'content-type') === undefined) headers.unshift('Content-Type', 'application/json');
  const decode = answer.isBase64Encoded && acceptsBinary;
  return {
    status: answer.status,
    headers,
    body: decode ? Buffer.from(answer.body, 'base64') : answer.body,
    traced: true,
  };
}

/** One space after the colon: so it was recorded on 2025-04-14, although the standard template prints none. */
const BAD_GATEWAY = { status: 502, bytes: '{"message": "Internal server error"}' };

/** The answer itself stands in the log's line before, where data is traced. */
const malformed = (): Refusal =>
  new Refusal('INTEGRATION_FAILURE', 'Internal server error', {
    ...BAD_GATEWAY,
    reason: 'Execution failed due to configuration error: Malformed Lambda proxy response',
  });

function functionFailed({ payload, requestId }: InvocationAnswer): Refusal {
  const text = textOf(payload);
  const message = parseObject(text)?.['errorMessage'];
  const said = typeof message === 'string' ? message : text;
  return new Refusal('INTEGRATION_FAILURE', 'Internal server error', {
    ...BAD_GATEWAY,
    reason: `Lambda execution failed with status 200 due to customer function error: ${said.slice(0, 1024)}. Lambda request id: ${requestId}`,
  });
}
