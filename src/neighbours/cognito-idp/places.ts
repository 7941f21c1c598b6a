/** From what a call names (a pool, a client, a domain) to the rows, wherever they lie. */
import { arnOf } from '../../base/arn.ts';
import { DEFAULT_ACCOUNT, GLOBAL_REGION, type Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import { notFound } from './fault.ts';
import { type ClientRow, clientPlaces, clients, poolPlaces, type PoolRow, pools } from './rows.ts';

/** Indexes over every account and region lie in one place. */
export const EVERYWHERE: Scope = { account: DEFAULT_ACCOUNT, region: GLOBAL_REGION };

export interface PoolPlace {
  readonly scope: Scope;
  readonly pool: PoolRow;
}

export interface ClientPlace extends PoolPlace {
  readonly client: ClientRow;
}

export const poolArn = (scope: Scope, poolId: string): string =>
  arnOf(scope, 'cognito-idp', `userpool/${poolId}`);

const poolMissing = (id: string | undefined) => notFound(`User pool ${id} does not exist.`);
const clientMissing = (id: string | undefined) => notFound(`User pool client ${id} does not exist.`);

export async function needPool(rows: Reader, scope: Scope, id: string | undefined): Promise<PoolRow> {
  const pool = await rows.get(pools, scope, id ?? '');
  if (pool === undefined) throw poolMissing(id);
  return pool;
}

export async function needClient(
  rows: Reader,
  scope: Scope,
  poolId: string | undefined,
  clientId: string | undefined,
): Promise<ClientPlace> {
  const pool = await needPool(rows, scope, poolId);
  const client = await rows.get(clients, scope, `${pool.id}/${clientId}`);
  if (client === undefined) throw clientMissing(clientId);
  return { scope, pool, client };
}

/** For calls that carry no signature. */
export async function findClient(rows: Reader, clientId: string | undefined): Promise<ClientPlace> {
  const place = await rows.get(clientPlaces, EVERYWHERE, clientId ?? '');
  if (place === undefined) throw clientMissing(clientId);
  return needClient(rows, { account: place.account, region: place.region }, place.poolId, clientId);
}

export async function findPool(rows: Reader, poolId: string): Promise<PoolPlace | undefined> {
  const place = await rows.get(poolPlaces, EVERYWHERE, poolId);
  if (place === undefined) return undefined;
  const scope = { account: place.account, region: place.region };
  const pool = await rows.get(pools, scope, poolId);
  return pool === undefined ? undefined : { scope, pool };
}
