/** Cors of a REST API: an OPTIONS method with a mock answer on every path that has none. */
import { intrinsicOf, isObject, type Json, type JsonObject } from '../template.ts';
import { SamFault } from './faults.ts';
import { ANY, INTEGRATION, pathsOf } from './paths.ts';
import { branchesOf } from './values.ts';

const KEYS = new Set(['AllowOrigin', 'AllowMethods', 'AllowHeaders', 'MaxAge', 'AllowCredentials']);
const EVERY_METHOD = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH'];
const ANY_ORIGIN = "'*'";

export function addCors(logicalId: string, body: JsonObject, given: Json): void {
  const cors: JsonObject = isObject(given) && !intrinsicOf(given) ? given : { AllowOrigin: given };
  if (typeof given !== 'string' && !isObject(given))
    throw new SamFault(logicalId, "Invalid value for 'Cors' property");
  const unknown = Object.keys(cors).find((key) => !KEYS.has(key));
  if (unknown !== undefined) throw new SamFault(logicalId, `Invalid key '${unknown}' for 'Cors' property.`);
  const origin = cors.AllowOrigin ?? ANY_ORIGIN;
  if (cors.AllowCredentials === true && origin === ANY_ORIGIN)
    throw new SamFault(
      logicalId,
      `Unable to add Cors configuration because 'AllowCredentials' can not be true when 'AllowOrigin' is "'*'" or not set`,
    );
  const done = new Set<string>();
  for (const [path, value] of Object.entries(pathsOf(body))) {
    // `/orders` and `/orders/` are one resource.
    const trimmed = path === '/' ? path : path.replace(/\/+$/, '');
    if (done.has(trimmed)) continue;
    done.add(trimmed);
    for (const item of branchesOf(value)) item.options ??= preflight({ ...cors, AllowOrigin: origin }, item);
  }
}

function preflight(cors: JsonObject, item: JsonObject): JsonObject {
  const parameters: JsonObject = {};
  const headers: JsonObject = {};
  const add = (name: string, value: Json | undefined, type = 'string'): void => {
    if (value === undefined || value === null || value === '') return;
    parameters[`method.response.header.Access-Control-${name}`] = value;
    headers[`Access-Control-${name}`] = { type };
  };
  add('Allow-Origin', cors.AllowOrigin);
  add('Allow-Headers', cors.AllowHeaders);
  add('Allow-Methods', cors.AllowMethods || `'${methodsOf(item)}'`);
  add('Max-Age', cors.MaxAge, 'integer');
  if (cors.AllowCredentials === true) add('Allow-Credentials', "'true'");
  return {
    summary: 'CORS support',
    consumes: ['application/json'],
    produces: ['application/json'],
    [INTEGRATION]: {
      type: 'mock',
      requestTemplates: { 'application/json': '{\n  "statusCode" : 200\n}\n' },
      responses: {
        default: {
          statusCode: '200',
          responseParameters: parameters,
          responseTemplates: { 'application/json': '{}\n' },
        },
      },
    },
    responses: { '200': { description: 'Default response for CORS method', headers } },
  };
}

function methodsOf(item: JsonObject): string {
  const names = Object.keys(item);
  const methods = names.includes(ANY)
    ? EVERY_METHOD
    : [...names, 'options'].map((name) => name.toUpperCase());
  return [...new Set(methods)].toSorted().join(',');
}
