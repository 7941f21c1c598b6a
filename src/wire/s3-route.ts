/**
 * S3's requests: the bucket stands in the host or in the path, and the sub-resource in the query tells the operation.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
import { decodePercent } from './codecs/form.ts';
import { queryValue, type Head } from './head.ts';
import { carries, routesOf, type Route, type Routed } from './router.ts';
import type { OperationSchema, Shape } from './schema.ts';

export interface S3Address {
  readonly bucket: string | undefined;
  readonly key: string | undefined;
}

/** Hosts that name a bucket before S3's own name, or before this machine's. */
const VIRTUAL_HOST =
  /^(?<bucket>.+?)\.(?:s3(?:[.-](?:dualstack|accelerate|fips|website|[a-z]{2}(?:-[a-z]+)+-\d))*\..+|localhost|localhost\.localstack\.cloud)$/;

function s3Address(head: Head): S3Address {
  const host = (head.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  const fromHost = host.startsWith('s3.') ? undefined : VIRTUAL_HOST.exec(host)?.groups?.bucket;
  const path = head.path.replace(/^\//, '');
  if (fromHost !== undefined) return { bucket: fromHost, key: present(path) };
  const slash = path.indexOf('/');
  if (slash === -1) return { bucket: present(path), key: undefined };
  return { bucket: present(path.slice(0, slash)), key: present(path.slice(slash + 1)) };
}

const present = (text: string): string | undefined => (text === '' ? undefined : decodePercent(text));

export type S3Router = (head: Head) => Routed | undefined;

interface S3Route extends Route {
  readonly level: 'service' | 'bucket' | 'object';
  /** Query parameters without which the operation cannot be meant, among those with the same sub-resource. */
  readonly requiredQuery: readonly string[];
  readonly copies: boolean;
  readonly xId: string | undefined;
}

export function compileS3Router(schemas: readonly OperationSchema[]): S3Router {
  const routes = s3Routes(schemas);
  return (head) => {
    const named = routes.find(({ segments, method }) => method === head.method && isLiteral(segments, head));
    if (named !== undefined) return { operation: named.operation, labels: {}, literals: [] };
    const address = s3Address(head);
    const level = address.bucket === undefined ? 'service' : address.key === undefined ? 'bucket' : 'object';
    const candidates = routes.filter((route) => route.method === head.method && route.level === level);
    const best = candidates
      .filter((route) => route.literals.every((literal) => carries(head.query, literal)) && fits(route, head))
      .toSorted((one, other) => weigh(other, head) - weigh(one, head))[0];
    if (best === undefined || namesAnother(routes, best, head)) return undefined;
    return { operation: best.operation, labels: labelsOf(address), literals: [] };
  };
}

/** `/WriteGetObjectResponse`, the one path of S3's own: no bucket may be called so. */
const isLiteral = ([segment]: Route['segments'], head: Head): boolean =>
  segment?.kind === 'literal' && head.path === `/${segment.text}`;

function s3Routes(schemas: readonly OperationSchema[]): S3Route[] {
  const byName = new Map(schemas.map((schema) => [schema.name, schema]));
  return routesOf(schemas).map((route) => {
    const members = membersOf(byName.get(route.operation)?.input);
    const hasBucket = members.some((member) => member.name === 'Bucket');
    const greedy = route.segments.some((segment) => segment.kind === 'greedy');
    return {
      ...route,
      level: greedy ? 'object' : hasBucket ? 'bucket' : 'service',
      literals: route.literals.filter(([name]) => name !== 'x-id'),
      xId: route.literals.find(([name]) => name === 'x-id')?.[1],
      requiredQuery: members.flatMap(({ required, traits }) =>
        required && traits.httpQuery !== undefined ? [traits.httpQuery] : [],
      ),
      copies: members.some(({ required, traits }) => required && traits.httpHeader === 'x-amz-copy-source'),
    };
  });
}

/** Directory buckets have an endpoint of their own; only `x-id` tells their list from the other. */
function fits(route: S3Route, head: Head): boolean {
  if (route.operation === 'ListDirectoryBuckets') return queryValue(head, 'x-id') === route.xId;
  return route.copies === (head.headers['x-amz-copy-source'] !== undefined) || route.method !== 'PUT';
}

/** Sub-resources first, then the parameters that must be there, then what the SDK says in `x-id`. */
function weigh(route: S3Route, head: Head): number {
  const given = route.requiredQuery.filter((name) => queryValue(head, name) !== undefined).length;
  const missing = route.requiredQuery.length - given;
  const said = route.xId !== undefined && route.xId === queryValue(head, 'x-id') ? 1 : 0;
  return route.literals.length * 1000 + given * 10 - missing * 100 + said;
}

/** True when the query names a sub-resource that the operation found does not serve: never fall back to `DeleteBucket`. */
function namesAnother(routes: readonly S3Route[], best: S3Route, head: Head): boolean {
  const own = new Set(best.literals.map(([name]) => name));
  return routes.some(
    (route) =>
      route.level === best.level &&
      route.literals.some(
        ([name, value]) => value === '' && !own.has(name) && queryValue(head, name) !== undefined,
      ),
  );
}

const labelsOf = ({ bucket, key }: S3Address): Record<string, string> => ({
  ...(bucket === undefined ? {} : { Bucket: bucket }),
  ...(key === undefined ? {} : { Key: key }),
});

const membersOf = (shape: Shape | undefined) => (shape?.kind === 'structure' ? shape.members : []);
