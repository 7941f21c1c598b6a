/**
 * Values of HTTP APIs' parameter mapping: `$request.header.x`, `$context.requestId`, `${a}/${b}`, or text.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
 */
import { compilePath } from '../../lang/json-path/compile.ts';
import { limits } from '../../base/limits.ts';
import { contextVariables, readPath } from '../context-variables.ts';
import type { Checked, Reply } from '../plan.ts';
import { decodePercent } from '../query.ts';
import { everyHeader } from '../raw-headers.ts';
import { configurationError } from '../refusal.ts';

/** `reply` is there for response mappings. */
export type HttpValue = (call: Checked, reply?: Reply) => string | undefined;

export function compileHttpValue(expression: string): HttpValue {
  if (/^\$[a-zA-Z]/.test(expression)) return compileVariable(expression.slice(1));
  if (!expression.includes('${')) return () => expression;
  const parts = expression
    .split(/\$\{([^}]+)\}/)
    .map((piece, at) => (at % 2 === 0 ? () => piece : compileVariable(piece)));
  return (call, reply) => parts.map((part) => part(call, reply) ?? '').join('');
}

function compileVariable(name: string): HttpValue {
  const [root = '', place = '', ...rest] = name.split('.');
  const key = rest.join('.');
  if (root === 'stageVariables') return (call) => call.stage.variables[place];
  if (root === 'context') return fromContext(name.split('.').slice(1));
  if (root === 'request') return fromRequest(place, key);
  if (root === 'response') return fromResponse(place, key);
  throw configurationError(`Invalid mapping expression specified: $${name}`);
}

const fromContext =
  (path: readonly string[]): HttpValue =>
  (call) =>
    textOf(readPath(contextVariables(call, call.stage), path));

/** Several values of one header or parameter are joined by commas. */
function fromRequest(place: string, key: string): HttpValue {
  switch (place) {
    case 'header':
      return ({ request }) => joined(everyHeader(request.rawHeaders, key.toLowerCase()));
    case 'querystring':
      return ({ request }) =>
        joined(
          request
            .query('&')
            .filter(({ name }) => name === key)
            .map(({ value }) => value),
        );
    case 'path':
      if (key === '') return (call) => decodePercent(call.path);
      return (call) =>
        call.pathParameters?.[key] === undefined ? undefined : decodePercent(call.pathParameters[key]);
    case 'body':
      return fromBody(key, (call) => Buffer.from(call.body).toString('utf8'));
    default:
      throw configurationError(`Invalid mapping expression specified: $request.${place}`);
  }
}

function fromResponse(place: string, key: string): HttpValue {
  switch (place) {
    case 'header':
      return (_call, reply) => joined(everyHeader(reply?.headers ?? [], key.toLowerCase()));
    case 'body':
      return fromBody(key, (_call, reply) => bodyText(reply));
    default:
      throw configurationError(`Invalid mapping expression specified: $response.${place}`);
  }
}

function bodyText(reply: Reply | undefined): string {
  const body = reply?.body ?? '';
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? Buffer.from(body).toString('utf8') : '';
}

/** A path reads only what AWS would still look at: the first 100 KB of the body. */
function fromBody(path: string, textOfBody: (call: Checked, reply?: Reply) => string): HttpValue {
  if (path === '') return textOfBody;
  const read = compilePath(`$.${path}`);
  return (call, reply) => {
    try {
      return textOf(read(JSON.parse(textOfBody(call, reply).slice(0, limits.httpApiMappedBodyBytes))));
    } catch {
      return undefined;
    }
  };
}

const joined = (values: readonly string[]): string | undefined =>
  values.length === 0 ? undefined : values.join(',');

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
