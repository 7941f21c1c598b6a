/**
 * Which API and stage a request to a custom domain name is for: routing rules by priority, then the mapping with the
 * longest path. Pure; nothing but the request's head decides.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mappings.html
 */
import type {
  RoutingRule,
  RoutingRuleCondition,
  RoutingRuleMatchHeaderValue,
} from '@aws-sdk/client-apigatewayv2';
import type { DomainDocument, DomainMapping } from './config.ts';
import { everyHeader, type RawHeaders } from './raw-headers.ts';

export interface DomainRoute {
  readonly apiId: string;
  readonly stage: string | undefined;
  /** What is left for the API; begins with a slash, undecoded. */
  readonly rest: string;
  /** `orders/v2`: what `$context.customDomain.basePathMatched` says; empty for none. */
  readonly basePath: string;
  /** What decided, for `explain`. */
  readonly rule: string;
}

export type RouteDomain = (rawPath: string, headers: RawHeaders) => DomainRoute | null;

export function compileDomainRoutes(document: DomainDocument): RouteDomain {
  const { routingMode } = document;
  const byRules = routingMode === 'API_MAPPING_ONLY' ? null : compileRules(document.rules);
  const byMappings = routingMode === 'ROUTING_RULE_ONLY' ? null : compileMappings(document.mappings);
  return (rawPath, headers) => byRules?.(rawPath, headers) ?? byMappings?.(rawPath) ?? null;
}

/** Segments are compared as they are written, in AWS's case-sensitive way; a key ends where a segment ends. */
function compileMappings(mappings: readonly DomainMapping[]): (rawPath: string) => DomainRoute | null {
  const byKey = new Map(mappings.map((mapping) => [mapping.key, mapping]));
  const deepest = Math.max(0, ...mappings.map(({ key }) => (key === '' ? 0 : key.split('/').length)));
  return (rawPath) => {
    const ends = segmentEnds(rawPath, deepest);
    for (let at = ends.length - 1; at >= 0; at--) {
      const end = ends[at] ?? 0;
      const mapping = byKey.get(rawPath.slice(1, end));
      if (mapping !== undefined)
        return {
          apiId: mapping.apiId,
          stage: mapping.stage,
          rest: rawPath.slice(end) || '/',
          basePath: mapping.key,
          rule: `mapping ${mapping.key || '(none)'}`,
        };
    }
    const all = byKey.get('');
    if (all === undefined) return null;
    return { apiId: all.apiId, stage: all.stage, rest: rawPath, basePath: '', rule: 'mapping (none)' };
  };
}

/** Where the first segments end, at most so many: `/a/b` has 2 and 4. */
function segmentEnds(rawPath: string, most: number): number[] {
  const ends: number[] = [];
  for (let end = rawPath.indexOf('/', 1); ends.length < most; end = rawPath.indexOf('/', end + 1)) {
    ends.push(end === -1 ? rawPath.length : end);
    if (end === -1) break;
  }
  return ends;
}

function compileRules(rules: readonly RoutingRule[]): RouteDomain {
  const ordered = rules.toSorted((a, b) => (a.Priority ?? 0) - (b.Priority ?? 0)).map(compileRule);
  return (rawPath, headers) => {
    for (const rule of ordered) {
      const route = rule(rawPath, headers);
      if (route !== null) return route;
    }
    return null;
  };
}

/** Every condition must hold; a rule without any takes everything. */
function compileRule({ Actions, Conditions = [], Priority, RoutingRuleId }: RoutingRule): RouteDomain {
  const { ApiId: apiId = '', Stage: stage, StripBasePath: strips = false } = Actions?.[0]?.InvokeApi ?? {};
  const conditions = Conditions.map(compileCondition);
  const rule = `routing rule ${RoutingRuleId}, priority ${Priority}`;
  return (rawPath, headers) => {
    let basePath = '';
    for (const condition of conditions) {
      const matched = condition(rawPath, headers);
      if (matched === null) return null;
      basePath ||= matched;
    }
    const rest = strips ? rawPath.slice(basePath.length === 0 ? 0 : basePath.length + 1) || '/' : rawPath;
    return { apiId, stage, rest, basePath, rule };
  };
}

/** The base path it matched, empty for conditions of another kind; null when it does not hold. */
type Condition = (rawPath: string, headers: RawHeaders) => string | null;

function compileCondition({ MatchBasePaths, MatchHeaders }: RoutingRuleCondition): Condition {
  const paths = MatchBasePaths?.AnyOf ?? null;
  const values = MatchHeaders?.AnyOf?.map(compileHeader) ?? null;
  return (rawPath, headers) => {
    if (values !== null && !values.some((holds) => holds(headers))) return null;
    if (paths === null) return '';
    return paths.find((path) => isBelow(rawPath, path)) ?? null;
  };
}

const isBelow = (rawPath: string, basePath: string): boolean =>
  rawPath.startsWith(basePath, 1) &&
  (rawPath.length === basePath.length + 1 || rawPath[basePath.length + 1] === '/');

/** Names in any case, values to the letter; `*` at the beginning, at the end or at both stands for anything. */
function compileHeader({
  Header = '',
  ValueGlob = '',
}: RoutingRuleMatchHeaderValue): (headers: RawHeaders) => boolean {
  const name = Header.toLowerCase();
  const isOpenAhead = ValueGlob.startsWith('*');
  const isOpenBehind = ValueGlob.endsWith('*') && ValueGlob.length > 1;
  const word = ValueGlob.slice(isOpenAhead ? 1 : 0, isOpenBehind ? -1 : undefined);
  const holds = (value: string): boolean => {
    if (isOpenAhead && isOpenBehind) return value.includes(word);
    if (isOpenAhead) return value.endsWith(word);
    return isOpenBehind ? value.startsWith(word) : value === word;
  };
  return (headers) => everyHeader(headers, name).some(holds);
}
