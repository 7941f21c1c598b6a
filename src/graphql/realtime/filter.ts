/** Enhanced subscription filters. https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-real-time-enhanced-filtering.html */
import { limits } from '../../base/limits.ts';

export interface FieldFilter {
  readonly fieldName: string;
  readonly operator: string;
  readonly value: unknown;
}

/** Any group; in a group all. */
export interface SubscriptionFilter {
  readonly groups: readonly (readonly FieldFilter[])[];
}

type Test = (found: unknown, wanted: unknown) => boolean;

const ordered =
  (test: (order: number) => boolean): Test =>
  (found, wanted) =>
    typeof found === typeof wanted && (typeof found === 'number' || typeof found === 'string')
      ? test(found < (wanted as typeof found) ? -1 : found === wanted ? 0 : 1)
      : false;

const isIn: Test = (found, wanted) => Array.isArray(wanted) && wanted.includes(found);
const contains: Test = (found, wanted) =>
  typeof found === 'string' ? found.includes(String(wanted)) : Array.isArray(found) && found.includes(wanted);

const OPERATORS: Readonly<Record<string, Test>> = {
  eq: (found, wanted) => found === wanted,
  ne: (found, wanted) => found !== wanted,
  le: ordered((order) => order <= 0),
  lt: ordered((order) => order < 0),
  ge: ordered((order) => order >= 0),
  gt: ordered((order) => order > 0),
  contains,
  notContains: (found, wanted) => !contains(found, wanted),
  beginsWith: (found, wanted) => typeof found === 'string' && found.startsWith(String(wanted)),
  in: isIn,
  notIn: (found, wanted) => !isIn(found, wanted),
  between: (found, wanted) =>
    Array.isArray(wanted) &&
    ordered((order) => order >= 0)(found, wanted[0]) &&
    ordered((order) => order <= 0)(found, wanted[1]),
  containsAny: (found, wanted) => Array.isArray(wanted) && wanted.some((each) => contains(found, each)),
};

/** From what `setSubscriptionFilter` was given, an object or its JSON. Throws Error saying what is wrong with it. */
export function readFilter(given: unknown): SubscriptionFilter {
  const value: unknown = typeof given === 'string' ? JSON.parse(given) : given;
  const groups = (value as { readonly filterGroup?: unknown } | null)?.filterGroup;
  if (!Array.isArray(groups)) throw new Error('A subscription filter needs a filterGroup');
  return {
    groups: groups.map((group: unknown) => {
      const filters = (group as { readonly filters?: unknown } | null)?.filters;
      if (!Array.isArray(filters)) throw new Error('A filter group needs filters');
      if (filters.length > limits.appsyncFilters)
        throw new Error(`Filters exceed maximum attributes limit ${limits.appsyncFilters}`);
      return filters.map((filter) => checked(filter as FieldFilter));
    }),
  };
}

function checked({ fieldName, operator, value }: FieldFilter): FieldFilter {
  if (typeof fieldName !== 'string' || fieldName.split('.').length > 5)
    throw new Error(`Invalid field name ${fieldName}`);
  if (!Object.hasOwn(OPERATORS, operator)) throw new Error(`Unsupported operator ${operator}`);
  return { fieldName, operator, value };
}

export const passes = ({ groups }: SubscriptionFilter, result: unknown): boolean =>
  groups.some((filters) =>
    filters.every(
      ({ fieldName, operator, value }) => OPERATORS[operator]?.(valueAt(result, fieldName), value) === true,
    ),
  );

function valueAt(result: unknown, path: string): unknown {
  let value = result;
  for (const step of path.split('.'))
    value =
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  return value ?? null;
}
