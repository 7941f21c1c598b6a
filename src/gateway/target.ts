/** Which API a request is addressed to, by Host header or by path. Pure: the listener asks before it hands a request over. */

export interface ApiTarget {
  readonly apiId: string;
  /** What is left of the request target, undecoded, query included; begins with `/{stage}` (or with the path, for a `$default` stage). */
  readonly rawTarget: string;
  /** `host`: an execute-api host name led here, so it leads here again. */
  readonly addressedBy: 'host' | 'path';
  /** The Host header as sent, port included. */
  readonly host: string;
  /** The VPC endpoint that the request came through; absent for one from anywhere else. */
  readonly endpoint?: { readonly vpcEndpointId: string; readonly vpcId: string };
}

const HOST = /^([^.:]+)\.execute-api\.[^/]/i;
const PATH = /^\/_aws\/execute-api\/([^/?]+)/;
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

const SLASH = 47;
const rooted = (target: string): string => (target.charCodeAt(0) === SLASH ? target : `/${target}`);

export interface Domain {
  readonly domainName: string;
  readonly domainPrefix: string;
}

/**
 * `$context.domainName`: AWS gives the name the client called. A client of this server must be led back here, so it
 * is the execute-api host as it was called, port included; for a call by path, the name that the same port answers to.
 */
export function domainOf(target: ApiTarget, region: string, localPort: number | undefined): Domain {
  if (target.addressedBy === 'host') return { domainName: target.host, domainPrefix: target.apiId };
  const port = localPort === undefined ? '' : `:${localPort}`;
  return { domainName: `${target.apiId}.execute-api.${region}.localhost${port}`, domainPrefix: target.apiId };
}
