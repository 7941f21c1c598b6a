/**
 * A web ACL in front of a pool sees its public operations and hosted pages: headers, address, path, and nothing that a
 * user typed. https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-waf.html
 */
import { decodeJwt } from 'jose';
import { Fault } from '../../base/fault.ts';
import type { WebAclRequest } from '../../base/ports.ts';
import type { Reader } from '../../store/store.ts';
import type { Call, Handler, Handlers } from '../../wire/service.ts';
import { serviceRow } from '../../wire/services.ts';
import { findClient, findPool, poolArn, type PoolPlace } from './places.ts';
import type { CognitoPorts } from './ports.ts';

/** The operations that anyone may call, each of which asks the web ACL of its pool first. */
export function guarded(handlers: Handlers, ports: CognitoPorts): Handlers {
  const { inspect } = ports;
  if (inspect === undefined) return handlers;
  const guards = (serviceRow('cognito-idp')?.unsigned ?? []).flatMap((name): [string, Handler][] => {
    const handler = handlers[name];
    if (handler === undefined) return [];
    const guard: Handler = async (input: object, call) => {
      const place = call.request === undefined ? undefined : await placeOf(ports.store, input);
      if (place !== undefined && call.request !== undefined)
        await admit(ports, place, webRequestOf(call.request));
      return handler(input as never, call);
    };
    return [[name, guard]];
  });
  return { ...handlers, ...Object.fromEntries(guards) };
}

/** Throws ForbiddenException, as AWS words it. */
export async function admit(ports: CognitoPorts, place: PoolPlace, request: WebAclRequest): Promise<void> {
  const verdict = await ports.inspect?.(place.scope, poolArn(place.scope, place.pool.id), request);
  if (verdict?.action === 'BLOCK')
    throw new Fault('ForbiddenException', 'Request not allowed due to WAF block.', { status: 403 });
}

/** The pool a call is about, by whatever names it; undefined: none, and the operation will say so. */
async function placeOf(rows: Reader, input: object): Promise<PoolPlace | undefined> {
  const text = (name: string): string | undefined => {
    const value: unknown = Reflect.get(input, name);
    return typeof value === 'string' ? value : undefined;
  };
  const [clientId, token, session] = [text('ClientId'), text('AccessToken'), text('Session')];
  if (clientId !== undefined) return findClient(rows, clientId).catch(() => undefined);
  if (token !== undefined) return findPool(rows, issuerPool(token));
  if (session === undefined) return undefined;
  return findPool(rows, Buffer.from(session.split('.')[0] ?? '', 'base64url').toString());
}

function issuerPool(token: string): string {
  try {
    return decodeJwt(token).iss?.split('/').at(-1) ?? '';
  } catch {
    return '';
  }
}

const webRequestOf = (request: NonNullable<Call['request']>): WebAclRequest => {
  const [path = '/', query = ''] = request.target.split('?');
  return {
    method: request.method,
    rawPath: path,
    rawQuery: query,
    rawHeaders: request.rawHeaders,
    sourceIp: request.sourceIp,
    protocol: 'HTTP/1.1',
    body: async () => new Uint8Array(),
  };
};
