/** Documents of token issuers: those of this server's own user pools are read, all others are fetched. */
import type { GatewayPorts } from '../gateway/ports.ts';
import { fetchOverHttp } from '../lang/jwt/issuer-keys.ts';

type FetchDocument = NonNullable<GatewayPorts['fetchDocument']>;

/** AWS's address of a pool, or this machine's. */
const OF_POOL =
  /^(?:https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?|https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\]|[\w.-]+\.localhost|localhost\.localstack\.cloud)(?::\d+)?)\/([\w-]+_[0-9A-Za-z]+)\/\.well-known\/(jwks\.json|openid-configuration)$/;

export function createFetchDocument(
  keysOfPool: (poolId: string) => Promise<object | undefined>,
): FetchDocument {
  return async (url, signal, limitBytes) => {
    const [, poolId, document] = OF_POOL.exec(url) ?? [];
    const keys = poolId === undefined ? undefined : await keysOfPool(poolId);
    if (keys === undefined) return fetchOverHttp(url, signal, limitBytes);
    if (document === 'jwks.json') return JSON.stringify(keys);
    // All an authorizer asks of a discovery document.
    return JSON.stringify({ jwks_uri: url.replace('openid-configuration', 'jwks.json') });
  };
}
