/**
 * How anything of an API is changed: one transaction, in which stages with auto-deploy get a new deployment, and
 * after the commit the gateway is told to read the API again.
 */
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type ApiRow, readApi } from './api-row.ts';
import { autoDeploy } from './auto-deploy.ts';
import type { ApiGatewayV2Ports } from './ports.ts';

export interface Change {
  readonly rows: Transaction;
  readonly scope: Scope;
  readonly api: ApiRow;
}

type Where = Pick<Call, 'scope'>;

/** Changes what a deployment captures: routes, integrations, authorizers, models, CORS. */
export const changeDefinition = <T>(
  ports: ApiGatewayV2Ports,
  call: Where,
  apiId: string,
  work: (change: Change) => Promise<T>,
): Promise<T> =>
  changeApi(ports, call, apiId, async (change) => {
    const result = await work(change);
    await autoDeploy(ports, change.rows, call.scope, apiId);
    return result;
  });

/** Changes the API's own row, its stages or deployments: no deployment is made. */
export async function changeApi<T>(
  ports: ApiGatewayV2Ports,
  call: Where,
  apiId: string,
  work: (change: Change) => Promise<T>,
): Promise<T> {
  const { scope } = call;
  const result = await ports.store.transaction(async (rows) =>
    work({ rows, scope, api: await readApi(rows, scope, apiId) }),
  );
  ports.gateway.forget(apiId);
  return result;
}
