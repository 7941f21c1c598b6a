/** What only WebSocket APIs have: expressions that select, parameters that are mapped, authorization of one route. */
import { compileSelection } from '../../lang/selection/compile.ts';
import { badRequest } from './faults.ts';
import type { RouteRow } from './route-row.ts';

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-selection-expressions.html: "Currently the only two supported values" */
const API_KEY_SOURCES = ['$request.header.x-api-key', '$context.authorizer.usageIdentifierKey'];

/** `${request.x}` and `$request.x` say the same. */
const unbraced = (expression: string): string => expression.replace(/^\$\{(.*)\}$/, '$$$1');

/** Throws BadRequestException. */
export function checkApiKeySelection(expression: string | undefined): void {
  if (expression && !API_KEY_SOURCES.includes(unbraced(expression)))
    throw badRequest(
      `Invalid API key selection expression specified: ${expression}. Must be one of [${API_KEY_SOURCES.join(', ')}]`,
    );
}

/** Throws BadRequestException for what is no selection expression. */
export function checkSelection(expression: string | undefined): void {
  if (!expression) return;
  try {
    compileSelection(expression);
  } catch {
    throw badRequest(
      `Invalid selection expression specified: Validation Result: warnings : [], errors : [Invalid selection expression specified: ${expression}]`,
    );
  }
}

const ROUTE_PARAMETER =
  /^route\.request\.(header|querystring|multivalueheader|multivaluequerystring)\.[a-zA-Z0-9._$-]+$/;

/** Throws BadRequestException. */
export function checkWebSocketRoute(row: RouteRow): void {
  if ((row.AuthorizationType ?? 'NONE') !== 'NONE' && row.RouteKey !== '$connect')
    throw badRequest('Currently, authorization is restricted to the $connect route only');
  checkSelection(row.ModelSelectionExpression);
  const answer = row.RouteResponseSelectionExpression;
  // "Currently, this value is restricted to $default only."
  if (answer && unbraced(answer).replace(/^\\/, '') !== '$default')
    throw badRequest(`Invalid RouteResponseSelectionExpression specified: ${answer}`);
  for (const name of Object.keys(row.RequestParameters ?? {}))
    if (!ROUTE_PARAMETER.test(name)) throw badRequest(`Invalid request parameter specified: ${name}`);
}

const TARGET = /^integration\.request\.(header|querystring|path)\.\S+$/;
const SOURCE =
  /^('.*'|route\.request\.(header|querystring|multivalueheader|multivaluequerystring)\.[a-zA-Z0-9._$-]+|route\.request\.body(\..+)?|context\.\S+|stageVariables\.\S+)$/;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-data-mapping.html */
export function checkWebSocketMapping(parameters: Readonly<Record<string, string>>): void {
  for (const [target, source] of Object.entries(parameters))
    if (!TARGET.test(target) || !SOURCE.test(source))
      throw badRequest(
        `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: ${TARGET.test(target) ? source : target}]`,
      );
}
