/**
 * A non-proxy backend's answer as the client gets it: the integration response by selection pattern, mapped headers,
 * template by Accept, overrides.
 */
import type { IntegrationResponse } from '@aws-sdk/client-api-gateway';
import type { BackendAnswer } from '../integrations/custom.ts';
import { remapResponseHeaders } from '../integrations/response-headers.ts';
import type { RestMethod } from '../kinds/rest-method.ts';
import { mediaTypeOf } from '../media-types.ts';
import type { Reply } from '../plan.ts';
import { configurationError } from '../refusal.ts';
import { isHeaderName, isHeaderValue, setHeader } from '../raw-headers.ts';
import { noteRule } from '../trail.ts';
import { compileSource, type Source, type SourceView } from './source.ts';
import { compileSelection } from './selection-pattern.ts';
import type { MappingScope } from './scope.ts';
import { compileMappingTemplate, type MappingTemplate } from './template.ts';
import { membersOf } from './request-transform.ts';

export type ResponseTransform = (scope: MappingScope, answer: BackendAnswer) => Reply;

interface CompiledResponse {
  /** For `explain`. */
  readonly rule: string;
  readonly status: number;
  readonly matches: ((selection: string) => boolean) | null;
  readonly headers: readonly { readonly name: string; readonly source: Source }[];
  readonly templates: ReadonlyMap<string, MappingTemplate>;
  readonly contentHandling: string | undefined;
}

export function compileResponseTransform(method: RestMethod, traced: boolean): ResponseTransform {
  const responses = Object.entries(method.integration.integrationResponses ?? {})
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([status, response]) => compileResponse(status, response));
  const usual = responses.find((response) => response.matches === null);
  return (scope, answer) => {
    const response = responses.find(({ matches }) => matches?.(answer.selection)) ?? usual;
    if (response === undefined) throw noResponse(answer);
    const accept = scope.call.request.header('accept');
    const payload = convertResponse(answer, method.isBinary, accept, response.contentHandling);
    const [contentType, template] = chooseTemplate(response.templates, accept);
    if (scope.call.facts.trail !== undefined)
      noteRule(
        scope.call.facts,
        `${response.rule}${template === undefined ? '' : `, template for ${contentType}`}`,
      );
    const body =
      template === undefined
        ? payload
        : template(scope, typeof payload === 'string' ? payload : utf8(payload));
    const headers = mapHeaders(response, scope, answer);
    const status = applyOverrides(headers, scope.touchedContext?.['responseOverride']) ?? response.status;
    const dressed = remapResponseHeaders(headers, 'lambda');
    if (!headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'content-type'))
      dressed.unshift('Content-Type', contentType);
    return { status, headers: dressed, body, traced };
  };
}

const noResponse = (answer: BackendAnswer) =>
  configurationError(
    `No match for output mapping and no default output mapping configured. Endpoint Response Status Code: ${answer.status}`,
  );

function compileResponse(status: string, response: IntegrationResponse): CompiledResponse {
  const headers = Object.entries(response.responseParameters ?? {}).map(([target, source]) => ({
    name: target.replace(/^method\.response\.header\./, ''),
    source: compileSource(source),
  }));
  const templates = new Map<string, MappingTemplate>();
  for (const [type, source] of Object.entries(response.responseTemplates ?? {}))
    if (source) templates.set(type, compileMappingTemplate(source));
  const pattern = response.selectionPattern
    ? `selection pattern ${response.selectionPattern}`
    : 'the default';
  return {
    rule: `integration response ${status} (${pattern})`,
    status: Number(response.statusCode ?? status),
    matches: response.selectionPattern ? compileSelection(response.selectionPattern) : null,
    headers,
    templates,
    contentHandling: response.contentHandling,
  };
}

/** By the first Accept type, else JSON, else the first there is. Without a template the body passes through. */
function chooseTemplate(
  templates: ReadonlyMap<string, MappingTemplate>,
  accept: string | undefined,
): [string, MappingTemplate | undefined] {
  if (templates.size === 0) return ['application/json', undefined];
  if (templates.size === 1) for (const only of templates) return only;
  for (const type of [mediaTypeOf(accept) ?? '', 'application/json']) {
    const template = templates.get(type);
    if (template !== undefined) return [type, template];
  }
  for (const entry of templates) return entry;
  return ['application/json', undefined];
}

function mapHeaders(response: CompiledResponse, scope: MappingScope, answer: BackendAnswer): string[] {
  const headers: string[] = [];
  if (response.headers.length === 0) return headers;
  const view: SourceView = {
    call: scope.call,
    stageVariables: scope.stageVariables,
    answer: { headers: answer.headers, body: utf8(answer.body) },
    get context() {
      return scope.context;
    },
  };
  for (const { name, source } of response.headers) {
    const value = source(view);
    if (value === undefined || value.length === 0) continue;
    for (const one of typeof value === 'string' ? [value] : value) addHeader(headers, name, one);
  }
  return headers;
}

function addHeader(headers: string[], name: string, value: string): void {
  if (!isHeaderName(name) || !isHeaderValue(value)) throw configurationError(`Invalid header value: ${name}`);
  headers.push(name, value);
}

/** The status set by a template, ignored unless it is a number from 100 to 599 (recorded). */
function applyOverrides(headers: string[], overrides: unknown): number | undefined {
  if (typeof overrides !== 'object' || overrides === null) return undefined;
  const places = overrides as Record<string, unknown>; // made by MappingScope; a template may have replaced members
  for (const [name, value] of membersOf(places['header'])) {
    if (!isHeaderName(name) || !isHeaderValue(value))
      throw configurationError(`Invalid header override: ${name}`);
    setHeader(headers, name, value);
  }
  const status = Number(places['status']);
  return Number.isInteger(status) && status >= 100 && status <= 599 ? status : undefined;
}

const utf8 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');

/** The fifteen rows of https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html */
export function convertResponse(
  answer: Pick<BackendAnswer, 'headers' | 'body'>,
  isBinary: (type: string | undefined) => boolean,
  accept: string | undefined,
  handling: string | undefined,
): string | Uint8Array {
  if (answer.body.length === 0) return '';
  const payloadIsBinary = isBinary(contentTypeOf(answer.headers));
  if (handling === 'CONVERT_TO_TEXT') return payloadIsBinary ? base64(answer.body) : answer.body;
  if (handling === 'CONVERT_TO_BINARY') return payloadIsBinary ? answer.body : decoded(answer.body);
  if (payloadIsBinary) return isBinary(accept) ? answer.body : base64(answer.body);
  return isBinary(accept) ? decoded(answer.body) : answer.body;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const decoded = (bytes: Uint8Array): Uint8Array => Buffer.from(utf8(bytes), 'base64');

function contentTypeOf(headers: readonly string[]): string | undefined {
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i]?.toLowerCase() === 'content-type') return headers[i + 1];
  return undefined;
}
