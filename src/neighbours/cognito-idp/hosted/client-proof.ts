/** Which client calls an OAuth endpoint, and whether it proves so. */
import type { Store } from '../../../store/store.ts';
import { type ClientPlace, EVERYWHERE, findClient } from '../places.ts';
import type { CognitoPorts } from '../ports.ts';
import { domainPlaces } from '../rows.ts';
import { admit } from '../web-acl-guard.ts';
import { isClientSecret } from '../secret-hash.ts';
import type { HostedRequest } from './http.ts';

/** The client of an id; undefined when nobody has it, or the host is another pool's. Throws what its web ACL says. */
export async function clientOf(
  ports: CognitoPorts,
  request: HostedRequest,
  clientId: string | null | undefined,
): Promise<ClientPlace | undefined> {
  if (!clientId) return undefined;
  const place = await findClient(ports.store, clientId).catch(() => undefined);
  const poolId = await poolOfHost(ports.store, request);
  if (place === undefined || (poolId !== undefined && poolId !== place.pool.id)) return undefined;
  await admit(ports, place, request.seen);
  return place;
}

/** `{domain}.auth.{region}.localhost`, or a custom domain. */
async function poolOfHost(store: Store, request: HostedRequest): Promise<string | undefined> {
  const host = (request.header('host') ?? '').replace(/:\d+$/, '').toLowerCase();
  const [, prefix] = /^([a-z0-9-]+)\.auth\.[a-z0-9-]+\./.exec(host) ?? [];
  const row = await store.get(domainPlaces, EVERYWHERE, prefix ?? host);
  // A prefix that nobody has is nobody's pool.
  return row?.poolId ?? (prefix === undefined ? undefined : '');
}

/** By HTTP Basic or in the form; a client without a secret says its id only. Undefined: not proved. */
export async function provenClient(
  ports: CognitoPorts,
  request: HostedRequest,
): Promise<ClientPlace | undefined> {
  const basic = basicOf(request.header('authorization'));
  const id = basic?.id ?? request.form.get('client_id');
  const secret = basic?.secret ?? request.form.get('client_secret');
  const place = await clientOf(ports, request, id);
  if (place === undefined) return undefined;
  if (place.client.secrets.length === 0) return secret ? undefined : place;
  return secret !== null && isClientSecret(place.client, secret) ? place : undefined;
}

function basicOf(header: string | undefined): { readonly id: string; readonly secret: string } | undefined {
  const [, encoded] = /^Basic\s+([A-Za-z0-9+/=]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  // RFC 6749, section 2.3.1: both parts are form-encoded first.
  const plain = (part: string): string => {
    try {
      return decodeURIComponent(part.replaceAll('+', ' '));
    } catch {
      return part;
    }
  };
  return colon === -1 ? undefined : { id: plain(text.slice(0, colon)), secret: plain(text.slice(colon + 1)) };
}
