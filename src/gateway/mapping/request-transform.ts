/**
 * The client's request as a non-proxy backend gets it: template by content type, passthrough behaviour, mapped
 * parameters, overrides.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html
 */
import type { RestMethod } from '../kinds/rest-method.ts';
import { mediaTypeOf } from '../media-types.ts';
import { configurationError, Refusal } from '../refusal.ts';
import { isHeaderName, isHeaderValue } from '../raw-headers.ts';
import { noteRule } from '../trail.ts';
import { compileRequestMapping, type MappedRequest } from './request-mapping.ts';
import type { MappingScope } from './scope.ts';
import { compileMappingTemplate, type MappingTemplate } from './template.ts';

export interface BackendRequest extends MappedRequest {
  readonly body: string | Uint8Array;
  readonly contentType: string;
}

export type RequestTransform = (scope: MappingScope) => BackendRequest;

export function compileRequestTransform(method: RestMethod): RequestTransform {
  const { integration, isBinary } = method;
  const templates = compileTemplates(integration.requestTemplates ?? {});
  const map = compileRequestMapping(integration.requestParameters ?? {}, integration.type === 'AWS');
  const behaviour = integration.passthroughBehavior ?? 'WHEN_NO_MATCH';
  const refused = behaviour === 'NEVER' || (behaviour === 'WHEN_NO_TEMPLATES' && templates.size > 0);
  const passed = `no request template for the content type: the body passes through (${behaviour})`;
  return (scope) => {
    const sent = scope.call.request.header('content-type');
    const contentType = mediaTypeOf(sent) ?? 'application/json';
    const template = templates.get(contentType);
    if (template === undefined && refused)
      throw new Refusal('UNSUPPORTED_MEDIA_TYPE', 'Unsupported Media Type');
    if (scope.call.facts.trail !== undefined)
      noteRule(scope.call.facts, template === undefined ? passed : `request template for ${contentType}`);
    const raw = convertRequest(scope.call.body, isBinary(sent), integration.contentHandling);
    const body = template === undefined ? raw : template(scope, typeof raw === 'string' ? raw : utf8(raw));
    const mapped = map(scope);
    applyOverrides(mapped, scope.touchedContext?.['requestOverride']);
    return { ...mapped, body, contentType };
  };
}

function compileTemplates(sources: Readonly<Record<string, string>>): Map<string, MappingTemplate> {
  const templates = new Map<string, MappingTemplate>();
  for (const [type, source] of Object.entries(sources))
    templates.set(mediaTypeOf(type) ?? type, compileMappingTemplate(source ?? ''));
  return templates;
}

const utf8 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');

/** The nine rows of https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html */
export function convertRequest(
  body: Uint8Array,
  isBinary: boolean,
  handling: string | undefined,
): string | Uint8Array {
  if (isBinary) return handling === 'CONVERT_TO_TEXT' ? Buffer.from(body).toString('base64') : body;
  return handling === 'CONVERT_TO_BINARY' ? Buffer.from(utf8(body), 'base64') : body;
}

/** What a template set in `$context.requestOverride` wins over mapped parameters. */
function applyOverrides(mapped: MappedRequest, overrides: unknown): void {
  if (typeof overrides !== 'object' || overrides === null) return;
  const places = overrides as Record<string, unknown>; // made by MappingScope; a template may have replaced members
  for (const [name, value] of membersOf(places['header'])) {
    if (!isHeaderName(name) || !isHeaderValue(value))
      throw configurationError(`Invalid header override: ${name}`);
    mapped.headers.set(name, [value]);
  }
  for (const [name, value] of membersOf(places['querystring'])) mapped.query.set(name, [value]);
  for (const [name, value] of membersOf(places['path'])) mapped.path.set(name, value);
}

/** Members of an object or of a Velocity map, as text. */
export function membersOf(value: unknown): [string, string][] {
  if (value instanceof Map) return [...value].map(([name, member]) => [String(name), String(member)]);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([name, member]) => [name, String(member)]);
}
