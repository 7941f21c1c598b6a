/** What is wrong with a request whatever API it is for: ambiguity about where it ends or whom it is for, and sizes. */
import { limits } from '../../base/limits.ts';
import type { ClientRequest } from '../client-request.ts';
import type { Engine } from '../engine.ts';
import type { Arrived, CompiledApi, Reply } from '../plan.ts';
import { domainOf, type ApiTarget } from '../target.ts';
import { beginTrail } from '../trail.ts';
import { passedTrace } from './trace.ts';

/** The answer to a request that no API may see, or null when it is sound. */
export function refuseBroken(request: ClientRequest): Reply | null {
  let headerBytes = 0;
  let hosts = 0;
  let lengths = 0;
  const headers = request.rawHeaders;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    headerBytes += name.length + (headers[i + 1] ?? '').length + HEADER_OVERHEAD_BYTES;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
    if (name.length === 14 && name.toLowerCase() === 'content-length') lengths++;
  }
  // node:http lets both through; a proxy in front may have read the other one (request smuggling).
  if (hosts > 1 || lengths > 1) return plain(400, 'Bad Request');
  if (headerBytes > limits.apiGatewayHeaderBytes) return plain(431, 'Request Header Fields Too Large');
  if (request.rawPath.length + request.rawQuery.length > limits.apiGatewayUrlBytes)
    return plain(414, 'Request URI too long');
  return null;
}

/** What an API of its endpoint type allows, where that is less than what the listener lets through. */
export interface RequestBounds {
  readonly headerBytes: number;
  readonly urlBytes: number;
}

/**
 * REST APIs: their own sizes, and a query in which braces and pipes stand as they are.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
export function refuseUnsuited(request: ClientRequest, bounds: RequestBounds | null): Reply | null {
  if (request.rawQuery !== '' && UNENCODED.test(request.rawQuery)) return plain(400, 'Bad Request');
  if (bounds === null) return null;
  if (request.rawPath.length + request.rawQuery.length > bounds.urlBytes)
    return plain(414, 'Request URI too long');
  let headerBytes = 0;
  for (const text of request.rawHeaders) headerBytes += text.length;
  headerBytes += (request.rawHeaders.length / 2) * HEADER_OVERHEAD_BYTES;
  return headerBytes > bounds.headerBytes ? plain(431, 'Request Header Fields Too Large') : null;
}

const UNENCODED = /[{|}]/;

const HEADER_OVERHEAD_BYTES = ': \r\n'.length;

const plain = (status: number, message: string): Reply => ({
  status,
  headers: ['Content-Type', 'application/json', 'Connection', 'close'],
  body: JSON.stringify({ message }),
});

/** The load balancer's own check: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html ("/ping and /sping are reserved"). */
export const isHealthCheck = (rawPath: string): boolean => rawPath === '/ping' || rawPath === '/sping';

export const HEALTHY: Reply = { status: 200, headers: ['Content-Type', 'text/plain'], body: 'healthy' };

/** Gives the request its ids, its trace and its domain name. */
export function arrive(engine: Engine, api: CompiledApi, request: ClientRequest, target: ApiTarget): Arrived {
  const receivedAt = engine.ports.now();
  const { requestId, extendedRequestId } = api.newIds();
  const { domainName, domainPrefix } = domainOf(target, api.scope.region, request.localPort);
  return {
    request,
    target,
    requestId,
    extendedRequestId,
    traceId: passedTrace(engine, request, receivedAt),
    receivedAt,
    domainName,
    domainPrefix,
    shownPath: api.showsBasePath && target.mapped !== undefined ? target.mapped.rawPath : request.rawPath,
    facts: engine.ports.explain === true ? { trail: beginTrail(target.mapped) } : {},
  };
}
