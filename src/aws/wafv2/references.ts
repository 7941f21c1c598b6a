/** What rules refer to: looked up, and kept from being deleted while they do. */
import type { Rule, Statement } from '@aws-sdk/client-wafv2';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import { associated } from './fault.ts';
import { unpackRules } from './packed-rules.ts';
import { ruleGroups, webAcls } from './rows.ts';

/** Every statement of the rules, those inside others as well. */
export function* statementsOf(rules: readonly Rule[]): Generator<Statement> {
  for (const { Statement } of rules) if (Statement !== undefined) yield* within(Statement);
}

function* within(statement: Statement): Generator<Statement> {
  yield statement;
  const inner = [
    ...(statement.AndStatement?.Statements ?? []),
    ...(statement.OrStatement?.Statements ?? []),
    statement.NotStatement?.Statement,
    statement.RateBasedStatement?.ScopeDownStatement,
    statement.ManagedRuleGroupStatement?.ScopeDownStatement,
  ];
  for (const one of inner) if (one !== undefined) yield* within(one);
}

export function* arnsOf(rules: readonly Rule[]): Generator<string> {
  for (const statement of statementsOf(rules)) {
    const arn =
      statement.IPSetReferenceStatement?.ARN ??
      statement.RegexPatternSetReferenceStatement?.ARN ??
      statement.RuleGroupReferenceStatement?.ARN;
    if (arn !== undefined) yield arn;
  }
}

/** Throws WAFAssociatedItemException when a web ACL or rule group refers to it. */
export async function refuseReferred(rows: Reader, scope: Scope, arn: string): Promise<void> {
  const owners = [...(await rows.list(webAcls, scope)), ...(await rows.list(ruleGroups, scope))];
  for (const { row } of owners)
    for (const referred of arnsOf(unpackRules(row.rules))) if (referred === arn) throw associated();
}
