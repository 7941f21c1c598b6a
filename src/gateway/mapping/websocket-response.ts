/**
 * A non-proxy backend's answer as the client gets it: the integration response by its key, a pattern between slashes
 * or `$default`, then the template by the response's own expression.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-responses.html
 */
import type { IntegrationResponse } from '@aws-sdk/client-apigatewayv2';
import { limits } from '../../base/limits.ts';
import { compileSelectionKey } from '../../lang/selection/compile.ts';
import { isUtf8 } from '../../websocket/utf8.ts';
import type { BackendAnswer } from '../integrations/custom.ts';
import type { WebSocketRoute } from '../kinds/websocket-route.ts';
import type { Reply } from '../plan.ts';
import { configurationError } from '../refusal.ts';
import { isHeaderName, isHeaderValue } from '../raw-headers.ts';
import { noteRule } from '../trail.ts';
import type { MappingScope } from './scope.ts';
import { compileSource, type Source, type SourceView } from './source.ts';
import { compileTemplateChoice, converted, type ChooseTemplate } from './websocket-request.ts';
import { selectionValues } from './websocket-selection.ts';

interface CompiledResponse {
  readonly key: string;
  readonly matches: (selection: string) => boolean;
  readonly choose: ChooseTemplate | null;
  readonly headers: readonly { readonly name: string; readonly source: Source }[];
  readonly response: IntegrationResponse;
}

export function compileWebSocketResponse(
  socket: WebSocketRoute,
): (scope: MappingScope, answer: BackendAnswer) => Reply {
  const compiled = socket.responses.map(compileResponse);
  const patterns = compiled.filter(({ key }) => key !== '$default');
  const usual = compiled.find(({ key }) => key === '$default');
  const connects = socket.route.RouteKey === '$connect';
  return (scope, answer) => {
    // A function that failed lets nobody connect, although Lambda's own status is 200.
    if (connects && answer.selection !== String(answer.status))
      return { status: 502, headers: [], body: null };
    // One way: whatever is configured, nothing goes back.
    if (!socket.twoWay) return { status: answer.status, headers: [], body: null };
    const response = patterns.find(({ matches }) => matches(answer.selection)) ?? usual;
    if (response === undefined) {
      // The status alone decides about a connection.
      if (connects) return { status: answer.status, headers: [], body: null };
      throw configurationError(
        `No match for output mapping and no default output mapping configured. Endpoint Response Status Code: ${answer.status}`,
      );
    }
    return shape(response, scope, answer);
  };
}

function compileResponse(response: IntegrationResponse): CompiledResponse {
  const key = response.IntegrationResponseKey ?? '$default';
  return {
    key,
    matches: compileSelectionKey(key),
    choose: compileTemplateChoice(response.ResponseTemplates, response.TemplateSelectionExpression),
    headers: Object.entries(response.ResponseParameters ?? {}).map(([target, source]) => ({
      name: target.replace(/^(method|route)\.response\.header\./, ''),
      source: compileSource(source),
    })),
    response,
  };
}

function shape(compiled: CompiledResponse, scope: MappingScope, answer: BackendAnswer): Reply {
  const { call } = scope;
  const payload = converted(answer.body, compiled.response);
  const text = Buffer.from(payload).toString('utf8');
  const chosen = compiled.choose?.(scope, () =>
    selectionValues(call, { status: answer.status, headers: answer.headers, body: text }),
  );
  if (call.facts.trail !== undefined)
    noteRule(
      call.facts,
      `integration response ${compiled.key}${chosen === undefined ? '' : `, template ${chosen.key}`}`,
    );
  const body = chosen === undefined ? (isUtf8(payload) ? text : payload) : chosen.template(scope, text);
  if (Buffer.byteLength(body) > limits.webSocketMessageBytes)
    throw configurationError('The answer is larger than a message may be');
  return { status: answer.status, headers: headersOf(compiled, scope, answer), body };
}

function headersOf(compiled: CompiledResponse, scope: MappingScope, answer: BackendAnswer): string[] {
  const headers: string[] = [];
  const view: SourceView = {
    call: scope.call,
    stageVariables: scope.stageVariables,
    answer: { headers: answer.headers, body: Buffer.from(answer.body).toString('utf8') },
    get context() {
      return scope.context;
    },
  };
  for (const { name, source } of compiled.headers) {
    const value = source(view);
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) {
      if (!isHeaderName(name) || !isHeaderValue(one))
        throw configurationError(`Invalid header value: ${name}`);
      headers.push(name, one);
    }
  }
  return headers;
}
