/**
 * Where a mapped parameter's value comes from: `method.request.header.X`, `integration.response.body.a.b`,
 * `context.identity.sourceIp`, `stageVariables.x`, `'text'`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
 */
import { compilePath } from '../../lang/json-path/compile.ts';
import { readPath } from '../context-variables.ts';
import { groupQuery } from '../query.ts';
import type { Checked, Routed, Staged } from '../plan.ts';
import { configurationError, Refusal } from '../refusal.ts';
import type { RawHeaders } from '../raw-headers.ts';

export interface SourceView {
  readonly call: Staged | Routed | Checked;
  readonly context: unknown;
  readonly stageVariables: unknown;
  /** What the backend answered, for response mappings. */
  readonly answer?: { readonly headers: RawHeaders; readonly body: string };
}

/** A list for the multi-value forms; undefined when there is no such value. */
export type Source = (view: SourceView) => string | readonly string[] | undefined;

export function compileSource(expression: string): Source {
  if (expression.startsWith("'") && expression.endsWith("'") && expression.length > 1) {
    const text = expression.slice(1, -1);
    return () => text;
  }
  const [root, place, kind] = expression.split('.', 3);
  const name = expression.split('.').slice(3).join('.');
  if (root === 'context') return fromVariables('context', expression);
  if (root === 'stageVariables') return fromVariables('stageVariables', expression);
  if ((root === 'method' || root === 'route') && place === 'request') return fromRequest(kind ?? '', name);
  if (root === 'integration' && place === 'response') return fromAnswer(kind ?? '', name);
  throw configurationError(`Invalid mapping expression specified: ${expression}`);
}

function fromVariables(root: 'context' | 'stageVariables', expression: string): Source {
  const path = expression.split('.').slice(1);
  return (view) => textOf(readPath(view[root], path));
}

function fromRequest(kind: string, name: string): Source {
  switch (kind) {
    case 'path':
      return ({ call }) => ('pathParameters' in call ? call.pathParameters?.[name] : undefined);
    case 'querystring':
      return ({ call }) => groupQuery(call.request.query('&;'))?.get(name)?.at(-1);
    case 'multivaluequerystring':
      return ({ call }) => groupQuery(call.request.query('&;'))?.get(name);
    case 'header':
      return ({ call }) => exactHeaders(call.request.rawHeaders, name).at(-1);
    case 'multivalueheader':
      return ({ call }) => orAbsent(exactHeaders(call.request.rawHeaders, name));
    case 'body':
      return fromBody(name, requestText, new Refusal('BAD_REQUEST_BODY', 'Invalid JSON in request body'));
    default:
      throw configurationError(`Invalid mapping expression specified: method.request.${kind}`);
  }
}

function fromAnswer(kind: string, name: string): Source {
  switch (kind) {
    case 'header':
      return ({ answer }) => exactHeaders(answer?.headers ?? [], name).at(-1);
    case 'multivalueheader':
      return ({ answer }) => orAbsent(exactHeaders(answer?.headers ?? [], name));
    case 'body':
      return fromBody(
        name,
        ({ answer }) => answer?.body ?? '',
        new Refusal('API_CONFIGURATION_ERROR', 'Internal server error'),
      );
    default:
      throw configurationError(`Invalid mapping expression specified: integration.response.${kind}`);
  }
}

const requestText = ({ call }: SourceView): string =>
  'body' in call ? Buffer.from(call.body).toString('utf8') : '';

function fromBody(path: string, textOfView: (view: SourceView) => string, broken: Refusal): Source {
  if (path === '') return (view) => textOfView(view).trim() || '{}';
  const read = compilePath(path.startsWith('$') ? path : `$.${path}`);
  return (view) => textOf(read(parseBody(textOfView(view), broken)));
}

/** AWS parses a body only when it begins like JSON; anything else has no members. */
function parseBody(text: string, broken: Refusal): unknown {
  const trimmed = text.trim();
  if (!/^[{["']/.test(trimmed)) return {};
  try {
    return JSON.parse(trimmed);
  } catch {
    throw broken;
  }
}

/** Names are compared with their case, as recorded on AWS. */
function exactHeaders(headers: RawHeaders, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) values.push(headers[i + 1] ?? '');
  return values;
}

const orAbsent = (values: readonly string[]): readonly string[] | undefined =>
  values.length === 0 ? undefined : values;

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
