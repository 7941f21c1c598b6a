/**
 * Rate-based rules: requests are counted by key over the last minutes; a key with more than its limit matches.
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
 */
import type { RateBasedStatement, RateBasedStatementCustomKey } from '@aws-sdk/client-wafv2';
import { forwardedAddresses } from './forwarded-address.ts';
import type { Inspected } from './inspected.ts';
import type { Matches, StatementContext } from './statement.ts';
import { compileTransforms } from './transform.ts';

/** The part of a key; undefined: the request lacks it, and is not counted. `true`: it matches whatever the count. */
type ReadKey = (request: Inspected) => string | undefined | true;

export function compileRate(
  statement: RateBasedStatement,
  scopeDown: Matches | null,
  { environment, ruleId }: StatementContext,
): Matches {
  const { Limit: limit = 0, EvaluationWindowSec: window = 300 } = statement;
  const readers = compileKey(statement);
  return async (request) => {
    if (scopeDown !== null && !(await scopeDown(request))) return false;
    const parts: string[] = [];
    for (const read of readers) {
      const part = read(request);
      if (part === true) return true;
      if (part === undefined) return false;
      parts.push(part);
    }
    return environment.count(ruleId, JSON.stringify(parts), window) > limit;
  };
}

function compileKey(statement: RateBasedStatement): ReadKey[] {
  switch (statement.AggregateKeyType) {
    case 'IP':
      return [({ request }) => request.sourceIp];
    case 'FORWARDED_IP':
      return [forwardedKey(statement)];
    case 'CONSTANT':
      return [];
    case 'CUSTOM_KEYS':
      return (statement.CustomKeys ?? []).map((key) => compileCustomKey(key, statement));
    default:
      throw new Error(`AggregateKeyType ${statement.AggregateKeyType}: not supported by gatehouse`);
  }
}

function forwardedKey({ ForwardedIPConfig }: RateBasedStatement): ReadKey {
  const { HeaderName = '', FallbackBehavior } = ForwardedIPConfig ?? {};
  return (request) => {
    if (request.header(HeaderName.toLowerCase()).length === 0) return undefined;
    const [first] = forwardedAddresses(request, HeaderName, 'FIRST');
    if (first === undefined) return FallbackBehavior === 'MATCH' ? true : undefined;
    return `${first.bits}:${first.value}`;
  };
}

function compileCustomKey(key: RateBasedStatementCustomKey, statement: RateBasedStatement): ReadKey {
  if (key.IP) return ({ request }) => request.sourceIp;
  if (key.ForwardedIP) return forwardedKey(statement);
  if (key.HTTPMethod) return ({ request }) => request.method;
  if (key.Header) {
    const { Name = '' } = key.Header;
    return transformed(key.Header, (request) => joined(request.header(Name.toLowerCase())));
  }
  if (key.Cookie) {
    const { Name } = key.Cookie;
    return transformed(key.Cookie, (request) => joined(valuesOf(request.cookies, Name ?? '')));
  }
  if (key.QueryArgument) {
    const name = (key.QueryArgument.Name ?? '').toLowerCase();
    return transformed(key.QueryArgument, (request) => joined(valuesOf(request.query, name)));
  }
  if (key.QueryString) return transformed(key.QueryString, ({ request }) => request.rawQuery);
  if (key.UriPath) return transformed(key.UriPath, ({ request }) => request.rawPath);
  if (key.LabelNamespace) {
    const { Namespace = '' } = key.LabelNamespace;
    return ({ labels }) => joined(labels.filter((label) => label.startsWith(Namespace)));
  }
  throw new Error(`the aggregation key ${Object.keys(key).join(', ')}: not supported by gatehouse`);
}

const valuesOf = (pairs: readonly { name: string; value: string }[], name: string): string[] =>
  pairs.filter((pair) => pair.name === name).map(({ value }) => value);

const joined = (values: readonly string[]): string | undefined =>
  values.length === 0 ? undefined : values.join('\n');

function transformed(
  { TextTransformations }: { readonly TextTransformations?: Parameters<typeof compileTransforms>[0] },
  read: (request: Inspected) => string | undefined,
): ReadKey {
  const transform = compileTransforms(TextTransformations);
  return (request) => {
    const value = read(request);
    return value === undefined ? undefined : transform(value);
  };
}
