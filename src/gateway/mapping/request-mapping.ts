/** `requestParameters` of an integration: what is put into the backend's headers, query and path. */
import type { Checked } from '../plan.ts';
import { configurationError } from '../refusal.ts';
import { isHeaderName } from '../raw-headers.ts';
import { compileSource, type Source, type SourceView } from './source.ts';

export interface MappedRequest {
  readonly headers: Map<string, readonly string[]>;
  readonly query: Map<string, readonly string[]>;
  readonly path: Map<string, string>;
}

export type MapRequest = (view: SourceView & { readonly call: Checked }) => MappedRequest;

interface Rule {
  readonly place: 'header' | 'querystring' | 'path';
  readonly name: string;
  readonly source: Source;
}

/** Recorded on AWS: mapping these is accepted at deployment and fails every request. */
const NEVER_MAPPED = new Set([
  'content-length',
  'transfer-encoding',
  'x-amzn-trace-id',
  'x-amzn-apigateway-api-id',
]);
const NEVER_MAPPED_TO_AWS = new Set(['authorization', 'connection', 'expect', 'proxy-authenticate', 'te']);

export function compileRequestMapping(
  parameters: Readonly<Record<string, string>>,
  toAws: boolean,
): MapRequest {
  const rules = Object.entries(parameters).map(([target, source]) => compileRule(target, source, toAws));
  return (view) => {
    const mapped: MappedRequest = { headers: new Map(), query: new Map(), path: new Map() };
    for (const rule of rules) put(mapped, rule, rule.source(view));
    return mapped;
  };
}

function compileRule(target: string, source: string, toAws: boolean): Rule {
  const parts = /^integration\.request\.(header|querystring|path)\.(.+)$/.exec(target);
  const place = parts?.[1];
  const name = parts?.[2] ?? '';
  if (place !== 'header' && place !== 'querystring' && place !== 'path')
    throw configurationError(`Invalid mapping expression parameter specified: ${target}`);
  if (place === 'header') refuseHeader(name, toAws);
  return { place, name, source: compileSource(source) };
}

function refuseHeader(name: string, toAws: boolean): void {
  const key = name.toLowerCase();
  if (NEVER_MAPPED.has(key) || (toAws && NEVER_MAPPED_TO_AWS.has(key)) || !isHeaderName(name))
    throw configurationError(`Invalid mapping expression specified: header ${name} cannot be set`);
}

/** An empty value maps nothing. */
function put(mapped: MappedRequest, rule: Rule, value: string | readonly string[] | undefined): void {
  if (value === undefined || value.length === 0) return;
  const values = typeof value === 'string' ? [value] : value;
  if (rule.place === 'path') mapped.path.set(rule.name, values.join(','));
  else (rule.place === 'header' ? mapped.headers : mapped.query).set(rule.name, values);
}
