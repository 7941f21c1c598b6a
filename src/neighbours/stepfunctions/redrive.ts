/**
 * A redriven execution does again what did not succeed. Steps of visits that were left are kept; of a visit that was
 * not, only its entry. https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
 */
import type { Scope } from '../../base/scope.ts';
import type { Store } from '../../store/store.ts';
import { forgetSteps, stepKeys } from './journal.ts';

export async function forgetForRedrive(store: Store, scope: Scope, executionKey: string): Promise<void> {
  const left = new Set<string>();
  for (const key of await stepKeys(store, scope, executionKey)) {
    const visit = visitOf(key);
    if (key.endsWith('.out') && visit !== undefined) left.add(visit);
  }
  await forgetSteps(store, scope, executionKey, (key, value) => {
    if (isFailedChild(key, value)) return true;
    const visit = visitOf(key);
    if (visit === undefined) return key.endsWith(':failed');
    return !left.has(visit) && !key.endsWith('.in');
  });
}

/** `path:visit` of a step inside a visit; undefined for steps of a line itself. */
const visitOf = (key: string): string | undefined => /^([^:]*:\d+)\./.exec(key)?.[1];

/** A child of a distributed map that did not succeed. */
const isFailedChild = (key: string, value: unknown): boolean =>
  key.endsWith(':end') && typeof value === 'object' && value !== null && 'ok' in value && value.ok === false;
