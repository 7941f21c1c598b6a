/** Signs a request to an AWS service with SigV4, as the SDKs do. */
import type { RoleCredentials } from '../aws/sts/role-credentials.ts';
import { readHead } from '../wire/head.ts';
import { canonicalOf, canonicalPaths, sha256, type Signature } from '../wire/sigv4/canonical.ts';
import { hmac, type SigningKeys } from '../wire/sigv4/signing-keys.ts';

export interface Unsigned {
  readonly method: string;
  readonly target: string;
  /** [name, value, ...], Host included, no Authorization. */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
  readonly service: string;
  readonly region: string;
}

export type SigningCredentials = Omit<RoleCredentials, 'sessionToken'> & { readonly sessionToken?: string };

/** The headers with date, token, hash and signature. */
export function signRequest(
  request: Unsigned,
  credentials: SigningCredentials,
  nowMs: number,
  signingKeys: SigningKeys,
): string[] {
  const dateTime = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const payloadHash = sha256(request.body);
  const headers = [...request.rawHeaders, 'X-Amz-Date', dateTime];
  if (credentials.sessionToken !== undefined) headers.push('X-Amz-Security-Token', credentials.sessionToken);
  if (request.service === 's3') headers.push('X-Amz-Content-Sha256', payloadHash);
  const head = readHead(request.method, request.target, headers);
  const signature: Signature = {
    accessKeyId: credentials.accessKeyId,
    scope: [dateTime.slice(0, 8), request.region, request.service],
    signedHeaders: Object.keys(head.headers).filter(isSigned).toSorted(),
    signature: '',
    dateTime,
    presigned: false,
  };
  const [path = '/'] = canonicalPaths(head.path, request.service === 's3');
  const { stringToSign } = canonicalOf(head, signature, path, payloadHash);
  const sum = hmac(signingKeys(credentials.secretAccessKey, signature), stringToSign).toString('hex');
  const scope = `${credentials.accessKeyId}/${signature.scope.join('/')}/aws4_request`;
  return [
    ...headers,
    'Authorization',
    `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=${signature.signedHeaders.join(';')}, Signature=${sum}`,
  ];
}

/** What no proxy on the way changes. */
const isSigned = (name: string): boolean =>
  name === 'host' || name === 'content-type' || name === 'content-md5' || name.startsWith('x-amz-');
