/** Route keys: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html */
import { badRequest } from './faults.ts';

const HTTP_KEY = /^(ANY|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (\/\S*)$/;
const VARIABLE = /^\{[A-Za-z0-9._$-]+\+?\}$/;

const MALFORMED =
  'The provided route key is not formatted properly for HTTP protocol. ' +
  'Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"';

/** Throws BadRequestException. A WebSocket key is any text: https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html */
export function checkRouteKey(routeKey: string, isHttp: boolean): void {
  if (routeKey === '') throw badRequest('RouteKey is a required parameter');
  if (!isHttp || routeKey === '$default') return;
  const path = HTTP_KEY.exec(routeKey)?.[2];
  if (path === undefined) throw badRequest(MALFORMED);
  checkVariables(segmentsOf(path));
}

function checkVariables(segments: readonly string[]): void {
  const names = new Set<string>();
  segments.forEach((segment, index) => {
    if (!/[{}]/.test(segment)) return;
    const isLast = index === segments.length - 1;
    if (!VARIABLE.test(segment) || (segment.endsWith('+}') && !isLast)) throw badRequest(MALFORMED);
    const name = nameOf(segment);
    if (names.has(name)) throw badRequest(MALFORMED);
    names.add(name);
  });
}

/**
 * Two routes of one method may not name the same variable differently:
 * https://github.com/plutomi/plutomi/issues/271
 */
export function conflictingVariable(one: string, other: string): boolean {
  const [method, path] = one.split(' ');
  const [otherMethod, otherPath] = other.split(' ');
  if (method !== otherMethod || path === undefined || otherPath === undefined) return false;
  const segments = segmentsOf(path);
  const others = segmentsOf(otherPath);
  for (const [index, segment] of segments.entries()) {
    const facing = others[index];
    if (facing === undefined || facing === segment) continue;
    const bothVariables = VARIABLE.test(segment) && VARIABLE.test(facing);
    return bothVariables && isGreedy(segment) === isGreedy(facing) && nameOf(segment) !== nameOf(facing);
  }
  return false;
}

const segmentsOf = (path: string): readonly string[] => path.split('/').slice(1);
const isGreedy = (segment: string): boolean => segment.endsWith('+}');
const nameOf = (segment: string): string => segment.replace(/^\{|\+?\}$/g, '');
