/**
 * An OpenAPI 3 document with API Gateway's extensions, read into what an HTTP API is made of.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-open-api.html
 */
import type { Cors } from '@aws-sdk/client-apigatewayv2';
import { badRequest } from '../faults.ts';
import type { NewIntegration } from '../integration.ts';
import { type JsonObject, flagAt, isObject, numberAt, objectAt, textAt, textsAt } from './json.ts';
import { integrationAt } from './integration.ts';
import { type Authorization, authorizationAt, type SecuritySchemes, securitySchemesAt } from './security.ts';

export interface Definition {
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly cors?: Cors;
  readonly disableExecuteApiEndpoint?: boolean;
  readonly ipAddressType?: string;
  readonly schemes: SecuritySchemes;
  readonly routes: readonly RouteDefinition[];
  readonly warnings: readonly string[];
}

export interface RouteDefinition {
  readonly routeKey: string;
  readonly operationName?: string;
  readonly authorization: Authorization;
  /** `shared`: the component's name, when several routes refer to one. */
  readonly integration?: { readonly shared?: string; readonly members: NewIntegration };
}

export type Basepath = 'ignore' | 'prepend' | 'split';

/** Throws BadRequestException for what is no OpenAPI 3 document. */
export async function readDefinition(body: string, basepath: Basepath): Promise<Definition> {
  const document = await parse(body);
  const version = textAt(document.openapi);
  if (version === undefined) throw badRequest('Invalid OpenAPI input.');
  if (!version.startsWith('3.0')) throw badRequest(`Unsupported OpenAPI version ${version}.`);
  const info = objectAt(document.info);
  const server = objectAt(Array.isArray(document.servers) ? document.servers[0] : undefined);
  const warnings: string[] = [];
  const schemes = securitySchemesAt(document, warnings);
  warnOfOthers(document, 'the document', warnings);
  const endpoint = objectAt(server['x-amazon-apigateway-endpoint-configuration']);
  return {
    name: textAt(info.title) ?? 'Untitled API',
    version: textAt(info.version),
    description: textAt(info.description),
    tags: tagsAt(document.tags),
    cors: corsAt(document['x-amazon-apigateway-cors']),
    disableExecuteApiEndpoint: flagAt(endpoint.disableExecuteApiEndpoint),
    ipAddressType: textAt(endpoint.ipAddressType),
    schemes,
    routes: routesAt({ document, schemes, prefix: prefixAt(server, basepath), warnings }),
    warnings,
  };
}

/** Extensions that HTTP APIs read; those of REST APIs mean nothing to them, which is said and not passed over. */
const KNOWN = new Set([
  'x-amazon-apigateway-any-method',
  'x-amazon-apigateway-auth',
  'x-amazon-apigateway-cors',
  'x-amazon-apigateway-importexport-version',
  'x-amazon-apigateway-integration',
  'x-amazon-apigateway-integrations',
  'x-amazon-apigateway-tag-value',
]);

function warnOfOthers(members: JsonObject, place: string, warnings: string[]): void {
  for (const name of Object.keys(members))
    if (name.startsWith('x-amazon-apigateway-') && !KNOWN.has(name))
      warnings.push(`Extension ${name} at ${place} is not supported by HTTP APIs. Ignoring.`);
}

async function parse(body: string): Promise<JsonObject> {
  const parsed: unknown = body.trimStart().startsWith('{') ? parseJson(body) : await parseYaml(body);
  if (!isObject(parsed)) throw badRequest('Invalid OpenAPI input.');
  return parsed;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest('Invalid OpenAPI input.');
  }
}

/** The YAML reader is loaded only when a document needs it. */
async function parseYaml(body: string): Promise<unknown> {
  const yaml = await import('yaml');
  try {
    return yaml.parse(body);
  } catch {
    throw badRequest('Invalid OpenAPI input.');
  }
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-tag-value.html */
function tagsAt(tags: unknown): Record<string, string> {
  const found: Record<string, string> = {};
  for (const tag of Array.isArray(tags) ? tags.map(objectAt) : []) {
    const name = textAt(tag.name);
    const value = textAt(tag['x-amazon-apigateway-tag-value']);
    if (name !== undefined && value !== undefined) found[name] = value;
  }
  return found;
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-cors-configuration.html */
function corsAt(value: unknown): Cors | undefined {
  if (!isObject(value)) return undefined;
  return {
    AllowCredentials: flagAt(value.allowCredentials),
    AllowHeaders: textsAt(value.allowHeaders),
    AllowMethods: textsAt(value.allowMethods),
    AllowOrigins: textsAt(value.allowOrigins),
    ExposeHeaders: textsAt(value.exposeHeaders),
    MaxAge: numberAt(value.maxAge),
  };
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-basePath.html */
function prefixAt(server: JsonObject, basepath: Basepath): string {
  if (basepath === 'ignore') return '';
  const variables = objectAt(server.variables);
  const url = (textAt(server.url) ?? '').replace(
    /\{(\w+)\}/g,
    (_, name: string) => textAt(objectAt(variables[name]).default) ?? '',
  );
  const path = url.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/\/+$/, '');
  const segments = path.split('/').filter((segment) => segment !== '');
  const kept = basepath === 'split' ? segments.slice(1) : segments;
  return kept.map((segment) => `/${segment}`).join('');
}

interface Paths {
  readonly document: JsonObject;
  readonly schemes: SecuritySchemes;
  readonly prefix: string;
  readonly warnings: string[];
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options'];
const ANY = 'x-amazon-apigateway-any-method';

function routesAt(paths: Paths): RouteDefinition[] {
  const routes: RouteDefinition[] = [];
  for (const [path, item] of Object.entries(objectAt(paths.document.paths)))
    for (const [method, operation] of Object.entries(objectAt(item))) {
      if (method === 'trace') paths.warnings.push(`Unsupported method TRACE at ${path}. Ignoring.`);
      if (method !== ANY && !METHODS.includes(method)) continue;
      routes.push(routeAt(paths, { path, method, operation: objectAt(operation) }));
    }
  return routes;
}

interface Operation {
  readonly path: string;
  readonly method: string;
  readonly operation: JsonObject;
}

function routeAt({ document, schemes, prefix, warnings }: Paths, { path, method, operation }: Operation) {
  warnOfOthers(operation, `${method.toUpperCase()} ${path}`, warnings);
  const isDefault = path === '/$default' || path === '$default' || operation.isDefaultRoute === true;
  const verb = method === ANY ? 'ANY' : method.toUpperCase();
  const slashed = path.startsWith('/') ? path : `/${path}`;
  const routeKey = isDefault ? '$default' : `${verb} ${prefix}${slashed}`;
  return {
    routeKey,
    operationName: textAt(operation.operationId),
    authorization: authorizationAt(operation, document, { routeKey, schemes, warnings }),
    integration: integrationAt(operation, document, routeKey),
  };
}
