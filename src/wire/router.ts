/** From method, path and query to the operation of a REST service, and its labels. */
import { decodePercent, type Pair } from './codecs/form.ts';
import type { Head } from './head.ts';
import type { OperationSchema } from './schema.ts';

export interface Route {
  readonly operation: string;
  readonly method: string;
  readonly segments: readonly Segment[];
  /** Query parameters that belong to the operation's name: `?mode=import`. An empty value: any. */
  readonly literals: readonly Pair[];
}

export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'label'; readonly name: string }
  | { readonly kind: 'greedy'; readonly name: string };

export interface Routed {
  readonly operation: string;
  /** Decoded. */
  readonly labels: Readonly<Record<string, string>>;
  /** Query parameters that only selected the operation. */
  readonly literals: readonly string[];
}

export type Router = (head: Head) => Routed | undefined;

export function compileRouter(schemas: readonly OperationSchema[]): Router {
  const byMethod = new Map<string, CompiledRoute[]>();
  for (const route of routesOf(schemas).toSorted(bySpecificity)) {
    const routes = byMethod.get(route.method) ?? [];
    byMethod.set(route.method, [...routes, { ...route, pattern: patternOf(route.segments) }]);
  }
  return ({ method, path, query }) => {
    for (const route of byMethod.get(method) ?? []) {
      const match = route.pattern.exec(path);
      if (match !== null && route.literals.every((literal) => carries(query, literal)))
        return {
          operation: route.operation,
          labels: labelsOf(match),
          literals: route.literals.map(([name]) => name),
        };
    }
    return undefined;
  };
}

interface CompiledRoute extends Route {
  readonly pattern: RegExp;
}

export function routesOf(schemas: readonly OperationSchema[]): Route[] {
  return schemas.flatMap((schema) => {
    const http = schema.traits.http;
    if (http === undefined) return [];
    const [path = '', search = ''] = http[1].split('?');
    return [
      {
        operation: schema.name,
        method: http[0],
        segments: path.split('/').filter(Boolean).map(segmentOf),
        literals: search.split('&').filter(Boolean).map(literalOf),
      },
    ];
  });
}

function segmentOf(text: string): Segment {
  if (!text.startsWith('{')) return { kind: 'literal', text };
  const name = text.slice(1, -1);
  return name.endsWith('+') ? { kind: 'greedy', name: name.slice(0, -1) } : { kind: 'label', name };
}

function literalOf(text: string): Pair {
  const [name = '', value = ''] = text.split('=');
  return [name, value];
}

export const carries = (query: readonly Pair[], [name, value]: Pair): boolean =>
  query.some(([key, found]) => key === name && (value === '' || value === found));

const RANK: Readonly<Record<Segment['kind'], number>> = { literal: 0, label: 1, greedy: 2 };

/** Literal segments before labels before greedy labels, from the left; then the most query literals. */
function bySpecificity(one: Route, other: Route): number {
  const length = Math.min(one.segments.length, other.segments.length);
  for (let index = 0; index < length; index++) {
    const difference = rankAt(one, index) - rankAt(other, index);
    if (difference !== 0) return difference;
  }
  return other.segments.length - one.segments.length || other.literals.length - one.literals.length;
}

const rankAt = (route: Route, index: number): number => RANK[route.segments[index]?.kind ?? 'greedy'];

/** Lambda's templates end in a slash here and there, and clients add or drop it: it never matters. */
function patternOf(segments: readonly Segment[]): RegExp {
  const source = segments.map((segment) => {
    if (segment.kind === 'literal') return `/${segment.text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`;
    return segment.kind === 'label'
      ? `/(?<${groupOf(segment.name)}>[^/]+)`
      : `/(?<${groupOf(segment.name)}>.+?)`;
  });
  return new RegExp(`^/*${source.join('').replace(/^\//, '')}/?$`);
}

/** Label names such as `resource-arn` are no group names. */
const groupOf = (name: string): string => name.replace(/-/g, '$dash');

function labelsOf(match: RegExpExecArray): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [group, text] of Object.entries(match.groups ?? {}))
    labels[group.replace(/\$dash/g, '-')] = decodePercent(text);
  return labels;
}
