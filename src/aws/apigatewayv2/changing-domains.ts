import type { Transaction } from '../../store/store.ts';
import type { ApiGatewayV2Ports } from './ports.ts';

/** A transaction that the data plane sees before the caller is answered. */
export async function changingDomains<T>(
  { store, domains }: Pick<ApiGatewayV2Ports, 'store' | 'domains'>,
  work: (rows: Transaction) => Promise<T>,
): Promise<T> {
  const done = await store.transaction(work);
  domains?.changed();
  return done;
}
