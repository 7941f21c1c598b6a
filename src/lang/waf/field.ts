/**
 * The part of a request that a rule looks at.
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-fields-list.html
 */
import type { Cookies, FieldToMatch, Headers, JsonBody } from '@aws-sdk/client-wafv2';
import type { Inspected, Pair } from './inspected.ts';

/** What there is to look at; `verdict` when that alone decides: too large, or not readable. */
export interface Found {
  readonly texts: readonly string[];
  readonly verdict?: boolean;
}

export type ReadField = (request: Inspected) => Found | Promise<Found>;

const NOTHING: Found = { texts: [] };

/** Throws an Error that names what is not supported. */
export function compileField(field: FieldToMatch | undefined): ReadField {
  if (field?.SingleHeader) {
    const name = (field.SingleHeader.Name ?? '').toLowerCase();
    return (request) => ({ texts: request.header(name) });
  }
  if (field?.SingleQueryArgument) {
    const name = (field.SingleQueryArgument.Name ?? '').toLowerCase();
    return (request) => ({ texts: valuesOf(request.query.filter((pair) => pair.name === name)) });
  }
  if (field?.AllQueryArguments) return (request) => ({ texts: valuesOf(request.query) });
  if (field?.UriPath) return (request) => ({ texts: [request.request.rawPath] });
  if (field?.QueryString) return (request) => ({ texts: [request.request.rawQuery] });
  if (field?.Method) return (request) => ({ texts: [request.request.method] });
  if (field?.Body) return compileBody(field.Body.OversizeHandling);
  if (field?.JsonBody) return compileJsonBody(field.JsonBody);
  if (field?.Headers) return compileHeaders(field.Headers);
  if (field?.Cookies) return compileCookies(field.Cookies);
  if (field?.HeaderOrder) {
    const { OversizeHandling } = field.HeaderOrder;
    return (request) => {
      const { pairs, oversize } = request.limitedHeaders;
      return limited(oversize, OversizeHandling, [pairs.map(({ name }) => name).join(':')]);
    };
  }
  // A fingerprint and a fragment come with CloudFront and load balancers only: here they are always absent.
  const absent = field?.JA3Fingerprint ?? field?.JA4Fingerprint ?? field?.UriFragment;
  if (absent !== undefined) {
    const verdict = absent.FallbackBehavior === 'MATCH';
    return () => ({ texts: [], verdict });
  }
  throw new Error(
    `FieldToMatch ${Object.keys(field ?? {}).join(', ') || '(empty)'}: not supported by gatehouse`,
  );
}

const valuesOf = (pairs: readonly Pair[]): string[] => pairs.map(({ value }) => value);

function limited(oversize: boolean, handling: string | undefined, texts: readonly string[]): Found {
  if (!oversize || handling === 'CONTINUE' || handling === undefined) return { texts };
  return { texts: [], verdict: handling === 'MATCH' };
}

const compileBody =
  (handling: string | undefined): ReadField =>
  async (request) => {
    const { text, oversize } = await request.body();
    return limited(oversize, handling, [text]);
  };

function compileHeaders({ MatchPattern, MatchScope, OversizeHandling }: Headers): ReadField {
  const lower = (names: readonly string[] | undefined) => names?.map((name) => name.toLowerCase());
  const choose = compileChoice(lower(MatchPattern?.IncludedHeaders), lower(MatchPattern?.ExcludedHeaders));
  return (request) => {
    const { pairs, oversize } = request.limitedHeaders;
    return limited(oversize, OversizeHandling, textsOf(pairs.filter(choose), MatchScope));
  };
}

function compileCookies({ MatchPattern, MatchScope, OversizeHandling }: Cookies): ReadField {
  const choose = compileChoice(MatchPattern?.IncludedCookies, MatchPattern?.ExcludedCookies);
  return (request) => {
    const { pairs, oversize } = request.limitedCookies;
    return limited(oversize, OversizeHandling, textsOf(pairs.filter(choose), MatchScope));
  };
}

function compileChoice(included: readonly string[] | undefined, excluded: readonly string[] | undefined) {
  if (included !== undefined) return ({ name }: Pair): boolean => included.includes(name);
  if (excluded !== undefined) return ({ name }: Pair): boolean => !excluded.includes(name);
  return (): boolean => true;
}

function textsOf(pairs: readonly Pair[], scope: string | undefined): string[] {
  if (scope === 'KEY') return pairs.map(({ name }) => name);
  if (scope === 'VALUE') return valuesOf(pairs);
  return pairs.flatMap(({ name, value }) => [name, value]);
}

function compileJsonBody({
  MatchPattern,
  MatchScope,
  InvalidFallbackBehavior: invalid,
  OversizeHandling,
}: JsonBody): ReadField {
  const paths = MatchPattern?.IncludedPaths?.map(pointerOf);
  return async (request) => {
    const { text, oversize } = await request.body();
    if (oversize && OversizeHandling !== undefined && OversizeHandling !== 'CONTINUE')
      return { texts: [], verdict: OversizeHandling === 'MATCH' };
    if (text === '') return NOTHING;
    const parsed = parse(text);
    if (parsed === undefined) {
      if (invalid === 'MATCH') return { texts: [], verdict: true };
      if (invalid === 'NO_MATCH') return { texts: [], verdict: false };
      // EVALUATE_AS_STRING, and what AWS does when it is told nothing: the part that could be read. Safest is all of it.
      return { texts: [text] };
    }
    const texts: string[] = [];
    const roots = paths === undefined ? [parsed.value] : paths.flatMap((path) => at(parsed.value, path));
    for (const root of roots) collect(root, MatchScope ?? 'ALL', texts);
    return { texts };
  };
}

function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) };
  } catch {
    return undefined;
  }
}

/** JSON Pointer: `/dogs/0/name`; a star stands for every element, as AWS allows (`/dogs/*`). */
const pointerOf = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

function at(value: unknown, [head, ...rest]: readonly string[]): unknown[] {
  if (head === undefined) return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (head === '*') return Object.values(value).flatMap((one) => at(one, rest));
  return Object.hasOwn(value, head) ? at(Reflect.get(value, head), rest) : [];
}

/** Without recursion: a body may nest as deep as it is long. */
function collect(root: unknown, scope: string, texts: string[]): void {
  const left: unknown[] = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === 'object' && value !== null) {
      if (!Array.isArray(value) && scope !== 'VALUE')
        for (const name of Object.keys(value)) texts.push(latin1Of(name));
      for (const one of Object.values(value)) left.push(one);
    } else if (scope !== 'KEY') texts.push(latin1Of(String(value)));
  }
}

const latin1Of = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
