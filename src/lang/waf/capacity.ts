/**
 * What rules cost, in web ACL capacity units. Each statement's page names its own costs:
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statements-list.html
 */
import type { FieldToMatch, Rule, Statement, TextTransformation } from '@aws-sdk/client-wafv2';

const COST_OF_POSITION: Readonly<Record<string, number>> = {
  EXACTLY: 2,
  STARTS_WITH: 2,
  ENDS_WITH: 2,
  CONTAINS: 10,
  CONTAINS_WORD: 10,
};

/** `groupCapacity`: of the rule group of an ARN. */
export const capacityOf = (rules: readonly Rule[], groupCapacity: (arn: string) => number): number =>
  rules.reduce((sum, rule) => sum + costOf(rule.Statement, groupCapacity), 0);

function costOf(statement: Statement | undefined, groupCapacity: (arn: string) => number): number {
  const given = statement ?? {};
  const nested = (one: Statement | undefined): number => costOf(one, groupCapacity);
  const sum = (all: readonly Statement[] | undefined): number =>
    (all ?? []).reduce((total, one) => total + nested(one), 0);
  if (given.AndStatement) return sum(given.AndStatement.Statements);
  if (given.OrStatement) return sum(given.OrStatement.Statements);
  if (given.NotStatement) return nested(given.NotStatement.Statement);
  if (given.ByteMatchStatement)
    return overField(
      given.ByteMatchStatement,
      COST_OF_POSITION[given.ByteMatchStatement.PositionalConstraint ?? ''] ?? 10,
    );
  if (given.RegexMatchStatement) return overField(given.RegexMatchStatement, 3);
  if (given.RegexPatternSetReferenceStatement) return overField(given.RegexPatternSetReferenceStatement, 25);
  if (given.SizeConstraintStatement) return overField(given.SizeConstraintStatement, 1);
  if (given.SqliMatchStatement)
    return overField(
      given.SqliMatchStatement,
      given.SqliMatchStatement.SensitivityLevel === 'HIGH' ? 30 : 20,
    );
  if (given.XssMatchStatement) return overField(given.XssMatchStatement, 40);
  if (given.IPSetReferenceStatement)
    return given.IPSetReferenceStatement.IPSetForwardedIPConfig?.Position === 'ANY' ? 5 : 1;
  if (given.RateBasedStatement) {
    const { CustomKeys = [], ScopeDownStatement } = given.RateBasedStatement;
    return 2 + 30 * CustomKeys.length + (ScopeDownStatement ? nested(ScopeDownStatement) : 0);
  }
  if (given.RuleGroupReferenceStatement) return groupCapacity(given.RuleGroupReferenceStatement.ARN ?? '');
  return 1;
}

interface OverField {
  readonly FieldToMatch?: FieldToMatch | undefined;
  readonly TextTransformations?: TextTransformation[] | undefined;
}

/** All query arguments add ten, a JSON body doubles, each text transformation adds ten. */
function overField({ FieldToMatch: field, TextTransformations }: OverField, base: number): number {
  const own = (field?.JsonBody ? base * 2 : base) + (field?.AllQueryArguments ? 10 : 0);
  return own + 10 * (TextTransformations ?? []).filter(({ Type }) => Type !== 'NONE').length;
}
