/** Which API a request is addressed to, by Host header or by path. Pure: the listener asks before it hands a request over. */
import type { ClientCertificate } from './client-certificate.ts';
import type { DomainRoute } from './route-domain.ts';

export interface ApiTarget {
  readonly apiId: string;
  /** What is left of the request target, undecoded, query included; begins with `/{stage}` (or with the path, for a `$default` stage). */
  readonly rawTarget: string;
  /** `host`: an execute-api host name led here, so it leads here again. `domain`: a custom domain name. */
  readonly addressedBy: 'host' | 'path' | 'domain';
  /** The Host header as sent, port included. */
  readonly host: string;
  /** The VPC endpoint that the request came through; absent for one from anywhere else. */
  readonly endpoint?: { readonly vpcEndpointId: string; readonly vpcId: string };
  /** How a custom domain name led here. */
  readonly mapped?: MappedTarget;
}

export interface MappedTarget {
  /** The name as it was called, in lower case and without a port. */
  readonly domainName: string;
  /** The stage that the mapping names; undefined: the path does. */
  readonly stage: string | undefined;
  readonly basePath: string;
  /** The path as the client sent it, base path included, undecoded. */
  readonly rawPath: string;
  /** What decided. */
  readonly rule: string;
  /** What the client proved who it is with, where the name asks for it; a text: why it must be refused. */
  readonly client: ClientCertificate | string | undefined;
}

const HOST = /^([^.:]+)\.execute-api\.[^/]/i;
/** A `$default` stage may be named here too; what is left then begins with the path, as on its own host. */
const PATH = /^\/_aws\/execute-api\/([^/?]+)(?:\/(?:\$|%24)default(?=[/?]|$))?/;
const LEGACY_PATH = /^\/restapis\/([^/?]+)\/([^/?]+)\/_user_request_/;
const ABSOLUTE_FORM = /^https?:\/\/([^/?]*)/i;

/** `host` is the Host header, `rawTarget` the request line's target. Undefined when no API is meant. */
export function apiTargetOf(host: string | undefined, rawTarget: string): ApiTarget | undefined {
  const absolute = rawTarget.charCodeAt(0) === SLASH ? null : ABSOLUTE_FORM.exec(rawTarget);
  if (absolute !== null) return apiTargetOf(absolute[1], rawTarget.slice(absolute[0].length));
  const named = HOST.exec(host ?? '');
  if (named?.[1] !== undefined)
    return { apiId: named[1], rawTarget: rooted(rawTarget), addressedBy: 'host', host: host ?? '' };
  return targetOfPath(host ?? '', rawTarget);
}

function targetOfPath(host: string, rawTarget: string): ApiTarget | undefined {
  const path = PATH.exec(rawTarget);
  if (path?.[1] !== undefined)
    return { apiId: path[1], rawTarget: rooted(rawTarget.slice(path[0].length)), addressedBy: 'path', host };
  const legacy = LEGACY_PATH.exec(rawTarget);
  if (legacy?.[1] === undefined) return undefined;
  const rest = rawTarget.slice(legacy[0].length);
  return { apiId: legacy[1], rawTarget: `/${legacy[2]}${rest}`, addressedBy: 'path', host };
}

const ORIGIN = /^https?:\/\/[^/?]*/i;

/** A request target without scheme and host, which clients of proxies send. */
export const withoutOrigin = (rawTarget: string): string =>
  rawTarget.charCodeAt(0) === SLASH ? rawTarget : rooted(rawTarget.replace(ORIGIN, ''));

/** The same request as it would have come to the API's own host. */
export function mappedTarget(
  route: DomainRoute,
  named: { readonly host: string; readonly domainName: string; readonly rawTarget: string },
  client: MappedTarget['client'],
): ApiTarget {
  const { apiId, stage, basePath, rule } = route;
  const { host, domainName, rawTarget } = named;
  const mark = rawTarget.indexOf('?');
  const rawPath = mark === -1 ? rawTarget : rawTarget.slice(0, mark);
  const query = mark === -1 ? '' : rawTarget.slice(mark);
  const inPath = stage === undefined || stage === '$default' ? '' : `/${stage}`;
  const mapped = { domainName, stage, basePath, rawPath, rule, client };
  return { apiId, rawTarget: `${inPath}${route.rest}${query}`, addressedBy: 'domain', host, mapped };
}

const SLASH = 47;
const rooted = (target: string): string => (target.charCodeAt(0) === SLASH ? target : `/${target}`);

export interface Domain {
  readonly domainName: string;
  readonly domainPrefix: string;
}

/**
 * `$context.domainName`: AWS gives the name the client called. A client of this server must be led back here, so it
 * is the execute-api host as it was called, port included; for a call by path, the name that the same port answers to.
 * A custom domain name is given as AWS gives it, without a port: programs compare it.
 */
export function domainOf(target: ApiTarget, region: string, localPort: number | undefined): Domain {
  if (target.mapped !== undefined) {
    const { domainName } = target.mapped;
    return { domainName, domainPrefix: domainName.slice(0, domainName.indexOf('.')) };
  }
  if (target.addressedBy === 'host') return { domainName: target.host, domainPrefix: target.apiId };
  const port = localPort === undefined ? '' : `:${localPort}`;
  return { domainName: `${target.apiId}.execute-api.${region}.localhost${port}`, domainPrefix: target.apiId };
}
