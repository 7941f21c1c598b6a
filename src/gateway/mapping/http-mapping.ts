/** `requestParameters` of an HTTP API's integration: append, overwrite or remove headers, parameters and the path. */
import type { Checked } from '../plan.ts';
import { parseQuery } from '../query.ts';
import { isHeaderName, removeHeader, setHeader } from '../raw-headers.ts';
import { configurationError } from '../refusal.ts';
import { compileHttpValue, type HttpValue } from './http-value.ts';

export interface RequestParts {
  readonly headers: string[];
  readonly path: string;
  readonly query: string;
}

export type Operation = 'append' | 'overwrite' | 'remove';

interface Rule {
  readonly operation: Operation;
  readonly place: string;
  readonly name: string;
  readonly value: HttpValue;
}

const KEY = /^(append|overwrite|remove):(header|querystring|path|statuscode)(?:\.(.+))?$/;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html#http-api-mapping-reserved-headers */
const RESERVED =
  /^(access-control-.*|apigw-.*|authorization|connection|content-encoding|content-length|content-location|forwarded|keep-alive|origin|proxy-authenticate|proxy-authorization|te|trailers|transfer-encoding|upgrade|x-amz-.*|x-amzn-.*|x-forwarded-for|x-forwarded-host|x-forwarded-proto|via)$/i;

export function compileRules(parameters: Readonly<Record<string, string>>): readonly Rule[] {
  return Object.entries(parameters).map(([key, source]) => {
    const [, operation, place = '', name = ''] = KEY.exec(key) ?? [];
    if (operation !== 'append' && operation !== 'overwrite' && operation !== 'remove')
      throw configurationError(`Invalid mapping expression specified: ${key}`);
    if (place === 'header' && (RESERVED.test(name) || !isHeaderName(name)))
      throw configurationError(`Operations on header ${name} are restricted`);
    return { operation, place, name, value: compileHttpValue(source) };
  });
}

/** Null when nothing is mapped. */
export function compileHttpMapping(
  parameters: Readonly<Record<string, string>>,
): ((call: Checked, parts: RequestParts) => RequestParts) | null {
  const rules = compileRules(parameters);
  if (rules.length === 0) return null;
  return (call, parts) => rules.reduce((changed, rule) => apply(rule, call, changed), parts);
}

function apply(rule: Rule, call: Checked, parts: RequestParts): RequestParts {
  const value = rule.operation === 'remove' ? '' : rule.value(call);
  if (value === undefined) return parts;
  switch (rule.place) {
    case 'header':
      changeHeader(parts.headers, rule, value);
      return parts;
    case 'querystring':
      return { ...parts, query: changeQuery(parts.query, rule, value) };
    case 'path':
      return { ...parts, path: value.startsWith('/') ? value : `/${value}` };
    default:
      return parts;
  }
}

export function changeHeader(headers: string[], rule: Pick<Rule, 'operation' | 'name'>, value: string): void {
  const safe = value.replace(/[\0\r\n]/g, '');
  if (rule.operation === 'remove') removeHeader(headers, rule.name.toLowerCase());
  else if (rule.operation === 'overwrite') setHeader(headers, rule.name, safe);
  else headers.push(rule.name, safe);
}

function changeQuery(query: string, rule: Rule, value: string): string {
  const kept =
    rule.operation === 'append'
      ? parseQuery(query)
      : parseQuery(query).filter(({ name }) => name !== rule.name);
  const pieces = kept.map(({ rawName, rawValue }) => `${rawName}=${rawValue}`);
  if (rule.operation !== 'remove')
    pieces.push(`${encodeURIComponent(rule.name)}=${encodeURIComponent(value)}`);
  return pieces.join('&');
}
