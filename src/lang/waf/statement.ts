/** The conditions of rules. https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements.html */
import { RE2JS } from 're2js';
import type {
  ByteMatchStatement,
  GeoMatchStatement,
  LabelMatchStatement,
  PreParseTextTransformation,
  SizeConstraintStatement,
  Statement,
  TextTransformation,
  FieldToMatch,
} from '@aws-sdk/client-wafv2';
import { looksLikeScripting } from './cross-site-scripting.ts';
import { compileField } from './field.ts';
import { forwardedAddresses } from './forwarded-address.ts';
import { type Inspected, latin1 } from './inspected.ts';
import { compileIpSet } from './ip-set.ts';
import { looksLikeSqlInjection } from './sql-injection.ts';
import { compileTransforms } from './transform.ts';
import { compileRate } from './rate.ts';
import type { Environment, References } from './web-acl.ts';

export type Matches = (request: Inspected) => boolean | Promise<boolean>;

export interface StatementContext {
  readonly references: References;
  readonly environment: Environment;
  /** `awswaf:123456789012:webacl:shop:`, before labels that are not whole. */
  readonly labelNamespace: string;
  /** Names the counters of a rate-based rule. */
  readonly ruleId: string;
}

/** Throws an Error that names what is not supported or does not exist. */
export function compileStatement(statement: Statement | undefined, context: StatementContext): Matches {
  const given = statement ?? {};
  const compile = (one: Statement | undefined) => compileStatement(one, context);
  if (given.AndStatement) return allOf((given.AndStatement.Statements ?? []).map(compile));
  if (given.OrStatement) return anyOf((given.OrStatement.Statements ?? []).map(compile));
  if (given.NotStatement) return not(compile(given.NotStatement.Statement));
  if (given.ByteMatchStatement) return compileByteMatch(given.ByteMatchStatement);
  if (given.RegexMatchStatement) {
    const pattern = compilePattern(given.RegexMatchStatement.RegexString ?? '');
    return overField(given.RegexMatchStatement, (text) => pattern.matcher(text).find());
  }
  if (given.RegexPatternSetReferenceStatement) {
    const { ARN = '' } = given.RegexPatternSetReferenceStatement;
    const patterns = context.references.patterns(ARN).map(compilePattern);
    return overField(given.RegexPatternSetReferenceStatement, (text) =>
      patterns.some((pattern) => pattern.matcher(text).find()),
    );
  }
  if (given.SizeConstraintStatement) return compileSize(given.SizeConstraintStatement);
  if (given.SqliMatchStatement) {
    const level = given.SqliMatchStatement.SensitivityLevel ?? 'LOW';
    return overField(given.SqliMatchStatement, (text) => looksLikeSqlInjection(text, level));
  }
  if (given.XssMatchStatement) return overField(given.XssMatchStatement, looksLikeScripting);
  if (given.GeoMatchStatement) return compileGeo(given.GeoMatchStatement);
  if (given.IPSetReferenceStatement) return compileIpSet(given.IPSetReferenceStatement, context.references);
  if (given.LabelMatchStatement) return compileLabel(given.LabelMatchStatement, context.labelNamespace);
  if (given.RateBasedStatement) {
    const { ScopeDownStatement: scope } = given.RateBasedStatement;
    return compileRate(given.RateBasedStatement, scope ? compile(scope) : null, context);
  }
  throw new Error(`${Object.keys(given).join(', ') || 'an empty statement'}: not supported by gatehouse`);
}

function allOf(parts: readonly Matches[]): Matches {
  return async (request) => {
    for (const matches of parts) if (!(await matches(request))) return false;
    return true;
  };
}

function anyOf(parts: readonly Matches[]): Matches {
  return async (request) => {
    for (const matches of parts) if (await matches(request)) return true;
    return false;
  };
}

const not =
  (matches: Matches): Matches =>
  async (request) =>
    !(await matches(request));

interface OverField {
  readonly FieldToMatch?: FieldToMatch | undefined;
  readonly TextTransformations?: TextTransformation[] | undefined;
  readonly PreParseTextTransformations?: PreParseTextTransformation[] | undefined;
}

/** A condition on the texts of a field, each transformed first: one that holds is enough. */
function overField(statement: OverField, test: (text: string) => boolean): Matches {
  if (statement.PreParseTextTransformations?.length)
    throw new Error('PreParseTextTransformations: not supported by gatehouse');
  const read = compileField(statement.FieldToMatch);
  const transform = compileTransforms(statement.TextTransformations);
  return async (request) => {
    const { texts, verdict } = await read(request);
    return verdict ?? texts.some((text) => test(transform(text)));
  };
}

/** PCRE's common part, which RE2 matches in linear time; it refuses the rest, as AWS WAF does. Throws on a bad one. */
export const compilePattern = (pattern: string): RE2JS =>
  RE2JS.compile(Buffer.from(pattern, 'utf8').toString('latin1'));

function compileByteMatch(statement: ByteMatchStatement): Matches {
  const wanted = latin1(statement.SearchString ?? new Uint8Array());
  return overField(statement, byteTest(wanted, statement.PositionalConstraint ?? ''));
}

function byteTest(wanted: string, position: string): (text: string) => boolean {
  switch (position) {
    case 'EXACTLY':
      return (text) => text === wanted;
    case 'STARTS_WITH':
      return (text) => text.startsWith(wanted);
    case 'ENDS_WITH':
      return (text) => text.endsWith(wanted);
    case 'CONTAINS':
      return (text) => text.includes(wanted);
    case 'CONTAINS_WORD':
      return (text) => containsWord(text, wanted);
    default:
      throw new Error(`PositionalConstraint ${position}: not supported by gatehouse`);
  }
}

const isWordPart = (letter: string | undefined): boolean =>
  letter !== undefined && /[A-Za-z0-9_]/.test(letter);

function containsWord(text: string, wanted: string): boolean {
  if (!/^\w+$/.test(wanted)) return false;
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1))
    if (!isWordPart(text[at - 1]) && !isWordPart(text[at + wanted.length])) return true;
  return false;
}

function compileSize(statement: SizeConstraintStatement): Matches {
  const { Size: size = 0, ComparisonOperator: operator } = statement;
  return overField(statement, ({ length }) => {
    switch (operator) {
      case 'EQ':
        return length === size;
      case 'NE':
        return length !== size;
      case 'LE':
        return length <= size;
      case 'LT':
        return length < size;
      case 'GE':
        return length >= size;
      case 'GT':
        return length > size;
      default:
        throw new Error(`ComparisonOperator ${operator}: not supported by gatehouse`);
    }
  });
}

/** The request is labelled with its country whether or not it is one of those listed. */
function compileGeo({ CountryCodes: codes = [], ForwardedIPConfig: forwarded }: GeoMatchStatement): Matches {
  const wanted = new Set<string>(codes);
  return (request) => {
    if (forwarded !== undefined) {
      const [first] = forwardedAddresses(request, forwarded.HeaderName ?? '', 'FIRST');
      if (first === undefined && request.header((forwarded.HeaderName ?? '').toLowerCase()).length > 0)
        return forwarded.FallbackBehavior === 'MATCH';
    }
    if (request.country === undefined) return false;
    request.labels.push(`awswaf:${forwarded ? 'forwardedip' : 'clientip'}:geo:country:${request.country}`);
    return wanted.has(request.country);
  };
}

function compileLabel({ Scope: scope, Key: key = '' }: LabelMatchStatement, namespace: string): Matches {
  const whole = key.startsWith('awswaf:') ? key : namespace + key;
  return scope === 'NAMESPACE'
    ? ({ labels }) => labels.some((label) => label.startsWith(whole))
    : ({ labels }) => labels.includes(whole);
}
