/** Documents of token issuers: those of this server's own user pools are read, all others are fetched. */
import type { GatewayPorts } from '../gateway/ports.ts';
import { fetchOverHttp } from '../lang/jwt/issuer-keys.ts';
import { userPoolOf } from '../lang/jwt/user-pool-issuer.ts';

type FetchDocument = NonNullable<GatewayPorts['fetchDocument']>;

const DOCUMENT = /^(.*)\/\.well-known\/(jwks\.json|openid-configuration)$/;

export function createFetchDocument(
  keysOfPool: (poolId: string) => Promise<object | undefined>,
): FetchDocument {
  return async (url, signal, limitBytes) => {
    const [, issuer = '', document] = DOCUMENT.exec(url) ?? [];
    const poolId = userPoolOf(issuer);
    const keys = poolId === undefined ? undefined : await keysOfPool(poolId);
    if (keys === undefined) return fetchOverHttp(url, signal, limitBytes);
    if (document === 'jwks.json') return JSON.stringify(keys);
    // All an authorizer asks of a discovery document.
    return JSON.stringify({ jwks_uri: url.replace('openid-configuration', 'jwks.json') });
  };
}
