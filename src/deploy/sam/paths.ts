/** Paths of an OpenAPI document while SAM fills them in. Path items and methods may stand under Fn::If. */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { branchesOf, when } from './values.ts';

export const INTEGRATION = 'x-amazon-apigateway-integration';
export const ANY = 'x-amazon-apigateway-any-method';

/** Members of a path item that are not methods. */
const NOT_METHODS = new Set([
  'summary',
  'description',
  'parameters',
  'servers',
  '$ref',
  ANY.replace('method', 'methods'),
]);

const methodName = (method: string): string => (method.toLowerCase() === 'any' ? ANY : method.toLowerCase());

export function pathsOf(body: JsonObject): JsonObject {
  if (!isObject(body.paths)) body.paths = {};
  return body.paths as JsonObject; // just made one
}

export function addPath(body: JsonObject, path: string, method: string): void {
  const paths = pathsOf(body);
  paths[path] ??= {};
  for (const item of branchesOf(paths[path])) item[methodName(method)] ??= {};
}

export function hasIntegration(body: JsonObject, path: string, method: string): boolean {
  const definitions = definitionsAt(body, path, method);
  return definitions.length > 0 && definitions.every((definition) => definition[INTEGRATION] !== undefined);
}

/** Every definition of one method of one path. */
export const definitionsAt = (body: JsonObject, path: string, method: string): JsonObject[] =>
  branchesOf(pathsOf(body)[path]).flatMap((item) => branchesOf(item[methodName(method)]));

/** Every method of a path that has an integration. */
export function* methodsOf(body: JsonObject, path: string): Generator<readonly [string, JsonObject]> {
  for (const item of branchesOf(pathsOf(body)[path]))
    for (const [method, value] of Object.entries(item)) {
      if (NOT_METHODS.has(method)) continue;
      for (const definition of branchesOf(value))
        if (definition[INTEGRATION] !== undefined) yield [method.toLowerCase(), definition] as const;
    }
}

export interface IntegrationRequest {
  readonly body: JsonObject;
  readonly path: string;
  readonly method: string;
  readonly integration: JsonObject;
  /** The condition of the function behind it. */
  readonly condition: string | undefined;
  readonly more?: JsonObject;
}

export function addIntegration({
  body,
  path,
  method,
  integration,
  condition,
  more,
}: IntegrationRequest): void {
  addPath(body, path, method);
  const name = methodName(method);
  const whole =
    condition === undefined ? integration : { ...integration, uri: when(condition, integration.uri ?? null) };
  for (const item of branchesOf(pathsOf(body)[path])) {
    const before = isObject(item[name]) ? item[name] : {};
    const definition: JsonObject = { ...before, [INTEGRATION]: whole, ...more };
    definition.responses ??= {};
    item[name] = condition === undefined ? definition : when(condition, definition);
  }
}

/** `{proxy+}` and `{id}` are `*` in permissions; a slash at the end counts for nothing. */
export const permissionPath = (path: string): string =>
  path.replace(/^(.+)\/$/, '$1').replace(/\{([a-zA-Z0-9._-]+\+?)\}/g, '*');

export const permissionMethod = (method: string): string =>
  ['any', ANY].includes(method.toLowerCase()) ? '*' : method.toUpperCase();

/** `securitySchemes` of OpenAPI 3, `securityDefinitions` of Swagger 2: a place to write to. */
export function placeIn(body: JsonObject, ...steps: readonly string[]): JsonObject {
  let place = body;
  for (const step of steps) {
    const next: Json | undefined = place[step];
    if (isObject(next)) place = next;
    else {
      const made: JsonObject = {};
      place[step] = made;
      place = made;
    }
  }
  return place;
}

export const isOpenApi3 = (version: Json | undefined): boolean => /^3\.\d(\.\d)?$/.test(String(version));

/** A document with paths that says which version it is. */
export const isDefinition = (body: Json | undefined): body is JsonObject =>
  isObject(body) && isObject(body.paths) && (Boolean(body.swagger) || isOpenApi3(body.openapi));
