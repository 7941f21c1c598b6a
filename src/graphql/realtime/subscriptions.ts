/** Who listens to what, and who is told of a mutation's result. */
import type { Identity } from '../identity.ts';
import type { OpenApi } from '../engine.ts';
import { passes, type SubscriptionFilter } from './filter.ts';

export interface Subscription {
  readonly api: OpenApi;
  readonly fieldName: string;
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly identity: Identity;
  /** Arguments of the field that were given: each must be the result's own value. */
  readonly wanted: Readonly<Record<string, unknown>>;
  readonly filter: SubscriptionFilter | undefined;
  readonly invalidation: SubscriptionFilter | undefined;
  deliver(payload: string): void;
  end(): void;
}

export interface Subscriptions {
  add(subscription: Subscription): void;
  remove(subscription: Subscription): void;
  /** Subscriptions of an API whose field is told of the mutation and whose filters let the result through. */
  matching(apiId: string, mutation: string, result: unknown): Subscription[];
  /** Those of a field whose invalidation filter lets a payload through. */
  invalidated(apiId: string, fieldName: string, payload: unknown): Subscription[];
}

export function createSubscriptions(): Subscriptions {
  const byApi = new Map<string, Set<Subscription>>();
  const of = (apiId: string): Iterable<Subscription> => byApi.get(apiId) ?? [];
  return {
    add(subscription) {
      const { apiId } = subscription.api.plan.document;
      const set = byApi.get(apiId) ?? new Set();
      set.add(subscription);
      byApi.set(apiId, set);
    },
    remove(subscription) {
      const { apiId } = subscription.api.plan.document;
      const set = byApi.get(apiId);
      set?.delete(subscription);
      if (set?.size === 0) byApi.delete(apiId);
    },
    matching: (apiId, mutation, result) =>
      [...of(apiId)].filter((each) => {
        if (each.api.plan.subscriptions.get(each.fieldName)?.includes(mutation) !== true) return false;
        return isWanted(each.wanted, result) && (each.filter === undefined || passes(each.filter, result));
      }),
    invalidated: (apiId, fieldName, payload) =>
      [...of(apiId)].filter(
        (each) =>
          each.fieldName === fieldName &&
          each.invalidation !== undefined &&
          passes(each.invalidation, payload),
      ),
  };
}

/** An argument that is null or was left out is no filter. */
const isWanted = (wanted: Readonly<Record<string, unknown>>, result: unknown): boolean =>
  Object.entries(wanted).every(([name, value]) => {
    if (value === null || value === undefined) return true;
    const found =
      typeof result === 'object' && result !== null ? (result as Record<string, unknown>)[name] : undefined;
    return JSON.stringify(found) === JSON.stringify(value);
  });
