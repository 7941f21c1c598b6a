/** `util.transform`: GraphQL filters to DynamoDB expressions, OpenSearch queries and subscription filters. */
import { toDynamoDB } from './dynamodb.ts';

type Filter = Readonly<Record<string, unknown>>;

interface Expression {
  readonly expression: string;
  readonly expressionNames: Record<string, string>;
  readonly expressionValues: Record<string, unknown>;
}

/** https://docs.aws.amazon.com/appsync/latest/devguide/transformation-helpers-in-util-transform-js.html */
export function toDynamoDBExpression(filter: Filter): Expression {
  const made: Expression & { expression: string } = {
    expression: '',
    expressionNames: {},
    expressionValues: {},
  };
  made.expression = allOf(filter, made);
  return made;
}

function allOf(filter: Filter, made: Expression): string {
  const parts = Object.entries(filter).map(([name, condition]) => {
    if (name === 'and' || name === 'or') {
      const list = Array.isArray(condition) ? (condition as Filter[]) : [condition as Filter];
      return list.map((each) => `(${allOf(each, made)})`).join(name === 'and' ? ' AND ' : ' OR ');
    }
    if (name === 'not') return `(NOT ${allOf(condition as Filter, made)})`;
    return Object.entries(condition as Filter)
      .map(([operator, value]) => `(${comparison(name, operator, value, made)})`)
      .join(' AND ');
  });
  return parts.length === 1
    ? (parts[0] ?? '')
    : parts.map((part) => (part.startsWith('(') ? part : `(${part})`)).join(' AND ');
}

const SYMBOLS: Readonly<Record<string, string>> = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' };
const FUNCTIONS: Readonly<Record<string, string>> = { contains: 'contains', beginsWith: 'begins_with' };

function comparison(name: string, operator: string, value: unknown, made: Expression): string {
  made.expressionNames[`#${name}`] = name;
  const place = (suffix: string, each: unknown): string => {
    const key = `:${name}_${suffix}`;
    made.expressionValues[key] = toDynamoDB(each);
    return key;
  };
  const symbol = SYMBOLS[operator];
  if (symbol !== undefined) return `#${name} ${symbol} ${place(operator, value)}`;
  if (FUNCTIONS[operator] !== undefined) return `${FUNCTIONS[operator]}(#${name}, ${place(operator, value)})`;
  switch (operator) {
    case 'notContains':
      return `NOT contains(#${name}, ${place(operator, value)})`;
    case 'between': {
      const [from, to] = value as [unknown, unknown];
      return `#${name} BETWEEN ${place('between0', from)} AND ${place('between1', to)}`;
    }
    case 'in':
      return `#${name} IN (${(value as unknown[]).map((each, at) => place(`in${at}`, each)).join(', ')})`;
    case 'attributeExists':
      return value === true ? `attribute_exists(#${name})` : `attribute_not_exists(#${name})`;
    case 'attributeType':
      return `attribute_type(#${name}, ${place(operator, value)})`;
    case 'size':
      return Object.entries(value as Filter)
        .map(([inner, of]) => `size(#${name}) ${SYMBOLS[inner] ?? '='} ${place(`size${inner}`, of)}`)
        .join(' AND ');
    default:
      throw new Error(`Unsupported operator: ${operator}`);
  }
}

/** https://docs.aws.amazon.com/appsync/latest/devguide/transformation-helpers-in-util-transform-js.html, OpenSearch */
export function toOpenSearchQuery(filter: Filter): unknown {
  const parts = Object.entries(filter).map(([name, condition]): unknown => {
    if (name === 'and') return { bool: { must: (condition as Filter[]).map(toOpenSearchQuery) } };
    if (name === 'or') return { bool: { should: (condition as Filter[]).map(toOpenSearchQuery) } };
    if (name === 'not') return { bool: { must_not: toOpenSearchQuery(condition as Filter) } };
    const tests = Object.entries(condition as Filter).map(([operator, value]) =>
      searchTest(name, operator, value),
    );
    return tests.length === 1 ? tests[0] : { bool: { must: tests } };
  });
  return parts.length === 1 ? parts[0] : { bool: { must: parts } };
}

function searchTest(name: string, operator: string, value: unknown): unknown {
  switch (operator) {
    case 'eq':
      return { term: { [name]: value } };
    case 'ne':
      return { bool: { must_not: { term: { [name]: value } } } };
    case 'gt':
    case 'lt':
      return { range: { [name]: { [operator]: value } } };
    case 'ge':
    case 'le':
      return { range: { [name]: { [operator === 'ge' ? 'gte' : 'lte']: value } } };
    case 'in':
      return { terms: { [name]: value } };
    case 'match':
      return { match: { [name]: value } };
    case 'matchPhrase':
      return { match_phrase: { [name]: value } };
    case 'multiMatch':
      return { multi_match: value };
    case 'exists':
      return value === true
        ? { exists: { field: name } }
        : { bool: { must_not: { exists: { field: name } } } };
    case 'wildcard':
      return { wildcard: { [name]: value } };
    case 'regexp':
      return { regexp: { [name]: value } };
    case 'prefix':
      return { prefix: { [name]: value } };
    default:
      throw new Error(`Unsupported operator: ${operator}`);
  }
}

/** A filter group for `extensions.setSubscriptionFilter`. */
export function toSubscriptionFilter(
  filter: Filter,
  ignored: readonly string[] = [],
  must: Filter = {},
): object {
  const groups = orGroups(without(filter, ignored)).map((group) => ({
    filters: [...filtersOf(group), ...filtersOf(must)],
  }));
  return { filterGroup: groups };
}

const without = (filter: Filter, ignored: readonly string[]): Filter =>
  Object.fromEntries(Object.entries(filter).filter(([name]) => !ignored.includes(name)));

/** Alternatives, each a list of conditions that hold together. */
function orGroups(filter: Filter): Filter[] {
  const { or, and, ...rest } = filter;
  const base = Array.isArray(and) ? Object.assign({}, rest, ...(and as Filter[])) : rest;
  if (!Array.isArray(or)) return [base as Filter];
  return (or as Filter[]).flatMap(orGroups).map((group) => ({ ...base, ...group }));
}

const filtersOf = (group: Filter) =>
  Object.entries(group).flatMap(([fieldName, condition]) =>
    Object.entries(condition as Filter).map(([operator, value]) => ({ fieldName, operator, value })),
  );
