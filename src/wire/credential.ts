/** Which key signed a request, and for what: read from it, not verified. */
import { DEFAULT_ACCOUNT, DEFAULT_REGION } from '../base/scope.ts';
import { queryValue, type Head } from './head.ts';

export interface Credential {
  readonly accessKeyId: string;
  /** `YYYYMMDD`; empty with the older signatures, which name neither date nor region. */
  readonly date: string;
  readonly region: string;
  /** The signing name of the service. */
  readonly service: string;
}

/** SigV4 in a header or in the query; S3's version 2 forms, which are S3's alone. */
export function credentialOf(head: Head): Credential | undefined {
  const authorization = head.headers.authorization;
  if (authorization !== undefined) {
    const scope = /Credential=([^,\s]+)/.exec(authorization)?.[1];
    if (scope !== undefined) return splitScope(scope);
    const version2 = /^AWS ([^:]+):/.exec(authorization)?.[1];
    if (version2 !== undefined) return { ...NO_SCOPE, accessKeyId: version2 };
  }
  const presigned = queryValue(head, 'X-Amz-Credential');
  if (presigned !== undefined) return splitScope(presigned);
  const version2 = queryValue(head, 'AWSAccessKeyId');
  return version2 === undefined ? undefined : { ...NO_SCOPE, accessKeyId: version2 };
}

const NO_SCOPE = { date: '', region: DEFAULT_REGION, service: 's3' } as const;

/** Access key ids may hold slashes nowhere but the scope's last four parts are fixed, so count from the end. */
function splitScope(scope: string): Credential | undefined {
  const parts = scope.split('/');
  const service = parts.at(-2);
  const region = parts.at(-3);
  const date = parts.at(-4);
  if (parts.length < 5 || service === undefined || region === undefined || date === undefined)
    return undefined;
  return { accessKeyId: parts.slice(0, -4).join('/'), date, region: region || DEFAULT_REGION, service };
}

/** An access key id of twelve digits is its account; every other key belongs to the default account. */
export const accountOfKey = (accessKeyId: string): string =>
  /^\d{12}$/.test(accessKeyId) ? accessKeyId : DEFAULT_ACCOUNT;
